"""A service under 5,000 requests of five kinds and 300 connections of each kind that never come to an end."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from tests.hostile import rounds
from tests.hostile.busy_service import PATIENCE_S
from tests.integration_tests.files import png
from tests.integration_tests.served import until

MB = 1024 * 1024


@dataclass
class Busy:
    """A service that runs, and how long the slowest `/healthz` took meanwhile."""

    port: int
    key: str
    process: psutil.Process
    slowest_s: float = 0.0
    asked: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def figures(self) -> tuple[float, int, int]:
        """Memory in MB, descriptors and threads."""
        return self.process.memory_info().rss / MB, self.process.num_fds(), self.process.num_threads()

    def watch(self, ended: threading.Event) -> None:
        each_its_own = httpx.Limits(max_keepalive_connections=0)
        with httpx.Client(base_url=self.address, timeout=10, limits=each_its_own) as client:
            while not ended.wait(0.02):
                began = time.monotonic()
                try:
                    assert client.get("/healthz").status_code == 200
                except (httpx.HTTPError, AssertionError) as error:
                    self.failures.append(repr(error))
                self.slowest_s = max(self.slowest_s, time.monotonic() - began)
                self.asked += 1


@contextmanager
def busy(folder: Path) -> Iterator[Busy]:
    line = [sys.executable, "-m", "tests.hostile.busy_service", str(folder)]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        try:
            port, key = process.stdout.readline().split()
            service = Busy(int(port), key, psutil.Process(process.pid))
            until(lambda: _answers(service), within_s=30)
            yield service
        finally:
            process.terminate()
            process.wait(30)


def _answers(service: Busy) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(f"{service.address}/healthz").status_code == 200
    return False


def _requests(service: Busy) -> list[Callable[[httpx.Client], set[int]]]:
    """Five kinds of requests; each is sent, and tells by which statuses it may be answered."""
    key = {"authorization": f"Bearer {service.key}"}
    picture = png()

    def sends(right: set[int], method: str, path: str, **options: object) -> Callable[[httpx.Client], set[int]]:
        def send(client: httpx.Client) -> set[int]:
            status = client.request(method, path, **options).status_code  # type: ignore[arg-type]
            if status not in right:
                service.failures.append(f"{method} {path}: {status}")
            return right

        return send

    return [
        sends({200}, "POST", "/v1/read", headers=key, files={"files": ("a.png", picture)}),
        sends({401}, "POST", "/v1/read", files={"files": ("a.png", picture)}),
        sends({422}, "POST", "/generate", headers=key, json={"image": "no picture", "prompt": "What?"}),
        sends({401}, "POST", "/login", data={"key": "wrong"}),
        sends({200}, "GET", "/v1/jobs", headers=key),
    ]


def _half_open(key: str) -> dict[str, bytes]:
    """What is sent of a request that never ends."""
    head = "Host: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n"
    known = f"Authorization: Bearer {key}\r\n"
    return {
        "says nothing": b"",
        "half a head": b"POST /v1/read HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: a",
        "no body, unknown": f"POST /v1/read HTTP/1.1\r\n{head}\r\n--x".encode(),
        "no body, known": f"POST /v1/read HTTP/1.1\r\n{head}{known}\r\n--x".encode(),
        "half a login": b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nkey=a",
        "takes no answer": b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 4,
    }


def _round(service: Busy, each: int, open_each: int) -> float:
    """Requests of each kind, beside connections of each kind that the service has to close; how many had no head."""
    kinds, quiet = _requests(service), service.figures()[1]
    ended = threading.Event()
    watching = threading.Thread(target=service.watch, args=(ended,))
    watching.start()
    left: list[socket.socket] = []
    try:
        for what in _half_open(service.key).values():
            for _ in range(open_each):
                one = socket.create_connection(("127.0.0.1", service.port), timeout=20)
                left.append(one)
                one.setblocking(False)
                with suppress(OSError):
                    one.send(what)
        with httpx.Client(base_url=service.address, timeout=60) as client, ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: kinds[number % len(kinds)](client), range(each * len(kinds))))
        # All of them are closed by the service, not by us.
        until(lambda: service.figures()[1] <= quiet + 10, within_s=15 + 10 * PATIENCE_S)
        metrics = httpx.get(f"{service.address}/metrics", headers={"authorization": f"Bearer {service.key}"}).text
    finally:
        ended.set()
        watching.join()
        for one in left:
            one.close()
    counted = next(line for line in metrics.splitlines() if line.startswith("hunyuanocr_heads_missing_total"))
    return float(counted.split()[1])


@pytest.mark.skipif(not hasattr(psutil.Process, "num_fds"), reason="descriptors are counted where there are such")
def test_load_and_half_open_connections_leave_nothing_behind(tmp_path: Path) -> None:
    each, open_each = rounds(20, 1000), rounds(20, 300)
    with busy(tmp_path) as service:
        _round(service, rounds(5, 300), open_each)  # what is made once is no leak
        service.slowest_s, service.asked = 0.0, 0
        before = service.figures()
        counted = _round(service, each, open_each)
        after = service.figures()
        sys.stdout.write(
            f"\n{5 * each} requests, {open_each} half-open connections of each kind; before {before}, after {after}; "
            f"slowest of {service.asked} /healthz {service.slowest_s:.3f} s; heads missing {counted:g}\n"
        )
        assert not service.failures
        assert service.slowest_s < 1
        assert counted >= 4 * open_each, "two kinds without a head, twice"
        assert after[0] - before[0] < 30, "MB of memory"
        assert after[1] - before[1] <= 10, "descriptors"
        assert after[2] - before[2] <= 8, "threads"
