"""What callers are told of an error, and what they are not."""

from __future__ import annotations

import pytest

from langchain_hunyuanocr.errors import ArchiveError, EngineError, HunyuanOCRError, ServiceError, SourceError
from langchain_hunyuanocr.service.problems import problem_of


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (
            ArchiveError("the ledger cannot be used: disk I/O error", source="/srv/our papers/archive", remedy="wait"),
            "archive: the ledger cannot be used: disk I/O error (wait)",
        ),
        (
            EngineError("there is no model in /home/ann/models/ocr (see ~/ocr/log.txt)"),
            "there is no model in ocr (see log.txt)",
        ),
        (ServiceError("cannot be used", source="/var/lib/hunyuanocr"), "hunyuanocr: cannot be used"),
        (
            EngineError("http://127.0.0.1:8001/v1/models does not answer"),
            "http://127.0.0.1:8001/v1/models does not answer",
        ),
        (
            SourceError("is encrypted", source="a/b.pdf", remedy="and/or give it"),
            "a/b.pdf: is encrypted (and/or give it)",
        ),
        (
            SourceError("is too large", source="https://example.org/a/b/c.pdf"),
            "https://example.org/a/b/c.pdf: is too large",
        ),
    ],
)
def test_no_path_of_the_machine_is_told(error: HunyuanOCRError, detail: str) -> None:
    assert problem_of(error).detail == detail
