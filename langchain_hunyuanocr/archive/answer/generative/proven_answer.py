"""Answers that a chat model writes from numbered sources, of which only what is proven is let through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING

from langchain_hunyuanocr.archive.answer.entailment import judge
from langchain_hunyuanocr.archive.answer.generative.links import without_links
from langchain_hunyuanocr.archive.answer.generative.prompt import Passage, messages, within_budget
from langchain_hunyuanocr.archive.answer.generative.stream_parser import MOST, AnswerStream, QuotedSentence
from langchain_hunyuanocr.archive.answer.models import Answer, AnswerPart, Citation, Sentence, Struck
from langchain_hunyuanocr.archive.answer.proof import PageWords, Proof
from langchain_hunyuanocr.archive.search.search import Search, checked_query
from langchain_hunyuanocr.archive.storage import readings
from langchain_hunyuanocr.archive.storage.filters import Wanted
from langchain_hunyuanocr.archive.storage.ledger import Ledger

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

_WAYS = 32
"""Most ways of choosing among the places of a sentence's quotes that are tried."""
_NO_SPACE_AFTER = "。！？；…”」』"


@dataclass(frozen=True, slots=True)
class NumberedSource:
    """A source as the model sees it, and the page that its quotes are looked up on."""

    passage: Passage
    page: PageWords


def find_sources(
    ledger: Ledger, search: Search, question: str, where: Mapping[str, Wanted] | None, k: int
) -> list[NumberedSource]:
    """The best `k` chunks for a question, with their pages.

    Raises:
        ArchiveError: The question is empty, or no chunk has a key of `where`.
    """
    pages: dict[tuple[str, int], PageWords | None] = {}
    found = []
    for candidate in search.rank(checked_query(question), where)[:k]:
        place = (candidate.sha256, candidate.page)
        if place not in pages:
            reading = readings.load(ledger.connection, *place)
            pages[place] = None if reading is None else PageWords(reading)
        page = pages[place]
        if page is not None:
            found.append((search.hit(candidate), page))
    texts = within_budget([hit.text for hit, _ in found])
    return [
        NumberedSource(
            Passage(text, readings.file_name_of(hit.source), hit.page, str(hit.metadata.get("section", ""))), page
        )
        for text, (hit, page) in zip(texts, found, strict=True)
    ]


class ProvenAnswer:
    """Lets through what a model writes sentence by sentence, each once its quotes are found on the cited pages.

    Knows neither the model nor threads: whoever runs it feeds it the text, so that waiting for the whole answer and
    following it as it comes, with and without an event loop, give the same.

    Args:
        question: What is asked.
        sources: What the model is shown, at least one.
    """

    def __init__(self, question: str, sources: Sequence[NumberedSource]) -> None:
        self._question = question
        self._sources = sources
        self._writing = AnswerStream()
        self._sentences: list[Sentence] = []
        self._struck: list[Struck] = []
        self._unsure = False
        self.messages: list[BaseMessage] = messages(question, [shown.passage for shown in sources])

    @property
    def full(self) -> bool:
        """Whether nothing more of the answer will be looked at, however much comes."""
        return self._writing.too_long

    def feed(self, piece: str) -> Iterator[Sentence]:
        """Take the next piece of the model's text; give the sentences that are proven by now."""
        for written in self._writing.feed(piece):
            yield from self._judge(written)

    def end(self) -> Iterator[AnswerPart]:
        """The sentences that are left, and the whole answer."""
        for written in self._writing.end():
            yield from self._judge(written)
        if self._writing.too_long:
            self._struck.append(Struck(sentence="…", why=f"what comes after {MOST} characters is not looked at"))
        yield self._answer()

    def _judge(self, written: QuotedSentence) -> Iterator[Sentence]:
        text = without_links(written.text)
        found = "it holds a link" if text is None else self._proofs(written)
        if text is None or isinstance(found, str):
            self._struck.append(Struck(sentence=written.text, why=str(found)))
            return
        # A quote may stand on its page more than once: any of the places may be the one that is meant.
        ways = [*islice(product(*found), _WAYS)]
        verdicts = [judge(self._question, text, proofs) for proofs in ways]
        at = next((at for at, verdict in enumerate(verdicts) if verdict.sure), 0)
        if verdicts[at].struck is not None:
            self._struck.append(Struck(sentence=written.text, why=verdicts[at].struck or ""))
            return
        self._unsure = self._unsure or not verdicts[at].sure or any(proof.doubtful for proof in ways[at])
        sentence = Sentence(text=text, citations=_once(proof.citation for proof in ways[at]))
        self._sentences.append(sentence)
        yield sentence

    def _proofs(self, written: QuotedSentence) -> list[list[Proof]] | str:
        """The places of each quote of a sentence, or what is wrong with one."""
        if not written.quotes:
            return "it cites no source"
        found = []
        for number, quote in written.quotes:
            if not 1 <= number <= len(self._sources):
                return f"there is no source {number}"
            if not quote:
                return f"it quotes nothing from source {number}"
            places = self._sources[number - 1].page.places(quote)
            if not places:
                return f"its quote does not stand on the cited page: {quote}"
            found.append(sorted(places, key=lambda proof: proof.doubtful))
        return found

    def _answer(self) -> Answer:
        if not self._sentences:
            return Answer(answer=None, mode="llm", struck=tuple(self._struck))
        return Answer(
            answer=_joined([sentence.text for sentence in self._sentences]),
            mode="llm",
            citations=_once(citation for sentence in self._sentences for citation in sentence.citations),
            confident=not (self._struck or self._unsure or self._writing.says_not_held),
            struck=tuple(self._struck),
        )


def _once(citations: Iterator[Citation]) -> tuple[Citation, ...]:
    return tuple(dict.fromkeys(citations))


def _joined(texts: Sequence[str]) -> str:
    """Sentences one after another; Chinese ones have no space between them."""
    first, *more = texts
    for text in more:
        first += text if first[-1] in _NO_SPACE_AFTER else f" {text}"
    return first
