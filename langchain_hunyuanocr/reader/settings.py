"""Settings of a reader: what pages are asked, and how far what is read is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from langchain_hunyuanocr.tasks import PromptLanguage, Task, TaskKind

if TYPE_CHECKING:
    from pydantic import BaseModel

    from langchain_hunyuanocr.reading.verification.comparison import Verify


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadSettings:
    """How pages are read; settings that ask for the same are equal.

    Raises:
        ValueError: `verify` is none of its values. What else makes no sense is refused by `Reader`.
    """

    task: Task | TaskKind | str = TaskKind.DOCUMENT
    """What each page is asked."""
    fields: Sequence[str] | type[BaseModel] | None = None
    """Names of values to find on each page, kept as a tuple, or a pydantic model that names them."""
    preset: str | None = None
    """A ready set of fields instead: `invoice`, `receipt`, ..."""
    force_ocr: bool = False
    """Read every page from its picture, even where the PDF's own text is good."""
    language: PromptLanguage = "zh"
    """Language of the prompts, for engines that are prompted."""
    verify: Verify | None = None
    """How a second reader, RapidOCR, checks what a language model reads: `numbers` its numbers, dates, identifiers and
    names, `all` every word, `off` nothing. `None` is `numbers` for a language model where RapidOCR is installed, else
    `off`."""
    ground: bool | None = False
    """Whether what a language model reads gets its boxes on the page, from the second reader's lines. An engine that
    gives lines gives boxes anyway. `None` is yes for a language model where RapidOCR is installed."""
    repeat_merged: bool = True
    """Whether merged cells of tables are repeated in the cells they span."""

    def __post_init__(self) -> None:
        if self.verify not in (None, "numbers", "all", "off"):
            raise ValueError(f"verify is {self.verify!r}; it can be 'numbers', 'all' or 'off'")
        if isinstance(self.fields, Sequence) and not isinstance(self.fields, str):
            object.__setattr__(self, "fields", tuple(self.fields))
