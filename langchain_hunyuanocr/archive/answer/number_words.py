"""Numbers in words, in English and Chinese, written in digits: `twenty-five thousand`, `三百二十一万`."""

from __future__ import annotations

import re
from decimal import Decimal

from langchain_hunyuanocr.archive.text.tokenizer import canonical_number

_WORDS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen
twenty thirty forty fifty sixty seventy eighty ninety
"""
_SMALL = dict(zip(_WORDS.split(), (*range(20), *range(20, 100, 10)), strict=True))
SCALES = {
    "hundred": 2, "thousand": 3, "thousands": 3, "k": 3, "million": 6, "millions": 6, "mn": 6, "mio": 6,
    "billion": 9, "billions": 9, "bn": 9, "trillion": 12, "trillions": 12,
    "百": 2, "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "十亿": 9, "百亿": 10, "千亿": 11, "万亿": 12,
}  # fmt: skip
"""How many zeros a word stands for."""
_LATIN_SCALE = "|".join(sorted((word for word in SCALES if word.isascii()), key=len, reverse=True))
_HAN_SCALE = "|".join(sorted((word for word in SCALES if not word.isascii()), key=len, reverse=True))
_LETTERS = re.compile(r"(?<![^\W_])[a-z]+(?![^\W_])")
_DIGIT = {numeral: value for value, numeral in enumerate("零一二三四五六七八九")}
_DIGIT |= {numeral: value for value, numeral in enumerate("零壹贰叁肆伍陆柒捌玖")} | {"〇": 0, "两": 2}
_PLACE = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_NUMERAL = f"[{''.join(_DIGIT)}{''.join(_PLACE)}万亿]"
_COUNTED = "年|个|月|日|号|天|周|元|圆|份|次|倍|名|小时|分钟|[人位页层楼套台件条张家间吨米项期季岁成%]|公斤|公里"
"""What a single numeral counts; alone it may be part of a name or of another word."""
_PERCENT = re.compile(rf"百分之((?:{_NUMERAL}|[\d.点])+)")
_CHINESE = re.compile(rf"{_NUMERAL}{{2,}}|{_NUMERAL}(?=\s*(?:{_COUNTED}))")
_SCALED = re.compile(
    rf"(?<![a-z\d.,])(\d+(?:[.,]\d+)*)(?:[\s-]*(?:{_LATIN_SCALE})(?![\w])|\s*(?:{_HAN_SCALE})(?![克米瓦]))+"
)
_SCALE = re.compile(rf"{_LATIN_SCALE}|{_HAN_SCALE}")
_DECLARED = re.compile(
    r"(?:\bin\s+(?:[^\s\d]+\s+){0,3}?|\()"
    r"(thousand|million|billion)s?\b|\b(thousand|million|billion)s of (?:u\.?s\.? )?"
    r"(?:dollars|euros|pounds|yen|yuan|rmb)"
    r"|[（(]\s*(?:[$€£]|us\$)?'?(000)'?s?\s*[)）]|[$€£]\s?'?(000)s?(?![\d,.])"
    r"|(?:单位|金额|币种)[^\n。]{0,8}?(百万|千万|十亿|千|万|亿)(?=[元美港欧英日])|[（(]((?:百|千)?万|千|亿)元[)）]",
)


def in_digits(folded: str, *, ones: bool = False) -> str:
    """A folded text with every number in digits, its thousands and millions reckoned in.

    Args:
        folded: Text after `tokenizer.fold`.
        ones: Whether `one` and `一` are numbers as well; they are articles more often.
    """
    text = _PERCENT.sub(lambda match: f"{_percent(match[1])}%", folded)
    text = _english(text, ones=ones)
    text = _CHINESE.sub(lambda match: _counted(match.group(), ones=ones), text)
    return _SCALED.sub(_scaled, text)


def declared_scales(folded: str) -> frozenset[int]:
    """By how many zeros a text says that its figures are short: 3 for `in thousands of dollars` and `单位：千元`."""
    found = (next(filter(None, match.groups())) for match in _DECLARED.finditer(folded))
    return frozenset(3 if word == "000" else SCALES[word] for word in found)


def _percent(numeral: str) -> str:
    whole, _, decimals = numeral.partition("点")
    if not re.fullmatch(r"[\d.]+", whole):
        whole = str(_chinese(whole))
    return f"{whole}.{''.join(str(_DIGIT.get(one, one)) for one in decimals)}" if decimals else whole


def _english(text: str, *, ones: bool) -> str:
    out, at = "", 0
    words: list[str] = []
    start = end = 0
    for match in [*_LETTERS.finditer(text), None]:
        word = "" if match is None else match.group()
        joins = match is not None and re.fullmatch(r"(?:[\s-]+(?:and\s+)?)?", text[end : match.start()])
        if words and joins and _value([*words, word]) is not None:
            words.append(word)
            end = match.end() if match else end
            continue
        if match is not None and word == "and" and words and words[-1] not in _SMALL:
            continue  # `two hundred and six`
        if words and words not in (["a"], ["an"]) and (ones or words != ["one"]):
            out += text[at:start] + str(_value(words))
            at = end
        words = []
        if match is not None and _value([word]) is not None:
            words, start, end = [word], match.start(), match.end()
    return out + text[at:]


def _value(words: list[str]) -> int | None:
    """What English words come to; `None` where they are no one number, as `two three` is none."""
    total = group = 0
    least = 1000
    for word in words:
        if word in ("a", "an") and word is words[0]:
            group, least = 1, 0
        elif word in _SMALL:
            if _SMALL[word] >= least:
                return None
            group += _SMALL[word]
            least = 10 if _SMALL[word] >= 20 else 0
        elif word == "hundred" and 0 < group < 100:
            group, least = 100 * group, 100
        elif word in ("thousand", "million", "billion") and group:
            total, group, least = total + group * 10 ** SCALES[word], 0, 1000
        else:
            return None
    return total + group


def _counted(numerals: str, *, ones: bool) -> str:
    if numerals in "百千万亿佰仟" or (numerals == "一" and not ones):
        return numerals
    return str(_chinese(numerals))


def _chinese(numerals: str) -> int:
    """What Chinese numerals come to; `二〇二四` is read digit by digit."""
    if all(one in _DIGIT for one in numerals):
        return int("".join(str(_DIGIT[one]) for one in numerals))
    total = section = digit = 0
    for one in numerals:
        if one in _DIGIT:
            digit = _DIGIT[one]
        elif one in _PLACE:
            section += (digit or 1) * _PLACE[one]
            digit = 0
        else:
            power = 10**4 if one == "万" else 10**8
            total = (total + section + digit) * power if one == "亿" else total + (section + digit) * power
            section = digit = 0
    return total + section + digit


def _scaled(match: re.Match[str]) -> str:
    value = Decimal(canonical_number(match[1]))
    for word in _SCALE.findall(match.group()[len(match[1]) :]):
        value = value.scaleb(SCALES[word])
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
