"""Films made by PyAV, decoded in the worker, read by a script or by RapidOCR."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from langchain_hunyuanocr import FilmSettings, HunyuanOCRLoader, ScriptedEngine, SourceError
from langchain_hunyuanocr.engines import Request
from langchain_hunyuanocr.reader import Reader, ReadSettings
from langchain_hunyuanocr.reader.sources import read_sources
from langchain_hunyuanocr.results import PageReading
from tests.video_files import Cue, Scene, make_film

av = pytest.importorskip("av")

CUES = [
    Cue("Good morning, everyone.", 1.0, 3.2),
    Cue("We leave at seven thirty.", 3.2, 5.0),
    Cue("我们明天早上出发。", 6.1, 8.4),
    Cue("Two rows are here\nand this is the second", 9.3, 11.0),
]


def load(path: Path | bytes, engine: ScriptedEngine | str, **options: Any) -> list[tuple[float, float, str]]:
    loader = HunyuanOCRLoader(path, engine=engine, task="subtitle", **options)
    return [
        (document.metadata["start_s"], document.metadata["end_s"], document.page_content) for document in loader.load()
    ]


@pytest.mark.parametrize("scene", ["still", "dark"])
def test_frames_that_show_nothing_new_are_not_read(tmp_path: Path, scene: Scene) -> None:
    film = make_film(tmp_path / "film.mp4", CUES, length_s=12, scene=scene)
    engine = ScriptedEngine([cue.text for cue in CUES])
    assert load(film, engine) == [
        (1.0, 3.5, CUES[0].text),
        (3.5, 5.0, CUES[1].text),
        (6.5, 8.5, CUES[2].text),
        (9.5, 11.0, CUES[3].text),
    ]
    assert engine.requests == 4


def test_a_finer_step_gives_finer_times(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mkv", CUES, length_s=12)
    found = load(film, ScriptedEngine([cue.text for cue in CUES]), film=FilmSettings(step_s=0.1))
    assert found == [(cue.start_s, cue.end_s, cue.text) for cue in CUES]


def test_subtitles_come_while_the_film_goes_on_and_two_films_do_not_disturb_each_other(tmp_path: Path) -> None:
    cues = [Cue(f"Number {number}", 2.0 * number, 2.0 * number + 1.2) for number in range(60)]
    film = make_film(tmp_path / "film.mp4", cues, length_s=120, size=(320, 180))
    other = make_film(tmp_path / "other.mp4", CUES, length_s=12)
    engine = ScriptedEngine([cue.text for cue in cues])
    loading = HunyuanOCRLoader(film, engine=engine, task="subtitle").lazy_load()
    assert next(loading).metadata["start_s"] == 0.0
    assert engine.requests < 10
    assert len(load(other, ScriptedEngine([cue.text for cue in CUES]))) == 4
    assert len(list(loading)) == 59


async def test_async_gives_the_same(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", CUES, length_s=12)
    texts = [cue.text for cue in CUES]
    loader = HunyuanOCRLoader(film, engine=ScriptedEngine(texts), task="subtitle")
    apart = [document async for document in loader.alazy_load()]
    assert apart == HunyuanOCRLoader(film, engine=ScriptedEngine(texts), task="subtitle").load()


def test_metadata_is_flat_and_equal_from_run_to_run(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", CUES[:1], length_s=4)
    first, second = (
        HunyuanOCRLoader(film, engine=ScriptedEngine(CUES[0].text), task="subtitle").load() for _ in range(2)
    )
    assert first == second
    metadata = first[0].metadata
    assert metadata.items() >= {"start_s": 1.0, "end_s": 3.5, "page": 0, "task": "subtitle", "status": "ok"}.items()
    assert "total_pages" not in metadata
    assert all(isinstance(value, str | int | float | bool) for value in metadata.values())


def test_a_film_of_one_frame_a_silent_one_and_one_in_memory(tmp_path: Path) -> None:
    one = make_film(tmp_path / "one.mp4", [Cue("Only", 0.0, 1.0)], length_s=0.1)
    assert load(one, ScriptedEngine("Only")) == [(0.0, 0.1, "Only")]
    assert load(one.read_bytes(), ScriptedEngine("Only")) == [(0.0, 0.1, "Only")]
    silent = make_film(tmp_path / "silent.mp4", [], length_s=3, scene="dark")
    loader = HunyuanOCRLoader(silent, engine=ScriptedEngine([]), task="subtitle")
    assert [(d.page_content, d.metadata["status"], d.metadata["end_s"]) for d in loader.load()] == [("", "blank", 3.0)]
    assert (loader.report().files, loader.report().blank) == (1, 1)


def test_a_telephone_film_that_lies_on_its_side_is_set_upright(tmp_path: Path) -> None:
    lying = tmp_path / "lying.mp4"
    with av.open(str(lying), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 360, 640, "yuv420p"
        picture = Image.new("RGB", (640, 360), "black")
        picture.paste("white", (0, 270, 640, 360))
        for _ in range(10):
            container.mux(stream.encode(av.VideoFrame.from_image(picture.rotate(90, expand=True))))
        container.mux(stream.encode())
    # The matrix in its header says by how much to turn it.
    turned = bytearray(lying.read_bytes())
    straight = b"\0\1\0\0" + b"\0" * 12 + b"\0\1\0\0" + b"\0" * 12 + b"\x40\0\0\0"
    clockwise = b"\0" * 4 + b"\0\1\0\0" + b"\0" * 4 + b"\xff\xff\0\0" + b"\0" * 16 + b"\x40\0\0\0"
    at = turned.index(straight, turned.index(b"tkhd"))
    turned[at : at + 36] = clockwise
    lying.write_bytes(turned)
    seen: list[tuple[int, int]] = []

    def answer(request: Request) -> str:
        seen.append(request.picture.size)
        return "Text"

    load(lying, ScriptedEngine(answer))
    assert seen == [(640, 180)]


def test_what_is_no_film_fails_alone_and_says_why(tmp_path: Path) -> None:
    good = make_film(tmp_path / "good.mp4", CUES[:1], length_s=4)
    whole = good.read_bytes()
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("not a film")
    (tmp_path / "torn.mp4").write_bytes(whole[: len(whole) // 2])
    noise = whole.index(b"mdat") + 4
    (tmp_path / "noise.mp4").write_bytes(whole[:noise] + b"\xa5" * 4000 + whole[noise + 4000 :])
    with av.open(str(tmp_path / "sound.mkv"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame(format="s16", layout="mono", samples=1024)
        frame.rate = 8000
        for packet in (*stream.encode(frame), *stream.encode()):
            container.mux(packet)
    loader = HunyuanOCRLoader(tmp_path, engine=ScriptedEngine(CUES[0].text), task="subtitle", on_error="skip")
    assert [document.page_content for document in loader.load() if document.metadata["file_name"] == "good.mp4"]
    errors = {Path(failure.source).name: failure.error for failure in loader.report().failures}
    assert errors.keys() >= {"empty.mp4", "text.mp4", "torn.mp4", "sound.mkv"}
    assert "is empty" in errors["empty.mp4"]
    assert "text, not a PDF or a picture" in errors["text.mp4"]
    assert "damaged and cannot be opened as a film" in errors["torn.mp4"]
    assert "no pictures" in errors["sound.mkv"]


def test_a_film_that_is_cut_off_keeps_what_was_read(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", CUES, length_s=12, scene="noisy", options={"movflags": "faststart"})
    whole = film.read_bytes()
    film.write_bytes(whole[: len(whole) * 6 // 10])
    reader = Reader(ScriptedEngine(CUES[0].text), ReadSettings(task="subtitle"))
    *_, last, error = read_sources(reader, film)
    assert isinstance(last, PageReading)
    assert last.markdown == CUES[0].text
    assert isinstance(error, SourceError)
    assert "is damaged after" in str(error)
    assert "what was read before is kept" in str(error)


def test_a_film_in_another_task_says_which_one_reads_it(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", CUES[:1], length_s=1)
    with pytest.raises(SourceError, match=r"is a film, .* task subtitle"):
        HunyuanOCRLoader(film, engine=ScriptedEngine("x")).load()


def test_a_subtitle_can_be_seen_again(tmp_path: Path) -> None:
    film = make_film(tmp_path / "film.mp4", CUES, length_s=12)
    reader = Reader(ScriptedEngine([cue.text for cue in CUES]), ReadSettings(task="subtitle"))
    readings = [thing for thing in read_sources(reader, film) if isinstance(thing, PageReading)]
    assert readings[2].picture().size == (readings[2].width, readings[2].height) == (640, 180)
    film.write_bytes(film.read_bytes() + b"\0")
    with pytest.raises(SourceError, match="changed"):
        readings[2].picture()


def test_both_languages_end_to_end(tmp_path: Path) -> None:
    make_film(tmp_path / "film.mp4", CUES, length_s=12, size=(1280, 720))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).with_name("hunyuanocr")
        command = [program, "read", "film.mp4", "--engine", "rapid", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120)

    done = run("--task", "subtitle", "--format", "srt", "-o", "out")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "film.mp4.srt").read_text("utf-8") == (
        "1\n00:00:01,000 --> 00:00:03,500\nGood morning, everyone.\n\n"
        "2\n00:00:03,500 --> 00:00:05,000\nWe leave at seven thirty.\n\n"
        "3\n00:00:06,500 --> 00:00:08,500\n我们明天早上出发。\n\n"
        "4\n00:00:09,500 --> 00:00:11,000\nTwo rows are here\nand this is the second\n\n"
    )
    pages = json.loads(run("--task", "subtitle", "--format", "json", "--step", "1").stdout)
    assert [(page["page"], page["start_s"], page["markdown"]) for page in pages][:2] == [
        (0, 1.0, CUES[0].text),
        (1, 4.0, CUES[1].text),
    ]
    wrong = run("--format", "srt")
    assert wrong.returncode == 2
    assert "--task subtitle" in wrong.stderr
