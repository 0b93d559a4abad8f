"""Parse a language model's raw answer: clean Markdown and its blocks, or lines, or regions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal

from langchain_hunyuanocr.reading.answers.code_fences import chart_parts, without_outer_fence
from langchain_hunyuanocr.reading.answers.formula_task import equation_parts
from langchain_hunyuanocr.reading.answers.layout_regions import layout_parts, read_regions
from langchain_hunyuanocr.reading.answers.markdown import markdown_parts, unfenced_parts
from langchain_hunyuanocr.reading.answers.parts import Part, content_of
from langchain_hunyuanocr.reading.answers.phrases import says_empty, without_preamble
from langchain_hunyuanocr.reading.answers.spotting import read_spotting, spotted_text
from langchain_hunyuanocr.reading.answers.translation import split_translation
from langchain_hunyuanocr.reading.content import Content
from langchain_hunyuanocr.results import Generation, Region, Status
from langchain_hunyuanocr.tasks import Task, TaskKind

_STATUS = {
    "stop": Status.OK,
    "length": Status.TRUNCATED,
    "repetition": Status.REPETITION_TRIMMED,
    "error": Status.FAILED,
}
_TARGETS: dict[TaskKind, Literal["zh", "en"]] = {
    TaskKind.TRANSLATE_DOCUMENT_ZH: "zh",
    TaskKind.TRANSLATE_ZH: "zh",
    TaskKind.TRANSLATE_EN: "en",
}
_FIGURES = frozenset({"figure", "image", "picture", "photo", "chart"})
_REGIONS = re.compile(r'(?:```\w*\s*)?\[\s*\{\s*"(?:(?s:.*)\}\s*\]|(?s:.*))(?:\s*```)?')
"""A list of regions in an answer."""


def read_answer(answer: Generation, task: Task) -> Content:
    """Turn a model's answer to `task` into content.

    Args:
        answer: What the model said; `answer.text` as it came.
        task: What it was asked.

    Returns:
        Clean Markdown with its blocks, the tables and the figures; for spotting the lines and for layout the regions,
        with their boxes; a translation apart from the text that was translated. An answer to a question and fields stay
        as they are. The status follows from how the generation ended, and from the model's word that there is no text.
    """
    status = _STATUS[answer.finish]
    if task.kind is TaskKind.QUESTION:
        return content_of([Part("text", answer.text)], status=status)
    if says_empty(answer.text):
        return Content(status=Status.BLANK)
    if task.kind is TaskKind.FIELDS:
        return Content(markdown=answer.text.strip(), status=status)
    if task.kind is TaskKind.SPOTTING:
        return Content(markdown=spotted_text(answer.text), lines=read_spotting(answer.text), status=status)
    if task.kind in (TaskKind.LAYOUT, TaskKind.LAYOUT_DOCUMENT):
        return _layout(answer.text, status, with_text=task.kind is TaskKind.LAYOUT_DOCUMENT)
    text = without_preamble(answer.text)
    if task.kind in _TARGETS:
        text, translation = split_translation(without_outer_fence(text), _TARGETS[task.kind])
        content = content_of(markdown_parts(text), status=status)
        said = None if translation is None else content_of(markdown_parts(without_preamble(translation))).markdown
        return replace(content, translation=said)
    return content_of(_parts(text, task.kind), status=status)


def _parts(text: str, kind: TaskKind) -> Iterable[Part]:
    if kind is TaskKind.FORMULA:
        return equation_parts(text)
    if kind is TaskKind.CHART:
        return unfenced_parts(chart_parts(text))
    return markdown_parts(text)


def _layout(text: str, status: Status, *, with_text: bool) -> Content:
    """The regions of a layout answer, and the text in them or beside them."""
    regions = read_regions(text)
    if with_text and any(region.text for region in regions):
        return replace(content_of(_placed(regions), status=status), regions=regions)
    beside = _REGIONS.sub("", text) if with_text or not regions else ""
    content = content_of(markdown_parts(without_preamble(beside)), status=status)
    return replace(content, regions=(*regions, *content.regions))


def _placed(regions: Iterable[Region]) -> Iterator[Part]:
    for region, text in layout_parts(regions):
        parts = markdown_parts(text)
        if region.kind.lower() in _FIGURES and all(part.kind == "text" for part in parts):
            yield Part("figure", parts[0].text, box=region.box)
            continue
        for part in parts:
            table = part.table and part.table.model_copy(update={"box": region.box})
            yield replace(part, table=table, box=part.box or region.box)
