"""A language model's raw answer becomes content: tables as Markdown, spotted lines, an honest status."""

from __future__ import annotations

import re

from langchain_hunyuanocr.reading.content import Content
from langchain_hunyuanocr.reading.html_tables import parse_html_tables
from langchain_hunyuanocr.reading.spotting import read_spotting
from langchain_hunyuanocr.results import Generation, Status, Table
from langchain_hunyuanocr.tasks import Task, TaskKind

_TABLE = re.compile(r"<table\b.*?(?:</table\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_GAPS = re.compile(r"\n{3,}")
_EMPTY = re.compile(r"\s*(?:图片中)?没有(?:检测到)?(?:任何)?文字[。.]?\s*")
"""What HunyuanOCR says of a page without text."""

_STATUS = {
    "stop": Status.OK,
    "length": Status.TRUNCATED,
    "repetition": Status.REPETITION_TRIMMED,
    "error": Status.FAILED,
}


def read_answer(answer: Generation, task: Task) -> Content:
    """Turn a model's answer to `task` into content.

    Args:
        answer: What the model said; `answer.text` as it came.
        task: What it was asked.

    Returns:
        Markdown in which each HTML table stands as a Markdown table, the tables themselves, and for spotting the lines
        with their boxes. The status follows from how the generation ended.
    """
    status = _STATUS[answer.finish]
    if _EMPTY.fullmatch(answer.text):
        return Content(status=Status.BLANK)
    if task.kind is TaskKind.SPOTTING:
        lines = read_spotting(answer.text)
        return Content(markdown="\n".join(line.text for line in lines), lines=lines, status=status)
    if task.kind is TaskKind.FIELDS:
        return Content(markdown=answer.text.strip(), status=status)
    tables: list[Table] = []

    def as_markdown(match: re.Match[str]) -> str:
        found = parse_html_tables(match.group())
        tables.extend(found)
        parts = [part for table in found for part in (table.caption, table.markdown) if part]
        return "\n\n".join(["", *parts, ""]) if found else match.group()

    markdown = _GAPS.sub("\n\n", _TABLE.sub(as_markdown, answer.text)).strip()
    return Content(markdown=markdown, tables=tuple(tables), status=status)
