"""How well pages are read: ours on a CPU beside what a user would take instead, on real pages with ground truth.

Readers, each given the same file in the same run, on pictures as a PDF of one page where they want one:

* `ours`: `HunyuanOCRLoader(path, engine="rapid", force_ocr=True)`
* `community`: langchain-community's `PyMuPDFLoader(path, images_parser=RapidOCRBlobParser())`
* `pymupdf4llm`: `pymupdf4llm.to_markdown(path)`

Figures, all from text that was folded alike (`fold`): `cer` is the edit distance over the length of the truth (see
`character_error`), `blocks` the share of the truth's blocks that are found somewhere in the output (partial ratio of at
least 0.9), `teds` the tree edit distance similarity of the tables (0 for a table that was not written), `s_page`
seconds a page, warm-up excluded.

The pages are in ../shared/data, which is not part of the project; without them nothing is measured. Run
`python benchmarks/read_quality.py` (minutes) or `--quick` (a page or two of the quicker sets, under a minute).
"""

from __future__ import annotations

import argparse
import contextlib
import html
import io
import json
import re
import statistics
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
READERS = ("ours", "community", "pymupdf4llm")
SETS = ("upright", "two_columns", "turned", "photographed", "digital", "tables")
FOUND = 90.0
"""Partial ratio from which a block counts as found, of 100."""

_MARKUP = (
    (re.compile(r"\*\*==> picture .*? <==\*\*|-{3,} (?:Start|End) of picture text -{3,}"), " "),
    (re.compile(r"!\[[^\]]*\]\([^)]*\)"), " "),
    (re.compile(r"\[([^\]]+)\]\((?:https?|mailto|#)[^)]*\)"), r"\1"),
    (re.compile(r"<br\s*/?>", re.IGNORECASE), "\n"),
    (re.compile(r"</?(?:table|thead|tbody|tr|td|th|caption|b|i|u|sup|sub|p|div)\b[^>]*>", re.IGNORECASE), " "),
    (re.compile(r"^\s*\|?(?:\s*:?-{3,}:?\s*\|)+\s*:?-*:?\s*$", re.MULTILINE), " "),
    (re.compile(r"(?<!\\)\|"), " "),
    (re.compile(r"^\s*(?:#{1,6}\s+|>\s+|```\w*|[-*+•●○▪■◦·]\s+)", re.MULTILINE), ""),
    (re.compile(r"\*\*|__|~~|`"), ""),
    (re.compile(r"(?<!\w)_([^_\n]+)_(?!\w)"), r"\1"),
    (re.compile(r"\\([|#>*_\-.])"), r"\1"),
)
_FOLDED = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "—": "-", "–": "-", "−": "-", "‐": "-", "•": " "})
_CJK = r"[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]"


def fold(text: str) -> str:
    """Take from a text what is not its words: marks of Markdown and HTML, line ends, typographic variants.

    Words parted at a line end are made whole, white space is one space and none beside Chinese, quotes and dashes are
    the plain ones, characters are NFKC; case and punctuation stay.
    """
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    text = html.unescape(text)
    text = re.sub(r"(?<=[^\W\d_])[-\u00ad]\s*\n\s*(?=[a-z])", "", text)
    text = unicodedata.normalize("NFKC", text).translate(_FOLDED)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(rf"\s+(?={_CJK})|(?<={_CJK})\s+", "", text)
    return text.strip()


@dataclass
class Case:
    """A page and what it says."""

    path: Path
    blocks: list[str]
    tables: list[str] = field(default_factory=list)
    text: str = ""
    figures: bool = False
    """Whether it has charts whose labels the truth leaves out."""

    @property
    def truth(self) -> str:
        """All its text, in reading order."""
        return self.text or "\n\n".join(self.blocks)


@dataclass
class Read:
    """What a reader made of a page."""

    text: str
    tables: list[str]
    seconds: float


def _text_case(path: Path, truth: Path) -> Case:
    text = truth.read_text(encoding="utf-8", errors="replace")
    # The truth of linn.* has its bullets as noughts.
    text = re.sub(r"^0 (?=[A-Z])", "• ", text, flags=re.MULTILINE)
    return Case(path, [block for block in re.split(r"\n\s*\n", text) if len(fold(block)) >= 8], text=text)


def _mdpbench() -> dict[str, Case]:
    cases = {}
    for page in json.loads((DATA / "mdpbench/ground_truth.json").read_text(encoding="utf-8")):
        # Running heads and page numbers have no place in the order: those of the upper half stand first.
        height = page["page_info"]["height"]
        parts = [part for part in page["layout_dets"] if part.get("text") or part.get("html")]
        parts.sort(
            key=lambda p: p["order"] if p.get("order") is not None else (-1 if p["poly"][1] < height / 2 else 999)
        )
        blocks = [part.get("html") or part["text"] for part in parts]
        tables = [part["html"] for part in parts if part.get("html")]
        name = page["page_info"]["image_path"]
        cases[name] = Case(DATA / "mdpbench" / name, [b for b in blocks if not b.startswith("<table")], tables)
        cases[name].text = "\n\n".join(blocks)
        cases[name].figures = any(part["category_type"] == "figure" for part in page["layout_dets"])
    return cases


def _pubtabnet() -> Iterator[Case]:
    for line in (DATA / "pubtabnet/examples.jsonl").read_text(encoding="utf-8").splitlines():
        example = json.loads(line)
        cells = iter("".join(cell["tokens"]) for cell in example["html"]["cells"])
        tokens = example["html"]["structure"]["tokens"]
        table = "".join((next(cells) if token == "</td>" else "") + token for token in tokens)
        texts = [fold("".join(cell["tokens"])) for cell in example["html"]["cells"]]
        path = DATA / "pubtabnet" / example["filename"]
        if path.is_file():
            yield Case(path, [text for text in texts if len(text) >= 4], [f"<table>{table}</table>"], "\n".join(texts))


def load_sets(*, quick: bool) -> dict[str, list[Case]]:
    """The pages of each set."""
    linn = DATA / "ocrmypdf/linn.txt"
    docling = DATA / "docling/ocr"
    unlv = DATA / "unlv"
    mdp = _mdpbench()

    def ocr_test(suffix: str) -> Case:
        name = f"ocr_test{suffix}"
        return _text_case(
            docling / f"sources/{name}.pdf", docling / f"groundtruth/tesseract/full_page/{name}.tesseract.full_page.md"
        )

    photo = unlv / "phototest.gold.txt"
    sets = {
        "upright": [
            ocr_test(""),
            _text_case(unlv / "phototest.tif", photo),
            _text_case(DATA / "ocrmypdf/linn.pdf", linn),
            _text_case(DATA / "ocrmypdf/linn.png", linn),
        ],
        "two_columns": [_text_case(unlv / "8071_093.3B.tif", unlv / "8071_093.3B.txt")],
        "turned": [
            _text_case(unlv / "phototest-rotated-R.png", photo),
            ocr_test("_rotated_90"),
            ocr_test("_rotated_180"),
            ocr_test("_rotated_270"),
            _text_case(unlv / "phototest-rotated-L.png", photo),
            _text_case(unlv / "phototest-rotated-180.png", photo),
        ],
        "photographed": [case for name, case in reversed(mdp.items()) if name.endswith(".JPEG")],
        "digital": [case for name, case in reversed(mdp.items()) if name.endswith(".jpg")],
        "tables": sorted(_pubtabnet(), key=lambda case: len(case.text)),
    }
    if quick:
        # Their dense pages take the three readers longer than all the others.
        few = {"tables": 2, "digital": 0, "two_columns": 0}
        sets = {name: found for name, cases in sets.items() if (found := cases[: few.get(name, 1)])}
    return sets


def as_pdf(path: Path, folder: Path) -> Path:
    """A picture as a PDF of one page, as readers of PDF need it."""
    if path.suffix.lower() == ".pdf":
        return path
    import pymupdf

    target = folder / f"{path.name}.pdf"
    if not target.exists():
        with pymupdf.open(path) as picture:
            target.write_bytes(picture.convert_to_pdf())
    return target


def read_ours(path: Path, folder: Path) -> tuple[str, list[str]]:  # noqa: ARG001 - pictures are read as they are
    """Ours; tables as their lossless HTML, so that merged cells are not counted twice."""
    from langchain_hunyuanocr.loader import HunyuanOCRLoader
    from langchain_hunyuanocr.results import PageReading

    readings: list[PageReading] = []
    HunyuanOCRLoader(str(path), engine="rapid", force_ocr=True, on_progress=readings.append).load()
    parts = []
    for reading in readings:
        tables = iter(reading.tables)
        parts += [
            next(tables).html if block.kind == "table" else reading.markdown[block.start : block.end]
            for block in reading.blocks
        ]
    return "\n\n".join(parts), [table.html for reading in readings for table in reading.tables]


def read_community(path: Path, folder: Path) -> tuple[str, list[str]]:
    """langchain-community's loader with its RapidOCR parser."""
    from langchain_community.document_loaders import PyMuPDFLoader
    from langchain_community.document_loaders.parsers.images import RapidOCRBlobParser

    loader = PyMuPDFLoader(
        str(as_pdf(path, folder)), mode="page", extract_images=True, images_parser=RapidOCRBlobParser()
    )
    text = "\n\n".join(document.page_content for document in loader.load())
    return text, tables_in(text)


def read_pymupdf4llm(path: Path, folder: Path) -> tuple[str, list[str]]:
    """PyMuPDF4LLM with what it switches on by itself."""
    import pymupdf4llm

    text = str(pymupdf4llm.to_markdown(str(as_pdf(path, folder)), show_progress=False))
    return text, tables_in(text)


def tables_in(text: str) -> list[str]:
    """The Markdown and HTML tables of a text, as HTML."""
    from markdown_it import MarkdownIt

    rendered = MarkdownIt("commonmark").enable("table").render(text)
    return re.findall(r"<table\b.*?</table>", rendered, re.DOTALL | re.IGNORECASE)


def run(reader: Callable[[Path, Path], tuple[str, list[str]]], path: Path, folder: Path) -> Read:
    """Time one reader on one page; what it prints is thrown away, a failure reads nothing."""
    started = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            text, tables = reader(path, folder)
        except Exception as exc:
            print(f"  {reader.__name__} failed on {path.name}: {exc}", file=sys.stderr)
            text, tables = "", []
    return Read(text, tables, time.perf_counter() - started)


def character_error(text: str, case: Case) -> float:
    """Edit distance over the length of the truth, of folded texts.

    The labels of charts are text that the truth leaves out and a good reader finds. On a page with charts the distance
    is therefore the sum over the truth's blocks, each to the place in the text that is likest to it.
    """
    from rapidfuzz import fuzz
    from rapidfuzz.distance import Levenshtein

    folded = fold(text)
    if not case.figures:
        truth = fold(case.truth)
        return float(Levenshtein.distance(folded, truth)) / max(1, len(truth))
    wanted = [block for block in map(fold, case.blocks) if block]
    distance = 0
    for block in wanted:
        place = fuzz.partial_ratio_alignment(block, folded) if len(folded) >= len(block) else None
        near = folded[place.dest_start : place.dest_end] if place else folded
        distance += min(len(block), Levenshtein.distance(near, block))
    return distance / max(1, sum(map(len, wanted)))


def block_recall(text: str, blocks: list[str]) -> float | None:
    """Share of the blocks that stand somewhere in the text."""
    from rapidfuzz import fuzz

    folded = fold(text)
    wanted = [fold(block) for block in blocks]
    if not wanted:
        return None

    def is_found(block: str) -> bool:
        # A text shorter than the block would be looked for in it instead.
        return len(folded) >= 0.9 * len(block) and fuzz.partial_ratio(block, folded) >= FOUND

    return sum(map(is_found, wanted)) / len(wanted)


def plain_table(table: str) -> str:
    """A table as TEDS wants it: cells are `td`, without sections, bold and caption, on both sides alike."""
    table = re.sub(r"<caption\b.*?</caption>", "", table, flags=re.DOTALL | re.IGNORECASE)
    table = re.sub(r"</?(?:thead|tbody|tfoot|b|i|u|strong|em|sup|sub)\b[^>]*>", "", table, flags=re.IGNORECASE)
    table = re.sub(r"<br\s*/?>", " ", table, flags=re.IGNORECASE)
    table = re.sub(r"<(/?)th\b", r"<\1td", table, flags=re.IGNORECASE)
    table = re.sub(r"<table\b[^>]*>", "<table>", table, flags=re.IGNORECASE)
    table = re.sub(r">\s+<", "><", table)
    table = re.sub(r"(?<=>)([^<]+)(?=</td)", lambda m: html.escape(fold(m[1]), quote=False), table)
    return f"<html><body>{table}</body></html>"


def table_similarity(tables: list[str], truth: list[str]) -> float | None:
    """Mean TEDS of the truth's tables, each with the table that is likest to it."""
    if not truth:
        return None
    from table_recognition_metric import TEDS

    teds = TEDS()
    left = [plain_table(table) for table in tables]
    scores = []
    for wanted in map(plain_table, truth):
        found = [float(teds(table, wanted)) for table in left]
        scores.append(max(found, default=0.0))
        if found:
            left.pop(found.index(max(found)))
    return statistics.mean(scores)


def measure(sets: dict[str, list[Case]], folder: Path, *, show: bool) -> dict[str, dict[str, dict[str, float]]]:
    """Run every reader on every page."""
    readers: dict[str, Callable[[Path, Path], tuple[str, list[str]]]] = {
        "ours": read_ours,
        "community": read_community,
        "pymupdf4llm": read_pymupdf4llm,
    }
    warm = DATA / "unlv/phototest.tif"
    for function in readers.values():
        run(function, warm, folder)
    result: dict[str, dict[str, dict[str, float]]] = {}
    for name, cases in sets.items():
        rows: dict[str, list[dict[str, float | None]]] = {reader: [] for reader in readers}
        for case in cases:
            for reader, function in readers.items():
                read = run(function, case.path, folder)
                figures = {
                    "cer": character_error(read.text, case),
                    "blocks": block_recall(read.text, case.blocks),
                    "teds": table_similarity(read.tables, case.tables),
                    "s_page": read.seconds,
                }
                rows[reader].append(figures)
                if show:
                    shown = "  ".join(f"{k} {v:.3f}" for k, v in figures.items() if v is not None)
                    print(f"  {name:13} {case.path.name[:34]:35} {reader:12} {shown}", flush=True)
        result[name] = {reader: _means(figures) for reader, figures in rows.items()}
    return result


def _means(rows: list[dict[str, float | None]]) -> dict[str, float]:
    means = {}
    for key in ("cer", "blocks", "teds", "s_page"):
        values = [value for row in rows if (value := row[key]) is not None]
        if values:
            means[key] = round(statistics.mean(values), 4)
    return means


def print_table(result: dict[str, dict[str, dict[str, float]]]) -> None:
    """The means of each set."""
    print(f"\n{'set':14}{'reader':13}{'cer':>8}{'blocks':>8}{'teds':>8}{'s/page':>8}")
    for name, readers in result.items():
        for reader, figures in readers.items():
            cells = (
                f"{figures[key]:8.3f}" if key in figures else f"{'-':>8}" for key in ("cer", "blocks", "teds", "s_page")
            )
            print(f"{name:14}{reader:13}{''.join(cells)}")
    for reader in READERS:
        cer = statistics.mean(figures[reader]["cer"] for figures in result.values())
        seconds = statistics.mean(figures[reader]["s_page"] for figures in result.values())
        print(f"{'mean of sets':14}{reader:13}{cer:8.3f}{'':16}{seconds:8.3f}")


def main() -> None:
    """Measure, print a table and end with the RESULT line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a page or two of the quicker sets, under a minute")
    parser.add_argument("--sets", default=",".join(SETS), help="only these sets, comma separated")
    parser.add_argument("--show", action="store_true", help="print every page's figures")
    arguments = parser.parse_args()
    if not DATA.is_dir():
        print("../shared/data is not here: the pages to measure on are not part of the project; nothing was measured")
        print('RESULT {"sets": {}}')
        return
    chosen = arguments.sets.split(",")
    sets = {name: cases for name, cases in load_sets(quick=arguments.quick).items() if name in chosen}
    with tempfile.TemporaryDirectory() as folder:
        result = measure(sets, Path(folder), show=arguments.show)
    print_table(result)
    print("RESULT " + json.dumps({"sets": result}))


if __name__ == "__main__":
    main()
