"""Noticing an answer that is no reading of the page: only coordinates, only a preamble, or a description.

HunyuanOCR's issue 118 shows the first, 36 and 72 the last; the preambles are those that users quote.
"""

from __future__ import annotations

import re

from langchain_hunyuanocr.tasks import TaskKind

RETRIED_TASKS = frozenset({TaskKind.DOCUMENT, TaskKind.LAYOUT_DOCUMENT})
"""Tasks for which the plain text of the page is better than such an answer."""

_COORDINATES = re.compile(r"[\s,;\[\]]*(?:\(\s*\d{1,4}\s*,\s*\d{1,4}\s*\)[\s,;\[\]]*)+")
_TAG = re.compile(r"</?(?:pFig|quad|ref|box)>", re.IGNORECASE)
_PREAMBLE = re.compile(
    r"(?:好的[，,。!！]?)?\s*(?:以下(?:是|为)|下面是)?(?:这张|该|此)?(?:图片|图像|图|文档)(?:中|里|上)的?(?:所有|全部)?"
    r"(?:文字|文本|内容|信息)+(?:内容|信息)?(?:如下|为|是)?\s*[:：。]?"
    r"|(?:sure[,!.]?\s*)?(?:here(?:'s| is| are)\s+)?(?:the\s+)?(?:extracted\s+)?(?:text|contents?|information)"
    r"\s+(?:extracted\s+)?(?:in|of|from)\s+(?:the|this)\s+(?:image|picture|document|page)"
    r"(?:\s+(?:is|are|reads?))?(?:\s+as\s+follows)?\s*[:.]?",
    re.IGNORECASE,
)
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
    if not said:
        return False
    if _COORDINATES.fullmatch(said) or _PREAMBLE.fullmatch(said):
        return True
    described = _DESCRIPTION.match(said) is not None
    return described and len(said) <= _LONGEST_DESCRIPTION and not _STRUCTURE.search(said)
