"""An answer that holds a page's text and then its translation, with nothing between them, is cut in two.

The cut is the one that best parts what is not in the target language from what is.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

_MARKER = re.compile(
    r"^[ \t#*_【\[（(]*(?:(?:以下|下面)[为是]?)?"
    r"(?:(?:中文|英文|汉语|英语)?(?:翻译|译文)(?:结果|内容)?(?:如下|为[中英]文)?"
    r"|(?:(?:English|Chinese) )?translation(?: (?:in|into|to) (?:English|Chinese))?)[ \t*_】\]）)]*"
    r"(?:(?P<colon>[:：])[ \t*_]*|(?=\n|\Z))",
    re.MULTILINE | re.IGNORECASE,
)
_SOURCE_MARKER = re.compile(
    r"\A[ #*_【\[]*(?:原文(?:内容)?|(?:Original|Source)(?: text)?)[】\]*_]*(?:[ \t]*[:：][*_]*\s*|[ \t]*\n)",
    re.IGNORECASE,
)

_HTML_TABLE = r"(?P<html><table\b(?s:.)*?(?:</table\s*>|\Z))"
_MARKDOWN_TABLE = r"(?P<grid>^\|[^\n]*(?:\n\|(?![^\n]*\n\|[ \t:|-]+(?:\n|\Z))[^\n]*)*)"
_TABLES = re.compile(rf"{_HTML_TABLE}|{_MARKDOWN_TABLE}", re.MULTILINE | re.IGNORECASE)
_SILENT = re.compile(
    r"^```(?!markdown|md\b|text)[a-z+]+\n(?s:.)*?(?:^```|\Z)"
    r"|\$\$[^$]+\$\$|\$(?=[^$\n\\^_={]{0,200}[\\^_={])[^$\n]{1,400}\$"
    r"|\\\[(?:\\\\|(?!\\[\[\]])(?s:.))*+\\\]|`[^`\n]+`|</?[a-zA-Z][^<>\n]{0,400}>"
    r"|https?://[^\s<>\u3000-\u9fff]+|(?<![\w.+-])[A-Za-z\d._+-]{1,64}@[A-Za-z\d.-]{1,200}",
    re.MULTILINE,
)
_GLUED = r"(?<=[a-zß-ÿ]{2})(?=[A-Z][a-z])"
"""Where a sentence may begin right behind a word."""
_BREAK = re.compile(
    r"\n(?:[ \t]*\n)*|[。！？!?]+[”’」』）)\"]*|(?<![.…])[.…]++[\"')\]”’]*+(?=\s)|(?<=[a-zß-ÿ]{2})\.(?=[A-Z])"
    rf"|{_GLUED}|(?<=[^\n#\0])(?=#{{1,6}} )"
)
_OPENING = "([（“‘「『《【#*-•·"
_LINE = re.compile(r"^[ \t\0]*+[^\n]+", re.MULTILINE)
_LETTER = re.compile(r"[^\W\d_]")
_HEADING = re.compile(r"#{1,6} ")

# In units of evidence, where one Chinese character weighs 1: what a cut is worth beyond the languages that it parts.
_BLANK_LINE, _LINE_END, _SENTENCE_END, _BETWEEN_WORDS = 4.0, 2.5, 1.0, -0.5
_SAME_HEADING = 4.0
_MARKED = 12.0
_RECURRING = 2.0
_UNEVEN_LINES, _UNEVEN_TABLES = 3.0, 2.0
_RECURRING_WEIGHT = 0.1
"""What is left of the evidence of a name that stands in both languages."""

_LEAST_SHARE = 0.08
"""A translation that was cut off earlier is taken for foreign words at the end of the page."""
_LARGEST_SHARE = 3.0
"""A translation is not that much longer than its source: the page has a foreign title, and is not translated."""
_SLACK = 8.0
_PURITY = 0.6

_HAN = "々\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_KANA = "\u3041-\u30ff\u31f0-\u31ff"
_UNCAPITAL = "a-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_LATIN = f"A-Z{_UNCAPITAL}"
_WORD = re.compile(
    rf"(?P<latin>[{_LATIN}](?:[{_UNCAPITAL}]++|(?!{_GLUED})[A-Z])*+(?:['’-][{_LATIN}]+)*)"
    rf"|(?P<number>\d+(?:[.,]\d+)*)|(?P<han>[{_HAN}]+)|(?P<kana>[{_KANA}]+)"
    rf"|(?P<hangul>[\uac00-\ud7af]+)|(?P<other>(?:(?![{_LATIN}{_HAN}{_KANA}\uac00-\ud7af])[^\W\d_])+)"
)
_WEIGHT = {"latin": 1 / 3, "number": 0.0, "han": 1.0, "kana": 0.5, "hangul": 1.0, "other": 1 / 3}
"""Of a character: what a page says takes three or four Latin letters for one Chinese character."""

# Characters of Japanese, and of Chinese in its traditional form, that simplified Chinese writes otherwise.
_UNSIMPLIFIED = re.compile(
    "[発気図検験権広売読続経済対応変辺実価関単戦観覧駅険伝転軽鉄録帰歩毎県円団囲両拝抜拡払処労込様総緑縄聴覚訳証豊黒巻亜"
    "們個來時國學會這說為還開無與從當見長門問間東車馬書語話讀寫買賣錢銀鐵電機動務業員圖廣產廠質資費貿報場義議論識請讓認記"
    "設計訂該詳謝變達運選遠連邊過陽陰際隊階難雜離雲靜頁頂項順須領頭題顏願類風飛飯館點黨齊龍歲歷殘殺決沒況測減滿漢潔濟灣"
    "燈災熱獨獎獲環異療監盤確禮種積稱窮競筆節範築簡級約紅純納紙細組結給統絕綱維網緊線練縣縱績織繼罰習聖聞職聯聲腦臉舊興藥"
    "號術衛裝補裡製複親訊]"
)
_OLD_SHARE = 0.08
_KANA_SHARE = 0.15

_ENGLISH = frozenset(
    re.findall(
        r"\w+",
        "the of and to for that with are by this from it be which have had were been not its their his her they would "
        "should can could you your our she there than more these those any may must but if is or we when who what how "
        "into about after before other such only no first out up then each between through during under",
    )
)
_EUROPEAN = frozenset(
    re.findall(
        r"\w+",
        "der die das und ist nicht ein eine einen einem einer mit für von zu den dem des auf sich wird werden wurde "
        "sind auch bei nach im zum zur über durch oder wir sie ihre haben hat kann dass als aus es le la les du de "
        "et est une un que qui dans pour par sur au aux avec ne pas ce cette ces nous vous il elle sont être ont "
        "leur leurs ou sa ses el los las del y en con por para su sus se lo al como más este esta gli della dei "
        "delle di che è una nel alla sono non si più anche os dos em um uma não ao com sua são het een van voor niet "
        "aan ook wordt door bij zijn w z na nie jest się oraz och att det som är på av för og ikke yang dan untuk "
        "dengan dari ve bir için",
    )
)
_ENGLISH_FORM = re.compile(r".{2,}(?:ing|ly|ness|ship|ght|ed|ty)$|(?:th|wh|sh|kn).{2,}")
_EUROPEAN_FORM = re.compile(
    r".{2,}(?:ung|ungen|keit|heit|lich|isch|tz|eux|euse|ique|ère|zione|mente|schaft|chen|dad|tät|ité)$"
    r"|.*[\u00c0-\u024f\u1e00-\u1eff]|(?:l|d|qu|j|n|s|c)['’].+"
)
_FOREIGN_SCRIPT = 0.15
"""With that share of other scripts before the words in Latin letters, those are taken for English."""


class _Word(NamedTuple):
    """A run of characters of one script."""

    start: int
    text: str
    script: str

    @property
    def item(self) -> str:
        """What it is to be known by where it comes back; numbers are, however their digits are grouped."""
        return self.text.replace(",", "").replace(".", "") if self.script == "number" else self.text

    @property
    def weight(self) -> float:
        """What it tells, in Chinese characters."""
        return len(self.text) * _WEIGHT[self.script]


def _words_of(masked: str) -> list[_Word]:
    return [_Word(match.start(), match[0], match.lastgroup or "other") for match in _WORD.finditer(masked)]


def _sentences_of(words: Sequence[_Word], ends: Sequence[int]) -> list[range]:
    starts = [word.start for word in words]
    bounds = [0, *(bisect_left(starts, end) for end in ends), len(words)]
    return [range(begin, stop) for begin, stop in pairwise(bounds) if begin < stop]


def _evidence(words: Sequence[_Word], sentences: Sequence[range], target: Literal["zh", "en"]) -> list[float]:
    """For each word how much it tells for the target language; against it where negative."""
    evidence = [-word.weight for word in words]
    if target == "zh":
        for sentence in sentences:
            own = [words[number] for number in sentence]
            han = "".join(word.text for word in own if word.script == "han")
            kana = sum(len(word.text) for word in own if word.script == "kana")
            old = len(_UNSIMPLIFIED.findall(han))
            if kana <= max(1, _KANA_SHARE * (kana + len(han))) and old <= _OLD_SHARE * len(han):
                for number in sentence:
                    if words[number].script == "han":
                        evidence[number] = words[number].weight
        return evidence
    latin = sum(word.weight for word in words if word.script == "latin")
    if -sum(evidence) - latin > _FOREIGN_SCRIPT * -sum(evidence):
        return [word.weight if word.script == "latin" else value for word, value in zip(words, evidence, strict=True)]
    for number, value in enumerate(_european_evidence(words, sentences)):
        if words[number].script == "latin":
            evidence[number] = value
    return evidence


def _european_evidence(words: Sequence[_Word], sentences: Sequence[range]) -> list[float]:
    """For English where positive: by the word, by its sentence, and by the other sentences in which it stands."""
    folded = [word.text.lower() for word in words]
    known = {word: _vote(word) for word in set(folded)}
    votes = [known[word] for word in folded]
    leans = [0.0] * len(words)
    english: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for sentence in sentences if len(sentences) > 1 else ():
        total = sum(votes[number] for number in sentence)
        lean = max(-1.0, min(1.0, total / max(2.0, len(sentence) / 4)))
        for number in sentence:
            leans[number] = lean
            english[folded[number]] += (lean > 0) - (lean < 0)
            seen[folded[number]] += lean != 0
    return [
        vote + lean + english[word] / (seen[word] + 1) for word, vote, lean in zip(folded, votes, leans, strict=True)
    ]


def _vote(word: str) -> float:
    if word in _ENGLISH:
        return 1.0
    if word in _EUROPEAN:
        return -1.0
    if _EUROPEAN_FORM.match(word):
        return -0.6
    return 0.4 if _ENGLISH_FORM.match(word) else 0.0


class _Side(NamedTuple):
    """The evidence on one side of a cut, both numbers 0 or more."""

    foreign: float
    target: float

    @property
    def whole(self) -> float:
        """All that tells of a language."""
        return self.foreign + self.target


class _Cut(NamedTuple):
    end: int
    """Where the source ends."""
    start: int
    """Where the translation begins."""
    bonus: float
    marked: bool = False


def split_translation(text: str, target: Literal["zh", "en"]) -> tuple[str, str | None]:
    """Part the text of a page from its translation.

    The rules, in order of their weight:

    - Words and characters that are not of the target language belong before the cut, those that are belong after it.
      Scripts tell the languages apart; between a European language and English, the sentences do by their small words,
      and words by the sentences in which they stand. Kanji in a sentence with kana are Japanese.
    - Formulas, code, addresses, numbers, and tables as long as there is other text, tell nothing of the language and
      are never cut; names that stand in both languages, and lines that stand twice, tell little.
    - A line that announces the translation (`翻译：`, `译文`, `Translation:`) is the cut, and is taken out.
    - Numbers, names and lines of the source come back in the translation, so that a cut has as many of them before it
      as after it; so it is with the number of lines and tables, and the mark of a heading at the beginning.
    - A cut at a blank line is better than one at a line end, and that better than at the end of a sentence; within a
      sentence there is a cut only where both languages meet, or where a capital or the mark of a
      heading follows a letter.

    The time is n log n in the length of the text.

    Args:
        text: The answer.
        target: The language that was asked for, Chinese or English.

    Returns:
        Source and translation, stripped; the text as it is and `None` where no translation follows: the parts are not
        of two languages, one of them is far too short for the other, or the page is in the target language already.
    """
    silent = _blank(_MARKER, _blank(_SILENT, text))
    masked = _blank(_TABLES, silent)
    if not _LETTER.search(masked):
        masked = _TABLES.sub(lambda match: match[0].replace("\n", " "), silent)
    page = _Page(text, masked, target)
    cut = page.best()
    if cut is None:
        return text, None
    source = text[: cut.end].strip()
    if cut.marked:
        source = _SOURCE_MARKER.sub("", source, count=1)
    return source, text[cut.start :].strip() or None


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: "\0" * len(match[0]), text)


class _Page:
    """A text with the evidence of each of its words, and what recurs in it."""

    def __init__(self, text: str, masked: str, target: Literal["zh", "en"]) -> None:
        self._text = text
        self._masked = masked
        self._breaks = list(_BREAK.finditer(masked))
        self._words = _words_of(masked)
        self._sentences = _sentences_of(self._words, [match.end() for match in self._breaks])
        self._lines = list(_LINE.finditer(text))
        self._tables = [match.start() for match in _TABLES.finditer(text)]
        self._recurring = self._find_recurring()
        self._evidence = [
            value if item is None else value * _RECURRING_WEIGHT
            for value, item in zip(_evidence(self._words, self._sentences, target), self._recurring, strict=True)
        ]

    def _find_recurring(self) -> list[str | None]:
        """For each word what it is that recurs: a number, a name beside words of another script, a whole line."""
        counts = Counter(word.item for word in self._words)
        names: set[str] = set()
        for sentence in self._sentences:
            scripts = {self._words[number].script for number in sentence} - {"number"}
            if len(scripts) > 1:
                own = (self._words[number] for number in sentence)
                names.update(word.text for word in own if word.script == "latin" and word.text != word.text.lower())
        recurring = [
            word.item if counts[word.item] > 1 and (word.script == "number" or word.text in names) else None
            for word in self._words
        ]
        starts = [word.start for word in self._words]
        lines: dict[str, list[range]] = defaultdict(list)
        for match in _LINE.finditer(self._masked):
            inside = range(bisect_left(starts, match.start()), bisect_left(starts, match.end()))
            if inside:
                lines[match[0].strip()].append(inside)
        for places in lines.values():
            for inside in places if len(places) == 2 else ():
                for number in inside:
                    recurring[number] = f"{places[0].start}:{number - inside.start}"
        return recurring

    def _cuts(self) -> Iterator[_Cut]:
        heading = _HEADING.match(self._text.lstrip())
        for match in self._breaks:
            ends = match[0].count("\n")
            bonus = _BLANK_LINE if ends > 1 else _LINE_END if ends else _SENTENCE_END if match[0] else _BETWEEN_WORDS
            if heading and self._text.startswith(heading[0], match.end()):
                bonus += _SAME_HEADING
            yield _Cut(match.end(), match.end(), bonus)
        markers = [match for match in _MARKER.finditer(self._text) if match.start()]
        for match in markers:
            # A page on translation has such headings itself, in both languages.
            if not self._masked[match.start() : match.end()].strip("\0") and (len(markers) == 1 or match["colon"]):
                yield _Cut(match.start(), match.end(), _MARKED, marked=True)
        for start in self._tables:
            yield _Cut(start, start, _LINE_END)
        for sentence in self._sentences:
            evidence = [self._evidence[number] for number in sentence]
            if min(evidence) < 0 < max(evidence):
                for number in sentence[1:]:
                    start = self._words[number].start
                    while self._masked[start - 1] in _OPENING:
                        start -= 1
                    changed = self._words[number - 1].script != self._words[number].script
                    yield _Cut(start, start, 0.0 if changed else _BETWEEN_WORDS)

    def best(self) -> _Cut | None:
        """The best cut, if it parts a text from its translation."""
        all_foreign = -sum(value for value in self._evidence if value < 0)
        all_target = sum(value for value in self._evidence if value > 0)
        left: Counter[str] = Counter()
        right = Counter(item for item in self._recurring if item is not None)
        line_ends = [line.end() for line in self._lines]
        foreign = target = shared = 0.0
        number = 0
        best: tuple[float, _Cut, _Side] | None = None
        for cut in sorted(self._cuts()):
            while number < len(self._words) and self._words[number].start < cut.end:
                value, item = self._evidence[number], self._recurring[number]
                if value > 0:
                    target += value
                else:
                    foreign -= value
                if item is not None:
                    gain = _RECURRING if len(self._words[number].text) > 1 else _RECURRING / 4
                    shared += gain * (min(left[item] + 1, right[item] - 1) - min(left[item], right[item]))
                    left[item] += 1
                    right[item] -= 1
                number += 1
            score = 2 * (foreign - target) + all_target - all_foreign + shared + cut.bonus
            score -= _UNEVEN_LINES * _unevenness(line_ends, cut.end)
            score -= _UNEVEN_TABLES * _unevenness(self._tables, cut.end - 1) * len(self._tables)
            if best is None or score >= best[0]:
                best = (score, cut, _Side(foreign, target))
        if best is None:
            return None
        _, cut, before = best
        after = _Side(all_foreign - before.foreign, all_target - before.target)
        return cut if _is_translated(cut, before, after) else None


def _unevenness(places: Sequence[int], cut: int) -> float:
    """0 for as many places before the cut as after it, 1 for all on one side."""
    if not places:
        return 0.0
    before = bisect_right(places, cut)
    return abs(len(places) - 2 * before) / len(places)


def _is_translated(cut: _Cut, before: _Side, after: _Side) -> bool:
    if not before.foreign or before.foreign < _PURITY * before.whole:
        return False
    if cut.marked:
        return True
    return (
        after.target > _PURITY * after.whole
        and after.whole >= _LEAST_SHARE * before.whole
        and after.whole <= _LARGEST_SHARE * before.whole + _SLACK
    )
