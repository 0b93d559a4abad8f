"""Noticing an answer that is no reading of the page: only coordinates, only a preamble, or a description.

HunyuanOCR's issue 118 shows the first, 36 and 72 the last; the preambles are those that users quote.
"""

from __future__ import annotations

import re

from langchain_hunyuanocr.reading.phrases import is_preamble, says_empty, without_preamble
from langchain_hunyuanocr.tasks import TaskKind

RETRIED_TASKS = frozenset({TaskKind.DOCUMENT, TaskKind.LAYOUT_DOCUMENT})
"""Tasks for which the plain text of the page is better than such an answer."""

_COORDINATES = re.compile(r"[\s,;\[\]]*(?:(?:\(\s*\d{1,4}\s*,\s*\d{1,4}\s*\)|<pos_\d{1,4}>)[\s,;\[\]]*)++")
_BOX_KEY = re.compile(r"""["'](?:box|bbox|bbox_2d|quad)["']\s*:""", re.IGNORECASE)
_BOXES = re.compile(
    r"""(?:```(?:json)?|["'](?:box|bbox|bbox_2d|quad)["']\s*:|["'](?:text|transcription|content)["']\s*:\s*(?:""|'')"""
    r"""|[\d\s.,;()\[\]{}"'])++""",
    re.IGNORECASE,
)
"""A JSON list of boxes without text."""
_TAG = re.compile(r"</?(?:pFig|quad|ref|box)>", re.IGNORECASE)
_DESCRIPTION = re.compile(
    r"(?:这是一(?:张|幅|页|份)|(?:这张|该|此|本)(?:图片|图像|图|照片|页面|文档)?(?:显示|展示|描绘|呈现|是一)|图(?:片|像)(?:中)?(?:显示|展示)"
    r"|(?:this|the)\s+(?:image|picture|photo|page|document|scan)\s+(?:shows?|is\s+an?|depicts?|contains?|displays?|appears?)\b)",
    re.IGNORECASE,
)
_LONGEST_DESCRIPTION = 600
"""Characters. What begins like a description and goes on for longer, or has structure, is read text."""
_STRUCTURE = re.compile(r"^\s*(?:#|\||<table|[-*] |\d+[.)] )|\$\$|</t[dh]>", re.MULTILINE | re.IGNORECASE)


def is_degenerate(text: str) -> bool:
    """Whether an answer that should be the text of a page is none.

    Args:
        text: The model's answer as it came.
    """
    said = _TAG.sub("", text).strip()
    if not said or says_empty(said):
        return False
    if is_preamble(said):
        return True
    said = without_preamble(said).strip()
    if _COORDINATES.fullmatch(said) or (_BOX_KEY.search(said) and _BOXES.fullmatch(said)):
        return True
    described = _DESCRIPTION.match(said) is not None
    return described and len(said) <= _LONGEST_DESCRIPTION and not _STRUCTURE.search(said)
