"""How do search time, memory and disk grow with the archive? Up to 300,000 chunks, ingested without OCR.

    python benchmarks/search_scale.py [--quick] [--sizes 10000 100000 300000] [--questions 200]

One archive grows from size to size along the real road: multi-page TIFFs are opened and rendered, a scripted reader
gives generated pages in Chinese and English (ten chunks of 500 to 900 characters each; words are drawn as unevenly as
in real text), and these are split, indexed and put in Chroma. At each size a fresh process asks questions with numbers,
names, frequent and rare words; as many others before them warm it up.

The vectors are not the embedded encoder's, which would need an hour for them, but sums of a random vector of 512
dimensions for every word: texts that share words are near each other, as with real ones.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from langchain_core.embeddings import Embeddings
from PIL import Image

from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.pages import Page, PageFailure
from langchain_hunyuanocr.results import PageReading, Status

WORK = Path(__file__).parent / ".work" / "search_scale"
PAGES_A_FILE = 100
CHUNKS_A_PAGE = 10
SEED = 2026


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="2,000 and 10,000 chunks")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 300_000])
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measured(given.questions)))
        return
    shutil.rmtree(WORK, ignore_errors=True)
    result: dict[str, dict[int, float]] = {"p50_ms": {}, "p99_ms": {}, "rss_mb": {}}
    print(f"{'chunks':>8}  {'ingest/s':>8}  {'median ms':>9}  {'99th ms':>8}  {'RSS MB':>7}  {'disk MB':>7}")
    made = before = 0
    for size in [2_000, 10_000] if given.quick else sorted(given.sizes):
        wanted = -(-size // (PAGES_A_FILE * CHUNKS_A_PAGE))
        for number in range(made, wanted):
            write_file(WORK / "in" / f"{number:05}.tif", number)
        made = wanted
        begun = time.monotonic()
        with Archive(WORK / "archive", reader=Scripted(), embeddings=WordVectors(), create=True) as archive:
            report = archive.ingest(WORK / "in", workers=2)
        rate = (report.chunks - before) / (time.monotonic() - begun)
        before = report.chunks
        command = [sys.executable, __file__, "--measure", "--questions", str(given.questions)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for key, values in result.items():
            values[report.chunks] = found[key]
        disk = sum(path.stat().st_size for path in (WORK / "archive").rglob("*") if path.is_file()) / 1e6
        print(
            f"{report.chunks:8}  {rate:8.0f}  {found['p50_ms']:9.1f}  {found['p99_ms']:8.1f}  {found['rss_mb']:7.0f}"
            f"  {disk:7.0f}",
            flush=True,
        )
    print("RESULT", json.dumps(result))


def measured(questions: int) -> dict[str, float]:
    """Search times and memory of this process."""
    rng = random.Random(SEED + 1)
    with Archive(WORK / "archive", embeddings=WordVectors()) as archive:
        files = archive.status().files
        seconds: list[float] = []
        for _ in range(2 * questions):
            text = question(rng, files * PAGES_A_FILE)
            begun = time.monotonic()
            archive.search(text)
            seconds.append(time.monotonic() - begun)
    ordered = sorted(seconds[questions:])
    status = Path("/proc/self/status").read_text(encoding="ascii")
    resident = int(status.partition("VmRSS:")[2].split()[0]) / 1024
    return {
        "p50_ms": round(ordered[len(ordered) // 2] * 1000, 1),
        "p99_ms": round(ordered[len(ordered) * 99 // 100] * 1000, 1),
        "rss_mb": round(resident),
    }


def question(rng: random.Random, pages: int) -> str:
    """A question to a page drawn by chance."""
    page = rng.randrange(pages)
    code = f"INV-{page:06}-{rng.randrange(CHUNKS_A_PAGE)}"
    text = paragraph(random.Random(f"{SEED} {page}"), page, 0)
    words = text.split()[6:] if page % 2 else [text[at : at + 4] for at in range(30, 400, 4)]
    picked = " ".join(rng.sample(words, 4))
    return rng.choice((
        f"What is the total amount of invoice {code}?",
        f"发票{code}的价税合计是多少？",
        f"What does the contract say about {picked}?",
        f"公司的合同对{picked}是怎么规定的？",
        picked,
        "How much was paid in total by the company?",
    ))  # fmt: skip


def paragraph(rng: random.Random, page: int, number: int) -> str:
    """A chunk's worth of text: on odd pages English of about 900 characters, on even ones Chinese of about 550."""
    code, amount = f"INV-{page:06}-{number}", f"{rng.randrange(100, 9_999_999):,}.{rng.randrange(100):02}"
    if page % 2:
        words = " ".join(rng.choices(ENGLISH, cum_weights=ENGLISH_WEIGHTS, k=120))
        return f"Invoice {code} of the company: total amount {amount}. {words}."[:900]
    signs = "".join(rng.choices(CHINESE, cum_weights=CHINESE_WEIGHTS, k=500))
    return f"公司发票{code}，价税合计{amount}元。" + "，".join(signs[at : at + 12] for at in range(0, 500, 12)) + "。"


def _vocabulary() -> tuple[list[str], list[str]]:
    rng = random.Random(SEED)
    syllables = [a + b for a in "bcdfghklmnprstvw" for b in "aeiou"]
    english = {"".join(rng.choices(syllables, k=rng.randint(2, 4))) for _ in range(30_000)}
    return sorted(english, key=lambda _: rng.random()), rng.sample([chr(code) for code in range(0x4E00, 0x9000)], 3000)


ENGLISH, CHINESE = _vocabulary()
ENGLISH_WEIGHTS = list(np.cumsum(1 / np.arange(3, len(ENGLISH) + 3)))
CHINESE_WEIGHTS = list(np.cumsum(1 / np.arange(3, len(CHINESE) + 3)))


def write_file(path: Path, number: int) -> None:
    """A TIFF of small pages; its colours tell which."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pages = [Image.new("RGB", (16, 16), (number % 256, number // 256, page % 256)) for page in range(PAGES_A_FILE)]
    pages[0].save(path, save_all=True, append_images=pages[1:])


class Scripted:
    """Gives generated readings in the place of OCR."""

    fingerprint = "generated"
    in_flight = 2

    def read_all(self, pages: Iterable[Page | PageFailure | PageReading]) -> Iterator[PageReading]:
        """A reading for each page."""
        for page in pages:
            if isinstance(page, PageReading):
                yield page
                continue
            at = int(Path(page.source).stem) * PAGES_A_FILE + page.index
            rng = random.Random(f"{SEED} {at}")
            yield PageReading(
                source=page.source,
                file_name=page.file_name,
                sha256=page.sha256,
                page=page.index,
                total_pages=page.total,
                engine="scripted",
                model="none",
                revision="none",
                task="document",
                status=Status.OK,
                markdown="\n\n".join(paragraph(rng, at, number) for number in range(CHUNKS_A_PAGE)),
                width=16,
                height=16,
                dpi=0,
            )


class WordVectors(Embeddings):
    """Unit vectors of 512 dimensions: sums of a random vector for each word, or pair of Chinese characters."""

    name = "word vectors of the benchmark"

    def __init__(self) -> None:
        self._table = np.random.default_rng(SEED).standard_normal((8192, 512)).astype("float32")

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text."""
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """The vector of a text."""
        words = text.split() if text.isascii() else [text[at : at + 2] for at in range(len(text) - 1)]
        rows = self._table[[zlib.crc32(word.encode()) % 8192 for word in words] or [0]]
        total: Any = rows.sum(axis=0)
        vector: list[float] = (total / np.linalg.norm(total)).tolist()
        return vector


if __name__ == "__main__":
    main()
