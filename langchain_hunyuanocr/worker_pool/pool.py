"""A small pool of worker processes: a worker is taken for one request only, so nothing is held between two."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from io import RawIOBase
from pathlib import Path
from typing import Any, cast

from langchain_hunyuanocr.worker_pool import protocol

_PIPE_BYTES = 1 << 20
_START_TIMEOUT_S = 60.0


class WorkerLostError(Exception):
    """The worker crashed or took too long; it is gone, and the request with it."""


class _Worker:
    """One child process."""

    def __init__(self, module: str) -> None:
        self.last_key: str | None = None
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=_child_environment(),
        )
        self._to = cast(RawIOBase, self._process.stdin)
        self._from = cast(RawIOBase, self._process.stdout)
        _widen(self._from.fileno())
        _widen(self._to.fileno())
        self._await_reply(_START_TIMEOUT_S)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(
        self, request: dict[str, Any], timeout_s: float, payload: bytes | memoryview = b""
    ) -> tuple[dict[str, Any], bytearray]:
        """One request, one reply.

        Raises:
            WorkerLostError: The worker crashed, or did not answer within `timeout_s`.
        """

        def send() -> None:
            with contextlib.suppress(OSError):  # a worker that is gone is found out by reading
                protocol.send(self._to, request, payload)

        return self._await_reply(timeout_s, after=send)

    def _await_reply(
        self, timeout_s: float, *, after: Callable[[], None] = lambda: None
    ) -> tuple[dict[str, Any], bytearray]:
        # A timer that kills works on every system; a pipe cannot be polled on all of them. It runs while the request
        # is sent, too: a page fills the pipe, and a worker that hangs does not empty it.
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            self._process.kill()

        timer = threading.Timer(timeout_s, expire)
        timer.daemon = True
        timer.start()
        try:
            after()
            return protocol.receive(self._from)
        except (protocol.ConnectionEndedError, OSError) as exc:
            self.kill()
            raise WorkerLostError(
                f"took longer than {timeout_s:g} s" if expired.is_set() else self._last_words()
            ) from exc
        finally:
            timer.cancel()

    def _last_words(self) -> str:
        code = self._process.returncode
        if code < 0:
            name = signal.Signals(-code).name if -code in signal.Signals.__members__.values() else str(-code)
            return f"crashed the library that works on it ({name})"
        return f"made the process that works on it end with exit status {code}"

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self.close_pipes()

    def close_pipes(self) -> None:
        for stream in (self._to, self._from):
            with contextlib.suppress(OSError):
                stream.close()

    def disown(self) -> None:
        """In a forked child: let go of the parent's worker without touching it."""
        self.close_pipes()
        self._process.returncode = 0  # not ours to wait for


class Pool:
    """Workers to send requests to, from any thread; they are started when they are needed and end with the parent.

    Args:
        module: What a worker runs; it calls `serve`.
        size: Most workers at once.
    """

    def __init__(self, module: str, *, size: int) -> None:
        self._module = module
        self._size = size
        self._forget()
        atexit.register(self.close)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._disown)

    def _forget(self) -> None:
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._starting = 0
        self._changed = threading.Condition()

    @property
    def size(self) -> int:
        """Most workers at once."""
        return self._size

    def ask(
        self, key: str, request: dict[str, Any], timeout_s: float, payload: bytes | memoryview = b""
    ) -> tuple[dict[str, Any], bytearray]:
        """Send one request to a worker, by preference the one that served `key` last.

        Args:
            key: Names what a worker may still have at hand from its last request.
            request: JSON that the worker's module understands.
            timeout_s: Longest that the answer may take.
            payload: Raw bytes that go along.

        Raises:
            WorkerLostError: The worker crashed, or did not answer within `timeout_s`.
        """
        worker = self._take(key)
        kept = False
        try:
            reply = worker.ask(request, timeout_s, payload)
            kept = not reply[0].get("retire") and worker.alive
            return reply
        finally:
            # Also on KeyboardInterrupt: a worker in the middle of a request cannot be used for another.
            worker.last_key = key
            if not kept:
                worker.kill()
            with self._changed:
                if kept:
                    self._idle.append(worker)
                else:
                    self._all.discard(worker)
                self._changed.notify()

    def _take(self, key: str) -> _Worker:
        with self._changed:
            while True:
                self._bury_dead()
                for worker in self._idle:
                    if worker.last_key == key:
                        self._idle.remove(worker)
                        return worker
                if self._idle:
                    return self._idle.pop(0)
                if len(self._all) + self._starting < self._size:
                    self._starting += 1
                    break
                self._changed.wait()
        started: _Worker | None = None
        try:
            started = _Worker(self._module)
            return started
        finally:
            with self._changed:
                self._starting -= 1
                if started is not None:
                    self._all.add(started)
                else:
                    self._changed.notify()

    def _bury_dead(self) -> None:
        for worker in [worker for worker in self._idle if not worker.alive]:
            self._idle.remove(worker)
            self._all.discard(worker)
            worker.kill()

    def close(self) -> None:
        """End every worker, those at work too."""
        with self._changed:
            for worker in self._all:
                worker.kill()
            self._all.clear()
            self._idle.clear()

    def _disown(self) -> None:
        """In a forked child: start afresh, and let the parent keep its workers."""
        for worker in self._all:
            worker.disown()
        self._forget()


def _child_environment() -> dict[str, str]:
    # The worker sees exactly the modules that this process sees, whatever made them importable; and it computes on
    # one thread, for it runs beside an engine and thread pools eat address space, which is limited.
    paths = [path or str(Path.cwd()) for path in sys.path]
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    # glibc gives every page picture back to the system and fetches it anew: a fifth of the time of a page.
    kept = {"MALLOC_MMAP_THRESHOLD_": str(64 << 20), "MALLOC_TRIM_THRESHOLD_": str(128 << 20)}
    return {**kept, **os.environ, **single, "PYTHONPATH": os.pathsep.join(paths)}


def _widen(descriptor: int) -> None:
    # A page picture is some ten megabytes; Linux pipes hold 64 KiB unless told otherwise.
    try:
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    except (ImportError, AttributeError, OSError):
        return
