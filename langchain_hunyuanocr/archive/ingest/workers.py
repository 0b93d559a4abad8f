"""Files are read by worker threads while the one writer stores what they have read."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

Job = TypeVar("Job")
Item = TypeVar("Item")

_POLL_S = 0.2
"""How often a worker whose readings nobody takes looks whether the run was given up."""


@dataclass(frozen=True, slots=True)
class Done:
    """A job is through; `error` says what ended it early."""

    error: BaseException | None = None


class WorkerThreads(Generic[Job, Item]):
    """Runs jobs that yield items, several at a time, and hands over what they yield.

    Args:
        read: Reads one job; may raise.
        workers: Jobs at a time, at least 1.
    """

    def __init__(self, read: Callable[[Job], Iterator[Item]], *, workers: int) -> None:
        self._read = read
        self._workers = max(1, workers)
        # Bounded, so that readings wait in the workers and not in memory.
        self._results: queue.Queue[tuple[Job, Item | Done]] = queue.Queue(maxsize=4 * self._workers)
        self._stop = threading.Event()

    def run(self, jobs: Iterable[Job]) -> Generator[tuple[Job, Item | Done], None, None]:
        """What each job yields, then its `Done`; jobs are drawn only when a worker is free, in the caller's thread."""
        waiting = iter(jobs)
        busy = 0
        more = True
        with ThreadPoolExecutor(self._workers, thread_name_prefix="hunyuanocr-ingest") as pool:
            try:
                while True:
                    while more and busy < self._workers:
                        job = next(waiting, None)
                        more = job is not None
                        if job is not None:
                            pool.submit(self._work, job)
                            busy += 1
                    if not busy:
                        return
                    finished, result = self._results.get()
                    busy -= isinstance(result, Done)
                    yield finished, result
            finally:
                self._stop.set()

    def _work(self, job: Job) -> None:
        try:
            for reading in self._read(job):
                if not self._hand_over(job, reading):
                    return
        except BaseException as exc:
            self._hand_over(job, Done(exc))
        else:
            self._hand_over(job, Done())

    def _hand_over(self, job: Job, result: Item | Done) -> bool:
        while not self._stop.is_set():
            try:
                self._results.put((job, result), timeout=_POLL_S)
            except queue.Full:
                continue
            return True
        return False


Work = TypeVar("Work")


class _End:
    """The last that is put."""


class QueueThread(Generic[Work]):
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
