"""Links: what a chat model wrote without any way out of the answer, whoever draws it as Markdown or HTML."""

from __future__ import annotations

import html
import re
import unicodedata

_MARKDOWN = re.compile(r"!?\[([^\[\]]*)\]\s?(?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])")
_TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z!?][^<>]*>", re.DOTALL)
_LINK = re.compile(
    r"\w{2,20}:\s?//|(?<![\w/])//\w|(?i:\bwww\.\w|\b(?:javascript|vbscript|mailto)\s?:|\bdata:\w+/)"
    r"|(?<![\w@.])(?:[\w-]+\.)+(?:com|net|org|info|biz|io|ai|app|dev|xyz|top|cn|tk|uk|de|eu|ru|co|me)(?:[/?#:]|(?![\w.]))"
    r"|(?<![\w@.])(?:[\w-]+\.)+[A-Za-z]{2,}/\S|\]\s?[(\[:]|<[A-Za-z!/?]"
)
"""Addresses with a scheme or without, and what is left of links and tags that were not closed."""
_UNSEEN = frozenset({"Cc", "Cf", "Co"})


def without_links(text: str) -> str | None:
    """A sentence with its Markdown links and HTML tags reduced to their words; `None` where an address is left.

    What cannot be seen, such as a mark that turns the direction of writing, is taken out first.
    """
    shown = html.unescape(html.unescape(text))
    shown = "".join(char for char in shown if char in "\n\t" or unicodedata.category(char) not in _UNSEEN)
    shown = _TAG.sub("", _MARKDOWN.sub(r"\1", shown)).strip()
    if _LINK.search(unicodedata.normalize("NFKC", shown)) or not any(char.isalnum() for char in shown):
        return None
    return shown
