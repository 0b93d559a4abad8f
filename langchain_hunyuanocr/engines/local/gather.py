"""Several answers that come on their own, as one."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError

from langchain_hunyuanocr.results import Generation


def gathered(futures: Sequence[Future[Generation]]) -> Future[list[Generation]]:
    """One future for all answers, in order; it fails with the first failure, and cancelling it cancels them all."""
    whole: Future[list[Generation]] = Future()
    lock = threading.Lock()
    left = len(futures)

    def one_is_done(future: Future[Generation]) -> None:
        nonlocal left
        with lock:
            left -= 1
            last = left == 0
        error = None if future.cancelled() else future.exception()
        try:
            if error is not None:
                whole.set_exception(error)
            elif last and not future.cancelled():
                whole.set_result([each.result() for each in futures])
        except InvalidStateError:
            # Somebody cancelled the whole, or another answer failed before.
            return

    def whole_is_done(_: Future[list[Generation]]) -> None:
        for future in futures:
            future.cancel()

    if not futures:
        whole.set_result([])
    for future in futures:
        future.add_done_callback(one_is_done)
    whole.add_done_callback(whole_is_done)
    return whole
