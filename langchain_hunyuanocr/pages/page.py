"""The page as a value: a picture that stands upright, and what the file itself says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt, field_validator

from langchain_hunyuanocr.errors import PageError
from langchain_hunyuanocr.pages.page_ranges import parse_ranges
from langchain_hunyuanocr.results import Box, Line, PageView
from langchain_hunyuanocr.warp import Warp

if TYPE_CHECKING:
    from PIL.Image import Image


class PageSettings(BaseModel):
    """How sources are opened and rendered.

    Attributes:
        max_pixels: Most pixels of a page picture; the page is rendered to fit, never rendered large and shrunk.
        dpi: Resolution at which a PDF page is rendered where `max_pixels` allows it; a page that is one scanned picture
            is rendered at the resolution of that picture.
        pages: Which pages, as people write them, from 1: `"1-3,7"`; all where `None`.
        password: Opens encrypted files.
        upright: Whether turned and skewed pages are set upright.
        timeout_s: Longest that opening a file or rendering a page may take.
        max_memory_mb: Most memory that the process which opens files may take.
        max_file_mb: Largest file that is opened or downloaded.

    Raises:
        SourceError: `pages` is no choice of pages.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_pixels: PositiveInt = 3_400_000
    dpi: PositiveInt = 200
    pages: str | None = None
    password: str | None = None
    upright: bool = True
    timeout_s: PositiveFloat = 60.0
    max_memory_mb: PositiveInt = 4096
    max_file_mb: PositiveInt = 2048

    @field_validator("pages")
    @classmethod
    def _understood(cls, pages: str | None) -> str | None:
        if pages is not None:
            parse_ranges(pages)
        return pages


def picture_of(size: Sequence[int], pixels: bytearray) -> Image:
    """A picture over pixels that a worker sent, which are not copied.

    Args:
        size: Width and height.
        pixels: RGB, row by row.
    """
    import numpy as np
    from PIL import Image

    return Image.frombuffer("RGB", (size[0], size[1]), np.frombuffer(pixels, np.uint8), "raw", "RGB", 0, 1)


@dataclass(frozen=True, slots=True)
class TextLayer:
    """The text that a PDF page carries itself."""

    lines: tuple[Line, ...] = ()
    good: bool = False
    """Whether it can be trusted in place of OCR."""
    why: str = "none"
    """Why it can or cannot: `good`, `none`, `hidden`, `unmapped`, `sparse`."""
    fonts: tuple[tuple[str, ...], ...] = ()
    """For each line the fonts whose characters are only the file's word for what they show; empty where none are."""
    watermarks: tuple[Line, ...] = ()
    """Slanting and pale text across the page, which is no part of `lines`."""
    comments: tuple[Line, ...] = ()
    """What people noted at the page, which is shown by a click alone."""
    pictures: tuple[Box, ...] = ()
    """Where pictures and drawings are that may show text of their own."""
    unseen: float = 0.0
    """Share of the characters of the layer, 0 to 1, that nobody sees who looks at the page; they are left out."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a source, ready to be read."""

    source: str
    file_name: str
    sha256: str
    index: int
    """Physical page from 0."""
    total: int
    label: str | None
    """The page's printed label, where the PDF has one."""
    picture: Image
    """RGB, upright, at most `max_pixels`."""
    dpi: int
    """Of the picture; 0 where the page has no physical size."""
    rotation: float = 0.0
    """Degrees clockwise by which the picture was turned to stand upright."""
    warp: Warp | None = None
    """Where its parts lie on the file's picture, where that is a photograph that was laid flat; includes `rotation`."""
    text_layer: TextLayer = field(default_factory=TextLayer)
    notes: tuple[str, ...] = ()
    """What the file holds beside what the page shows, such as attachments."""
    blank: bool = False
    """Whether there is nothing on the page to read: no ink and no text."""
    view: PageView | None = field(default=None, compare=False)
    """How its picture can be seen again when this page is gone."""


@dataclass(frozen=True, slots=True)
class PageFailure:
    """A page that could not be rendered; the others of its source are not concerned."""

    source: str
    file_name: str
    sha256: str
    index: int
    total: int
    error: PageError
