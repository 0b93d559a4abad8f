"""Running text: headings, paragraphs, tables and signatures that fill page after page, in one column or two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from langchain_hunyuanocr.demo.ground_truth import AskKind, Language
from langchain_hunyuanocr.demo.page_canvas import GREY, Align, PageCanvas


@dataclass(frozen=True, slots=True)
class QuestionSpec:
    """A question that a place on a page answers, worded in both languages."""

    kind: AskKind
    zh: str
    en: str
    answer: str
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """Where text may run: left, top, width, height in points."""

    x: float
    y: float
    width: float
    height: float


class Block(Protocol):
    """Something that stands in the flow and is never broken."""

    asks: tuple[QuestionSpec, ...]

    @property
    def heads(self) -> bool:
        """Whether it must stand over what follows."""

    def height(self, sheet: PageCanvas, width: float) -> float:
        """How much room it takes."""

    def draw(self, sheet: PageCanvas, x: float, y: float, width: float) -> None:
        """Put it on the sheet with its top at `y` and record what it says."""


@dataclass(slots=True)
class Paragraph:
    """Text over one or several lines; a heading is one in large bold type."""

    text: str
    size: float = 10.5
    bold: bool = False
    align: Align = "left"
    indent: float = 0.0
    leading: float = 1.5
    after: float = 6.0
    asks: tuple[QuestionSpec, ...] = ()
    heads: bool = False
    """Whether it is a heading, which never stands alone at the foot of a frame."""
    _lines: dict[float, list[str]] = field(default_factory=dict)

    def _broken(self, sheet: PageCanvas, width: float) -> list[str]:
        if width not in self._lines:
            self._lines[width] = sheet.wrap(self.text, width, self.size, bold=self.bold, indent=self.indent)
        return self._lines[width]

    def height(self, sheet: PageCanvas, width: float) -> float:
        """How much room it takes."""
        return len(self._broken(sheet, width)) * self.size * self.leading + self.after

    def draw(self, sheet: PageCanvas, x: float, y: float, width: float) -> None:
        """Put it on the sheet."""
        at = {"left": x, "centre": x + width / 2, "right": x + width}[self.align]
        for number, line in enumerate(self._broken(sheet, width)):
            baseline = y + self.size * (number * self.leading + 1.1)
            sheet.text(
                at + (self.indent if number == 0 else 0),
                baseline,
                line,
                size=self.size,
                bold=self.bold,
                align=self.align,
            )
        sheet.say(self.text)


@dataclass(slots=True)
class Grid:
    """A ruled table; numbers stand at the right."""

    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    """Shares of the width."""
    size: float = 9.5
    caption: str | None = None
    ruled: bool = True
    """All cells, or only lines above, below the header and at the end."""
    numbers_from: int = 1
    """First column that is set right-aligned."""
    after: float = 12.0
    asks: tuple[QuestionSpec, ...] = ()
    heads: bool = False

    def _row_height(self) -> float:
        return self.size * 2.0

    def height(self, sheet: PageCanvas, width: float) -> float:  # noqa: ARG002 - a table's height does not hang on its width
        """How much room it takes."""
        return len(self.rows) * self._row_height() + (self.size * 2.2 if self.caption else 0) + self.after

    def draw(self, sheet: PageCanvas, x: float, y: float, width: float) -> None:
        """Put it on the sheet."""
        if self.caption:
            sheet.text(x, y + self.size * 1.3, self.caption, size=self.size + 0.5, bold=True)
            sheet.say(self.caption)
            y += self.size * 2.2
        edges = [x]
        for share in self.widths:
            edges.append(edges[-1] + width * share / sum(self.widths))
        tall = self._row_height()
        bottom = y + tall * len(self.rows)
        sheet.box(edges[0], y, edges[-1], y + tall, weight=0, fill=(232, 232, 232))
        for number, row in enumerate(self.rows):
            top = y + number * tall
            for column, cell in enumerate(row):
                left, right = edges[column] + 4, edges[column + 1] - 4
                align: Align = "right" if column >= self.numbers_from else "left"
                at = right if align == "right" else left
                sheet.text(at, top + tall * 0.66, cell, size=self.size, bold=number == 0, align=align)
            if self.ruled or number in (0, 1):
                sheet.rule(edges[0], top, edges[-1], top)
            sheet.say(" ".join(cell for cell in row if cell))
        sheet.rule(edges[0], bottom, edges[-1], bottom)
        if self.ruled:
            for edge in edges:
                sheet.rule(edge, y, edge, bottom)
        sheet.tables.append([list(row) for row in self.rows])


@dataclass(slots=True)
class Drawing:
    """Anything of known height that draws and records itself."""

    room: float
    paint: Callable[[PageCanvas, float, float, float], None]
    """Called with the sheet, left, top and width."""
    asks: tuple[QuestionSpec, ...] = ()
    heads: bool = False

    def height(self, sheet: PageCanvas, width: float) -> float:  # noqa: ARG002 - fixed
        """How much room it takes."""
        return self.room

    def draw(self, sheet: PageCanvas, x: float, y: float, width: float) -> None:
        """Put it on the sheet."""
        self.paint(sheet, x, y, width)


@dataclass(slots=True)
class Composed:
    """A page that is written: its sheet and the questions it answers."""

    sheet: PageCanvas
    asks: list[QuestionSpec] = field(default_factory=list)


def single_column(sheet: PageCanvas, *, margin: float = 62.0) -> list[Frame]:
    """One frame that leaves room for a running head and foot."""
    return [Frame(margin, margin, sheet.width - 2 * margin, sheet.height - 2 * margin - 10)]


def run(
    blocks: Sequence[Block],
    new_sheet: Callable[[int], PageCanvas],
    frames: Callable[[PageCanvas], list[Frame]] = single_column,
    *,
    head: str | None = None,
    foot: Callable[[int, int], str] | None = None,
) -> list[Composed]:
    """Set blocks on as many pages as they need.

    Args:
        blocks: In reading order; one that does not fit goes whole to the next frame.
        new_sheet: Gives the sheet for page 0, 1, and so on.
        frames: Where text runs on a sheet.
        head: Running head.
        foot: Running foot from the page's number and the count, both from 1.

    Returns:
        The pages in order.
    """
    pages: list[Composed] = []
    free: list[Frame] = []
    y = 0.0
    for number, block in enumerate(blocks):
        while True:
            if not free:
                pages.append(Composed(new_sheet(len(pages))))
                free = frames(pages[-1].sheet)
                y = free[0].y
                _head(pages[-1].sheet, head)
            frame, sheet = free[0], pages[-1].sheet
            room = block.height(sheet, frame.width)
            below = blocks[number + 1].height(sheet, frame.width) if block.heads else 0.0
            if y + room + below <= frame.y + frame.height + 8 or y == frame.y:
                break
            free = free[1:]
            y = free[0].y if free else 0.0
        block.draw(sheet, frame.x, y, frame.width)
        pages[-1].asks.extend(block.asks)
        y += room
    if foot:
        for number, page in enumerate(pages, 1):
            line = foot(number, len(pages))
            page.sheet.text(page.sheet.width / 2, page.sheet.height - 34, line, size=8.5, align="centre", colour=GREY)
            page.sheet.say(line)
    return pages


def _head(sheet: PageCanvas, head: str | None) -> None:
    if head:
        sheet.text(62, 42, head, size=8.5, colour=GREY)
        sheet.rule(62, 47, sheet.width - 62, 47, weight=0.4, colour=GREY)
        sheet.say(head)


Article = tuple[str, list[str], tuple[QuestionSpec, ...]]
"""Heading, paragraphs, and what the first paragraph answers."""


@dataclass(slots=True)
class Draft:
    """A document as its writer left it.

    Attributes:
        kind: `invoice`, `contract`, ...
        language: Of its text.
        name: Stem of the file, as an office would name it.
        pages: In order.
    """

    kind: str
    language: Language
    name: str
    pages: list[Composed]
