"""Batch queue: many pages at once through an engine, out in the order they came in. Knows no thread and no loop."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from langchain_hunyuanocr.engines import Request
from langchain_hunyuanocr.results import Generation, PageReading

Asked = list[Request] | Future[Any]
"""Something that a flow waits for."""
Flow = Generator[Asked, Any, PageReading]
"""What is asked about one page, round by round, and what the answers come to.

Requests to the engine are answered by a list of `Generation`, something that is done elsewhere by its result."""

_MOST_HELD = 32
"""Most things held back while a batch fills or an earlier page is read: order is kept, and so is flat memory."""


@dataclass(eq=False)
class _Slot:
    """Something's place in the order; full once its outcome is known."""

    steps: Flow | None = None
    asked: list[Request] = field(default_factory=list)
    outcome: Any = None
    error: BaseException | None = None

    @property
    def full(self) -> bool:
        return self.steps is None


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Requests that go to the engine in one call."""

    requests: list[Request]
    places: tuple[_Slot, ...]


class BatchQueue:
    """Keeps order while pages are read.

    Put things in, send the batches that are due to the engine, hand its answers back, and take out what is ready.

    Args:
        batch_size: How many requests the engine likes to get in one call.
        in_flight: How many requests may be under way at once.
    """

    def __init__(self, *, batch_size: int, in_flight: Callable[[], int]) -> None:
        self._batch_size = batch_size
        self._in_flight = in_flight
        self._order: deque[_Slot] = deque()
        self._asking: deque[_Slot] = deque()
        self._elsewhere: dict[Future[Any], _Slot] = {}
        self._under_way = 0

    def put(self, thing: object) -> None:
        """Let something that needs no engine take its place in the order."""
        self._order.append(_Slot(outcome=thing))

    def put_steps(self, steps: Flow) -> None:
        """Let a page take its place."""
        place = _Slot(steps)
        self._order.append(place)
        self._advance(place, None)

    def due(self, *, last: bool) -> Batch | None:
        """The next batch that should go to the engine now.

        Args:
            last: Whether nothing more comes in, so that a batch need not wait until it is full.
        """
        waiting = sum(len(place.asked) for place in self._asking)
        if not waiting or (waiting < self._batch_size and not last and len(self._order) < _MOST_HELD):
            return None
        places: list[_Slot] = []
        requests: list[Request] = []
        while self._asking and (not places or len(requests) + len(self._asking[0].asked) <= self._batch_size):
            place = self._asking.popleft()
            places.append(place)
            requests += place.asked
        self._under_way += len(requests)
        return Batch(requests, tuple(places))

    def answer(self, batch: Batch, answers: Sequence[Generation]) -> None:
        """Hand the engine's answers back."""
        self._under_way -= len(batch.requests)
        given = iter(answers)
        for place in batch.places:
            self._advance(place, [next(given) for _ in place.asked])

    def fail(self, batch: Batch, error: BaseException) -> None:
        """Hand back that the engine failed as a whole; it is raised when the first page of the batch is taken out."""
        self._under_way -= len(batch.requests)
        for place in batch.places:
            place.steps, place.error = None, error

    @property
    def elsewhere(self) -> Collection[Future[Any]]:
        """What pages wait for that is done elsewhere."""
        return self._elsewhere.keys()

    def resume(self, done: Future[Any]) -> None:
        """Let the page go on that waited for this."""
        place = self._elsewhere.pop(done)
        error = done.exception()
        self._advance(place, error if error is not None else done.result())

    def ready(self) -> Iterator[Any]:
        """Take out what is ready and has nothing unready before it.

        Raises:
            EngineError: The engine failed as a whole where this page should be.
        """
        while self._order and self._order[0].full:
            place = self._order.popleft()
            if place.error is not None:
                raise place.error
            yield place.outcome

    @property
    def full(self) -> bool:
        """Whether an answer must come before anything more goes in."""
        if not self._under_way and not self._elsewhere:
            return False
        most = self._in_flight()
        return self._under_way >= most or len(self._order) >= max(_MOST_HELD, 4 * most)

    @property
    def empty(self) -> bool:
        """Whether all that was put in has been taken out."""
        return not self._order

    def _advance(self, place: _Slot, outcome: Any) -> None:
        if place.steps is None:
            return
        try:
            failed = isinstance(outcome, BaseException)
            asked = place.steps.throw(outcome) if failed else place.steps.send(outcome)
        except StopIteration as done:
            place.steps, place.outcome = None, done.value
            return
        if isinstance(asked, Future):
            self._elsewhere[asked] = place
        else:
            place.asked = asked
            self._asking.append(place)
