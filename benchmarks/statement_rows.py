"""Rows of financial statements: whether a figure keeps its label, on scans and on digital pages of the same text.

The 48 pages of ../shared/data/real/reports are pages of annual reports and earnings releases as grey scans, each with
its rows as printed (label and figures in order). Financial statements have no ruling lines, and their labels stand far
from their figures. Each page is read twice:

* as the scan that it is;
* as a PDF with a text layer, made here: the lines of the scan at their places, each with the true text of the page
  where one of its lines is nearly the same, set in Helvetica as wide as it was printed.

Readers, each given the same file in the same run: `ours` (`Reader("rapid")`) and `pymupdf4llm`, where it is installed;
`_digital` after a reader's name stands for the digital pages.

Figures: `rows_right` is the share of the true rows that stand in one row of a Markdown table with their label (partial
ratio of at least 85) and all their figures in order; `labelled` the share of the table rows with two figures or more
that hold a cell of three letters or more. A line of years alone counts as such a row, and so does a total that the page
prints without a label or with one that is a year or "U.S.", so that 1 cannot be reached. `paragraphs in tables` counts
lines of running text, three or more below each other of twelve words or more, that stand in a row of a table: it should
be 0.

The data is not part of the project; without it nothing is measured. Run `python -m benchmarks.statement_rows` (minutes)
or `--quick` (two pages, of which `pymupdf4llm` gets the digital ones alone; under a minute on an idle machine);
`--show` prints what was missed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from langchain_hunyuanocr.pages import Source, render_page
from langchain_hunyuanocr.reader import Reader
from langchain_hunyuanocr.results import Line, PageReading

REPORTS = Path(__file__).resolve().parents[2] / "shared" / "data" / "real" / "reports"
QUICK = ("NIKE_2018_10K_p47", "LOCKHEEDMARTIN_2022_10K_p64")
_SAME_LABEL = 85.0
_SAME_LINE = 88.0
_FIGURE = re.compile(r"-?[\d,]+(?:\.\d+)?")
_PARAGRAPH_WORDS = 12
_PARAGRAPH_LINES = 3
_PAGE_HEIGHT = 792.0
"""Of the digital pages, in points."""


@dataclass
class Tally:
    """What was counted over the pages of one reader."""

    right: int = 0
    true: int = 0
    labelled: int = 0
    rows: int = 0
    paragraphs: int = 0
    seconds: float = 0.0


def fold(text: str) -> str:
    """Letters and digits alone, without case."""
    return re.sub(r"[^0-9a-z\u4e00-\u9fff]", "", text.casefold())


def table_rows(markdown: str) -> list[tuple[str, list[str]]]:
    """Of each row of the Markdown tables its label, folded, and its figures."""
    rows = []
    for line in markdown.splitlines():
        if not line.lstrip().startswith("|"):
            continue
        cells = [
            re.sub(r"<br ?/?>", " ", re.sub(r"[*_\\$%()]", "", cell)).strip()
            for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))
        ]
        figures = [word.lstrip("-") for word in " ".join(cells).split() if _FIGURE.fullmatch(word)]
        label = fold(" ".join(cell for cell in cells if len(re.findall(r"[A-Za-z]", cell)) >= 3))
        rows.append((label, figures))
    return rows


def is_right(row: dict[str, Any], rows: Sequence[tuple[str, list[str]]]) -> bool:
    """Whether a true row stands in one row of the tables."""
    from rapidfuzz import fuzz

    wanted = [figure.lstrip("-") for figure in row["figures"]]
    label = fold(row["label"])
    return any(
        len(found) >= 3
        and fuzz.partial_ratio(label, found) >= _SAME_LABEL
        and [figure for figure in figures if figure in wanted][: len(wanted)] == wanted
        for found, figures in rows
    )


def paragraphs_of(text: str) -> list[str]:
    """The lines of running text of a page: many words, as on the lines around; labels may have many on one or two."""
    lines = [line.strip() for line in text.splitlines()]
    long = [len(line.split()) >= _PARAGRAPH_WORDS for line in lines]
    within = [all(long[start : start + _PARAGRAPH_LINES]) for start in range(len(lines) - _PARAGRAPH_LINES + 1)]
    return [line for n, line in enumerate(lines) if any(within[max(0, n - _PARAGRAPH_LINES + 1) : n + 1])]


def count(tally: Tally, markdown: str, name: str, *, show: bool) -> None:
    """Count a page in."""
    from rapidfuzz import fuzz

    truth = json.loads((REPORTS / f"{name}.rows.json").read_text(encoding="utf-8"))
    rows = table_rows(markdown)
    tally.true += len(truth)
    for row in truth:
        right = is_right(row, rows)
        tally.right += right
        if show and not right:
            print(f"  {name}: {row['label']} {row['figures']}", file=sys.stderr)
    several = [label for label, figures in rows if len(figures) >= 2]
    tally.rows += len(several)
    tally.labelled += sum(len(label) >= 3 for label in several)
    text = (REPORTS / f"{name}.txt").read_text(encoding="utf-8")
    for line in map(fold, paragraphs_of(text)):
        inside = any(len(label) >= 0.8 * len(line) and fuzz.partial_ratio(line, label) >= 90 for label, _ in rows)
        tally.paragraphs += inside
        if show and inside:
            print(f"  {name}: in a table: {line[:70]}", file=sys.stderr)


def with_true_text(lines: Sequence[Line], text: str) -> list[Line]:
    """The lines of a scan, each with the page's own text where a line of it is nearly the same."""
    from rapidfuzz import fuzz, process

    left = {number: fold(line) for number, line in enumerate(text.splitlines())}
    printed = text.splitlines()
    result = []
    for line in lines:
        folded = fold(line.text)
        near = process.extractOne(folded, left, scorer=fuzz.ratio, score_cutoff=_SAME_LINE) if len(folded) > 3 else None
        if near is not None:
            line = line.model_copy(update={"text": printed[near[2]].strip()})
            del left[near[2]]
        result.append(line)
    return result


def as_digital(reading: PageReading, text: str, aspect: float, path: Path) -> None:
    """Write a PDF with a text layer: the lines of a scan at their places.

    Args:
        reading: Of the scan.
        text: The true text of the page.
        aspect: Width of the page over its height.
        path: Where to write it.
    """
    import pymupdf

    font = pymupdf.Font("helv")
    usual = statistics.median(line.box.height for line in reading.lines)
    with pymupdf.open() as document:
        page = document.new_page(width=_PAGE_HEIGHT * aspect, height=_PAGE_HEIGHT)
        for line in with_true_text(reading.lines, text):
            box = line.box
            x0, y1 = box.x0 * page.rect.width, box.y1 * page.rect.height
            # Boxes of lines of one type differ by their descenders and accents.
            alike = 0.6 < box.height / usual < 1.5
            size = max(4.0, (usual if alike else box.height) * page.rect.height)
            fitting = box.width * page.rect.width / max(1e-6, font.text_length(line.text, 1.0))
            writer = pymupdf.TextWriter(page.rect)
            start = pymupdf.Point(x0, y1 - 0.15 * size)
            writer.append(start, line.text, font=font, fontsize=size)
            writer.write_text(page, morph=(start, pymupdf.Matrix(fitting / size, 1.0)))
        document.save(path)


def read_pymupdf4llm(path: Path) -> str:
    """PyMuPDF4LLM with what it switches on by itself; what it prints is thrown away, a failure reads nothing."""
    import pymupdf
    import pymupdf4llm

    with contextlib.redirect_stdout(io.StringIO()), pymupdf.open(path) as document:
        try:
            if not document.is_pdf:
                with pymupdf.open("pdf", document.convert_to_pdf()) as pdf:
                    return str(pymupdf4llm.to_markdown(pdf, show_progress=False))
            return str(pymupdf4llm.to_markdown(document, show_progress=False))
        except Exception as exc:
            print(f"  pymupdf4llm failed on {path.name}: {exc}", file=sys.stderr)
            return ""


def measure(names: Sequence[str], folder: Path, *, quick: bool, show: bool) -> dict[str, Tally]:
    """Read every page with every reader."""
    reader = Reader("rapid")
    tallies: dict[str, Tally] = {}

    def timed(name: str, key: str, read: Callable[[], Any]) -> Any:
        tally = tallies.setdefault(key, Tally())
        started = time.perf_counter()
        read_page = read()
        tally.seconds += time.perf_counter() - started
        count(tally, read_page if isinstance(read_page, str) else read_page.markdown, name, show=show)
        return read_page

    for name in names:
        scan, digital = REPORTS / f"{name}.jpg", folder / f"{name}.pdf"
        page = render_page(Source.of(scan), 0)
        reading = timed(name, "ours", partial(reader.read, page))
        text = (REPORTS / f"{name}.txt").read_text(encoding="utf-8")
        as_digital(reading, text, page.picture.width / page.picture.height, digital)
        timed(name, "ours_digital", partial(reader.read, render_page(Source.of(digital), 0)))
        if find_spec("pymupdf4llm") is not None:
            if not quick:
                timed(name, "pymupdf4llm", partial(read_pymupdf4llm, scan))
            timed(name, "pymupdf4llm_digital", partial(read_pymupdf4llm, digital))
    return tallies


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two pages, under a minute")
    parser.add_argument("--show", action="store_true", help="print the rows that were missed")
    options = parser.parse_args()
    names = [path.stem for path in sorted(REPORTS.glob("*.jpg")) if not options.quick or path.stem in QUICK]
    if not names:
        print(f"nothing measured: {REPORTS} is not there")
        return
    with tempfile.TemporaryDirectory() as folder:
        tallies = measure(names, Path(folder), quick=options.quick, show=options.show)
    print(f"{'reader':<20}  rows right  labelled  paragraphs in tables  s/page")
    for key, tally in tallies.items():
        print(
            f"{key:<20}  {tally.right:>4}/{tally.true:<4}  {tally.labelled:>4}/{tally.rows:<4}"
            f"  {tally.paragraphs:>12}  {tally.seconds / len(names):>14.1f}"
        )
    shares = {
        "rows_right": {key: round(tally.right / max(1, tally.true), 3) for key, tally in tallies.items()},
        "labelled": {key: round(tally.labelled / max(1, tally.rows), 3) for key, tally in tallies.items()},
    }
    print("RESULT " + json.dumps(shares))


if __name__ == "__main__":
    main()
