"""Backend interface: a file that lies open in the worker, and a page of it as it was rendered."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from langchain_hunyuanocr.pages.page import TextLayer
from langchain_hunyuanocr.warp import Warp

if TYPE_CHECKING:
    from PIL.Image import Image

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
    warp: Warp | None = None
    """Where its parts lay on the picture before, where it was photographed and laid flat."""
    blank: bool = False
    notes: tuple[str, ...] = ()
    """What the file holds beside what the page shows."""
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
