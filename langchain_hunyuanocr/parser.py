"""The LangChain blob parser: drops into any loader that hands out Blobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from langchain_core.document_loaders import BaseBlobParser
from langchain_core.documents import Document
from langchain_core.documents.base import Blob

from langchain_hunyuanocr.loader import HunyuanOCRLoader


class HunyuanOCRParser(BaseBlobParser):
    """Parses Blobs of PDFs and pictures into Documents.

    Args:
        **options: Those of `HunyuanOCRLoader`, save `source`.

    Raises:
        EngineError: No engine can run here.
        TaskError: The engine cannot do the task.
        FieldError: The fields make no sense.

    Example:
        ```python
        from langchain_core.documents.base import Blob
        from langchain_hunyuanocr import HunyuanOCRParser

        documents = HunyuanOCRParser(engine="rapid").parse(Blob.from_path("scan.pdf"))
        ```
    """

    def __init__(self, **options: Any) -> None:
        # The engine is chosen and the options are checked once, here, not at the thousandth blob.
        self._options = {**options, "engine": HunyuanOCRLoader([], **options).reader.engine}

    def lazy_parse(self, blob: Blob) -> Iterator[Document]:
        """Yield the Documents of one Blob.

        Raises:
            SourceError: The Blob cannot be opened, and `on_error` is not `skip`.
            PageError: A page cannot be read, and `on_error` is not `skip`.
        """
        yield from HunyuanOCRLoader(blob, **self._options).lazy_load()
