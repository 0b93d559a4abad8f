"""From a film to the frames that show something new, as pages that a reader takes; decoded in worker processes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages.local_file import LocalFile, local_file
from langchain_hunyuanocr.pages.page import Page, PageSettings, picture_of
from langchain_hunyuanocr.pages.sources import Source
from langchain_hunyuanocr.video.settings import FilmSettings
from langchain_hunyuanocr.worker_pool import Pool, WorkerLostError

if TYPE_CHECKING:
    from PIL.Image import Image

_BUDGET_S = 5.0
"""After so long without news the worker reports, so that a film on which nothing happens is no worker that hangs."""
_NO_LIMIT_MB = 1 << 40

pool = Pool("langchain_hunyuanocr.video.worker", size=2)
"""The processes that decode films, shared by the whole process."""


class FilmFrames:
    """One walk through a film.

    Args:
        source: The film. One on disk is read where it lies, whatever its size.
        pages: Limits of time, memory and pixels.
        film: How it is looked at.

    Attributes:
        end_s: When the film is over, in seconds; known when the walk is, or as far as it came.
    """

    def __init__(self, source: Source, pages: PageSettings, film: FilmSettings) -> None:
        self.source = source
        self.end_s = 0.0
        self._pages = pages
        self._film = film

    def __iter__(self) -> Iterator[Page]:
        """The frames that show something new, as pages whose `index` is the number of the look, from 0.

        Raises:
            SourceError: The film cannot be opened, or is damaged from here on; the frames before have been yielded.
        """
        settings = self._pages
        if self.source.path is not None:
            settings = settings.model_copy(update={"max_file_mb": _NO_LIMIT_MB})
        with local_file(self.source, settings) as file:
            yield from self._frames(file)

    def _frames(self, file: LocalFile) -> Iterator[Page]:
        number = 0
        while True:
            reply, pixels = _next_change(self.source, file, number, self._pages, self._film)
            if reply["end_s"] is not None:
                self.end_s = reply["end_s"] or self.end_s
                break
            number = reply["number"]
            if reply["size"] is not None:
                yield self._page(file, number, reply, pixels)
                number += 1
            self.end_s = number * self._film.step_s
        if reply["damage"] is not None:
            raise SourceError(
                f"is damaged after {self.end_s:.1f} s: {reply['damage']}",
                source=self.source.name,
                remedy="what was read before is kept; copy or convert it again",
            )

    def _page(self, file: LocalFile, number: int, reply: dict[str, Any], pixels: bytearray) -> Page:
        return Page(
            source=self.source.name,
            file_name=self.source.file_name,
            sha256=file.sha256,
            index=number,
            total=0,
            label=None,
            picture=picture_of(reply["size"], pixels),
            dpi=0,
            blank=reply["blank"],
            view=FrameView(self.source, file.sha256, number, self._pages, self._film),
        )


@dataclass(frozen=True, slots=True)
class FrameView:
    """A frame that can be seen again.

    Attributes:
        source: The film; where it is bytes, they are held.
        sha256: Of the film's bytes when it was read.
        number: Of the look, from 0.
        pages: Limits under which it was decoded.
        film: How it was looked at.
    """

    source: Source
    sha256: str
    number: int
    pages: PageSettings = field(repr=False)
    film: FilmSettings = field(repr=False)

    def picture(self) -> Image:
        """The frame as it was read, RGB.

        Raises:
            SourceError: The film is gone, cannot be opened, or has changed since.
        """
        with local_file(self.source, self.pages.model_copy(update={"max_file_mb": _NO_LIMIT_MB})) as file:
            if file.sha256 != self.sha256:
                remedy = "read it again"
                raise SourceError("the film has changed since it was read", source=self.source.name, remedy=remedy)
            reply, pixels = _next_change(self.source, file, self.number, self.pages, self.film)
        return picture_of(reply["size"], pixels)


def _next_change(
    source: Source, file: LocalFile, number: int, pages: PageSettings, film: FilmSettings
) -> tuple[dict[str, Any], bytearray]:
    request = {
        "path": str(file.path.absolute()),
        "number": number,
        "budget_s": min(_BUDGET_S, pages.timeout_s / 4),
        **film.model_dump(),
        **pages.model_dump(include={"max_memory_mb", "timeout_s", "max_pixels"}),
    }
    try:
        reply, pixels = pool.ask(file.sha256, request, pages.timeout_s)
    except WorkerLostError as lost:
        file.check(source)
        words = f"{lost} at {number * film.step_s:.1f} s"
        raise SourceError(words, source=source.name, remedy="the film may be damaged") from lost
    file.check(source)
    if "error" in reply:
        raise SourceError(reply["error"], source=source.name, remedy=reply["remedy"])
    return reply, pixels
