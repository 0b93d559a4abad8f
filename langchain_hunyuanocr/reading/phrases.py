"""What a language model says around a reading: preambles, and sentences that a page has no text.

Both are told by their words: a phrase counts only where every word of it belongs to such a phrase, so that print that
merely begins alike stays.
"""

from __future__ import annotations

import re

_ASIDE = r"(?:(?:好的|当然可以|当然|没问题|sure|certainly|of\ course|okay|ok)[，,。.!！]\s{0,9})?"
_CHINESE = (
    r"(?:以下|下面|如下|这张|这幅|这份|这是|图片|图像|截图|照片|文档|页面|所有|全部|正文|提取|识别|解析|检测|转录|出来|文字|文本|内容"
    r"|信息|结果|字幕|坐标|markdown|格式|表示|按照|阅读顺序|根据|完整|已经|原文|您|我|图|页|该|此|是|为|中|里|上|内|的|所|出|到"
    r"|从|已|将|了|及|和|其|后|[，,]|[ \t]){1,80}+"
)
_ENGLISH = (
    r"(?:(?:here(?:'s|’s)?|below|following|as|follows|the|this|your|all|full|complete|extracted|recogni[sz]ed|detected"
    r"|transcribed|visible|ocr|texts?|contents?|information|transcription|representation|results?|words|contains|subtitles?|markdown|format|in|of"
    r"|from|on|and|i|have|images?|picture|photo|screenshot|scan(?:ned)?|document|page|is|are|was|reads?|found|provided"
    r"|you)\b[,]?[ \t]{0,9}){1,40}+"
)
_READ = (
    # What is introduced: "以下是图片中的文字" and "Here is the extracted text", not "Here is the page".
    r"(?![^\n:：]{0,80}如下图)(?=[^\n:：]{0,80}(?:文字|文本|内容|信息|结果|字幕|texts?\b|contents?\b|information\b|transcription\b|representation\b|results?\b|subtitles?\b))"
)
_INTRODUCED = (
    r"(?=[^\n:：]{0,80}(?:以下|下面|如下|这是|here\b|here['’]|below\b|following\b|follows\b))"
    r"(?=[^\n:：]{0,80}(?:图|照片|页|文档|提取|识别|解析|转录"
    r"|images?\b|picture\b|photo\b|screenshot\b|scan|document\b|page\b|extracted\b|recogni[sz]ed\b|transcri|ocr\b"
    r"|is\ the\ text(?=[:\n])))"
)
_OF_A_PICTURE = (
    r"(?=[^\n:：]{0,80}(?:(?:图片|图像|图|截图|照片)[中里上]|(?:提取|识别)[出到]?来?的"
    r"|(?:in|of|from|on)\ (?:the|this)\ (?:image|picture|photo|screenshot)\b|extracted\b|recogni[sz]ed\ text\b))"
)
_OF_A_DOCUMENT = r"(?=[^\n:：]{0,80}(?:(?:文档|页面)[中里上]|(?:in|of|from)\ (?:the|this)\ (?:document|page)\b))"
_WORDS = rf"(?:{_CHINESE}|{_ENGLISH})"
_COLON = r"[:：]\*{0,2}"
_LEADING_PREAMBLE = re.compile(
    rf"\s*+\*{{0,2}}{_ASIDE}{_READ}"
    rf"(?:{_INTRODUCED}{_WORDS}(?:{_COLON}|[。.]?\*{{0,2}}[ \t]{{0,9}}\n)|{_OF_A_PICTURE}{_WORDS}{_COLON})\s*",
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
    r"(?:我?并?(?:没有|未能|未|无法?|不存在|不包含|不含|没))(?:检测|识别|发现|提取|找|包含|看|含)?[到出有]?(?:任何)?"
    r"(?:可?(?:识别|见|提取|读|辨认)的)?(?:文字|文本|字幕)(?:内容|信息)?(?:存在|出现|可供?提取)?[。.!！]?"
    r"|(?:(?:i'm\s)?sorry[,.]?\s(?:but\s)?)?"
    rf"(?:(?:there\s(?:is|are|was|were)\s|(?:the|this)\s{_PICTURE}\s(?:contains|has|shows)\s)?no\s{_LEGIBLE}{_TEXT}"
    rf"|there\s(?:isn't|aren't|is\snot|are\snot)\sany\s{_LEGIBLE}{_TEXT}"
    rf"|(?:the|this)\s{_PICTURE}\s(?:does\snot|doesn't)\s(?:contain|have|show)\sany\s{_LEGIBLE}{_TEXT})"
    r"(?:\s(?:(?:was|were|is|are|could\sbe|can\sbe)\s)?(?:found|detected|visible|present|recogni[sz]ed|extracted|available))?"
    rf"(?:\s(?:in|on|within)\s(?:the|this)\s(?:provided\s|given\s)?{_PICTURE})?(?:\sto\s(?:extract|recogni[sz]e|read))?[.!]?",
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
