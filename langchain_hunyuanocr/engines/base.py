"""Engine: the one small protocol that every engine keeps, and the environment variables."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Generator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from langchain_hunyuanocr.errors import TaskError
from langchain_hunyuanocr.results import Generation
from langchain_hunyuanocr.tasks import Task, TaskKind

if TYPE_CHECKING:
    from PIL.Image import Image

SURE = 0.6
"""Probability of a token below which the model was not sure of it."""
MOST_UNSURE = 500
"""Stretches of one answer that are kept; where there are more, none of it can be relied on."""


@dataclass(frozen=True, slots=True)
class Request:
    """One task about one page picture (RGB, upright)."""

    picture: Image
    task: Task
    draft: str = ""
    """Text that the answer may resemble, such as what another reader saw. It never changes the answer; engines that
    check several tokens at once give it sooner."""
    part: bool = False
    """Whether it is made of parts of a page, cut out to be read once more: what was overlooked is not looked for."""


class Engine(ABC):
    """Turns page pictures and tasks into raw answers, in order.

    An engine may be called from several threads at once; one that cannot compute two batches at a time keeps a lock
    inside `generate`. A request that fails alone is answered by a `Generation` whose `finish` is `error`; an engine
    that cannot run at all raises `EngineError`.
    """

    name: ClassVar[str]
    """`local`, `server`, `rapid`, `scripted` or the name of your own."""
    tasks: ClassVar[frozenset[TaskKind]] = frozenset(TaskKind)
    """What the engine can be asked."""
    prompted: ClassVar[bool] = False
    """Whether it is a language model, which is asked once a task; others give lines that answer several tasks."""
    rereads: ClassVar[bool] = False
    """Whether it gives lines, and reads them once more where fields are wanted: cut out, in other sizes, several on a
    sheet. What comes out alike is confirmed; the second reader has nothing to add."""
    batch_size: int = 1
    """How many requests it likes to get in one call."""

    @property
    def in_flight(self) -> int:
        """How many requests may be under way at once; above `batch_size` where `submit` returns before the answers."""
        return self.batch_size

    @property
    @abstractmethod
    def model(self) -> str:
        """The model that answers."""

    @property
    @abstractmethod
    def revision(self) -> str:
        """Which state of the model; empty where it has none."""

    @abstractmethod
    def generate(self, requests: Sequence[Request]) -> list[Generation]:
        """Answer each request, in order.

        Raises:
            EngineError: The engine cannot run at all.
        """

    def submit(self, requests: Sequence[Request]) -> Future[list[Generation]]:
        """Begin to answer; engines that work beside their caller return at once, others with the answers.

        Returns:
            What `generate` would have returned or raised.
        """
        future: Future[list[Generation]] = Future()
        try:
            future.set_result(self.generate(requests))
        except Exception as exc:
            future.set_exception(exc)
        return future

    def stream(self, request: Request) -> Generator[str | Generation, None, None]:
        """The text of one answer as it comes, and last the whole `Generation`.

        The last has the last word: text that a guard takes back, like the copies of a loop, has already been yielded.
        Closing it early stops the answer.

        Raises:
            EngineError: The engine cannot run at all.
        """
        answer = self.generate([request])[0]
        if answer.text:
            yield answer.text
        yield answer

    async def astream(self, request: Request) -> AsyncGenerator[str | Generation, None]:
        """`stream`, without blocking the event loop."""
        pieces = self.stream(request)
        try:
            while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
                yield piece
        finally:
            await asyncio.to_thread(pieces.close)

    async def agenerate(self, requests: Sequence[Request]) -> list[Generation]:
        """`generate`, without blocking the event loop."""
        return await asyncio.to_thread(self.generate, requests)

    def check(self, task: Task) -> None:
        """Make sure that the engine can do a task.

        Raises:
            TaskError: It cannot.
        """
        if task.kind not in self.tasks:
            able = ", ".join(sorted(kind.value for kind in self.tasks))
            raise TaskError(
                f"the {self.name} engine cannot do the task {task.kind.value!r}",
                remedy=f"it can do {able}; the local and server engines can do every task",
            )

    def close(self) -> None:  # noqa: B027 - most engines hold nothing
        """Give back what the engine holds; it may be used again and then loads anew."""


BASE_URL_VARIABLE = "HUNYUANOCR_BASE_URL"
"""Address of a server, or several with commas between."""


API_KEY_VARIABLE = "HUNYUANOCR_API_KEY"
"""Key for the server."""


MODEL_VARIABLE = "HUNYUANOCR_MODEL"
"""Folder or repository of the checkpoint that the local engine loads."""


HUB_VARIABLE = "HUNYUANOCR_HUB"
"""Where repositories are looked for: `huggingface` or `modelscope`."""


MODELS_VARIABLE = "HUNYUANOCR_RAPID_MODELS"
"""Folder that holds recognition models of RapidOCR, for machines that cannot download them."""
