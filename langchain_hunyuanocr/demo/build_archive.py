"""Makes an archive: decides which documents it holds, has them written, scanned, filed and recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_hunyuanocr.atomic_write import atomic_file
from langchain_hunyuanocr.demo.ground_truth import Truth, TruthFile, TruthPage
from langchain_hunyuanocr.demo.page_canvas import PageCanvas
from langchain_hunyuanocr.demo.questions import Catalogue
from langchain_hunyuanocr.demo.random_data import RandomData
from langchain_hunyuanocr.demo.scan_effects import ScanEffects, scan
from langchain_hunyuanocr.demo.scan_files import Container, write_damaged, write_pages
from langchain_hunyuanocr.demo.templates.contract_en import contract_en
from langchain_hunyuanocr.demo.templates.contract_zh import contract_zh
from langchain_hunyuanocr.demo.templates.invoice import invoice
from langchain_hunyuanocr.demo.templates.letter import letter
from langchain_hunyuanocr.demo.templates.minutes import minutes
from langchain_hunyuanocr.demo.templates.newsletter import newsletter
from langchain_hunyuanocr.demo.templates.packing_list import packing_list
from langchain_hunyuanocr.demo.templates.receipt import receipt
from langchain_hunyuanocr.demo.templates.report import report
from langchain_hunyuanocr.demo.templates.vat_invoice import vat_invoices
from langchain_hunyuanocr.demo.text_flow import Composed, Draft

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class _Entry:
    """A document of the archive: who writes it and how it is scanned."""

    write: Callable[[RandomData], Draft]
    container: Container
    most_pages: int
    """Room to keep for it; it may turn out shorter."""
    turned: dict[int, int] = field(default_factory=dict)
    """Rotation of single pages, from 0."""
    blank_after: int | None = None
    """Page after which the empty back of a sheet was scanned too."""
    holes: bool = False


# Short ones first, so that a small archive is varied too; together at most 24 pages.
_ROUND = (
    _Entry(lambda s: vat_invoices(s, 1), "pdf", 1),
    _Entry(invoice, "jpg", 1),
    _Entry(lambda s: letter(s, "en"), "tif", 1),
    _Entry(lambda s: newsletter(s, "en"), "jpg", 1, turned={0: 90}),
    _Entry(packing_list, "png", 1),
    _Entry(lambda s: minutes(s, "zh"), "pdf", 2, holes=True),
    _Entry(lambda s: report(s, "en"), "pdf", 3, turned={1: 270}, holes=True),
    _Entry(contract_zh, "pdf", 5, turned={2: 180}, blank_after=0),
    _Entry(lambda s: minutes(s, "en"), "tif", 2),
    _Entry(lambda s: report(s, "zh", sections=2), "png", 1),
    _Entry(lambda s: receipt(s, "zh"), "jpg", 1),
    _Entry(contract_en, "pdf", 4),
)
# Those that later rounds draw from, beside the first round's.
_MORE = (
    *_ROUND,
    _Entry(lambda s: vat_invoices(s, 3), "pdf", 3, turned={1: 180}),
    _Entry(invoice, "pdf", 1),
    _Entry(lambda s: letter(s, "zh"), "jpg", 1),
    _Entry(lambda s: newsletter(s, "zh"), "pdf", 1),
    _Entry(lambda s: receipt(s, "en"), "png", 1),
    _Entry(lambda s: report(s, "zh"), "pdf", 3),
    _Entry(lambda s: report(s, "en", sections=8), "pdf", 4, holes=True),
    _Entry(lambda s: letter(s, "en"), "pdf", 1, turned={0: 180}),
)


def make_archive(out_dir: Path, *, pages: int = 24, seed: int = 7, questions: int = 6) -> Truth:
    """Make a scanned archive of Chinese and English business papers, and record everything that is true of it.

    From 24 pages on it holds invoices, contracts over several pages, board minutes, reports full of tables, typed
    letters, a two-column newsletter, a packing list in both languages and a receipt; some pages are turned, one is
    blank; one more file is damaged and opens in no reader. No page has a text layer. No document is like another, and
    every question is answered by one page (or by those listed as its evidence).

    Args:
        out_dir: Folder for the files and `truth.json`; made where it is not there.
        pages: Readable pages in all, blank ones included.
        seed: Equal seeds give equal bytes.
        questions: How many questions; fewer come where the archive is too small for so many.

    Returns:
        The truth, as written to `truth.json`.

    Raises:
        ValueError: `pages` is under 1 or `questions` under 0.
    """
    if pages < 1 or questions < 0:
        raise ValueError("an archive has at least 1 page and 0 questions")
    out_dir.mkdir(parents=True, exist_ok=True)
    stock, catalogue = RandomData(seed), Catalogue()
    files: list[TruthFile] = []
    names: set[str] = set()
    for entry, draft in _documents(stock, pages):
        name = _free_name(draft.name, entry.container, names)
        files.append(_file(out_dir / name, entry, draft, stock, catalogue))
    files.insert(min(4, len(files)), _damaged_file(out_dir, stock, names))
    truth = Truth(seed=seed, files=tuple(files), questions=catalogue.questions(stock, questions))
    with atomic_file(out_dir / "truth.json") as part:
        part.write_text(truth.model_dump_json(indent=1), encoding="utf-8")
    return truth


def _documents(stock: RandomData, pages: int) -> Iterator[tuple[_Entry, Draft]]:
    """Drafts with `pages` pages in all, blank ones counted."""
    left = pages
    queue = list(_ROUND)
    while left:
        if not queue:
            queue = list(_MORE)
            stock.rng.shuffle(queue)
        entry = queue.pop(0)
        if entry.most_pages > left:
            continue
        draft = entry.write(stock)
        left -= len(draft.pages) + (entry.blank_after is not None)
        yield entry, draft


def _free_name(stem: str, container: Container, taken: set[str]) -> str:
    name, number = f"{stem}.{container}", 2
    while name.casefold() in taken:
        name, number = f"{stem} ({number}).{container}", number + 1
    taken.add(name.casefold())
    return name


def _file(path: Path, entry: _Entry, draft: Draft, stock: RandomData, catalogue: Catalogue) -> TruthFile:
    sheets: list[Composed] = list(draft.pages)
    blank = None if entry.blank_after is None else entry.blank_after + 1
    if blank is not None:
        sheets.insert(blank, Composed(PageCanvas(dpi=sheets[0].sheet.dpi)))
    looks = [
        ScanEffects.drawn(
            stock.rng,
            rotation=entry.turned.get(number, 0),
            holes=entry.holes,
            clear=entry.container == "tif",  # pale ink would not survive in black and white
        )
        for number in range(len(sheets))
    ]
    records = []
    for number, (page, look) in enumerate(zip(sheets, looks, strict=True)):
        records.append(
            TruthPage(
                page=number,
                blank=number == blank,
                rotation=look.rotation,
                skew=look.skew,
                text="\n".join(page.sheet.lines),
                tables=tuple(tuple(tuple(row) for row in table) for table in page.sheet.tables),
                fields=page.sheet.fields,
            )
        )
        catalogue.add(page.asks, draft.language, path.name, number)
    write_pages(path, _scanned(sheets, looks), entry.container)
    return TruthFile(file=path.name, kind=draft.kind, language=draft.language, pages=tuple(records))


def _scanned(sheets: list[Composed], looks: list[ScanEffects]) -> Iterator[tuple[Image, int, int]]:
    for page, look in zip(sheets, looks, strict=True):
        yield scan(page.sheet, look), page.sheet.dpi, look.quality


def _damaged_file(out_dir: Path, stock: RandomData, taken: set[str]) -> TruthFile:
    draft = letter(stock, "zh")
    name = _free_name(f"{draft.name} 扫描中断", "pdf", taken)
    look = ScanEffects.drawn(stock.rng)
    write_damaged(out_dir / name, scan(draft.pages[0].sheet, look), look.quality)
    return TruthFile(file=name, kind=draft.kind, language=draft.language, damaged=True)
