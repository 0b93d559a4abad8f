"""Tables as Markdown, and back: what is written is read as the very same grid."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,31});")
_TAG = re.compile(r"<(?=[A-Za-z/!?][^<>]*>)")
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_SLASHES_AT_PIPE = re.compile(r"(?<!\\)\\++(?=\|)")
_ESCAPED_PIPE = re.compile(r"\\(?=\|)")
_PIPE = re.compile(r"(?<!\\)\|")
_LINE_END = re.compile(r"\r\n|\n|\r")
_DASHES = re.compile(r"[ \t]*:?-+:?[ \t]*")


def markdown_of(rows: Sequence[Sequence[str]]) -> str:
    r"""A grid as a GFM table, one line a row, the line of dashes after the first.

    A line break in a cell is `<br>`, a pipe `\|`. Only what would be read as something else is escaped besides: a
    backslash before a pipe, outer spaces, whatever looks like an entity or a tag. `parse_markdown_table` gives the grid
    back.

    Args:
        rows: All of one length.
    """
    if not rows or not rows[0]:
        return ""
    head, *body = ("| " + " | ".join(map(_written, row)) + " |" for row in rows)
    return "\n".join([head, "|" + " --- |" * len(rows[0]), *body])


def parse_markdown_table(markdown: str) -> tuple[tuple[str, ...], ...]:
    """The grid of a GFM table, header first.

    Pipes at the ends of a line may be missing, short rows are filled with empty cells; `<br>`, escaped pipes and
    entities are undone.

    Args:
        markdown: The lines of the table, and nothing else.

    Returns:
        Its rows, all of one length; none where no line of dashes stands below the first line.
    """
    lines = [line for line in _LINE_END.split(markdown) if line.strip(" \t")]
    if len(lines) < 2 or not is_separator(lines[1]) or "|" not in lines[0] + lines[1]:
        return ()
    rows = [cells_of_line(line) for number, line in enumerate(lines) if number != 1]
    width = max(map(len, rows))
    return tuple((*row, *[""] * (width - len(row))) for row in rows)


def row_starts(markdown: str) -> list[int]:
    """Where each row begins in a table that `markdown_of` wrote."""
    starts = [0, *(match.end() for match in re.finditer("\n", markdown))]
    return [start for line, start in enumerate(starts) if line != 1]


def is_separator(line: str) -> bool:
    """Whether a line is the line of dashes below the first row of a table."""
    return all(_DASHES.fullmatch(part) for part in _parts(line))


def cells_of_line(line: str) -> tuple[str, ...]:
    """The cells of one line of a Markdown table, as they read."""
    return tuple(map(_read, _parts(line)))


def _parts(line: str) -> list[str]:
    parts = _PIPE.split(line.strip(" \t"))
    if len(parts) > 1 and not parts[0]:
        del parts[0]
    if len(parts) > 1 and not parts[-1]:
        del parts[-1]
    return parts


def _written(text: str) -> str:
    text = _TAG.sub("&lt;", _ENTITY.sub(lambda match: f"&amp;{match[0][1:]}", text))
    # `\\|` is an escaped pipe to some readers and the end of the cell to others.
    text = _SLASHES_AT_PIPE.sub(lambda match: "&#92;" * len(match[0]), text).replace("|", "\\|")
    text = text.replace("\r", "&#13;").replace("\n", "<br>")
    bare = text.strip(" \t")
    start = text.index(bare)
    return f"{_named(text[:start])}{bare}{_named(text[start + len(bare) :])}"


def _named(space: str) -> str:
    return "".join(f"&#{ord(char)};" for char in space)


def _read(part: str) -> str:
    text = _LINE_BREAK.sub("\n", _ESCAPED_PIPE.sub("", part.strip(" \t")))
    return _ENTITY.sub(lambda match: unescape(match[0]), text)
