"""Phrases of degenerate answers: only coordinates, only a preamble, a description, 'there is no text'.

HunyuanOCR's issue 118 shows the first, 36 and 72 the last; the preambles are those that users quote.
"""

from __future__ import annotations

import re

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


_ASIDE = r"(?:(?:好的|当然可以|当然|没问题|sure|certainly|of\ course|okay|ok)[，,。.!！]\s{0,9})?"


_CHINESE = (
    r"(?:以下|下面|如下|这张|这幅|这份|这是|图片|图像|截图|照片|文档|页面|所有|全部|正文|提取|识别|解析|检测|转录|出来|文字|文本|内容"
    r"|信息|结果|字幕|坐标|markdown|格式|表示|按照|阅读顺序|根据|完整|已经|原文|您|我|图|页|该|此|是|为|中|里|上|内|的|所|出|到"
    r"|从|已|将|了|及|和|其|后|[，,]|[ \t]){1,80}+"
)


_ENGLISH = (
    r"(?:(?:here(?:'s|’s)?|below|following|as|follows|the|this|your|all|full|complete|extracted|recogni[sz]ed|detected"
    r"|transcribed|visible|ocr|texts?|contents?|information|transcription|representation|results?|words|contains"
    r"|subtitles?|markdown|format|in|of|from|on|and|i|have|images?|picture|photo|screenshot"
    r"|scan(?:ned)?|document|page|is|are|was|reads?|found|provided"
    r"|you)\b[,]?[ \t]{0,9}){1,40}+"
)


_AHEAD = r"[^\n:：]{0,80}"
"""What may stand before a word that the phrase must hold, within its line."""


_READ = (
    # What is introduced: "以下是图片中的文字" and "Here is the extracted text", not "Here is the page".
    rf"(?!{_AHEAD}如下图)(?={_AHEAD}(?:文字|文本|内容|信息|结果|字幕"
    r"|(?:texts?|contents?|information|transcription|representation|results?|subtitles?)\b))"
)


_INTRODUCED = (
    rf"(?={_AHEAD}(?:以下|下面|如下|这是|(?:here|below|following|follows)\b))"
    # Print may well say that "the following information is found in this document".
    rf"(?={_AHEAD}(?:图|照片|页|文档|提取|识别|解析|转录|(?:here|below)\b{_AHEAD}\b(?:document|page)\b"
    r"|(?:images?|picture|photo|screenshot|scan(?:ned)?|extracted|recogni[sz]ed|transcribed|transcription|ocr)\b"
    r"|is\ the\ text(?=[:\n])))"
)


_OF_A_PICTURE = (
    rf"(?={_AHEAD}(?:(?:图片|图像|图|截图|照片)[中里上]|(?:提取|识别)[出到]?来?的"
    r"|(?:in|of|from|on)\ (?:the|this)\ (?:image|picture|photo|screenshot)\b|extracted\b|recogni[sz]ed\ text\b))"
)


_OF_A_DOCUMENT = rf"(?={_AHEAD}(?:(?:文档|页面)[中里上]|(?:in|of|from)\ (?:the|this)\ (?:document|page)\b))"


_WORDS = rf"(?:{_CHINESE}|{_ENGLISH})"


_COLON = r"[:：]\*{0,2}"


_LEADING_PREAMBLE = re.compile(
    rf"\s*+\*{{0,2}}{_ASIDE}{_READ}"
    rf"(?:{_INTRODUCED}(?:{_WORDS}{_COLON}|(?!the\b){_WORDS}[。.]?\*{{0,2}}[ \t]{{0,9}}\n)"
    rf"|{_OF_A_PICTURE}{_WORDS}{_COLON})\s*",
    re.IGNORECASE,
)


_WHOLE_PREAMBLE = re.compile(
    rf"\*{{0,2}}{_ASIDE}{_READ}(?:{_INTRODUCED}|{_OF_A_PICTURE}|{_OF_A_DOCUMENT}){_WORDS}[:：。.]?\*{{0,2}}",
    re.IGNORECASE,
)


_LONGEST = 120
"""Characters of a whole phrase; what is longer is read text."""


_SURROUNDING = " \t\r\n\"'“”()（）[]【】*`"


_PICTURE = r"(?:image|picture|photo|screenshot|page|document|video|frame|scan)"


_LEGIBLE = r"(?:(?:visible|readable|legible|recogni[sz]able|extractable|detectable|discernible|printed|written)\s)?"


_TEXT = r"(?:text|texts|words|subtitles?|captions|characters|writing)(?:\scontent)?"


_EMPTY = re.compile(
    r"(?:(?:抱歉|对不起|很抱歉)[，,]?)?(?:(?:这张|这幅|该|此|本)?(?:图片|图像|图|页面|页|文档|照片|画面|截图|视频)?[中里上内]?)[，,]?"
    r"(?:我?并?(?:没有|未能|未|无|不存在|不包含|不含|没))(?:检测|识别|发现|提取|找|包含|看|含)?[到出有]?(?:任何)?"
    r"(?:可?(?:识别|见|提取|读|辨认)的)?(?:文字|文本|字幕)(?:内容|信息)?(?:存在|出现|可供?提取)?[。.!！]?"
    r"|(?:(?:i'm\s)?sorry[,.]?\s(?:but\s)?)?"
    rf"(?:(?:there\s(?:is|are|was|were)\s|(?:the|this)\s{_PICTURE}\s(?:contains|has|shows)\s)?no\s{_LEGIBLE}{_TEXT}"
    rf"|there\s(?:isn't|aren't|is\snot|are\snot)\sany\s{_LEGIBLE}{_TEXT}"
    rf"|(?:the|this)\s{_PICTURE}\s(?:does\snot|doesn't)\s(?:contain|have|show)\sany\s{_LEGIBLE}{_TEXT})"
    r"(?:\s(?:(?:was|were|is|are|could\sbe|can\sbe)\s)?"
    r"(?:found|detected|visible|present|recogni[sz]ed|extracted|available))?"
    rf"(?:\s(?:in|on|within)\s(?:the|this)\s(?:provided\s|given\s)?{_PICTURE})?"
    r"(?:\sto\s(?:extract|recogni[sz]e|read))?[.!]?",
    re.IGNORECASE,
)


def without_preamble(text: str) -> str:
    """Take a preamble such as `以下是图片中的文字内容：` off the start of an answer.

    Args:
        text: The answer as it came.

    Returns:
        What follows the preamble. The text as it is where there is none, where nothing follows, and where the first
        line only begins like one: a preamble ends in a colon, or introduces the text and ends with its line.
    """
    found = _LEADING_PREAMBLE.match(text)
    if found is None or not text[found.end() :].strip():
        return text
    return text[found.end() :]


def is_preamble(text: str) -> bool:
    """Whether an answer is a preamble and nothing else.

    Args:
        text: The answer as it came.
    """
    said = text.strip()
    return len(said) <= _LONGEST and _WHOLE_PREAMBLE.fullmatch(said) is not None


def says_empty(text: str) -> bool:
    """Whether an answer says that the page has no text or no subtitles: `没有文字`, `No text was found.`.

    Args:
        text: The answer as it came, perhaps after a preamble.
    """
    said = without_preamble(text).strip(_SURROUNDING)
    return len(said) <= _LONGEST and _EMPTY.fullmatch(said) is not None
