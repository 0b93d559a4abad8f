"""Do the subtitles of a film come out, with their times? Generated films in Chinese and English, read by RapidOCR.

    python benchmarks/subtitles.py [--quick] [--subtitles 60] [--hours 10] [--seed 2026]

* Films with subtitles at random times, over scenery that stands, moves under hard edges, or is noisy: how many come out
  with their text exactly, spaces and punctuation apart, and with both times within one step; how many come out that are
  none; and how many frames were read for them, of those looked at.
* A film of many hours with a fixed answer for each frame: memory of this process and of its decoder halfway and at the
  end, against a tenth of the way.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
import unicodedata
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from langchain_hunyuanocr import FilmSettings, HunyuanOCRLoader, ScriptedEngine
from langchain_hunyuanocr.engines import RapidEngine
from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.results import Generation
from tests.video_files import Cue, Scene, make_film

STEP_S = 0.5
RATE = 25
SCENES: tuple[Scene, ...] = ("still", "moving", "noisy")
ENGLISH = [
    "the train leaves at seven",
    "she never answered the letter",
    "we should go home before dark",
    "nobody knows his real name",
    "there is coffee in the kitchen",
    "it rained for eleven days",
    "they sold the house in spring",
    "call me when you arrive",
]
CHINESE = [
    "火车七点钟出发",
    "她没有回那封信",
    "天黑以前我们该回家",
    "没人知道他的真名",
    "厨房里有咖啡",
    "雨下了十一天",
    "春天他们卖了房子",
    "到了给我打电话",
]


class CountingEngine(RapidEngine):
    """RapidOCR that counts the frames it reads."""

    read = 0

    def generate(self, requests: list[Request]) -> list[Generation]:  # type: ignore[override]
        """Read, and count."""
        self.read += len(requests)
        return super().generate(requests)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few subtitles and hours, under a minute")
    parser.add_argument("--subtitles", type=int, default=60, help="of each film")
    parser.add_argument("--hours", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=2026)
    given = parser.parse_args()
    count, hours = (4, 0.2) if given.quick else (given.subtitles, given.hours)
    result: dict[str, float] = {}
    print(f"{'scene':8} {'subtitles':>9} {'right':>6} {'extra':>6} {'looks':>6} {'read':>6} {'seconds':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for scene in SCENES:
            cues = draw_cues(random.Random(f"{given.seed} {scene}"), count)
            right, extra, looks, read, seconds = measure(Path(folder), scene, cues)
            print(f"{scene:8} {len(cues):9} {right:6} {extra:6} {looks:6} {read:6} {seconds:8.1f}")
            result[f"right_{scene}"] = round(right / len(cues), 4)
            result[f"read_share_{scene}"] = round(read / looks, 4)
        ratio, speed = long_film(Path(folder), hours)
    print(f"{hours:g} hours: memory at the end over that at a tenth {ratio:.3f}, {speed:.0f} times as fast as it plays")
    result |= {"rss_ratio": round(ratio, 3), "hours": hours}
    print("RESULT " + json.dumps(result))


def draw_cues(rng: random.Random, count: int) -> list[Cue]:
    """Subtitles of 0.8 to 4 s; a third follow the one before without a gap."""
    cues: list[Cue] = []
    at_s = 0.5
    for number in range(count):
        text = rng.choice((ENGLISH, CHINESE)[number % 2])
        text = f"{text[0].upper()}{text[1:]} {rng.randrange(10, 100)}"
        at_s += rng.choice((0.0, rng.uniform(0.6, 2.0), rng.uniform(0.6, 2.0))) if cues else 0.0
        ends_s = at_s + rng.uniform(0.8, 4.0)
        # A film can show a change at a frame only, so that this is where its truth lies.
        cues.append(Cue(text, round(at_s * RATE) / RATE, round(ends_s * RATE) / RATE))
        at_s = ends_s
    return cues


def measure(folder: Path, scene: Scene, cues: list[Cue]) -> tuple[int, int, int, int, float]:
    """Right subtitles, ones too many, looks, frames read, seconds."""
    length_s = cues[-1].end_s + 1
    film = make_film(folder / f"{scene}.mp4", cues, length_s=length_s, size=(960, 540), rate=RATE, scene=scene)
    engine = CountingEngine()
    begun = time.perf_counter()
    found = HunyuanOCRLoader(film, engine=engine, task="subtitle", film=FilmSettings(step_s=STEP_S)).load()
    seconds = time.perf_counter() - begun
    left = list(found)
    right = 0
    for cue in cues:
        for document in left:
            start_s, end_s = document.metadata["start_s"], document.metadata["end_s"]
            if (
                bare(document.page_content) == bare(cue.text)
                and abs(start_s - cue.start_s) <= STEP_S + 1e-6
                and abs(end_s - cue.end_s) <= STEP_S + 1e-6
            ):
                right += 1
                left.remove(document)
                break
    return right, len(left), int(length_s / STEP_S) + 1, engine.read, seconds


def bare(text: str) -> str:
    """Without spaces and punctuation."""
    return "".join(char for char in unicodedata.normalize("NFKC", text) if char.isalnum())


def long_film(folder: Path, hours: float) -> tuple[float, float]:
    """Memory at the end against that at a tenth of the way, and seconds of film a second."""
    length_s = hours * 3600
    cues = [Cue(f"Subtitle {number}", 20.0 * number, 20.0 * number + 10) for number in range(3)]
    minute = make_film(folder / "minute.mp4", cues, length_s=60, size=(320, 180), rate=2)
    long = repeat(minute, folder / "hours.mp4", int(length_s // 60))
    process = psutil.Process()
    number = 0

    def answer(_: Request) -> str:
        nonlocal number
        number += 1
        return f"Subtitle number {number}"

    begun = time.perf_counter()
    early = late = 0
    for document in HunyuanOCRLoader(long, engine=ScriptedEngine(answer), task="subtitle").lazy_load():
        late = sum(one.memory_info().rss for one in (process, *process.children(recursive=True)))
        if not early and document.metadata["start_s"] > length_s / 10:
            early = late
    return late / early, length_s / (time.perf_counter() - begun)


def repeat(film: Path, out: Path, times: int) -> Path:
    """The same film over and over, its packets copied."""
    import av

    with av.open(str(film)) as source, av.open(str(out), "w") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        packets = [packet for packet in source.demux(stream) if packet.dts is not None]
        kept = [
            (bytes(packet), packet.pts or 0, packet.dts or 0, packet.is_keyframe, packet.time_base)
            for packet in packets
        ]
        length = round(60 / float(stream.time_base or 1))
        for number in range(times):
            for data, pts, dts, is_key, time_base in kept:
                packet = av.Packet(data)
                packet.pts, packet.dts, packet.time_base = pts + number * length, dts + number * length, time_base
                packet.is_keyframe, packet.stream = is_key, copy
                target.mux(packet)
    return out


if __name__ == "__main__":
    main()
