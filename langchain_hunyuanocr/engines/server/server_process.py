"""Server process: a model server on this machine that ends with ours, in whatever way ours ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import IO

_POLL_S = 0.05
_ENDING_S = 10.0
_KEEPER = """
import os, subprocess, sys, threading
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
def end():
    while os.read(0, 1024):
        pass
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
threading.Thread(target=end, daemon=True).start()
os._exit(server.wait() & 255)
"""
"""Ends the server once our end of the pipe is closed, in whatever way this process ends."""


class ServerProcess:
    """A server, started at once.

    Args:
        command: The program and its arguments.
        environment: Variables beside those of this process.
        log: Takes what it writes; this program's own stdout and stderr where `None`.
    """

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str] | None = None, log: IO[bytes] | None = None
    ) -> None:
        # In a session of its own, as Ctrl-C is for this process, which then ends it.
        self._process = subprocess.Popen(  # noqa: S603 - a program of the user's choice, without a shell
            [sys.executable, "-I", "-c", _KEEPER, *command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )

    @property
    def status(self) -> int | None:
        """What it ended with; `None` while it runs."""
        return self._process.poll()

    def wait(self) -> int:
        """Wait for its end; its status."""
        return self._process.wait()

    def wait_until_ready(self, port: int, patience_s: float) -> bool:
        """Wait until it answers `GET /health` with success.

        Args:
            port: Where it listens on this machine.
            patience_s: How long to wait.

        Returns:
            Whether it does; `False` where it ended, see `status`, or patience did.
        """
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy does not know this machine
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline and self.status is None:
            try:
                with opener.open(f"http://127.0.0.1:{port}/health", timeout=5):
                    return True
            except (urllib.error.URLError, OSError):
                time.sleep(_POLL_S)
        return False

    def end(self) -> None:
        """End it, and wait until it is gone."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(2 * _ENDING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
