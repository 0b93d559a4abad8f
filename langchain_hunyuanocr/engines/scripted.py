"""Scripted engine: fixed answers, delays and faults, to test whatever stands above an engine."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar

from langchain_hunyuanocr.engines.base import Engine, Request
from langchain_hunyuanocr.errors import EngineError
from langchain_hunyuanocr.results import Generation
from langchain_hunyuanocr.tasks import TaskKind

Answer = str | Generation | Exception
"""What one request gets: raw text, a whole `Generation`, or an exception that is raised."""

Script = Answer | Sequence[Answer] | Callable[[Request], Answer]
"""One answer for every request, answers in the order of the requests, or a function of the request."""


class ScriptedEngine(Engine):
    """Answers from a table; equal requests in equal order get equal answers.

    Example:
        ```python
        engine = ScriptedEngine(["# Page one", "# Page two"], faults={1: EngineError("out of memory")})
        ```

    Attributes:
        requests: How many requests it was given so far.
        asked: How often each kind of task was asked.
        batches: Sizes of the batches it was given, in order.
        closed: How often it was closed.
    """

    name: ClassVar[str] = "scripted"

    def __init__(
        self,
        answers: Script | Mapping[TaskKind, Script] = "",
        *,
        delay_s: float = 0.0,
        faults: Mapping[int, Answer] | None = None,
        name: str = "scripted",
        model: str = "scripted",
        revision: str = "",
        tasks: Iterable[TaskKind] | None = None,
        batch_size: int = 1,
        prompted: bool = False,
    ) -> None:
        """Set the script.

        Args:
            answers: What every request gets; or a list, one a request in order; or a function of the request; or a
                mapping from the kind of task to any of these, a list being counted for its kind alone.
            delay_s: Seconds that each request takes.
            faults: What the request of that number, from 0, gets in place of its answer: an exception is raised for
                its whole batch, a string becomes the error of that one request.
            name: Name the engine goes by.
            model: Model it says it is.
            revision: Revision it says it is.
            tasks: What it says it can do; everything where `None`.
            batch_size: How many requests it says it likes at once.
            prompted: Whether it says that it is a language model, from which an empty answer is a failure.
        """
        self._answers = answers
        self._delay_s = delay_s
        self._faults = dict(faults or {})
        self._model = model
        self._revision = revision
        self.batch_size = batch_size
        # `name`, `tasks` and `prompted` belong to the class of a real engine; a fake may stand in for any of them.
        vars(self)["name"] = name
        vars(self)["prompted"] = prompted
        vars(self)["tasks"] = frozenset(TaskKind if tasks is None else tasks)
        self._lock = threading.Lock()
        self.requests = 0
        self.asked: Counter[TaskKind] = Counter()
        self.batches: list[int] = []
        self.closed = 0

    @property
    def model(self) -> str:
        """The model it says it is."""
        return self._model

    @property
    def revision(self) -> str:
        """The revision it says it is."""
        return self._revision

    def generate(self, requests: Sequence[Request]) -> list[Generation]:
        """Answer from the script, after the delay.

        Raises:
            EngineError: The script has no answer for a request.
            Exception: Whatever exception the script holds for a request.
        """
        numbers = self._number(requests)
        if self._delay_s:
            time.sleep(self._delay_s * len(requests))
        return [self._answer(request, *number) for request, number in zip(requests, numbers, strict=True)]

    async def agenerate(self, requests: Sequence[Request]) -> list[Generation]:
        """`generate` with a delay that leaves the event loop free and takes no thread."""
        numbers = self._number(requests)
        if self._delay_s:
            await asyncio.sleep(self._delay_s * len(requests))
        return [self._answer(request, *number) for request, number in zip(requests, numbers, strict=True)]

    def close(self) -> None:
        """Note that it was closed."""
        with self._lock:
            self.closed += 1

    def _number(self, requests: Sequence[Request]) -> list[tuple[int, int]]:
        """Give each request its number among all and among those of its kind, both from 0."""
        with self._lock:
            self.batches.append(len(requests))
            numbers = []
            for request in requests:
                kind = request.task.kind
                numbers.append((self.requests, self.asked[kind]))
                self.requests += 1
                self.asked[kind] += 1
            return numbers

    def _answer(self, request: Request, number: int, number_of_kind: int) -> Generation:
        if number in self._faults:
            fault = self._faults[number]
            return Generation(finish="error", error=fault) if isinstance(fault, str) else _generation(fault)
        script = self._answers
        if isinstance(script, Mapping):
            if request.task.kind not in script:
                raise EngineError(f"the script has no answers to the task {request.task.kind.value!r}")
            script, number = script[request.task.kind], number_of_kind
        if callable(script):
            return _generation(script(request))
        if isinstance(script, str | Generation | Exception):
            return _generation(script)
        if number >= len(script):
            raise EngineError(f"the script has {len(script)} answers and was asked for one more")
        return _generation(script[number])


def _generation(answer: Answer) -> Generation:
    if isinstance(answer, Exception):
        raise answer
    return Generation(text=answer) if isinstance(answer, str) else answer
