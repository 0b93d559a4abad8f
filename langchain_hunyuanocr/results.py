"""Results: what a page says, as plain values, the same for every engine and every face.

Boxes are `(x0, y0, x1, y1)` floats in 0 to 1 of the page picture as it was read (upright), origin top left.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, PrivateAttr
from pydantic import Field as PydanticField

from langchain_hunyuanocr.errors import HunyuanOCRError, SourceError, require
from langchain_hunyuanocr.warp import Warp

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "Block",
    "Box",
    "Doubt",
    "Field",
    "FieldState",
    "FieldValue",
    "Generation",
    "Line",
    "PageReading",
    "PageView",
    "Region",
    "RepeatMerged",
    "Route",
    "Span",
    "Status",
    "Table",
    "Unsure",
]


class Box(NamedTuple):
    """A rectangle in shares of the page picture, 0 to 1, origin top left."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Horizontal extent, 0 to 1."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Vertical extent, 0 to 1."""
        return self.y1 - self.y0

    def turned(self, turn: int) -> Box:
        """The same part of the picture after it was turned.

        Args:
            turn: Degrees clockwise: 0, 90, 180 or 270.
        """
        x0, y0, x1, y1 = self
        for _ in range(turn // 90):
            x0, y0, x1, y1 = 1 - y1, x0, 1 - y0, x1
        return Box(*(round(edge, 4) for edge in (x0, y0, x1, y1)))

    @classmethod
    def around(cls, boxes: Iterable[Box]) -> Box | None:
        """The smallest box that holds all of `boxes`; `None` for none."""
        found = list(boxes)
        if not found:
            return None
        return cls(
            min(b.x0 for b in found),
            min(b.y0 for b in found),
            max(b.x1 for b in found),
            max(b.y1 for b in found),
        )

    @classmethod
    def from_pixels(cls, x0: float, y0: float, x1: float, y1: float, *, width: float, height: float) -> Box:
        """From pixels of a `width` x `height` picture; what lies outside is cut off."""

        def share(value: float, full: float) -> float:
            return round(min(max(value / full, 0.0), 1.0), 4)

        return cls(share(x0, width), share(y0, height), share(x1, width), share(y1, height))


class Status(StrEnum):
    """How the reading of a page ended."""

    OK = "ok"
    BLANK = "blank"
    TRUNCATED = "truncated"
    REPETITION_TRIMMED = "repetition_trimmed"
    DEGENERATE_RETRIED = "degenerate_retried"
    FAILED = "failed"


class Route(StrEnum):
    """Where the text of a page came from."""

    OCR = "ocr"
    TEXT_LAYER = "text-layer"
    MIXED = "mixed"
    """The PDF's own text, and by the engine what pictures on the page say."""


class FieldState(StrEnum):
    """Whether a field's value was found on the page."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    MISSING = "missing"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Line(_Value):
    """A line of text at its place."""

    text: str
    box: Box
    score: float | None = None
    """Recogniser's confidence, 0 to 1, where there is one."""
    size: float | None = None
    """Height of the type as a share of the page height, where it is known better than from the box."""
    bold: bool = False
    turn: Literal[0, 90, 270] = 0
    """Degrees clockwise by which it must be turned to be level; 0 also for vertical Chinese and Japanese, whose
    characters stand upright."""


class Span(NamedTuple):
    """A merged cell: where it begins in the grid, from 0, and over how many rows and columns it reaches."""

    row: int
    column: int
    rowspan: int
    colspan: int


RepeatMerged = bool | Literal["labels"]
"""Where a merged cell's text stands: in every place that it covers, in the first alone, or `labels`: in every place of
the header, and of a label in each row that it labels, but of any other cell in the first alone."""

_LONGEST_LABEL = 40
"""Characters of a merged cell that labels its rows; a longer one is text."""


class Table(_Value):
    """A table: its grid, and its lossless HTML."""

    rows: tuple[tuple[str, ...], ...]
    """The grid, header first where there is one, merged cells repeated as the reading was asked to (`RepeatMerged`);
    every row has the same length."""
    header_rows: int = 1
    """How many of `rows` are header."""
    spans: tuple[Span, ...] = ()
    """The merged cells, in reading order."""
    html: str
    markdown: str
    """One line a row of `rows`, the line of dashes after the first; reads back as the same grid."""
    caption: str | None = None
    box: Box | None = None
    """On the first of `pages`, where the table goes on over several."""
    pages: tuple[int, ...] = ()
    """Physical pages from 0 of a table that goes on over several; empty for one that stands on its reading's page."""

    def grid(self, repeat_merged: RepeatMerged = True) -> tuple[tuple[str, ...], ...]:
        """The grid, header first; every row has the same length.

        Args:
            repeat_merged: Where a merged cell's text stands, see `RepeatMerged`.
        """
        grid = [list(row) for row in self.rows]
        labels: set[tuple[int, int]] = set()
        for span in self.spans:
            row, column, rowspan, colspan = span
            text = grid[row][column]
            whole = repeat_merged is True or (repeat_merged == "labels" and row < self.header_rows)
            label = repeat_merged == "labels" and _is_label(span, text, labels)
            if label:
                labels |= {(each, column + colspan) for each in range(row, row + rowspan)}
            for covered in grid[row : row + rowspan]:
                covered[column : column + colspan] = [
                    text if whole or (label and n == 0) else "" for n in range(colspan)
                ]
            grid[row][column] = text
        return tuple(map(tuple, grid))

    def records(self, repeat_merged: RepeatMerged = True) -> list[dict[str, str]]:
        """The rows below the header, each by the names of its columns.

        A column is named by its header rows from top to bottom, a merged word once; one without a name is `column 3`,
        counted from 1, and equal names are told apart as `Price`, `Price 2`.

        Args:
            repeat_merged: As for `grid`.
        """
        names = self._names()
        return [dict(zip(names, row, strict=True)) for row in self.grid(repeat_merged)[self.header_rows :]]

    def to_pandas(self, repeat_merged: RepeatMerged = True) -> Any:
        """A `pandas.DataFrame` of the rows below the header, all of them text, its columns named as in `records`.

        Args:
            repeat_merged: As for `grid`.

        Raises:
            EngineError: pandas is not installed.
        """
        pandas = require("pandas", extra="notebook")
        return pandas.DataFrame(self.grid(repeat_merged)[self.header_rows :], columns=self._names())

    def _names(self) -> list[str]:
        names: list[str] = []
        taken: set[str] = set()
        for column, texts in enumerate(zip(*self.grid(), strict=True), 1):
            parts = dict.fromkeys(" ".join(text.split()) for text in texts[: self.header_rows])
            name = wanted = " ".join(part for part in parts if part) or f"column {column}"
            number = 1
            while name in taken:
                number += 1
                name = f"{wanted} {number}"
            taken.add(name)
            names.append(name)
        return names


def _is_label(span: Span, text: str, labels: set[tuple[int, int]]) -> bool:
    """Whether a merged cell labels its rows: in the first column, or right of another such cell over as many rows.

    Args:
        span: The cell.
        text: What it says.
        labels: Places right of the labels so far.
    """
    rows = range(span.row, span.row + span.rowspan)
    within = all((row, span.column) in labels for row in rows) and any(map(str.isalpha, text))
    return len(text) <= _LONGEST_LABEL and (span.column == 0 or within)


class FieldValue(_Value):
    """One of several different values that were found for a field."""

    value: str
    page: int | None = None
    box: Box | None = None


class Field(_Value):
    """A named value that was asked for."""

    name: str
    value: str | None
    """As it is printed, or as the model wrote it."""
    state: FieldState
    page: int | None = None
    """Physical page from 0 on which the value stands."""
    box: Box | None = None
    normalised: str | None = None
    """The value in one form, where its kind has one: a date as ISO 8601, an amount as a plain decimal number."""
    confidence: float | None = None
    """How likely the value is the right one, 0 to 1; `None` where that was not reckoned."""
    others: tuple[FieldValue, ...] = ()
    """Different values that were found for the same field elsewhere in the document; of a date that can be read in two
    ways, both days as ISO 8601."""
    corrected: bool = False
    """Whether a person put the value in the place of what was read, which is then the first of `others`."""

    def corrected_to(self, value: str) -> Field:
        """The field with a person's value: no reader confirms it, and what was read is kept beside it.

        Args:
            value: Without characters, the field is missing.
        """
        if value == (self.value or ""):
            return self
        read = () if self.value is None else (FieldValue(value=self.value, page=self.page, box=self.box),)
        return self.model_copy(
            update={
                "value": value or None,
                "state": FieldState.UNCONFIRMED if value else FieldState.MISSING,
                "normalised": None,
                "confidence": None,
                "others": (*read, *self.others),
                "corrected": True,
            }
        )


class Doubt(_Value):
    """A stretch of the text on which two readers differ, or a place on the page that was not read."""

    text: str
    """As the first reader has it; empty where it has nothing."""
    other: str | None = None
    """As the second reader has it; `None` where it has nothing."""
    kind: Literal["number", "date", "identifier", "name", "word", "line", "unread"] = "word"
    """`unread` is ink that stands in a line, and that no reader could read."""
    start: int | None = None
    """Offset in the page's Markdown of what is doubtful."""
    box: Box | None = None


class Region(_Value):
    """A part of the page that is no running text, or a part of its layout: a figure, a title, a page number."""

    kind: str
    """As the model names it: `figure`, `title`, `table`, ..."""
    text: str = ""
    """A figure's caption, or the words in the region, where they are known."""
    box: Box | None = None


class Block(_Value):
    """A paragraph, heading, list, table, formula or figure: a slice of the page's Markdown and its place."""

    kind: Literal["heading", "paragraph", "list", "table", "formula", "figure"]
    start: int
    """Offset of the first character in the text that holds the block."""
    end: int
    """Offset after the last character."""
    box: Box | None = None
    level: int = 0
    """Heading level from 1; 0 for everything else."""


class Unsure(NamedTuple):
    """A stretch of an answer of which the model was not sure."""

    start: int
    """Offset of the first character in the answer's text."""
    end: int
    probability: float
    """The lowest that the model gave a token in it, 0 to 1."""


class Generation(_Value):
    """An engine's raw answer to one task about one page picture.

    A language model gives `text`; a line recogniser gives `lines` in any order and leaves `text` empty.
    """

    text: str = ""
    lines: tuple[Line, ...] = ()
    found: tuple[Box, ...] | None = None
    """Where a line recogniser found lines, legible or not; `None` where it does not tell."""
    finish: Literal["stop", "length", "repetition", "error"] = "stop"
    error: str | None = None
    """Why this page failed, where `finish` is `error`."""
    remedy: str | None = None
    mean_probability: float | None = None
    """Mean of the probabilities that the model gave the tokens it chose, 0 to 1, where they are known."""
    least_probability: float | None = None
    """The lowest of them."""
    unsure: tuple[Unsure, ...] | None = None
    """Where the model was not sure, in order; `None` where the probabilities of its tokens are not known."""


class PageView(Protocol):
    """A way to see a page again, without its pixels being held; can be pickled."""

    def picture(self) -> Image:
        """As `PageReading.picture`."""


class PageReading(_Value):
    """All that was read from one page, and how far it can be relied on.

    A notebook shows it as a card: the page with what was read marked on it, and the text, tables, fields and doubts.
    Two readings that say the same are equal, however their pages can be seen.
    """

    source: str
    file_name: str
    sha256: str
    """Of the bytes of the file."""
    page: int
    """Physical page from 0."""
    total_pages: int
    page_label: str | None = None

    engine: str
    model: str
    revision: str
    task: str
    route: Route = Route.OCR
    status: Status
    error: str | None = None

    markdown: str = ""
    blocks: tuple[Block, ...] = ()
    lines: tuple[Line, ...] = ()
    tables: tuple[Table, ...] = ()
    fields: tuple[Field, ...] = ()
    regions: tuple[Region, ...] = ()
    """Figures, and for the layout tasks every part of the page."""
    translation: str | None = None
    """For the tasks that translate; `markdown` is then the text that was translated."""
    header: str | None = None
    """Running heads and page numbers above the text, a line each: `markdown` leaves them out, `lines` has them."""
    footer: str | None = None
    """The same below the text."""
    agreement: float | None = None
    """Share of the text that the second reader confirms, 0 to 1; `None` where there was none."""
    doubts: tuple[Doubt, ...] = ()
    warnings: tuple[str, ...] = ()
    """What is to be known beside the text: text that nobody sees was left out, attachments were not read."""
    unseen_text: float = 0.0
    """Share of the characters of a PDF page's own text, 0 to 1, that nobody sees who looks at it; they are left out."""
    raw: str | None = PydanticField(default=None, repr=False)
    """The engine's answer before it was cleaned, for a language model."""
    mean_probability: float | None = None
    """Mean probability of the answer's tokens, 0 to 1, where the engine tells; not part of a Document's metadata."""
    least_probability: float | None = None
    """The lowest probability of a token."""

    width: int
    """Of the picture that was read, pixels."""
    height: int
    rotation: float = 0.0
    """Degrees clockwise by which the picture was turned to stand upright."""
    warp: Warp | None = PydanticField(default=None, repr=False)
    """Where the parts of the picture lie on that of the file, where that is a photograph that was laid flat."""
    dpi: int
    """Of the picture that was read; 0 where the page has no physical size."""
    start_s: float | None = None
    """For a subtitle of a film: when it appears, in seconds; `page` is then its number and `total_pages` 0."""
    end_s: float | None = None
    """When it is gone."""

    _view: PageView | None = PrivateAttr(default=None)

    @property
    def failed(self) -> bool:
        """Whether the page could not be read."""
        return self.status is Status.FAILED

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PageReading) and self.__dict__ == other.__dict__

    def seen_by(self, view: PageView | None) -> PageReading:
        """The same reading, with a way to see its page again."""
        copy = self.model_copy()
        copy._view = view
        return copy

    def picture(self) -> Image:
        """The page as it was read, RGB and upright, rendered again from its file.

        Raises:
            SourceError: The file is gone or has changed since; or the reading came from JSON and knows no file.
            PageError: The page cannot be rendered.
        """
        if self._view is None:
            raise SourceError(
                "this reading does not hold where its file lies", source=self.source, remedy="read the file again"
            )
        return self._view.picture()

    def show(
        self,
        *,
        lines: bool = True,
        tables: bool = True,
        fields: bool = True,
        doubts: bool = True,
        regions: bool = True,
        max_side: int = 1600,
    ) -> Image:
        """The page with what was read on it marked in its place, each kind of thing unless it is switched off.

        Lines are grey, tables blue, fields green where confirmed, amber and dashed where not; doubts red, with both
        readings; figures, formulas, headings and other regions violet. The longest side is at most `max_side` pixels.

        Raises:
            SourceError: As `picture` does.
            PageError: As `picture` does.
        """
        from langchain_hunyuanocr.display.draw import draw_marks
        from langchain_hunyuanocr.display.overlay import marks_of

        marks = marks_of(self.model_dump(), lines=lines, tables=tables, fields=fields, doubts=doubts, regions=regions)
        return draw_marks(self.picture(), marks, max_side=max_side)

    def _repr_html_(self) -> str:
        """A card for a notebook; where the page cannot be seen, it says why."""
        from langchain_hunyuanocr.display.notebook_card import PICTURE_SIDE, card

        try:
            return card(self.model_dump(), self.show(max_side=PICTURE_SIDE))
        except HunyuanOCRError as error:
            return card(self.model_dump(), no_picture=str(error))
