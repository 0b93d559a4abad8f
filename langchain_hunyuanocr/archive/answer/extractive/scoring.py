"""Scoring: how well a candidate answers a query.

A question names what it is about (a company, a document's number: its scope) and what it wants to know of it (its
target). The scope may stand anywhere in the document; the target must stand with the answer. What cannot be compared by
words, because page and question differ in language, is left to meaning.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from langchain_hunyuanocr.archive.answer.extractive.answer_type import DATE_ALONE, fits
from langchain_hunyuanocr.archive.answer.extractive.candidates import CandidateAnswer, words_of
from langchain_hunyuanocr.archive.search.query import AnswerKind, Query
from langchain_hunyuanocr.archive.text.names import ORGANISATION, companies_in
from langchain_hunyuanocr.archive.text.tokenizer import Term, fold, terms_of
from langchain_hunyuanocr.results import PageReading

_IN_BRACKETS = re.compile(r"\([^)]*\)|（[^）]*）")
_OF_PAGE = re.compile(
    r"\b(?:written|dated|date of|bill(?:ed)?|invoiced|issued|appear(?:ed)?|published)\b|日期|落款|写于|开具|出版"
)
_IDENTIFYING = re.compile(r"\b(?:no|nr|number)\b|#|号码?(?:$|是|为)|编号")
_COUNTS = re.compile(r"\bhow (?:many|much)\b|多少|几")
_MARK = re.compile(r"^\s*[A-Za-z]+[-/#]?\d[\w-]*\s*$")
_QUOTED = re.compile(r"[“\"「『《]([^”\"」』》]{1,60})[”\"」』》]")
_OF_DATES = "date dated written 日期 时间"
_SILENT = "no nr of the a by to on and"
"""Words of labels that say nothing."""
_TOTAL = re.compile(r"\b(?:totals?|add up|altogether|sum|overall)\b|合计|总|一共|共计|全部")
_TOTAL_ROW = re.compile(r"^\W*(?:grand total|total|sum|(?:amount|total|balance) due)\b|^\W*(?:价税合计|合计|总计|共计)")
_NAMES_OF_KIND: dict[AnswerKind, str] = {
    "amount": "total amount due sum payable 合计 金额 总额 价税 小写",
    "number": "number quantity qty 数量 号码 编号",
    "date": "date dated 日期 时间",
    "who": "name 姓名 名称",
    "place": "place address venue 地点 地址",
}
_JOINING = frozenset("与和及或在由为对向把被从到给让将按这那其之该此于以是的了")
_NAMES_OF_PAPERS = (
    "invoice bill receipt contract agreement letter report minutes document page 发票 合同 协议 小票 收据 函 报告 纪要"
)
_NUMERALS = frozenset("零一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟半")
_IN_WORDS = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|hundred|thousand|million)\b"
)
_DOUBT = 7.3
"""What the evidence must outweigh."""
_FITTING = 0.5
"""How far a value must be of the kind asked for that its label tells anything."""
_SHORTEST_NUMBER = 5
"""Characters of a document's number; `Q2` and `A4` are words."""
_MOSTLY_NEW = 0.4
"""Share of an answer's words from which on it counts as saying something new."""
_OF_TOTAL = 0.3
"""What a total gains where a total is asked for."""
_BY_TITLE = 0.9
"""Worth of a name that stands on another page only: a file may hold several invoices."""
_ELSEWHERE = 0.5
"""What is left of the confidence where the city that was asked about does not stand near."""
_UNHEARD = 0.3
"""Weight left to a pair of Chinese characters that no page holds: most straddle two words."""
_OTHERWISE = 0.9
"""Worth of a term that stands there by another name."""
_FOREIGN = 0.25
"""Weight left to a word that a page in another language could not hold."""


@dataclass(slots=True)
class ScoredCandidate:
    """Evidence and how well it answers.

    Attributes:
        evidence: What it is.
        reading: Of its page.
        covered: Share of what the question says, by idf, that stands in the evidence, around it, or (for the
            scope) anywhere in its document, 0 to 1.
        target: Share of the target that stands in the evidence and its label.
        told: Share of what is wanted to be known, names and numbers of papers aside, that stands with the evidence or
            just around it, 0 to 1: the right document may say nothing of it.
        label: How far the label is what the question asks for.
        fits: How far the answer is a value of the kind asked for.
        cosine: Nearness in meaning.
    """

    evidence: CandidateAnswer
    reading: PageReading
    covered: float
    target: float
    told: float
    label: float
    fits: float
    news: float
    """How far the answer says more than the question did, 0 to 1: a title that repeats it answers nothing."""
    named: float
    """Share of the scope that its document holds: another company's page is no proof."""
    cosine: float = 0.0

    @property
    def score(self) -> float:
        """All together; only for ranking.

        The weights lay on a plateau when they were set, on 208 questions to two generated archives (seeds 1 and 22)
        whose truth stood for the readings; what they weigh has been refined since, see `benchmarks/README.md`.
        """
        return self.named * (
            2.0 * self.covered
            + 0.4 * self.target
            + 0.6 * self.label
            + 0.9 * self.fits
            + 0.5 * self.news
            + 0.5 * max(self.cosine, 0.0)
        )

    @property
    def confidence(self) -> float:
        """How likely it is that the question is answered, 0 to 1.

        The weights were fitted by logistic regression on 115 questions to a generated archive that RapidOCR read, 67
        of them without an answer, most of those asking the right document for what it does not say; what they weigh
        has been refined since. From 0.5 on, with every right answer taken out of the pages, the best of what is left
        passes in more than half of the questions: it tells another document, and less well another answer in it.
        """
        label = min(self.label, 1.0) if self.fits >= _FITTING else 0.0
        evidence = 4.0 * self.named * self.covered + 4.0 * self.told + 1.8 * label + 6.5 * max(self.cosine, 0.0)
        return self.named / (1.0 + math.exp(_DOUBT - evidence - self.fits))


class Scorer:
    """Weighs evidence against one question.

    Args:
        question: What is asked.
        idf: Of its terms and their translations.
        heard: Which of its terms any chunk holds.
    """

    def __init__(self, question: Query, idf: Mapping[str, float], heard: frozenset[str]) -> None:
        self._question = question
        self._idf = idf
        self._heard = heard
        self._terms = [term for term in question.terms if term.text in heard or not _straddles(term)]
        self._said = frozenset(term.text for term in self._terms)
        self._scope = {term.text for term in self._terms if _is_document_number(term)}
        # An identifier is followed by its parts, which stand in its place.
        numbers = {(term.start, term.end) for term in question.terms if term.kind == "identifier"}
        self._naming = words_of(_NAMES_OF_PAPERS) | {
            term.text for term in question.terms if (term.start, term.end) in numbers
        }
        self._ways: dict[str, list[tuple[str, ...]]] = {}
        for other in question.others:
            for term in other.of:
                self._ways.setdefault(term, []).extend(other.by)
        cities = {term for other in question.others if other.city for term in other.of}
        in_names: set[str] = set()
        for name in ORGANISATION.findall(question.text):
            in_names |= words_of(name.removesuffix("公司")) & self._said
        # What the glossary knows is no name: `主持` in 谁主持了某某公司的董事会 is what is asked for.
        self._known = {term for other in question.others if not other.name for term in other.of}
        self._scope |= in_names - (self._known - cities)
        self._cities = cities - in_names
        # What stands in quotation marks is meant word for word, unless a title says it.
        self._quoted = {word for text in _QUOTED.findall(question.text) for word in words_of(text)} & self._said
        # A date that stands alone says by itself that it is one.
        self._said_by_kind = words_of(_OF_DATES) if question.wants == "date" else frozenset()
        self._asks_date_of_page = question.wants == "date" and bool(_OF_PAGE.search(fold(question.text)))
        # What the glossary knows is asked for even where a word of asking stands in it: `的` in `目的港`.
        self._asked = self._said | {term for other in question.others for term in other.of}
        self._named = self._said | {term for other in question.others for way in other.by for term in way}
        plain = fold(question.text)
        self._counts = bool(_COUNTS.search(plain)) and not _IDENTIFYING.search(plain)
        self._wants_total = bool(_TOTAL.search(fold(question.text)))

    @property
    def target_text(self) -> str:
        """What is wanted, without the names and numbers of whom it is about: those say nothing of its meaning."""
        bare = ORGANISATION.sub(" ", self._question.text)
        for term in terms_of(bare):
            if term.text in self._scope and term.kind == "identifier":
                bare = re.sub(re.escape(term.text), " ", bare, flags=re.IGNORECASE)
        return bare if re.search(r"\w", bare) else self._question.text

    def weigh(
        self, evidence: Sequence[CandidateAnswer], reading: PageReading, document: frozenset[str]
    ) -> list[ScoredCandidate]:
        """Weigh a page's evidence; what cannot be an answer is left out.

        Args:
            evidence: Of the page.
            reading: Of the page.
            document: What the whole document calls itself.
        """
        page = words_of(reading.markdown)
        weights = self._weights(reading, page | document)
        # What the glossary knows are words of labels: they tell what is wanted, even where a title holds them.
        by_title = _BY_TITLE if self._names_others(reading, document) else 1.0
        named = max(
            self._share(self._scope, weights, page), by_title * self._share(self._scope, weights, page | document)
        )
        heads = (document - page) | words_of(reading.markdown.partition("\n")[0])
        titles = {
            term for term in self._said if self._stands(term, document) >= _BY_TITLE and term not in self._known
        } - self._quoted
        scope = self._scope | titles
        found = []
        for piece in evidence:
            label, fits = self._label(piece, scope), self._fits(piece)
            # What the question says itself is no answer, nor is a value with another name or of another kind.
            if (
                piece.answer.rstrip().endswith((":", "："))
                or words_of(piece.answer) <= self._said
                or (piece.kind == "pair" and (label < 0.5 or not fits))
            ):
                continue
            own = words_of(piece.label) | words_of(piece.quote)
            near = own | words_of(piece.near)
            elsewhere = bool(self._cities) and not any(self._stands(term, near) for term in self._cities)
            elsewhere = elsewhere or not all(self._stands(term, near | heads) for term in self._quoted)
            covered = target = wanted = told = telling = 0.0
            for term, weight in weights.items():
                if term in scope:
                    covered += weight * self._stands(term, page | document)
                    continue
                wanted += weight
                stands_here = 1.0 if fits >= 1 and term in self._said_by_kind else self._stands(term, own)
                target += weight * stands_here
                around = max(stands_here, 0.9 * self._stands(term, near))
                covered += weight * max(around, 0.5 * self._stands(term, page | document))
                if term not in self._naming:
                    telling += weight
                    told += weight * around
            found.append(
                ScoredCandidate(
                    piece,
                    reading,
                    covered=covered / (sum(weights.values()) or 1.0),
                    target=target / wanted if wanted else 0.0,
                    told=told / telling if telling else 1.0,
                    label=label,
                    fits=fits,
                    news=self._news(piece),
                    named=named * (_ELSEWHERE if elsewhere else 1.0),
                )
            )
        return found

    def _names_others(self, reading: PageReading, document: frozenset[str]) -> bool:
        """Whether a page names a company that neither its document's title nor the question does."""
        known = document | self._said
        return any(len(words_of(name) - known) > 1 for name in companies_in(reading.markdown))

    def _share(self, terms: set[str], weights: Mapping[str, float], words: frozenset[str]) -> float:
        total = sum(weights[term] for term in terms)
        return sum(weights[term] * self._stands(term, words) for term in terms) / total if total else 1.0

    def _weights(self, reading: PageReading, words: frozenset[str]) -> dict[str, float]:
        """How much each term of the question counts on this page."""
        foreign = language_of(reading.markdown) != self._question.language
        weights = {}
        for term in self._terms:
            weight = self._idf.get(term.text, 1.0)
            if term.text not in self._scope and not self._stands(term.text, words):
                if foreign and term.text not in self._ways and _is_of(term, self._question.language):
                    weight *= _FOREIGN
                elif term.kind == "cjk" and term.text not in self._heard:
                    weight *= _UNHEARD
            weights[term.text] = weight
        return weights

    def _stands(self, term: str, words: frozenset[str]) -> float:
        if term in words or (len(term) == 1 and not term.isascii() and any(term in word for word in words)):
            return 1.0
        return _OTHERWISE * any(words.issuperset(way) for way in self._ways.get(term, ()))

    def _label(self, evidence: CandidateAnswer, scope: set[str]) -> float:
        """Share of the label that the question names; a label that only names the kind of value wanted counts less."""
        # `Party B (the Supplier)` is called by either name.
        called = [
            words
            for name in (_IN_BRACKETS.sub(" ", evidence.label), *_IN_BRACKETS.findall(evidence.label))
            if (words := words_of(name) - words_of(_SILENT))
        ]
        if not called:
            alone = self._asks_date_of_page and DATE_ALONE.match(evidence.answer) is not None
            return 1.0 if alone else 0.0
        return max(self._called(words, evidence, scope) for words in called)

    def _called(self, words: frozenset[str], evidence: CandidateAnswer, scope: set[str]) -> float:
        """How far one of the names of a label is what the question asks for."""
        target = self._asked - scope
        named = target | {word for term in target for way in self._ways.get(term, ()) for word in way}
        kind = words_of(_NAMES_OF_KIND.get(self._question.wants, ""))
        # `By which date must it be done` does not ask what stands under `Dated`.
        only_kind = self._question.wants == "date" and not self._asks_date_of_page and words <= kind
        share = 0.0 if only_kind else _share_named(words, named)
        generic = _share_named(words, named | kind)
        if evidence.kind == "cell" and not any(self._stands(word, words_of(evidence.quote)) for word in target):
            generic = 0.0  # a column of amounts says nothing while the row is not the one asked for
        unit = self._question.unit
        label = max(share, 0.6 * generic, float(unit is not None and unit in evidence.label))
        if _TOTAL_ROW.match(fold(evidence.label if evidence.kind == "pair" else evidence.quote)):
            if self._wants_total:
                label += _OF_TOTAL
            elif evidence.kind == "cell":
                label -= _OF_TOTAL
        return label

    def _news(self, evidence: CandidateAnswer) -> float:
        words = words_of(evidence.answer)
        new = sum(word not in self._named for word in words) / len(words) if words else 0.0
        return min(new / _MOSTLY_NEW, 1.0)

    def _fits(self, evidence: CandidateAnswer) -> float:
        # The number that a paper or a thing bears is no quantity.
        bears = _IDENTIFYING.search(fold(evidence.label)) or _MARK.match(evidence.answer)
        if self._counts and bears and evidence.kind in ("cell", "pair"):
            return 0.0
        if self._question.wants in ("amount", "number") and not _figures(evidence.answer) - self._said:
            return 0.0  # the year that the question says is no figure
        return fits(self._question, evidence.answer, exact=evidence.kind in ("cell", "pair", "field"))


def _figures(text: str) -> set[str]:
    return {
        term.text for term in terms_of(text) if any(char.isdigit() or char in _NUMERALS for char in term.text)
    } or set(_IN_WORDS.findall(fold(text)))


def _share_named(words: frozenset[str], named: Set[str]) -> float:
    """Share of a label's words that are named; a pair of Chinese characters that straddles two such words is one."""
    characters = {character for word in words & named for character in word if not word.isascii()}
    return sum(word in named or (not word.isascii() and characters.issuperset(word)) for word in words) / len(words)


def _straddles(term: Term) -> bool:
    """Whether a pair of Chinese characters holds one that only joins two words: `司与` in `甲公司与乙公司`."""
    return term.kind == "cjk" and len(term.text) > 1 and not _JOINING.isdisjoint(term.text)


def _is_document_number(term: Term) -> bool:
    if term.kind == "identifier":
        return len(term.text) >= _SHORTEST_NUMBER
    return term.kind == "number" and term.text.isdigit() and len(term.text) > _SHORTEST_NUMBER


def cosine(first: Sequence[float], second: Sequence[float]) -> float:
    """Of the angle between two vectors, -1 to 1."""
    dot = sum(a * b for a, b in zip(first, second, strict=True))
    size = math.sqrt(sum(a * a for a in first) * sum(b * b for b in second))
    return dot / size if size else 0.0


def language_of(text: str) -> str:
    """`zh` where a text holds more Chinese characters than words in Latin letters, else `en`."""
    chinese = len(re.findall(r"[\u4e00-\u9fff]", text))
    latin = len(re.findall(r"[A-Za-z]+", text))
    return "zh" if chinese > latin else "en"


def _is_of(term: Term, language: str) -> bool:
    return term.kind == "cjk" if language == "zh" else term.kind == "word"
