"""What a second ingest costs, and what one changed page does.

    python benchmarks/reingest.py [--quick] [--pages 48]

Reads the generated archive with RapidOCR, an engine of honest cost, and ingests it again unchanged; both times are of
`Archive.ingest` alone, a page. Then a file of 200 pages is read by the scripted engine, one page of it is changed, and
the pages that the engine is asked for are counted.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.demo import make_archive
from langchain_hunyuanocr.engines import ScriptedEngine

LONG = 200
"""Pages of the file of which one changes."""


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few pages, under a minute")
    parser.add_argument("--pages", type=int, default=48)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        speedup = measure(Path(place), 6 if given.quick else given.pages)
        read = change(Path(place))
    print(f"{read} of {LONG} pages read after one changed")
    print("RESULT", json.dumps({"speedup": round(speedup, 1), "pages_read_after_change": read}))


def measure(place: Path, pages: int) -> float:
    """How many times faster a page the second ingest is."""
    make_archive(place / "scans", pages=pages, seed=2026, questions=0)
    seconds = []
    for name in ("first", "second"):
        with Archive(place / "archive", engine="rapid", create=True) as archive:
            archive.status()
            begun = time.perf_counter()
            report = archive.ingest(place / "scans")
            seconds.append((time.perf_counter() - begun) / report.pages)
        print(f"{name:8} {report.pages} pages, {seconds[-1] * 1000:10.3f} ms a page, {report.skipped} files unchanged")
    return seconds[0] / seconds[1]


def change(place: Path) -> int:
    """Pages read of a long file after one of them changed."""
    scan = place / "long.pdf"
    engine = ScriptedEngine("some words on the page")
    with Archive(place / "long archive", engine=engine) as archive:
        write(scan, changed=None)
        archive.ingest(scan)
        if engine.requests != LONG:
            raise SystemExit(f"{engine.requests} pages read at first, not {LONG}")
        write(scan, changed=LONG // 2)
        archive.ingest(scan)
    return engine.requests - LONG


def write(path: Path, *, changed: int | None) -> None:
    """A scan of many pages, each with its own number on it."""
    from PIL import Image, ImageDraw

    pages = []
    for number in range(LONG):
        page = Image.new("RGB", (400, 200), "white")
        text = "changed" if number == changed else f"page {number}"
        ImageDraw.Draw(page).text((40, 60), text, fill="black", font_size=40)
        pages.append(page)
    pages[0].save(path, "PDF", save_all=True, append_images=pages[1:])


if __name__ == "__main__":
    main()
