"""A file that lies open in the worker, and a page of it as it was rendered."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages.film import is_film_head
from langchain_hunyuanocr.pages.page import TextLayer

if TYPE_CHECKING:
    from PIL.Image import Image

HEAD_BYTES = 1024
Turn = Literal[0, 90, 180, 270]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page as the file has it, before or after it was set upright."""

    picture: Image
    """RGB."""
    dpi: float
    label: str | None = None
    layer: TextLayer = field(default_factory=TextLayer)
    text_turn: Turn | None = None
    """Degrees clockwise that set its visible text upright, where it has a good text layer."""
    rotation: float = 0.0
    blank: bool = False
    damage: str | None = None
    """What the library complained of, where that can cost what the page shows."""


class OpenFile(ABC):
    """An open file of one kind."""

    total: int
    """How many pages it has."""

    @abstractmethod
    def render(self, index: int, *, dpi: int, max_pixels: int) -> Rendered:
        """Render page `index`, from 0, to at most `max_pixels`.

        Raises:
            PageError: This page cannot be rendered.
        """

    @abstractmethod
    def close(self) -> None:
        """Give the file back."""


def open_file(path: str, *, password: str | None, max_memory_mb: int) -> OpenFile:
    """Open a file for what it is, whatever its name says.

    Raises:
        SourceError: It is of no kind that can be read, or encrypted, or damaged.
    """
    with Path(path).open("rb") as file:
        head = file.read(HEAD_BYTES)
    if b"%PDF-" in head:  # readers have always allowed for some bytes before the header
        from langchain_hunyuanocr.pages.pdf import PdfFile

        return PdfFile(path, password, max_memory_mb)
    from langchain_hunyuanocr.pages.picture import PictureFile, is_picture

    if is_film_head(head):
        raise SourceError("is a film, not a PDF or a picture", remedy="read its subtitles with the task subtitle")
    if not is_picture(head):
        raise SourceError(f"is {_what(head)}, not a PDF or a picture", remedy="convert it to PDF first")
    return PictureFile(path, max_memory_mb)


def _what(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype html")):
        return "a web page"
    if start.startswith(b"pk\x03\x04"):
        return "a ZIP archive or an office document"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return "an old office document"
    if start.startswith(b"%!ps"):
        return "PostScript"
    try:
        head.decode()
    except UnicodeDecodeError as exc:
        if exc.start < len(head) - 3:
            return "an unknown kind of file"
    return "text"
