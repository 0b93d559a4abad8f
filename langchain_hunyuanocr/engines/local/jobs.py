"""Jobs: requests on their way through the scheduler."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.local.expected import expected_length
from langchain_hunyuanocr.engines.local.prompting import Patches, Prompt
from langchain_hunyuanocr.engines.local.wording import TextStream
from langchain_hunyuanocr.errors import EngineError
from langchain_hunyuanocr.results import Generation

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Where an answer ends at the latest."""

    tokens: int
    fixed: bool = False
    """Whether it runs to just as many tokens, whatever it says; only measuring wants that."""


@dataclass(eq=False)
class Job:
    """A request and whoever waits for it, who may cancel the future at any time."""

    request: Request
    limits: Limits
    future: Future[Generation] = field(default_factory=Future)
    put: Callable[[str], object] | None = None
    """Is given the text as it comes, where somebody streams it."""
    halved: int = 0
    """How often its picture was made smaller."""
    cut: Future[tuple[Patches, Prompt]] | None = None
    """What the model takes, made beside it."""
    text: TextStream | None = None
    expected: float = 0.0

    def __post_init__(self) -> None:
        self.expected = expected_length(self.request.picture, self.request.task.kind)

    def finish(self, answer: Generation | EngineError) -> None:
        """Hand the answer over, or that the engine cannot run."""
        try:
            if isinstance(answer, EngineError):
                self.future.set_exception(answer)
            else:
                self.future.set_result(answer)
        except InvalidStateError:
            _log.debug("an answer that nobody waits for any more")
