"""The archive of what was read: ledger, full-text index and vectors, search and answers with their proof."""

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
