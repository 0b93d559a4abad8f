"""A question to the archive: in the service's queue, within its bounds, and free to be withdrawn."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import cast

from langchain_hunyuanocr.archive import Answer, AnswerPart, Citation, Mode, SearchHit, Sentence
from langchain_hunyuanocr.service.service import Service
from langchain_hunyuanocr.ui.desks import Desk
from langchain_hunyuanocr.ui.errand import Errand

_PLACES = 5
"""How many further places are looked for beside those that prove the answer."""

Where = Mapping[str, tuple[str, str]]


class Question(Errand):
    """Asks the archive; its own stage is `asking`.

    Args:
        service: Whose archive is asked.
        desk: Gets the cited places.
        text: The question.
        where: Metadata that places must have.
        mode: How it is answered.

    Attributes:
        sentences: Proven so far.
        answer: The whole of it, once it is there.
        others: Further places that speak of what was asked.
    """

    def __init__(self, service: Service, desk: Desk, text: str, where: Where | None, mode: Mode) -> None:
        super().__init__(service.bounds.timeout_s)
        self._service = service
        self._desk = desk
        self._text = text
        self._where = where
        self._mode = mode
        self.sentences: list[Sentence] = []
        self.answer: Answer | None = None
        self.others: tuple[Citation, ...] = ()

    async def _do(self) -> None:
        archive = self._service.need_archive()
        places = self._service.places("asking")
        with places.place():
            async with places.turn():
                self._tell("asking")
                parts = archive.aask_stream(self._text, where=self._where, mode=self._mode)
                # Who leaves early hangs up on the chat model.
                async with aclosing(cast("AsyncGenerator[AnswerPart, None]", parts)) as each:
                    async for part in each:
                        if isinstance(part, Answer):
                            self.answer = part
                        else:
                            self.sentences.append(part)
                            self._tell("asking")
                self._end(await archive.asearch(self._text, _PLACES, self._where))

    def _end(self, hits: list[SearchHit]) -> None:
        cited = self.answer.citations if self.answer is not None else ()
        pages = {(citation.source, citation.page) for citation in cited}
        self.others = tuple(
            Citation(source=hit.source, page=hit.page, quote=hit.text, box=hit.box)
            for hit in hits
            if (hit.source, hit.page) not in pages
        )
        self._desk.cited = (*cited, *self.others)
