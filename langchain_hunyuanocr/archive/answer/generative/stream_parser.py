"""Stream parser: sentences, and the quotes of each, while a chat model writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from langchain_hunyuanocr.archive.answer.generative.prompt import NOT_HELD
from langchain_hunyuanocr.splitter.boundaries import sentence_starts

MOST = 20_000
"""Characters of an answer that are looked at."""
_OPEN, _CLOSE = '["“”「『]', '["“”」』]'
_GAP = r"\s{0,9}"
# Bounded, so that a quote which is never closed costs no more than its own sentence.
_CITATION = re.compile(
    rf"{_GAP}\[{_GAP}\d{{1,3}}{_GAP}(?:\]|[:：,，]?{_GAP}{_OPEN}.{{1,400}}?{_CLOSE}{_GAP}\]"
    rf'|[:：]{_GAP}[^\[\]"“”「『\n]{{1,400}}\])',
    re.DOTALL,
)
_LONGEST = 460
"""Characters that a citation has at most."""
_NUMBER = re.compile(r"\s*\[\s*(\d{1,3})\s*[:：,，]?\s*(.*?)\s*\]\Z", re.DOTALL)
_NEXT = re.compile(rf"{_CLOSE}\s*[,;，；]\s*(?:(\d{{1,3}})\s*[:：]\s*)?{_OPEN}")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)、])\s+")
_END = re.compile(r"[.。;；,，]+")
_THOUGHT = re.compile(r"\s*<think>.*?(?:</think>|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class QuotedSentence:
    """A sentence as a model wrote it.

    Attributes:
        text: Without its citations.
        quotes: Numbers of sources, from 1, with what is quoted from each.
    """

    text: str
    quotes: tuple[tuple[int, str], ...] = ()


class AnswerStream:
    """An answer while it is written: however its text is cut into pieces, the same sentences come out.

    Attributes:
        too_long: Whether more came than is looked at.
        says_not_held: Whether the model said that the sources do not hold the answer.
    """

    def __init__(self) -> None:
        self._waiting = ""
        self._from = 0  # no citation begins before it
        self._found = False  # a citation that something else must follow before its sentence is complete
        self._seen = 0
        self.too_long = False
        self.says_not_held = False

    def feed(self, piece: str) -> Iterator[QuotedSentence]:
        """Take the next piece of the text; give the sentences that are now complete."""
        room = MOST - self._seen
        self.too_long = self.too_long or len(piece) > room
        piece = piece[:room]
        self._seen += len(piece)
        self._waiting += piece
        if ("]" in piece or (self._found and piece.strip())) and not self._thinking():
            yield from self._complete(last=False)

    def end(self) -> Iterator[QuotedSentence]:
        """The sentences that are left once no more comes."""
        if self._thinking():
            self._waiting = ""
        yield from self._complete(last=True)
        yield from self._sentences(self._waiting, ())
        self._waiting = ""

    def _thinking(self) -> bool:
        """Whether the model is thinking aloud, which is no part of its answer."""
        begins = self._waiting.lstrip()
        if begins.startswith("<think>") and "</think>" in begins:
            self._waiting = _THOUGHT.sub("", self._waiting, count=1)
            return False
        return begins.startswith("<think>")

    def _complete(self, *, last: bool) -> Iterator[QuotedSentence]:
        while (first := _CITATION.search(self._waiting, self._from)) is not None:
            end = first.end()
            while (more := _CITATION.match(self._waiting, end)) is not None:
                end = more.end()
            follows = self._waiting[end:].lstrip()
            # A sentence is known to be complete by what follows its citations.
            self._found = not last and (not follows or follows[0] == "[")
            if self._found:
                return
            said, cited = self._waiting[: first.start()], self._waiting[first.start() : end]
            stop = _END.match(self._waiting, end)
            self._waiting = self._waiting[stop.end() if stop else end :]
            self._from = 0
            yield from self._sentences(said, tuple(_quotes(cited)))
        self._from = max(self._from, len(self._waiting) - _LONGEST)

    def _sentences(self, said: str, quotes: tuple[tuple[int, str], ...]) -> Iterator[QuotedSentence]:
        """The last sentence is the one that the citations stand behind."""
        texts = [text for line in said.split("\n") for text in _cut(line)]
        for number, text in enumerate(texts, 1):
            if text.strip(" .*`\"'").casefold() == NOT_HELD.casefold():
                self.says_not_held = True
            else:
                yield QuotedSentence(text, quotes if number == len(texts) else ())


def _cut(line: str) -> Iterator[str]:
    line = _BULLET.sub("", line).strip()  # where sentences begin is slow to tell in a long gap
    starts = [0, *sentence_starts(line), len(line)]
    for start, end in pairwise(starts):
        text = line[start:end].strip()
        if any(char.isalnum() for char in text):
            yield text


def _quotes(cited: str) -> Iterator[tuple[int, str]]:
    for match in _CITATION.finditer(cited):
        parts = _NUMBER.match(match.group())
        if parts is None:
            continue
        number, rest = int(parts[1]), parts[2]
        at = 0
        for more in _NEXT.finditer(rest):
            yield number, _bare(rest[at : more.start()])
            number, at = int(more[1] or number), more.end()
        yield number, _bare(rest[at:])


def _bare(quote: str) -> str:
    return quote.strip().strip('"“”「」『』').strip()
