"""One page of a source, rendered in a worker; and the page of a reading, seen again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.errors import PageError, SourceError
from langchain_hunyuanocr.pages.local import LocalFile, local_file
from langchain_hunyuanocr.pages.page import Page, PageFailure, PageSettings, TextLayer
from langchain_hunyuanocr.pages.pool import WorkerLostError, pool
from langchain_hunyuanocr.pages.sources import Source
from langchain_hunyuanocr.results import Box, Line

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class SourceView:
    """A page that can be seen again: it holds where the page came from, not its pixels.

    Attributes:
        source: Where the file lies; a source of bytes holds them.
        sha256: Of the file's bytes when the page was read.
        index: Physical page from 0.
        settings: How the page was rendered.
    """

    source: Source
    sha256: str
    index: int
    settings: PageSettings = field(repr=False)  # it may hold a password

    def picture(self) -> Image:
        """The page as it was read, RGB and upright, rendered again.

        Raises:
            SourceError: The file is gone, cannot be opened, or has changed since.
            PageError: The page cannot be rendered.
        """
        with local_file(self.source, self.settings) as file:
            if file.sha256 != self.sha256:
                remedy = "read it again"
                raise SourceError("the file has changed since it was read", source=self.source.name, remedy=remedy)
            return _page_of(self.source, file, self.index, self.settings).picture


def render_page(source: Source, index: int, settings: PageSettings | None = None) -> Page:
    """One page of a source.

    Args:
        source: What to read.
        index: Physical page from 0.
        settings: How; the defaults where `None`. `settings.pages` is not looked at.

    Raises:
        SourceError: The file cannot be opened.
        PageError: The page does not exist or cannot be rendered.
    """
    settings = settings or PageSettings()
    with local_file(source, settings) as file:
        return _page_of(source, file, index, settings)


def count_pages(source: Source, settings: PageSettings | None = None) -> int:
    """How many pages a source has, without rendering one.

    Raises:
        SourceError: The file cannot be opened.
    """
    settings = settings or PageSettings()
    with local_file(source, settings) as file:
        return count(source, file, settings)


def _page_of(source: Source, file: LocalFile, index: int, settings: PageSettings) -> Page:
    total = count(source, file, settings)
    if not 0 <= index < total:
        pages = "1 page" if total == 1 else f"{total} pages"
        raise PageError("there is no such page", source=source.name, page=index, remedy=f"it has {pages}")
    page, _ = render(source, file, index, total, settings)
    if isinstance(page, PageFailure):
        raise page.error
    return page


def _request(ask: str, file: LocalFile, settings: PageSettings) -> dict[str, Any]:
    return {
        "ask": ask,
        "path": str(file.path.absolute()),
        **settings.model_dump(include={"password", "max_memory_mb", "timeout_s", "dpi", "max_pixels", "upright"}),
    }


def count(source: Source, file: LocalFile, settings: PageSettings) -> int:
    """How many pages an open source has.

    Raises:
        SourceError: The file cannot be opened.
    """
    try:
        reply, _ = pool.ask(file.sha256, _request("open", file, settings), settings.timeout_s)
    except WorkerLostError as lost:
        raise SourceError(str(lost), source=source.name, remedy="the file may be damaged") from lost
    if "error" in reply:
        raise SourceError(reply["error"], source=source.name, remedy=reply["remedy"])
    return int(reply["total"])


def render(
    source: Source, file: LocalFile, index: int, total: int, settings: PageSettings
) -> tuple[Page | PageFailure, bool]:
    """A page of an open source, or why there is none, and whether it cost a worker."""
    request = {**_request("page", file, settings), "index": index}
    try:
        reply, pixels = pool.ask(file.sha256, request, settings.timeout_s)
    except WorkerLostError as lost:
        error = PageError(str(lost), source=source.name, page=index, remedy="the page may be damaged")
        return failure(source, file, index, total, error), True
    if "error" in reply:
        error = PageError(reply["error"], source=source.name, page=index, remedy=reply["remedy"])
        return failure(source, file, index, total, error), False
    return _page(source, file, index, total, settings, reply, pixels), False


def failure(source: Source, file: LocalFile, index: int, total: int, error: PageError) -> PageFailure:
    """The place of a page that has none."""
    return PageFailure(
        source=source.name, file_name=source.file_name, sha256=file.sha256, index=index, total=total, error=error
    )


def _page(
    source: Source,
    file: LocalFile,
    index: int,
    total: int,
    settings: PageSettings,
    reply: dict[str, Any],
    pixels: bytearray,
) -> Page:
    from PIL import Image

    lines = tuple(Line(text=text, box=Box(*box), size=size, bold=bold) for text, box, size, bold in reply["lines"])
    return Page(
        source=source.name,
        file_name=source.file_name,
        sha256=file.sha256,
        index=index,
        total=total,
        label=reply["label"],
        picture=Image.frombuffer("RGB", tuple(reply["size"]), pixels, "raw", "RGB", 0, 1),
        dpi=reply["dpi"],
        rotation=reply["rotation"],
        text_layer=TextLayer(lines, good=reply["good"], why=reply["why"]),
        blank=reply["blank"],
        view=SourceView(source, file.sha256, index, settings),
    )
