"""Readings become LangChain Documents: `page_document` makes one of a page, `joining` one of a whole file."""

from langchain_hunyuanocr.documents.joining import PAGE_BREAK, join_documents, with_headers
from langchain_hunyuanocr.documents.page_document import (
    PageDocument,
    PageStart,
    field_record,
    metadata_of,
    to_document,
    to_record,
)

__all__ = [
    "PAGE_BREAK",
    "PageDocument",
    "PageStart",
    "field_record",
    "join_documents",
    "metadata_of",
    "to_document",
    "to_record",
    "with_headers",
]
