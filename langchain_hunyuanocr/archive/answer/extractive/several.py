"""Several: a question about more than one company, as a question for each."""

from __future__ import annotations

import re
from itertools import pairwise

from langchain_hunyuanocr.archive.text.names import ORGANISATION

_COMPARES = re.compile(r"\b(?:compare|respectively|each of|both)\b|比较|对比|分别|各是|各为|各自", re.IGNORECASE)
_BETWEEN = re.compile(r"^(?:[\s,，、]|and|with|和|与|及|以及|跟)+$", re.IGNORECASE)
_PARTS = re.compile(r"[^,，、]+")


def asked_of_each(text: str) -> dict[str, str]:
    """A question for each company that stands in a list of them; empty where the question compares none.

    `What are the totals of Acme Ltd and Bolt plc respectively` asks for that of Acme Ltd, and for that of Bolt plc.
    """
    # A comma may stand in a name, but in a list it parts two.
    places = [
        place for part in _PARTS.finditer(text) for place in ORGANISATION.finditer(text, part.start(), part.end())
    ]
    asked = _COMPARES.search(text)
    if asked is None or len(places) < 2:
        return {}
    if not all(_BETWEEN.match(text[first.end() : second.start()]) for first, second in pairwise(places)):
        return {}
    before, after = text[: places[0].start()], text[places[-1].end() :]
    return {place.group(): _COMPARES.sub(" ", before) + place.group() + _COMPARES.sub(" ", after) for place in places}
