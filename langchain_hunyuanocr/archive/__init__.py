"""The archive of what was read: ledger, full-text index and vectors, search and answers with their proof.

Each name is imported on first use: a search needs nothing of what ingests, answers or exports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_hunyuanocr.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from langchain_hunyuanocr.archive.answer.models import Answer, AnswerPart, Citation, Mode, Sentence, Struck
    from langchain_hunyuanocr.archive.archive import Archive
    from langchain_hunyuanocr.archive.embeddings import SentenceEncoder
    from langchain_hunyuanocr.archive.export.outcome import ExportReport
    from langchain_hunyuanocr.archive.search.hits import SearchHit
    from langchain_hunyuanocr.archive.status import Progress

__all__ = [
    "Answer",
    "AnswerPart",
    "Archive",
    "Citation",
    "ExportReport",
    "Mode",
    "Progress",
    "SearchHit",
    "Sentence",
    "SentenceEncoder",
    "Struck",
]

_HOMES = {
    "Archive": "archive",
    "ExportReport": "export.outcome",
    "Progress": "status",
    "SearchHit": "search.hits",
    "SentenceEncoder": "embeddings",
    **dict.fromkeys(("Answer", "AnswerPart", "Citation", "Mode", "Sentence", "Struck"), "answer.models"),
}

__getattr__ = lazy_exports(__name__, _HOMES)
