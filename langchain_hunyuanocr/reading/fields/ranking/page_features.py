"""Page features: what a page is like as a whole, which tells whether it may have an issuer or a total at all."""

from __future__ import annotations

from langchain_hunyuanocr.reading.fields.labels import match_label
from langchain_hunyuanocr.reading.fields.ranking.head_rows import MONEY
from langchain_hunyuanocr.reading.fields.ranking.page_rows import PageRows
from langchain_hunyuanocr.reading.fields.value_kinds import letters, narrow

_LONG = 45
"""Letters of a line that is running text; a Chinese character counts for three."""
_LEAST_TITLE = 0.9
_CHINESE_WORTH = 3


def page_features(page: PageRows) -> dict[str, float]:
    """Numbers of a page that are the same for each candidate on it, so that they only weigh against there being none.

    Args:
        page: Its rows.

    Returns:
        The share of running text and of lines with sums, and whether it calls itself a bill, a receipt or the like.
    """
    count = max(len(page.lines), 1)
    texts = [narrow(line.text) for line in page.lines]
    labels = [match_label(text, frozenset({"title"})) for text in texts]
    return {
        "page_prose": sum(_weight(text) > _LONG for text in texts) / count,
        "page_sums": sum(MONEY.search(text) is not None for text in texts) / count,
        "page_title": float(any(label and label.exact and label.share >= _LEAST_TITLE for label in labels)),
    }


def _weight(text: str) -> int:
    chinese = sum("\u3400" <= char <= "\u9fff" for char in text)
    return letters(text) + (_CHINESE_WORTH - 1) * chinese
