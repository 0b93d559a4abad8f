"""Ask task: a question to the archive, in the service's queue, within its bounds, and free to be withdrawn."""

from __future__ import annotations

from contextlib import aclosing

from langchain_hunyuanocr.archive import Answer, Citation, SearchHit, Sentence
from langchain_hunyuanocr.service.cancellation import shielded
from langchain_hunyuanocr.service.container import Service
from langchain_hunyuanocr.service.endpoints.ask import Asked, answer_parts
from langchain_hunyuanocr.ui.sessions.cancellable_task import CancellableTask
from langchain_hunyuanocr.ui.sessions.window_sessions import WindowSession

_PLACES = 5
"""How many further places are looked for beside those that prove the answer."""


class AskTask(CancellableTask):
    """Asks the archive; its own stage is `asking`.

    Args:
        service: Whose archive is asked.
        session: Gets the cited places.
        asked: What is asked.

    Attributes:
        sentences: Proven so far.
        answer: The whole of it, once it is there.
        others: Further places that speak of what was asked.
    """

    def __init__(self, service: Service, session: WindowSession, asked: Asked) -> None:
        super().__init__(service.bounds.timeout_s)
        self._service = service
        self._session = session
        self._asked = asked
        self.sentences: list[Sentence] = []
        self.answer: Answer | None = None
        self.others: tuple[Citation, ...] = ()

    async def _do(self) -> None:
        queue = self._service.queue("asking")
        with queue.slot():
            async with queue.running():
                self._tell("asking")
                async with aclosing(answer_parts(self._service, self._asked)) as parts:
                    async for part in parts:
                        if isinstance(part, Answer):
                            self.answer = part
                        else:
                            self.sentences.append(part)
                            self._tell("asking")
                archive = self._service.need_archive()
                self._end(await shielded(archive.asearch(self._asked.question, _PLACES, self._asked.where)))

    def _end(self, hits: list[SearchHit]) -> None:
        cited = self.answer.citations if self.answer is not None else ()
        pages = {(citation.source, citation.page) for citation in cited}
        self.others = tuple(
            Citation(source=hit.source, page=hit.page, quote=hit.text, box=hit.box)
            for hit in hits
            if (hit.source, hit.page) not in pages
        )
        self._session.cited = (*cited, *self.others)
