"""What a generated archive says: the record that tests and benchmarks compare with."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

Language = Literal["zh", "en", "mixed"]
AskKind = Literal["text", "table", "field"]
QuestionKind = Literal["text", "table", "field", "cross_language", "unanswerable"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TruthPage(_Record):
    """One page as it was written, before it was scanned.

    Attributes:
        page: Physical page from 0.
        blank: Whether nothing is on it but dust.
        rotation: 0, 90, 180 or 270: degrees clockwise by which the upright page was turned when it was scanned.
        skew: Further degrees clockwise, a few at most, by which it lay askew.
        text: Plain text in reading order, a paragraph or table row a line; seals, signatures and stamps are left out.
        tables: Each table as rows of cells, header first.
        fields: Values by name; the names are those of the presets in `langchain_hunyuanocr.reading.fields.presets`.
    """

    page: int
    blank: bool = False
    rotation: int = 0
    skew: float = 0.0
    text: str = ""
    tables: tuple[tuple[tuple[str, ...], ...], ...] = ()
    fields: dict[str, str] = {}


class TruthFile(_Record):
    """One file of the archive; a damaged one has no pages."""

    file: str
    kind: str
    language: Language
    damaged: bool = False
    pages: tuple[TruthPage, ...] = ()


class Evidence(_Record):
    """A page that answers a question."""

    file: str
    page: int


class TruthQuestion(_Record):
    """A question to the archive.

    Attributes:
        question: As a person would ask it.
        language: Of the question.
        kind: Where its answer stands, or that it crosses languages, or that nothing answers it.
        answer: As it stands on the page; `None` where nothing answers it.
        alternatives: Other ways to write the answer that are just as right.
        file: Of the best evidence.
        page: Of the best evidence, from 0.
        evidence: Every page that answers it.
    """

    question: str
    language: Literal["zh", "en"]
    kind: QuestionKind
    answer: str | None
    alternatives: tuple[str, ...] = ()
    file: str | None = None
    page: int | None = None
    evidence: tuple[Evidence, ...] = ()


class Truth(_Record):
    """Everything that is true of a generated archive."""

    seed: int
    files: tuple[TruthFile, ...]
    questions: tuple[TruthQuestion, ...]

    @property
    def page_count(self) -> int:
        """Readable pages, blank ones included."""
        return sum(len(file.pages) for file in self.files)

    @classmethod
    def read(cls, folder: Path) -> Truth:
        """The truth of an archive that was made before."""
        return cls.model_validate_json((folder / "truth.json").read_text(encoding="utf-8"))
