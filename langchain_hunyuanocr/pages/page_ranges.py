"""Page ranges, as people write them: `"1-3,7"`, `"5-"`, `"-2"`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from langchain_hunyuanocr.errors import SourceError

_PART = re.compile(r"(\d{0,9})\s*-\s*(\d{0,9})|(\d{1,9})", re.ASCII)
_REMEDY = 'write pages from 1, for example "1-3,7" or "5-"'


def parse_ranges(text: str) -> list[tuple[int, int | None]]:
    """Understand a choice of pages.

    Args:
        text: Numbers and ranges from 1, with commas between; a range may be open at either side.

    Returns:
        Ranges `(first, last)` from 0, both inclusive; `last` is `None` for "to the end".

    Raises:
        SourceError: It is no such choice.
    """
    ranges = []
    for part in re.split(r"[,，;]", text.replace("–", "-")):
        match = _PART.fullmatch(part.strip())
        if match is None or part.strip() == "-":
            raise SourceError(f"{text!r} is not a choice of pages", remedy=_REMEDY)
        low, high, single = match.groups()
        first = int(single or low or 1)
        last = int(single) if single else (int(high) if high else None)
        if first < 1 or (last is not None and last < first):
            raise SourceError(f"{part.strip()!r} in {text!r} is not a range of pages", remedy=_REMEDY)
        ranges.append((first - 1, None if last is None else last - 1))
    return ranges


def select_pages(text: str | None, total: int, *, source: str | None = None) -> list[int]:
    """The pages of one file that a choice names.

    Args:
        text: The choice, `None` for all.
        total: How many pages the file has.
        source: Named in errors.

    Returns:
        Physical pages from 0, ascending, each once. What lies behind the last page is left out.

    Raises:
        SourceError: It is no choice of pages, or it names none that the file has.
    """
    if text is None:
        return list(range(total))
    chosen: set[int] = set()
    for first, last in parse_ranges(text):
        chosen.update(range(first, total if last is None else min(last + 1, total)))
    if not chosen:
        pages = "1 page" if total == 1 else f"{total} pages"
        raise SourceError(f"none of the pages {text!r} exists", source=source, remedy=f"it has {pages}")
    return sorted(chosen)


def format_ranges(pages: Iterable[int]) -> str:
    """`{0, 1, 2, 6}` as `1-3,7`."""
    spans: list[list[int]] = []
    for page in sorted(pages):
        if spans and page == spans[-1][1] + 1:
            spans[-1][1] = page
        else:
            spans.append([page, page])
    return ",".join(f"{a + 1}-{b + 1}" if a != b else str(a + 1) for a, b in spans)
