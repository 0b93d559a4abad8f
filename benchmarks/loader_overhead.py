"""What the loader costs beside bare rendering, and whether its memory stays flat.

Throughput: pages a second of `HunyuanOCRLoader` with an engine that answers at once, against PyMuPDF rendering the
same scanned PDF at the same size in this process. Memory: peak resident size of a 2,000-page scan against that of a
20-page one, each read by a fresh process; its own peak and that of its page workers are added.

    python -m benchmarks.loader_overhead [--quick]

Last line: `RESULT {"throughput_ratio": ..., "rss_ratio": ...}`.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pymupdf
from PIL import Image, ImageDraw, ImageFont

PAGE = (1654, 2339)
"""A4 at 200 dpi."""
DISTINCT = 10
"""Different pages in a scan; they repeat, each with bytes of its own."""
READ_ALL = """
import sys
from langchain_hunyuanocr.engines.scripted import ScriptedEngine
from langchain_hunyuanocr.loader import HunyuanOCRLoader
count = sum(1 for _ in HunyuanOCRLoader(sys.argv[1], engine=ScriptedEngine(), force_ocr=True).lazy_load())
print(count)
"""


def scanned_page(seed: int) -> bytes:
    """A page of text lines on paper that is not quite white, as a scanner's colour JPEG."""
    random = np.random.default_rng(seed)
    page = Image.new("RGB", PAGE, (247, 244, 236))
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=30)
    words = ["archive", "invoice", "minutes", "of", "the", "board", "2026", "total", "net", "amount", "and", "signed"]
    for row in range(48):
        text = " ".join(random.choice(words) for _ in range(13))
        draw.text((140, 130 + 43 * row), text, fill=(35, 33, 40), font=font)
    noisy = np.asarray(page, np.int16) + random.normal(0, 4, (PAGE[1], PAGE[0], 1)).astype(np.int16)
    buffer = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=70, dpi=(200, 200))
    return buffer.getvalue()


def write_scan(path: Path, pages: int) -> None:
    """A PDF in which every page is one JPEG."""
    pictures = [scanned_page(seed) for seed in range(min(pages, DISTINCT))]
    with pymupdf.open() as document:
        for index in range(pages):
            page = document.new_page(width=PAGE[0] * 72 / 200, height=PAGE[1] * 72 / 200)
            # Bytes after a JPEG's end change nothing but its identity: no page shares its picture with another.
            stream = pictures[index % len(pictures)] + index.to_bytes(4, "big")
            page.insert_image(page.rect, stream=stream)
        document.save(path)


def loader_speed(path: Path) -> tuple[float, tuple[int, int]]:
    """Pages a second, and the size of a page picture."""
    from langchain_hunyuanocr.engines.scripted import ScriptedEngine
    from langchain_hunyuanocr.loader import HunyuanOCRLoader

    loader = HunyuanOCRLoader(str(path), engine=ScriptedEngine(), force_ocr=True)
    start = time.perf_counter()
    documents = list(loader.lazy_load())
    speed = len(documents) / (time.perf_counter() - start)
    return speed, (documents[0].metadata["width"], documents[0].metadata["height"])


def bare_speed(path: Path, size: tuple[int, int]) -> float:
    """Pages a second of PyMuPDF alone, at that size."""
    with pymupdf.open(path) as document:
        start = time.perf_counter()
        for page in document:
            page.get_pixmap(matrix=pymupdf.Matrix(size[0] / page.rect.width, size[1] / page.rect.height), alpha=False)
        return len(document) / (time.perf_counter() - start)


def peak_memory(path: Path) -> float:
    """Megabytes: the peak of a process that loads all pages, and of its children at the same moment."""
    process = subprocess.Popen([sys.executable, "-c", READ_ALL, str(path)], stdout=subprocess.PIPE)
    peak = 0
    finished = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not finished.wait(0.02):
            peak = max(peak, _resident(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    output, _ = process.communicate()
    finished.set()
    watcher.join()
    if process.returncode or not int(output):
        raise RuntimeError(f"loading {path.name} failed")
    return peak / 1e6


def _resident(pid: int) -> int:
    total = 0
    try:
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for member in family:
        try:
            total += member.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a shorter scan for speed and memory, under a minute")
    quick = parser.parse_args().quick
    timed, rounds, long = (24, 3, 120) if quick else (60, 5, 2000)
    with tempfile.TemporaryDirectory() as folder:
        scan, short, many = (Path(folder) / name for name in ("scan.pdf", "short.pdf", "many.pdf"))
        write_scan(scan, timed)
        speeds, bare = [], []
        _, size = loader_speed(scan)  # starts the workers; a long scan does not notice that
        for _ in range(rounds):  # by turns, so that what else runs on the machine disturbs both alike
            speeds.append(loader_speed(scan)[0])
            bare.append(bare_speed(scan, size))
        ratio = statistics.median(ours / theirs for ours, theirs in zip(speeds, bare, strict=True))
        print(f"loader {statistics.median(speeds):.1f} pages/s, bare PyMuPDF {statistics.median(bare):.1f} pages/s")
        print(f"page pictures of {size[0]} x {size[1]}, {timed} pages, {rounds} rounds")
        write_scan(short, 20)
        write_scan(many, long)
        few, lots = peak_memory(short), peak_memory(many)
        print(f"peak memory, process and workers together: 20 pages {few:.0f} MB, {long} pages {lots:.0f} MB")
    print("RESULT " + json.dumps({"throughput_ratio": round(ratio, 3), "rss_ratio": round(lots / few, 3)}))


if __name__ == "__main__":
    main()
