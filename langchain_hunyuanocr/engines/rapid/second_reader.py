"""The second reader: RapidOCR beside a language model, in processes of its own, reading as much of a page as is asked.

It runs while the first reader works on the same page or on the next ones, on CUDA where its runtime has it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.errors import EngineError
from langchain_hunyuanocr.results import Box, Line
from langchain_hunyuanocr.worker_pool import Pool, WorkerLostError

if TYPE_CHECKING:
    from PIL.Image import Image

_TIMEOUT_S = 120.0
_MOST_PROCESSES = 8
"""Each holds its own models, about 400 MB."""


@dataclass(frozen=True, slots=True)
class DetectedLine:
    """A line that was found on a page."""

    box: Box
    quad: tuple[float, ...]
    """Its corners as the detector gave them."""
    lines: tuple[Line, ...] | None
    """What it says: one line, or several where wide gaps part it; empty where it is illegible, `None` if not read."""


class SecondReader:
    """Finds and reads lines of pages in other processes, which are started when they are first needed.

    Args:
        processes: How many; a core is left to the first reader where `None`.
    """

    def __init__(self, *, processes: int | None = None) -> None:
        size = processes or max(1, min(_MOST_PROCESSES, (os.cpu_count() or 1) - 1))
        self._pool = Pool("langchain_hunyuanocr.engines.rapid.worker", size=size)
        self._begin()

    def detect(self, picture: Image, *, every: int = 1) -> Future[tuple[DetectedLine, ...]]:
        """Find the lines of a page and read every so many of them, from the top.

        Args:
            picture: The page, RGB, upright.
            every: 1 reads all, 4 a quarter.

        Returns:
            The lines that were found, from top to bottom. The future raises `EngineError` where the process fails.
        """
        return self._submit(self._detect, picture, every)

    def recognize(
        self, picture: Image, spots: Sequence[DetectedLine], numbers: Sequence[int]
    ) -> Future[tuple[DetectedLine, ...]]:
        """Read more of the lines that were found.

        Args:
            picture: That was looked at.
            spots: What was found.
            numbers: Which of them to read.

        Returns:
            All of `spots`, those read now with what they say.
        """
        return self._submit(self._recognize, picture, spots, numbers)

    def reread(self, picture: Image, boxes: Sequence[Box]) -> Future[tuple[tuple[str, ...], ...]]:
        """Look again at small parts of a page, in several ways.

        Args:
            picture: The page.
            boxes: A line or less of one each.

        Returns:
            For each box what it says, one text a way.
        """
        return self._submit(self._reread, picture, boxes)

    def _begin(self) -> None:
        self._process = os.getpid()
        self._threads = ThreadPoolExecutor(self._pool.size, thread_name_prefix="hunyuanocr-second")

    def _submit(self, work: Callable[..., Any], *arguments: object) -> Future[Any]:
        if self._process != os.getpid():  # forked meanwhile: the threads stayed behind
            self._begin()
        return self._threads.submit(work, *arguments)

    def close(self) -> None:
        """End the processes; they are started anew when they are needed."""
        self._pool.close()

    def _detect(self, picture: Image, every: int) -> tuple[DetectedLine, ...]:
        reply = self._ask(picture, {"ask": "look", "every": every})
        return tuple(
            DetectedLine(Box(*box), tuple(quad), None if read is None else _lines(read))
            for box, quad, read in zip(reply["boxes"], reply["quads"], reply["read"], strict=True)
        )

    def _recognize(
        self, picture: Image, spots: Sequence[DetectedLine], numbers: Sequence[int]
    ) -> tuple[DetectedLine, ...]:
        reply = self._ask(picture, {"ask": "read", "quads": [spots[number].quad for number in numbers]})
        more = dict(zip(numbers, map(_lines, reply["read"]), strict=True))
        return tuple(
            DetectedLine(spot.box, spot.quad, more.get(number, spot.lines)) for number, spot in enumerate(spots)
        )

    def _reread(self, picture: Image, boxes: Sequence[Box]) -> tuple[tuple[str, ...], ...]:
        return tuple(map(tuple, self._ask(picture, {"ask": "again", "boxes": boxes})["texts"]))

    def _ask(self, picture: Image, request: Mapping[str, Any]) -> dict[str, Any]:
        rgb = picture.convert("RGB")
        try:
            reply, _ = self._pool.ask("", {**request, "size": rgb.size}, _TIMEOUT_S, rgb.tobytes())
        except WorkerLostError as exc:
            raise EngineError(f"the second reader {exc}") from exc
        if "error" in reply:
            raise EngineError(f"the second reader failed: {reply['error']}")
        return reply


def _lines(read: Sequence[Any]) -> tuple[Line, ...]:
    return tuple(Line(text=text, box=Box(*box), score=score) for text, box, score in read)


def second_reader_installed() -> bool:
    """Whether RapidOCR is here."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


@cache
def second_reader() -> SecondReader:
    """The one second reader of this process, shared by all that read."""
    return SecondReader()
