"""Pages that the tiny checkpoint of the tests can read, and the right answer to every task on them.

A page is a grid of cells of 32 x 32 pixels, one glyph a cell, drawn with the font inside Pillow. The checkpoint in
`tests/checkpoint` was trained on such pages by `tests/train_tiny.py`; what it can read is what `random_page` makes:

- the glyphs are those of `GLYPHS`, none of them twice on a page, and words stand one blank cell apart;
- the cell at the lower right is empty or holds a mark: `LOOP` pages are repeated without end, whatever is asked;
  `BOXED` pages are answered with nothing but a box when the document prompt asks, and read properly by the others.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from langchain_hunyuanocr.tasks import Task, TaskKind

CELL = 32
GLYPHS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZabdefghijkmnqrty"
ROWS, COLUMNS = (2, 4, 6, 8), (4, 6, 8, 12)
PLAIN, LOOP, BOXED = "", "loop", "boxed"
TEXT, DOCUMENT, SPOTTING, TABLE = (
    Task(kind=kind) for kind in (TaskKind.TEXT, TaskKind.DOCUMENT, TaskKind.SPOTTING, TaskKind.TABLE)
)
FIELDS = Task(kind=TaskKind.FIELDS, fields=("first", "second"))
TASKS = (TEXT, DOCUMENT, SPOTTING, TABLE, FIELDS)


@dataclass(frozen=True)
class TinyPage:
    """A page that the tiny checkpoint can read.

    Attributes:
        lines: What stands on the page, a line a row of cells.
        rows: Cells from top to bottom, at least 2.
        columns: Cells from left to right, at least 3, one more than the longest line.
        mark: `PLAIN`, `LOOP` or `BOXED`.
    """

    lines: tuple[str, ...]
    rows: int
    columns: int
    mark: str = PLAIN


def page(*lines: str, mark: str = PLAIN) -> TinyPage:
    """The smallest page that holds these lines."""
    rows = next(rows for rows in ROWS if rows >= len(lines))
    columns = next(columns for columns in COLUMNS if columns > max(map(len, lines)))
    return TinyPage(lines, rows, columns, mark)


def draw(*lines: str, mark: str = PLAIN) -> Image.Image:
    """A picture of these lines."""
    return picture(page(*lines, mark=mark))


def picture(of: TinyPage, shifts: random.Random | None = None) -> Image.Image:
    """The page in black on white; with `shifts`, every glyph stands up to two pixels off its place."""
    drawn = Image.new("L", (of.columns * CELL, of.rows * CELL), 255)
    glyphs = [(row, column, glyph) for row, line in enumerate(of.lines) for column, glyph in enumerate(line)]
    if of.mark:
        glyphs.append((of.rows - 1, of.columns - 1, of.mark))
    for row, column, glyph in glyphs:
        right, down = (shifts.randint(-2, 2), shifts.randint(-2, 2)) if shifts else (0, 0)
        box = _inked(glyph)
        drawn.paste(box, (column * CELL + (CELL - box.width) // 2 + right, row * CELL + _top(glyph) + down))
    return drawn.convert("RGB")


def expected(of: TinyPage, task: Task) -> str:
    """The right answer, which for a `LOOP` page is the unit that is said again and again."""
    if of.mark == LOOP:
        return "\n".join(of.lines) + "\n"
    if task.kind is TaskKind.DOCUMENT:
        return "(0,0),(1000,1000)" if of.mark == BOXED else "# " + "\n\n".join(of.lines)
    if task.kind is TaskKind.SPOTTING:
        return "".join(f"{line}{_box(of, row)}" for row, line in enumerate(of.lines))
    if task.kind is TaskKind.TABLE:
        rows = ["".join(f"<td>{word}</td>" for word in line.split(" ")) for line in of.lines]
        return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
    if task.kind is TaskKind.FIELDS:
        first, second = (f'"{line}"' for line in of.lines[:2]) if len(of.lines) > 1 else (f'"{of.lines[0]}"', "null")
        return f'{{"first": {first}, "second": {second}}}'
    return "\n".join(of.lines)


def random_page(rng: random.Random, rows: int, columns: int, mark: str = PLAIN, glyphs: int = len(GLYPHS)) -> TinyPage:
    """A page of that many cells: one line to `rows` of them, of one cell to `columns - 1`.

    Args:
        rng: Where chance comes from.
        rows: At least 2.
        columns: At least 3.
        mark: `PLAIN`, `LOOP` or `BOXED`.
        glyphs: How many glyphs the page holds at most.
    """
    left = rng.sample(GLYPHS, glyphs)
    count = rows if rng.random() < 0.5 else rng.randint(1, rows)
    lines = []
    for _ in range(count):
        cells = columns - 1 if rng.random() < 0.3 else rng.randint(1, columns - 1)
        line = ""
        while left and len(line) < cells:
            if 0 < len(line) < cells - 1 and line[-1] != " " and rng.random() < 0.25:
                line += " "
            else:
                line += left.pop()
        if line:
            lines.append(line.rstrip())
    return TinyPage(tuple(lines), rows, columns, mark)


def _box(of: TinyPage, row: int) -> str:
    """The cells of a line, in thousandths of the page."""
    right = 1000 * len(of.lines[row]) // of.columns
    return f"(0,{1000 * row // of.rows}),({right},{1000 * (row + 1) // of.rows})"


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=26)


@cache
def _inked(glyph: str) -> Image.Image:
    if glyph in (LOOP, BOXED):
        mark = Image.new("L", (24, 24), 255)
        pen = ImageDraw.Draw(mark)
        pen.ellipse((1, 1, 22, 22), fill=0) if glyph == LOOP else pen.rectangle((1, 1, 22, 22), outline=0, width=4)
        return mark
    left, top, right, bottom = _font().getbbox(glyph)
    ink = Image.new("L", (max(1, int(right - left)), max(1, int(bottom - top))), 255)
    ImageDraw.Draw(ink).text((-left, -top), glyph, fill=0, font=_font())
    return ink


@cache
def _top(glyph: str) -> int:
    return (CELL - 24) // 2 if glyph in (LOOP, BOXED) else int(_font().getbbox(glyph)[1]) - 2
