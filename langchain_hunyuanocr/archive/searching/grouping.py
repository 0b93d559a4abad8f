"""Hits by page, section or document, and the neighbours of a hit."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Hashable, Iterable
from typing import Literal

from langchain_hunyuanocr.archive.searching.fusion import Candidate

Group = Literal["chunk", "page", "section", "document"]
GROUPS: tuple[Group, ...] = ("chunk", "page", "section", "document")
_LEAST_OVERLAP = 8
"""Characters: splitters repeat whole sentences, and fewer may be the same by chance."""
_DASHES = re.compile(r"\|?[\s:|-]*-[\s:|-]*")


def best_of_each_page(ranked: Iterable[Candidate]) -> list[Candidate]:
    """The first candidate of each page, order kept."""
    found: dict[Hashable, Candidate] = {}
    for candidate in ranked:
        found.setdefault((candidate.sha256, candidate.page), candidate)
    return list(found.values())


def best_of_each(connection: sqlite3.Connection, ranked: list[Candidate], group: Group) -> list[Candidate]:
    """The first candidate of each group, order kept.

    A section is one heading path in one document; a chunk under no heading stands for its page.
    """
    if group == "chunk":
        return ranked
    if group == "page":
        return best_of_each_page(ranked)
    found: dict[Hashable, Candidate] = {}
    for candidate in ranked:
        key: Hashable = candidate.sha256
        if group == "section":
            section = json.loads(_metadata(connection, candidate)).get("section")
            key = (candidate.sha256, section or candidate.page)
        found.setdefault(key, candidate)
    return list(found.values())


def with_neighbours(connection: sqlite3.Connection, candidate: Candidate, count: int) -> str:
    """The text of a chunk joined with that of up to `count` chunks before and after it in its document."""
    rows = connection.execute(
        "SELECT number, text FROM chunks WHERE sha256 = ? ORDER BY page, json_extract(metadata, '$.chunk'), id",
        (candidate.sha256,),
    ).fetchall()
    at = next(i for i, (number, _) in enumerate(rows) if number == candidate.number)
    joined = ""
    for _, text in rows[max(at - count, 0) : at + count + 1]:
        joined = _join(joined, text)
    return joined


def _join(before: str, text: str) -> str:
    """Two neighbouring chunks, what the second repeats of the first once: an overlap, or the header of a table."""
    for length in range(min(len(before), len(text)), _LEAST_OVERLAP - 1, -1):
        if before.endswith(text[:length]):
            return before + text[length:]
    lines = text.split("\n")
    for at in range(1, len(lines)):
        if _DASHES.fullmatch(lines[at]) and "\n".join(lines[: at + 1]) in before:
            return f"{before}\n" + "\n".join(lines[at + 1 :])
    return f"{before}\n\n{text}" if before else text


def _metadata(connection: sqlite3.Connection, candidate: Candidate) -> str:
    row = connection.execute("SELECT metadata FROM chunks WHERE number = ?", (candidate.number,)).fetchone()
    return str(row[0])
