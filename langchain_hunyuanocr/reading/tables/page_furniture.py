"""Page furniture: running heads, page numbers, 'continued': what is no part of the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_hunyuanocr.reading.tables.page_like import PageLike

_MOST = 100
"""Characters beyond which a paragraph is text."""
_EDGE = 0.08
"""Share of the page, from above and from below, in which nothing but running heads and page numbers stands."""
_NEIGHBOURS = 4
"""Paragraphs at the same edge of the other page among which a running head is looked for."""
_PARAGRAPHS = re.compile(r"\n[ \t]*\n")
_MARKS = re.compile(r"^\s*(?:#{1,6}\s+|[*_]{1,3}(?=\S))|[*_]{1,3}\s*$")
_PAGE_NUMBER = re.compile(
    r"[-–—~·•|(\[（]?\s*(?:(?:page|pg\.?|p\.?|seite)\s*)?\d{1,4}\s*(?:(?:/|of|von)\s*\d{1,4})?\s*[-–—~·•|)\]）]?"
    r"|[ivxlc]{1,7}|[-–—]?\s*第\s*[\d一二三四五六七八九十百]+\s*页\s*[,，/·]?\s*(?:[(（]?共\s*\d+\s*页[)）]?)?\s*[-–—]?",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\W*(?:(?:table\s+)?(?:is\s+)?(?:to\s+be\s+)?cont(?:inue[sd]?|'?d|’d)?\.?"
    r"(?:\s+(?:(?:on|from)\s+(?:the\s+)?)?(?:next|previous|following|last)\s+page|\s+overleaf)?"
    r"|see\s+next\s+page|carried\s+forward|brought\s+forward"
    r"|[（(]?(?:接|续|转|续接|下接|上接|承|过)\s*(?:上|下|前|次)\s*[页表]|(?:上|下)\s*页\s*(?:续|继续)|续\s*表?|未完待续|待续)\W*",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"(?P<before>续)?\s*(?P<kind>Table|Tab\.|Exhibit|Schedule|Appendix|附?表)"
    r"\s*(?P<number>[A-Z]?\d+(?:[.\-–—]\d+)*|[IVX]+\b|[A-Z]\b|[一二三四五六七八九十]+)?(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_CONTINUED = re.compile(
    r"[(（\[]\s*(?:cont(?:inued|'?d|’d)?\.?|续|续表|续完|接上页|接上表|续上页)\s*[)）\]]|[-–—,，:：\s](?:continued|cont'?d\.?|cont\.|续)\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Caption:
    """A table's caption, taken apart."""

    number: str | None
    title: str
    """What it says besides, folded."""
    continued: bool

    def names_the_same(self, other: Caption | None) -> bool:
        """Whether this is the caption of the table that `other` began, repeated or said to go on."""
        if other is None:
            return self.continued
        if self.number is not None and other.number is not None and self.number != other.number:
            return False
        if self.continued:
            return not self.title or not other.title or self.title in other.title or other.title in self.title
        return (self.number, self.title) == (other.number, other.title)


def fold(text: str) -> str:
    """A text without what tells two printings of it apart: case, width, spaces, punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def caption_of(text: str) -> Caption | None:
    """A paragraph as a caption; `None` where it is none."""
    bare = _bare(text)
    found = _CAPTION.match(bare) if len(bare) <= 2 * _MOST else None
    if found is None or not (found["number"] or found["before"] or _CONTINUED.search(bare)):
        return None
    number = fold(found["number"]) if found["number"] else None
    return Caption(number, fold(_CONTINUED.sub("", found["rest"])), bool(found["before"] or _CONTINUED.search(bare)))


def paragraphs_of(text: str) -> list[tuple[int, str]]:
    """The paragraphs of a Markdown text, each with its offset."""
    found = []
    start = 0
    for end, after in [*((m.start(), m.end()) for m in _PARAGRAPHS.finditer(text)), (len(text), len(text))]:
        if part := text[start:end].strip():
            found.append((start + text[start:end].index(part), part))
        start = after
    return found


def says_it_goes_on(paragraph: str) -> bool:
    """Whether it says nothing but that something is continued."""
    return len(paragraph) <= _MOST and _GOES_ON.fullmatch(_bare(paragraph)) is not None


def is_page_number(text: str) -> bool:
    """Whether a text is a page number and nothing else: `3`, `- 3 -`, `Page 3 of 12`, `iv`, `第3页 共12页`."""
    return _PAGE_NUMBER.fullmatch(text) is not None


def is_edge(paragraph: str, start: int, page: PageLike, other: Sequence[str]) -> bool:
    """Whether a paragraph is a page number or a running head or foot.

    Args:
        paragraph: Of `page`.
        start: Its offset in the page's Markdown.
        page: The page.
        other: The paragraphs at the same edge of the neighbouring page, the outermost first.
    """
    bare = _bare(paragraph)
    if "\n" in bare or len(bare) > _MOST or bare.startswith(("|", "<table")):
        return False
    if is_page_number(bare):
        return True
    if caption_of(bare) is not None:
        return False
    near = [_masked(_bare(text)) for text in other[:_NEIGHBOURS] if len(text) <= 2 * _MOST]
    if len(fold(bare)) > 1 and _masked(bare) in near:
        return True
    box = next((block.box for block in page.blocks if block.start <= start < block.end), None)
    return box is not None and not paragraph.startswith("#") and (box.y1 <= _EDGE or box.y0 >= 1 - _EDGE)


def _bare(paragraph: str) -> str:
    return _MARKS.sub("", paragraph).strip()


def _masked(text: str) -> str:
    """Without the page number that may stand at its end or, set off, at its beginning."""
    return fold(re.sub(r"^\d{1,4}\s*[|·•–—]\s*|(?<=[\s|·•–—-])\d{1,4}(?:\s*/\s*\d{1,4})?\s*$", "", text))
