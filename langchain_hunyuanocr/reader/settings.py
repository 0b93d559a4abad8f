"""Settings of a reader: what pages are asked, and how far what is read is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from langchain_hunyuanocr.tasks import PromptLanguage, Task, TaskKind

if TYPE_CHECKING:
    from pydantic import BaseModel

    from langchain_hunyuanocr.reading.verification.comparison import Verify
    from langchain_hunyuanocr.results import RepeatMerged


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadSettings:
    """How pages are read; settings that ask for the same are equal.

    Raises:
        ValueError: `verify` or `repeat_merged` is none of its values. What else makes no sense is refused by `Reader`.
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
    repeat_merged: RepeatMerged = "labels"
    """Where the text of a merged cell of a table stands: `True` in every cell that it spans, `False` in the first,
    `labels` in every one where it is header or labels rows, else in the first."""

    def __post_init__(self) -> None:
        if self.verify not in (None, "numbers", "all", "off"):
            raise ValueError(f"verify is {self.verify!r}; it can be 'numbers', 'all' or 'off'")
        if self.repeat_merged not in (True, False, "labels"):
            raise ValueError(f"repeat_merged is {self.repeat_merged!r}; it can be True, False or 'labels'")
        if isinstance(self.fields, Sequence) and not isinstance(self.fields, str):
            object.__setattr__(self, "fields", tuple(self.fields))
