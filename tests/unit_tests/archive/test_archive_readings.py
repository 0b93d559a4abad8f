"""Readings are kept once for all pages that look alike, and each page takes them as its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from langchain_hunyuanocr.archive.ingest.file_reader import PagesInProgress
from langchain_hunyuanocr.archive.ingest.workers import QueueThread
from langchain_hunyuanocr.archive.storage import readings
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.pages import TextLayer
from langchain_hunyuanocr.pages.page_ranges import format_ranges
from langchain_hunyuanocr.results import Field, FieldState, Status
from tests.unit_tests.readings import page, reading


def test_a_page_is_the_same_wherever_it_lies() -> None:
    assert readings.content_of(page(0, source="a.pdf")) == readings.content_of(page(5, total=9, source="b.pdf"))


@pytest.mark.parametrize(
    "change",
    [
        {"picture": Image.new("RGB", (64, 96), "black")},
        {"picture": Image.new("RGB", (96, 64), "white")},
        {"dpi": 73},
        {"rotation": 90.0},
        {"blank": True},
        {"text": "a layer"},
        {"notes": ("1 attached file was not read: a.csv",)},
        {"text_layer": TextLayer(unseen=0.2)},
    ],
)
def test_what_decides_a_reading_decides_the_digest(change: dict[str, object]) -> None:
    assert readings.content_of(page(**change)) != readings.content_of(page())  # type: ignore[arg-type]


def test_a_reading_is_another_pages_own(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, create=True)
    field = Field(name="total", value="5", state=FieldState.CONFIRMED, page=0)
    first = reading("text", fields=(field,), page_label="i")
    other = first.model_copy(update={"sha256": "1" * 64, "page": 3, "page_label": "iv"})
    with ledger.transaction() as connection:
        connection.execute("INSERT INTO contents VALUES (?, 7, 1)", (other.sha256,))
        connection.execute("INSERT INTO files (source, sha256, run) VALUES ('in/b.pdf', ?, 1)", (other.sha256,))
        readings.store(connection, first, "reader", "same")
        readings.store(connection, other, "reader", "same")
    found = readings.load(ledger.connection, other.sha256, 3)
    assert found is not None
    assert (found.source, found.file_name, found.page, found.total_pages, found.page_label) == (
        "in/b.pdf", "b.pdf", 3, 7, "iv",
    )  # fmt: skip
    assert found.fields[0].page == 3
    assert ledger.connection.execute("SELECT count(*) FROM readings").fetchone()[0] == 1


def test_a_reading_goes_with_the_last_page_that_has_it(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, create=True)
    with ledger.transaction() as connection:
        for sha256 in ("0" * 64, "1" * 64):
            for reader in ("old", "new"):
                readings.store(connection, reading("text", sha256=sha256), reader, "same")
        readings.forget(connection, "0" * 64)
        assert readings.known(connection, "same", "old") is not None
        readings.forget(connection, "1" * 64)
        assert readings.known(connection, "same", "old") is readings.known(connection, "same", "new") is None


def test_tries_are_counted_while_a_page_fails(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, create=True)
    failed = reading(status=Status.FAILED, error="out of ink")
    with ledger.transaction() as connection:
        readings.store(connection, failed, "reader", "looks")
        readings.store(connection, failed, "reader", "looks")
    assert list(readings.outcomes(ledger.connection, failed.sha256)) == [(0, True, 2, "reader")]
    assert readings.known(ledger.connection, "looks", "reader") is None
    with ledger.transaction() as connection:
        readings.store(connection, reading("text"), "reader", "looks")
    assert list(readings.outcomes(ledger.connection, failed.sha256)) == [(0, False, 1, "reader")]
    assert ledger.connection.execute("SELECT count(*) FROM readings").fetchone()[0] == 1


def test_a_content_is_read_by_one_at_a_time() -> None:
    claims = PagesInProgress()
    assert claims.take("a")
    assert not claims.take("a")
    claims.give_back("a")
    assert claims.wait_for("a")
    assert claims.take("a")
    claims.close()
    assert not claims.wait_for("a")


def test_a_stage_keeps_order_and_raises_what_went_wrong() -> None:
    done: list[int] = []
    left: list[bool] = []

    def do(number: int) -> None:
        if number == 3:
            raise ValueError("three")
        done.append(number)

    stage = QueueThread(do, waiting=2, name="test", leave=lambda: left.append(True))
    for number in (1, 2):
        stage.put(number)
    stage.wait()
    stage.put(3)
    with pytest.raises(ValueError, match="three"):
        stage.wait()
    with pytest.raises(ValueError, match="three"):
        stage.put(4)
    stage.close()
    assert (done, left) == ([1, 2], [True])


def test_pages_are_written_as_people_write_them() -> None:
    assert format_ranges({0, 1, 2, 6}) == "1-3,7"
