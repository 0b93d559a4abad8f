"""Period: the day, month or year that a question says, in any writing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from langchain_hunyuanocr.archive.text.tokenizer import MONTHS, canonical_date
from langchain_hunyuanocr.reading.fields.normalize import normalise
from langchain_hunyuanocr.reading.fields.value_kinds import ValueKind

_MONTH = r"(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")"
_DAY = re.compile(
    r"(?<!\d)(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}(?!\d)\s*[日号]?"
    rf"|(?<!\w)\d{{1,2}}(?:st|nd|rd|th)?\s*(?:of\s+)?(?:{_MONTH})\b\.?,?\s*(?:19|20)\d\d(?!\w)"
    rf"|(?<!\w)(?:{_MONTH})\b\.?\s*\d{{1,2}}(?:st|nd|rd|th)?,?\s*(?:19|20)\d\d(?!\w)"
    r"|(?<![\d./-])\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d(?!\d)"
)
_YEAR_MONTH = re.compile(
    r"(?<!\d)(?P<y1>(?:19|20)\d\d)\s*年(?:度|份)?\s*(?P<m1>1[0-2]|0?[1-9])\s*月份?"
    rf"|\b(?P<m2>{_MONTH})\b\.?,?\s*(?:of\s+)?(?P<y2>(?:19|20)\d\d)(?![-/\d])"
    r"|(?<!\d)(?P<y3>(?:19|20)\d\d)[-/](?P<m3>1[0-2]|0[1-9])(?![-/\d])"
)
_YEAR = re.compile(r"(?<![\d.,/-])(?P<year>(?:19|20)\d\d)(?:\s*年(?:度|份)?|\b)(?![-/,.]?\d)")
_MONTH_ALONE = re.compile(rf"\b(?:in|of|during|for)\s+(?P<name>{_MONTH})\b|(?<!\d)(?P<number>1[0-2]|[1-9])月份?")


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time; empty where a question says none.

    Attributes:
        start: Beginning of the ISO dates in it: `2023`, `2023-05`, `2023-05-03`, or `-05-` for May of any year.
    """

    start: str = ""

    def holds(self, day: str) -> bool:
        """Whether an ISO date lies in it."""
        return day[4:].startswith(self.start) if self.start.startswith("-") else day.startswith(self.start)

    @property
    def year(self) -> str:
        """The year; empty where none is said."""
        return "" if self.start.startswith("-") else self.start[:4]


NO_PERIOD = Period()


def period_in(folded: str) -> tuple[Period, str]:
    """The period of a question, and the question without it.

    Args:
        folded: After `tokenizer.fold`.
    """
    for pattern in (_DAY, _YEAR_MONTH, _YEAR, _MONTH_ALONE):
        found = pattern.search(folded)
        start = _start(found) if found else ""
        if found and start:
            return Period(start), f"{folded[: found.start()]} , {folded[found.end() :]}"
    return Period(), folded


def years_in(folded: str) -> list[str]:
    """The different years that a question says, in its order."""
    return list(dict.fromkeys(found["year"] for found in _YEAR.finditer(folded)))


def _start(found: re.Match[str]) -> str:
    groups = found.groupdict()
    if not groups:
        text = found.group().rstrip("号 ")
        return canonical_date(text) or normalise(text, ValueKind.DATE, order="dmy") or ""
    if "year" in groups:
        return str(groups["year"])
    if "name" in groups:
        return f"-{_number(groups['name'] or groups['number']):02d}-"
    at = next(at for at in "123" if groups[f"y{at}"])
    return f"{groups[f'y{at}']}-{_number(groups[f'm{at}']):02d}"


def _number(month: str) -> int:
    return int(month) if month.isdigit() else MONTHS[month]
