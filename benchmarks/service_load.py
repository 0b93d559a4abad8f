"""The HTTP service under load: 1, 8 and 32 clients at once, then clients that leave, send rubbish or send a gigabyte.

The engine costs a fixed time a batch, as a GPU about does, so that what the service adds can be told: throughput is
given as a share of the engine's own rate with full batches. Memory is that of the service with its worker processes,
after all clients, against what it was once 32 clients had been served for a while.

Run with `python benchmarks/service_load.py [--quick] [--seconds N]`.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import httpx
import psutil
from PIL import Image, ImageDraw

from langchain_hunyuanocr.engines import Engine, Request
from langchain_hunyuanocr.results import Generation

BATCH = 8
BATCH_S = 0.5
RATE = BATCH / BATCH_S
"""Pages a second of the engine alone."""
WARM_UP_S = 4.0
RUBBISH = (
    (b"\x00\xff" * 500, "application/json"),
    (b'{"image": ', "application/json"),
    (b"--x\r\nrubbish", "multipart/form-data; boundary=x"),
    (b"%PDF-1.7 nothing", "multipart/form-data"),
)


class FixedCost(Engine):
    """Takes as long for one page as for a full batch."""

    name: ClassVar[str] = "fixed"
    batch_size = BATCH

    @property
    def model(self) -> str:
        """The model that answers."""
        return "fixed"

    @property
    def revision(self) -> str:
        """Which state of the model."""
        return ""

    def generate(self, requests: Sequence[Request]) -> list[Generation]:
        """Answer after the fixed time."""
        time.sleep(BATCH_S)
        return [Generation(text="page") for _ in requests]

    async def agenerate(self, requests: Sequence[Request]) -> list[Generation]:
        """Answer after the fixed time, without a thread."""
        await asyncio.sleep(BATCH_S)
        return [Generation(text="page") for _ in requests]


@dataclass
class Phase:
    """What some clients met with."""

    name: str
    statuses: Counter[int] = field(default_factory=Counter)
    """0 counts connections that broke."""
    waits: list[float] = field(default_factory=list)
    read_at: list[float] = field(default_factory=list)
    """When pages came back while all clients were there; the clock is that of `time.monotonic`."""
    batch: float = 0.0
    """Mean number of questions that went to the engine in one call."""
    rss_mb: float = 0.0

    @property
    def rate(self) -> float:
        """Pages a second from the end of the first batch on, in which not all clients can be."""
        if not self.read_at:
            return 0.0
        first, last = min(self.read_at) + BATCH_S / 2, max(self.read_at)
        return sum(at > first for at in self.read_at) / (last - min(self.read_at)) if last > first else 0.0

    def wait(self, share: float) -> float:
        """Seconds that this share of the requests stayed below."""
        ordered = sorted(self.waits)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def page() -> bytes:
    """A small scan."""
    picture = Image.new("RGB", (400, 300), "white")
    ImageDraw.Draw(picture).text((40, 40), "Invoice No: INV-2041", fill="black", font_size=24)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


async def read(client: httpx.AsyncClient, scan: bytes) -> int:
    """A client that behaves."""
    answer = await client.post("/v1/read", files={"files": ("scan.png", scan)})
    return answer.status_code


async def leave(client: httpx.AsyncClient, scan: bytes) -> int:
    """A client that goes away before it is answered."""
    with suppress(TimeoutError):
        async with asyncio.timeout(random.uniform(0.01, BATCH_S)):
            return await read(client, scan)
    return 499


async def rubbish(client: httpx.AsyncClient, scan: bytes) -> int:
    """A client that sends what nobody asked for."""
    body, kind = random.choice((*RUBBISH, (scan[: len(scan) // 3], "image/png")))
    path = random.choice(("/v1/read", "/generate", "/v1/chat/completions", "/v1/jobs"))
    return (await client.post(path, content=body, headers={"Content-Type": kind})).status_code


async def gigabyte(client: httpx.AsyncClient, _: bytes) -> int:
    """A client that sends a gigabyte without saying so beforehand."""

    async def body() -> AsyncIterator[bytes]:
        piece = b"x" * (1 << 20)
        for _ in range(1024):
            yield piece

    try:
        return (
            await client.post("/generate", content=body(), headers={"Content-Type": "application/json"})
        ).status_code
    except httpx.TransportError:
        return 413  # the service hangs up on what it refused


async def phase(
    name: str, address: str, clients: int, seconds: float, act: Callable[[httpx.AsyncClient, bytes], Awaitable[int]]
) -> Phase:
    """Have clients act, each as soon as its last request is answered."""
    found, scan = Phase(name), page()
    end = time.monotonic() + seconds

    async def one() -> None:
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            while (began := time.monotonic()) < end:
                try:
                    status = await act(client, scan)
                except httpx.TransportError:
                    status = 0
                found.statuses[status] += 1
                found.waits.append(time.monotonic() - began)
                if status == 200 and time.monotonic() < end:
                    found.read_at.append(time.monotonic())

    await asyncio.gather(*(one() for _ in range(clients)))
    return found


async def batches(address: str) -> tuple[float, float]:
    """Questions that went to the engine, and calls that they went in."""
    async with httpx.AsyncClient(base_url=address) as client:
        lines = (await client.get("/metrics")).text.splitlines()
    told = dict(line.rsplit(" ", 1) for line in lines if line.startswith("hunyuanocr_batch_questions_"))
    return float(told["hunyuanocr_batch_questions_sum"]), float(told["hunyuanocr_batch_questions_count"])


def memory_mb(process: psutil.Process) -> float:
    """Of a process and its children."""
    total = 0
    for each in (process, *process.children(recursive=True)):
        with suppress(psutil.Error):
            total += each.memory_info().rss
    return total / 2**20


def serve(port: int, state: Path) -> None:
    """Be the service."""
    import uvicorn

    from langchain_hunyuanocr.service import Bounds, ServiceSettings, create_app

    settings = ServiceSettings(state=state, bounds=Bounds(rate="1000000/minute"), warm_up=False)
    uvicorn.run(create_app(settings, FixedCost()), port=port, log_level="warning", access_log=False)


async def measure(address: str, process: psutil.Process, seconds: float) -> tuple[list[Phase], float]:
    """All phases, and the memory that they are measured against."""
    await phase("warm-up", address, 32, WARM_UP_S, read)
    before = memory_mb(process)
    plan = (
        ("1 client", 1, read),
        ("8 clients", 8, read),
        ("32 clients", 32, read),
        ("32 that leave", 32, leave),
        ("8 with rubbish", 8, rubbish),
        ("2 with a gigabyte", 2, gigabyte),
        ("32 clients again", 32, read),
    )
    phases = []
    for name, clients, act in plan:
        questions, calls = await batches(address)
        done = await phase(name, address, clients, seconds, act)
        more, called = await batches(address)
        done.batch = (more - questions) / (called - calls) if called > calls else 0.0
        done.rss_mb = memory_mb(process)
        phases.append(done)
    return phases, before


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under a minute")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each phase")
    parser.add_argument("--serve", nargs=2, metavar=("PORT", "STATE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(int(arguments.serve[0]), Path(arguments.serve[1]))
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as state:
        service = subprocess.Popen([sys.executable, __file__, "--serve", str(port), state])
        try:
            wait_for(address)
            seconds = 5.0 if arguments.quick else arguments.seconds
            phases, before = asyncio.run(measure(address, psutil.Process(service.pid), seconds))
        finally:
            left = [str(path) for path in Path(state, "uploads").iterdir()]
            service.terminate()
            service.wait()
    report(phases, before, left)


def wait_for(address: str) -> None:
    """Wait until the service answers."""
    for _ in range(300):
        with suppress(httpx.TransportError):
            httpx.get(f"{address}/readyz")
            return
        time.sleep(0.1)
    raise SystemExit("the service did not start")


def report(phases: Sequence[Phase], before_mb: float, left: Sequence[str]) -> None:
    """Print what was met with."""
    print(f"engine alone: {RATE:.1f} pages/s in batches of {BATCH}; memory before: {before_mb:.0f} MB")
    print(f"{'':18} {'pages/s':>8} {'of engine':>9} {'median s':>9} {'95 % s':>7} {'batch':>6} {'MB':>6}  answers")
    for one in phases:
        answers = ", ".join(f"{status or 'broken'}: {count}" for status, count in sorted(one.statuses.items()))
        print(
            f"{one.name:18} {one.rate:8.1f} {one.rate / RATE:9.2f} {one.wait(0.5):9.2f} {one.wait(0.95):7.2f} "
            f"{one.batch:6.1f} {one.rss_mb:6.0f}  {answers}"
        )
    print(f"uploads left behind: {len(left)}")
    errors = sum(
        count
        for one in phases
        for status, count in one.statuses.items()
        if status == 0 or (status >= 500 and status != 503)
    )
    crowd = next(one for one in phases if one.name == "32 clients")
    result = {
        "throughput_ratio": round(crowd.rate / RATE, 3),
        "errors": errors + len(left),
        "rss_ratio": round(phases[-1].rss_mb / before_mb, 3),
    }
    print(f"RESULT {json.dumps(result)}")


if __name__ == "__main__":
    main()
