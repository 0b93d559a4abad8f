"""Worker processes that hang: found out in time wherever they stop, also while a page is sent to them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from langchain_hunyuanocr.worker_pool import Pool, WorkerLostError

_LIMIT_S = 0.3
_PATIENCE_S = 20
_PAGE = bytes(8 << 20)
"""More than a pipe holds."""
_WORKER = """
from langchain_hunyuanocr.worker_pool import serve
serve(lambda request, payload: ({"got": len(payload)}, b""))
"""


@pytest.fixture
def pool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    (tmp_path / "counting_worker.py").write_text(_WORKER)
    monkeypatch.syspath_prepend(tmp_path)
    made = Pool("counting_worker", size=1)
    yield made
    made.close()


def stop(pool: Pool) -> int:
    (worker,) = pool._all
    worker._process.send_signal(signal.SIGSTOP)
    return worker._process.pid


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="Windows stops no process")
@pytest.mark.parametrize("payload", [b"", _PAGE], ids=["a question", "a page"])
def test_a_stopped_worker_costs_its_request_and_no_other(pool: Pool, payload: bytes) -> None:
    assert pool.ask("", {}, _PATIENCE_S)[0]["got"] == 0
    stopped = stop(pool)
    asker = ThreadPoolExecutor(1)
    try:
        begun = time.monotonic()
        lost = asker.submit(pool.ask, "", {}, _LIMIT_S, payload)
        with pytest.raises(WorkerLostError, match=f"took longer than {_LIMIT_S:g} s"):
            lost.result(_PATIENCE_S)
        assert time.monotonic() - begun >= _LIMIT_S
    finally:
        for worker in pool._all:
            worker._process.kill()  # else a request that hangs would keep the tests from ending
        asker.shutdown()
    with pytest.raises(ProcessLookupError):
        os.kill(stopped, 0)
    assert pool.ask("", {}, _PATIENCE_S, _PAGE)[0]["got"] == len(_PAGE)
