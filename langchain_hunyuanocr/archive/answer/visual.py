"""Visual answers: HunyuanOCR is asked about pictures of the best pages, and proven by what was read from them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from langchain_hunyuanocr.archive.answer.entailment import judge, missing
from langchain_hunyuanocr.archive.answer.extractive.candidates import words_of
from langchain_hunyuanocr.archive.answer.generative.links import without_links
from langchain_hunyuanocr.archive.answer.models import Answer, Citation
from langchain_hunyuanocr.archive.answer.page_images import render_as_read
from langchain_hunyuanocr.archive.answer.proof import PageWords, Proof, same_words
from langchain_hunyuanocr.archive.search.query import parse_query
from langchain_hunyuanocr.archive.search.ranking import best_of_each_page
from langchain_hunyuanocr.archive.search.search import Search, checked_query
from langchain_hunyuanocr.archive.storage import readings
from langchain_hunyuanocr.archive.storage.filters import Wanted
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.engines import Engine
from langchain_hunyuanocr.errors import HunyuanOCRError, PageError
from langchain_hunyuanocr.pages import Page, PageSettings
from langchain_hunyuanocr.reader import Reader, ReadSettings
from langchain_hunyuanocr.results import PageReading
from langchain_hunyuanocr.tasks import Task, TaskKind

PAGES = 3
"""Most pages that are asked: each costs the engine a picture."""
_LINES = 3
"""Most lines that prove an answer together."""
_A_PAGE = 10
"""Different words from which on a page is more than an answer; a choice."""
_MOST_OF_IT = 0.8
_ENOUGH = 0.7
"""Share of an answer's own words that must stand in the lines which prove it."""
_KNOWS_NOT = re.compile(
    r"无法(?:确定|回答|得知|找到|识别|提供)|没有(?:提到|提及|找到|显示|提供|相关|该|此)|未(?:提及|提到|找到|显示|提供|注明|包含)"
    r"|不(?:知道|清楚|包含|存在)|^无[。.]?$|图(?:片)?中(?:没有|无)"
    r"|\b(?:cannot|can't|unable to|not (?:mentioned|stated|specified|provided|found|given|visible|available)"
    r"|no (?:information|mention|such|answer)|does(?:n't| not) (?:mention|contain|state|provide|say|show|specify)"
    r"|do(?:n't| not) know|unknown|unanswerable)\b|^(?:n/a|none)\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a page's picture was answered, and where on the page that stands."""

    text: str
    reading: PageReading
    proof: Proof | None


class VisualAnswerer:
    """Asks an engine about pages as they look.

    Args:
        ledger: Holds the readings.
        search: Finds the pages.
        engine: Answers free questions about a picture.
        settings: How files are opened and rendered.
    """

    def __init__(self, ledger: Ledger, search: Search, engine: Engine | str, settings: PageSettings) -> None:
        self._ledger = ledger
        self._search = search
        self._engine = engine
        self._settings = settings

    def ask(self, question: str, where: Mapping[str, Wanted] | None = None, pages: int = PAGES) -> Answer:
        """Answer a question.

        The first answer that is proven by the page's lines is taken, else the first at all, which is then not confident
        and has no box.

        Raises:
            ArchiveError: The question is empty, no chunk has a key of `where`, or the files have changed since.
            SourceError: The files are gone.
            PageError: None of the pages can be rendered or answered.
            TaskError: The engine cannot answer questions.
            EngineError: The engine cannot run at all.
        """
        asked = checked_query(question)
        task = Task(kind=TaskKind.QUESTION, question=question.strip())
        reader = Reader(self._engine, ReadSettings(task=task, force_ocr=True, verify="off"))
        found = best_of_each_page(self._search.rank(asked, where))[: min(pages, PAGES)]
        stored = [readings.load(self._ledger.connection, one.sha256, one.page) for one in found]
        errors: list[HunyuanOCRError] = []
        said = list(self._answers(reader, question, [one for one in stored if one is not None], errors))
        if not said and errors:
            raise errors[0]
        answers = [one for one in said if one.text and not _KNOWS_NOT.search(one.text) and not _transcribes(one)]
        return _best(question, answers)

    def _answers(
        self, reader: Reader, question: str, stored: list[PageReading], errors: list[HunyuanOCRError]
    ) -> Iterator[_Said]:
        """What each page is answered; pages that cannot be seen or answered are noted in `errors`."""
        seen: list[PageReading] = []

        def pictures() -> Iterator[Page]:
            for reading in stored:
                try:
                    page = render_as_read(self._ledger, reading.source, reading.page, self._settings)
                except HunyuanOCRError as error:
                    errors.append(error)
                else:
                    seen.append(reading)
                    yield page

        for number, answer in enumerate(reader.read_all(pictures())):
            reading = seen[number]
            if answer.failed:
                errors.append(
                    PageError(answer.error or "the page was not answered", source=reading.source, page=reading.page)
                )
            else:
                text = without_links(answer.markdown) or ""
                yield _Said(text, reading, prove(text, question, reading))


def _transcribes(said: _Said) -> bool:
    """Whether the engine has written the page down in place of an answer, as models that read pages are wont to."""
    page = words_of(said.reading.markdown)
    return len(page) >= _A_PAGE and len(page & words_of(said.text)) >= _MOST_OF_IT * len(page)


def prove(answer: str, question: str, reading: PageReading) -> Proof | None:
    """Where on its page an answer stands.

    Word for word if it does; else in the fewest lines that hold all of its figures and nearly all of the words that it
    adds to the question.
    """
    words = PageWords(reading)
    whole = words.find(answer.strip().rstrip("。.!！"))
    if whole is not None:
        return whole
    added = {term.text for term in parse_query(answer).terms} - words_of(question)
    if not added:
        return None
    best: tuple[float, str] = (0.0, "")
    for count in range(1, _LINES + 1):
        for start in range(len(reading.lines) - count + 1):
            text = "\n".join(line.text for line in reading.lines[start : start + count])
            share = len(added & words_of(text)) / len(added)
            if share > best[0] and not missing(answer, text):
                best = (share, text)
    return words.find(best[1]) if best[0] >= _ENOUGH else None


def _best(question: str, said: list[_Said]) -> Answer:
    proven = [(one.text, one.proof) for one in said if one.proof is not None]
    if proven:
        (text, proof), *others = proven
        agreed = all(same_words(text, other) for other, _ in others)
        sure = agreed and not proof.doubtful and judge(question, text, [proof]).sure
        return Answer(answer=text, mode="visual", citations=(proof.citation,), confident=sure)
    if not said:
        return Answer(answer=None, mode="visual")
    place = Citation(source=said[0].reading.source, page=said[0].reading.page, quote="")
    return Answer(answer=said[0].text, mode="visual", citations=(place,))
