"""A request that a hostile file cannot turn against the process that serves it: memory and time are limited."""

from __future__ import annotations

import contextlib
import faulthandler
import re
from collections.abc import Callable
from typing import Any

from langchain_hunyuanocr.errors import HunyuanOCRError

_ORPHAN_GRACE_S = 10.0


def answer_within_limits(
    request: dict[str, Any], work: Callable[[], tuple[dict[str, Any], bytes]], give_up: Callable[[], None]
) -> tuple[dict[str, Any], bytes]:
    """What `work` answers, or a reply whose `error` and `remedy` say why it failed.

    Args:
        request: Its `timeout_s` is kept by the parent, its `max_memory_mb` here.
        work: Answers the request.
        give_up: Closes what the work has left open, where it failed.
    """
    # Should the parent be killed while a file holds this process in an endless loop, nobody else ends it.
    faulthandler.dump_traceback_later(request["timeout_s"] + _ORPHAN_GRACE_S, exit=True)
    try:
        _limit_memory(request["max_memory_mb"])
        return work()
    except Exception as exc:  # whatever the libraries raise on a broken file
        give_up()
        return _explain(exc, request["max_memory_mb"]), b""
    finally:
        faulthandler.cancel_dump_traceback_later()


def _limit_memory(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    wanted = megabytes * 1024 * 1024
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    with contextlib.suppress(ValueError, OSError):  # macOS refuses some values
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


def _explain(exc: Exception, limit_mb: int) -> dict[str, Any]:
    if isinstance(exc, HunyuanOCRError):
        return {"error": exc.message, "remedy": exc.remedy}
    words = re.sub(r"^code=\d+: ", "", " ".join(str(exc).split())) or type(exc).__name__
    if isinstance(exc, MemoryError) or "malloc" in words or "out of memory" in words.lower():
        return {
            "error": f"needs more than {limit_mb} MB of memory to be opened",
            "remedy": "raise max_memory_mb, or make the page smaller",
            "retire": True,
        }
    return {"error": f"is damaged: {words[:200]}", "remedy": "save or scan it again"}
