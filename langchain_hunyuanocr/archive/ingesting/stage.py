"""A step of the run in a thread of its own, with a short queue before it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Work = TypeVar("Work")

_POLL_S = 0.2
"""How often who waits before a full queue looks whether the step is still alive."""


class _End:
    """The last that is put."""


class Stage(Generic[Work]):
    """Does work in the order in which it is put, in one thread.

    After an error it does nothing more: the error is raised to who puts more or waits for the end.

    Args:
        do: Does one piece of work.
        waiting: Most pieces that wait.
        name: Of the thread.
        leave: Called last, in the thread.
    """

    def __init__(self, do: Callable[[Work], None], *, waiting: int, name: str, leave: Callable[[], None]) -> None:
        self._do = do
        self._leave = leave
        self._queue: queue.Queue[Work | _End] = queue.Queue(maxsize=waiting)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=f"hunyuanocr-{name}", daemon=True)
        self._thread.start()

    def put(self, work: Work) -> None:
        """Hand work over; waits where too much of it waits already."""
        while True:
            if self._error is not None:
                raise self._error
            try:
                self._queue.put(work, timeout=_POLL_S)
            except queue.Full:
                continue
            return

    def nudge(self, work: Work) -> None:
        """Hand work over unless some waits already that will do it too."""
        try:
            self._queue.put_nowait(work)
        except queue.Full:
            return

    def wait(self) -> None:
        """Wait until all work is done."""
        self._queue.join()
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Finish the work that waits, and end the thread."""
        if self._thread.is_alive():
            self._queue.put(_End())
            self._thread.join()

    def _run(self) -> None:
        try:
            while True:
                work = self._queue.get()
                try:
                    if isinstance(work, _End):
                        return
                    if self._error is None:
                        self._do(work)
                except BaseException as exc:
                    self._error = exc
                finally:
                    self._queue.task_done()
        finally:
            self._leave()
