"""Continuation: does a page begin with the rest of the table with which the page before ends."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from langchain_hunyuanocr.reading.tables.headers import is_numeric
from langchain_hunyuanocr.reading.tables.page_furniture import (
    Caption,
    caption_of,
    fold,
    is_edge,
    paragraphs_of,
    says_it_goes_on,
)
from langchain_hunyuanocr.reading.tables.page_like import PageLike
from langchain_hunyuanocr.results import Box, Table

_LOWEST_END = 0.5
"""A table that goes on reaches below the middle of its page, and its rest begins above the middle of the next one."""
_WIDTHS_APART = 0.15
"""Most by which the widths of two parts of a table differ, in shares of the page."""
_LEFTS_APART = 0.12
"""Most by which their left sides differ: the margins of a bound book are not alike."""
_KINDS_AGREE = 0.75
"""Least share of the columns in which a row without a header looks like those above it."""
_SEEN = 40
"""Rows before the page's end that tell what the columns hold."""
_SAID_BEFORE = 0.75
"""Least share of known words in the rows below a row of new ones that shows that row to be a header."""
_CLOSING = frozenset({"total", "totals", "grandtotal", "sum", "合计", "总计", "总额", "总数"})
_LABELS = frozenset(
    (
        *("no", "number", "name", "date", "time", "amount", "price", "quantity", "qty", "unit", "item", "product"),
        *("description", "remark", "remarks", "note", "notes", "total", "code", "type", "category", "status", "id"),
        *("address", "phone", "email", "department", "title", "year", "month", "country", "city", "region", "value"),
        *("rate", "balance", "序号", "编号", "名称", "姓名", "项目", "日期", "时间", "金额", "单价", "数量", "单位"),
        *(
            "备注",
            "说明",
            "合计",
            "类别",
            "类型",
            "状态",
            "地址",
            "电话",
            "部门",
            "年份",
            "月份",
            "规格",
            "型号",
            "内容",
        ),
        *(
            "品名",
            "职务",
            "职位",
            "性别",
            "年龄",
            "城市",
            "国家",
            "地区",
            "产品",
            "代码",
            "余额",
            "摘要",
            "科目",
            "指标",
        ),
    )
)
"""Words that name a column: a row of them is a header."""
_WRITTEN = ("words", "chinese")
"""The kinds of cells that hold few digits."""
_DATE = re.compile(r"\d{1,4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,4}\s*日?")
_NOTHING = re.compile(r"[-–—−/.…]*|n/?a|无|不适用", re.IGNORECASE)
_CJK = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class PageSeam:
    """Where the rest of a table stands on its page."""

    start: int
    """In the page's Markdown."""
    end: int
    lead: int
    """Where the words that say that it goes on begin; `start` where there are none."""
    dropped: int
    """Leading rows of the page's own table that repeat the header."""


def find_seam(opened: Table, before: PageLike, after: PageLike) -> PageSeam | None:
    """The place on a page of what continues the last table of the page before; `None` where nothing does.

    A table goes on where it is the last on its page and the next page begins with a table of as many columns, page
    numbers, running heads and words such as `Table 3 (continued)` aside; where the header is repeated, or left out and
    the first row looks like those before it; and where the boxes, if they are known, allow it. It does not where
    another caption or a text stands between, where the rows end with a total, or where their numbering begins again.

    Args:
        opened: The last table of `before`, under the header that it has from an earlier page.
        before: The page on which it stands.
        after: The next page.
    """
    place = _place(opened, before, after)
    if place is None:
        return None
    start, end, lead = place
    dropped = _rows_that_go(opened, after.tables[0], said=lead < start)
    return None if dropped is None else PageSeam(start, end, lead, dropped)


def may_continue(before: PageLike, after: PageLike) -> bool:
    """Whether a table could go on from one page to the next, by what stands between and whatever their rows say."""
    return bool(before.tables) and _place(before.tables[-1], before, after) is not None


def _place(opened: Table, before: PageLike, after: PageLike) -> tuple[int, int, int] | None:
    """Start, end and lead, as in `PageSeam`."""
    if not before.tables or not after.tables:
        return None
    last, rest = before.tables[-1], after.tables[0]
    at, start = before.markdown.rfind(last.markdown), after.markdown.find(rest.markdown)
    if not rest.markdown or at < 0 or start < 0:
        return None
    if _width(opened) != _width(rest) or not _boxes_allow(last.box, rest.box):
        return None
    above = before.markdown[:at]
    caption = caption_of(opened.caption or "") or _caption_above(above)
    lead = _lead(before, after, start, caption, fold(opened.caption or ""), _repeatable(above))
    if lead is None or not _ends_with_table(before, at + len(last.markdown), after):
        return None
    return start, start + len(rest.markdown), lead


def _width(table: Table) -> int:
    return len(table.rows[0]) if table.rows else 0


def _boxes_allow(one: Box | None, other: Box | None) -> bool:
    if one is None or other is None:
        return True
    return (
        one.y1 >= _LOWEST_END
        and other.y0 <= _LOWEST_END
        and abs(one.width - other.width) <= _WIDTHS_APART
        and abs(one.x0 - other.x0) <= _LEFTS_APART
    )


def _caption_above(text: str) -> Caption | None:
    found = paragraphs_of(text)
    return caption_of(found[-1][1]) if found else None


def _ends_with_table(page: PageLike, end: int, after: PageLike) -> bool:
    """Whether nothing but page numbers, running feet and words like `continued` follow."""
    other = [text for _, text in reversed(paragraphs_of(after.markdown))]
    return all(
        says_it_goes_on(text) or is_edge(text, end + start, page, other)
        for start, text in paragraphs_of(page.markdown[end:])
    )


def _repeatable(text: str) -> set[str]:
    """What may stand above a table on each of its pages, such as the unit of its amounts."""
    return {fold(part) for _, part in paragraphs_of(text)[-2:] if not part.startswith("#") and caption_of(part) is None}


def _lead(
    before: PageLike, after: PageLike, start: int, caption: Caption | None, title: str, above: set[str]
) -> int | None:
    """Where the words begin that say that the table goes on; `None` where something else stands before it."""
    other = [text for _, text in paragraphs_of(before.markdown)]
    own = after.tables[0].caption
    if own is not None and not _continues(own, caption, title):
        return None
    lead = start
    for at, text in paragraphs_of(after.markdown[:start]):
        if _continues(text, caption, title):
            lead = min(lead, at)
        elif fold(text) not in above and (lead < start or not is_edge(text, at, after, other)):
            return None
    return lead


def _continues(text: str, caption: Caption | None, title: str) -> bool:
    """Whether a caption is that of the table that is open, or says that it goes on."""
    named = caption_of(text)
    return (
        says_it_goes_on(text)
        or (title != "" and fold(text) == title)
        or (named is not None and named.names_the_same(caption))
    )


def _rows_that_go(opened: Table, rest: Table, *, said: bool) -> int | None:
    """How many leading rows of `rest` repeat the header; `None` where it is another table."""
    header = [tuple(map(fold, row)) for row in opened.rows[: opened.header_rows]]
    leading = [tuple(map(fold, row)) for row in rest.rows[: len(header)]]
    above = opened.rows[opened.header_rows :]
    dropped = 0
    if header and leading == header:
        dropped = len(header)
    elif header and leading and leading[0] == header[-1]:
        dropped = 1
    below = rest.rows[dropped:]
    if not below:
        return None
    numbered = _numbering(above, below)
    if numbered is False or (not said and above and _closes(above[-1])):
        return None
    if dropped or numbered:
        return dropped
    return 0 if _is_body(header, above, below) else None


def _numbering(above: Sequence[Sequence[str]], below: Sequence[Sequence[str]]) -> bool | None:
    """Whether the numbers of the rows go on; `False` where they begin again, `None` where there are none."""
    numbers = [_ordinal(row[0]) for row in above[-3:]]
    last, first = numbers[-1] if numbers else None, _ordinal(below[0][0])
    if last is None or first is None:
        return None
    counted = all(b - a == 1 for a, b in pairwise(number for number in numbers if number is not None))
    if counted and first == last + 1:
        return True
    return False if counted and first == 1 and last > 1 else None


def _ordinal(text: str) -> int | None:
    bare = text.strip().rstrip(".、")
    return int(bare) if len(bare) <= 6 and bare.isdecimal() else None


def _closes(row: Sequence[str]) -> bool:
    first = next((text for text in row if text.strip()), "")
    return fold(first) in _CLOSING


def _is_body(header: Sequence[Sequence[str]], above: Sequence[Sequence[str]], below: Sequence[Sequence[str]]) -> bool:
    """Whether the first row below looks like those above and not like a header."""
    first = below[0]
    if any(
        text and text == fold(said) and not text.isdigit()
        for row in header
        for text, said in zip(row, first, strict=True)
    ):
        return False
    named = [fold(text) in _LABELS for text in first if text.strip()]
    if 2 * sum(named) >= max(len(named), 2) or _is_new_among_known(above, below):
        return False
    known, agree = 0, 0.0
    for column, text in enumerate(first):
        kinds = Counter(_kind(row[column]) for row in above[-_SEEN:])
        kinds.pop("", None)
        kind = _kind(text)
        if kind and kinds:
            known += 1
            alike = sum(number for other, number in kinds.items() if (other in _WRITTEN) == (kind in _WRITTEN))
            agree += 1.0 if kinds[kind] >= 0.2 * kinds.total() else 0.5 if alike else 0.0
    return agree >= _KINDS_AGREE * known


def _is_new_among_known(above: Sequence[Sequence[str]], below: Sequence[Sequence[str]]) -> bool:
    """Whether the first row says nothing that its columns said before, and the rows after it little else."""
    said = [{text for text in column if text} for column in zip(*above[-_SEEN:], strict=True)]
    known = [[text in seen for text, seen in zip(row, said, strict=True)] for row in below[:_SEEN] if said]
    later = [each for row in known[1:] for each in row]
    return bool(later) and not any(known[0]) and sum(later) >= _SAID_BEFORE * len(later)


def _kind(text: str) -> str:
    bare = text.strip()
    if _NOTHING.fullmatch(bare):
        return ""
    if _DATE.search(bare):
        return "date"
    if is_numeric(bare):
        return "number"
    if sum(char.isdigit() for char in bare) >= 0.3 * len(bare):
        return "code"
    return "chinese" if _CJK.search(bare) else "words"
