"""What the command line costs before it does anything, in bare interpreters.

    python benchmarks/startup.py [--quick] [--runs 15] [--before FOLDER]

Runs `hunyuanocr --help`, `--version` and `search` over an archive of two pages, each in turn with `python -c pass`, and
compares medians of wall-clock time and of the processor's: only ratios of one run say something. With `--before`, the
checkout of another version is run in turn with this one, and the last figures are how many times faster this one is.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image, ImageDraw

from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.engines import ScriptedEngine

HERE = Path(__file__).resolve().parents[1]
RUN = "import sys; sys.argv[0] = 'hunyuanocr'; from langchain_hunyuanocr.cli import main; main()"
PAGES = ("The lease runs for nine years. The rent is 1,250.00 a month.", "Signed in Ghent by both parties.")
Seconds = tuple[float, float]
"""Wall-clock time, and the processor's."""


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few runs, under a minute")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--before", type=Path, help="a checkout to compare with")
    given = parser.parse_args()
    runs = 4 if given.quick else given.runs
    result: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as place:
        archive = make(Path(place))
        commands = {"help": ["--help"], "version": ["--version"]}
        commands["search"] = ["search", "monthly rent", "--archive", str(archive)]
        if given.before:
            del commands["version"]  # the version before has none
        for name, arguments in commands.items():
            measured = measure(arguments, runs, given.before)
            shown = ", ".join(
                f"{who} {wall:.3f} s ({cpu:.3f} s of the processor)" for who, (wall, cpu) in measured.items()
            )
            print(f"{name:8} {shown}")
            ours, bare = measured["ours"], measured["python"]
            result[f"{name}_interpreters"] = round(ours[0] / bare[0], 1)
            if before := measured.get("before"):
                result[f"{name}_speedup"] = round(before[0] / ours[0], 2)
                result[f"{name}_speedup_cpu"] = round(before[1] / ours[1], 2)
    print("RESULT", json.dumps(result))


def make(place: Path) -> Path:
    """An archive of two pages, which a scripted engine reads."""
    for number, text in enumerate(PAGES):
        page = Image.new("RGB", (600, 200), "white")
        ImageDraw.Draw(page).text((40, 60 + number), text, fill="black", font_size=20)
        page.save(place / f"{number}.png")
    with Archive(place / "archive", engine=ScriptedEngine(PAGES), create=True) as archive:
        archive.ingest(place)
    return place / "archive"


def measure(arguments: list[str], runs: int, before: Path | None) -> dict[str, Seconds]:
    """Medians of each contender, all in turn; the first round, which warms the disk, is not counted."""
    contenders = {"python": ("pass", HERE), "ours": (RUN, HERE)}
    if before:
        contenders["before"] = (RUN, before.resolve())
    taken: dict[str, list[Seconds]] = {name: [] for name in contenders}
    for _ in range(runs + 1):
        for name, (code, folder) in contenders.items():
            taken[name].append(once(code, folder, arguments))
    return {
        name: (statistics.median(wall for wall, _ in all_[1:]), statistics.median(cpu for _, cpu in all_[1:]))
        for name, all_ in taken.items()
    }


def once(code: str, folder: Path, arguments: list[str]) -> Seconds:
    """One process, from its start to its end."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    used, begun = children(), time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=folder, env=environment, capture_output=True, check=True
    )
    return time.perf_counter() - begun, children() - used


def children() -> float:
    """Seconds of the processor that ended children have used."""
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    main()
