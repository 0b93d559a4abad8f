"""What a child process runs: it answers requests on stdin and stdout until its parent is gone."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from langchain_hunyuanocr.worker_pool import protocol

Answer = Callable[[dict[str, Any], bytearray], tuple[dict[str, Any], bytes]]
"""From a request and its bytes to a reply and its bytes; after a reply with `retire` the process ends."""


def serve(answer: Answer) -> None:
    """Take stdin and stdout for messages, leaving nothing on them that a library could write to, and answer.

    Does not return: the process ends with its parent, without running destructors that a broken file could hang.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes stdin
    source = io.FileIO(os.dup(0), "r")
    target = io.FileIO(os.dup(1), "w")
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(null, descriptor)
    with contextlib.suppress(OSError):
        _answer_all(source, target, answer)
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123
    os._exit(0)


def _answer_all(source: io.RawIOBase, target: io.RawIOBase, answer: Answer) -> None:
    protocol.send(target, {"ready": True})
    while True:
        try:
            request, payload = protocol.receive(source)
        except protocol.ConnectionEndedError:
            return
        reply, data = answer(request, payload)
        protocol.send(target, reply, data)
        if reply.get("retire"):
            return
