"""The ledger, its lock, and reading ahead."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from langchain_hunyuanocr.archive.ingest.workers import Done, WorkerThreads
from langchain_hunyuanocr.archive.storage.ledger import FILE_NAME, VERSION, Ledger, sole_writer
from langchain_hunyuanocr.errors import ArchiveError
from langchain_hunyuanocr.results import PageReading
from tests.unit_tests.readings import reading


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="hunyuanocr ingest"):
        Ledger(tmp_path / "none")


def test_a_folder_of_other_things_is_refused_even_for_a_new_archive(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(ArchiveError, match="not an archive"):
        Ledger(tmp_path, create=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["letter.txt"]


def test_what_a_killed_first_run_left_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "archive.new").write_bytes(b"half")
    (tmp_path / "writer.lock").touch()
    assert Ledger(tmp_path, create=True).setting("run") is None


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / FILE_NAME).execute("CREATE TABLE other (a)")
    with pytest.raises(ArchiveError, match="not an archive"):
        Ledger(tmp_path)


def test_a_damaged_ledger_says_so(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"not a database" * 100)
    with pytest.raises(ArchiveError, match="damaged"):
        Ledger(tmp_path)


def test_a_newer_ledger_is_refused(tmp_path: Path) -> None:
    Ledger(tmp_path, create=True).connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(ArchiveError, match="newer version"):
        Ledger(tmp_path)


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, create=True)

    def write_half() -> None:
        with ledger.transaction():
            ledger.set("embeddings", "x")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        write_half()
    assert ledger.setting("embeddings") is None


def test_a_reader_is_not_blocked_by_a_writer(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, create=True)
    ledger.set("embeddings", "before")
    with ledger.transaction():
        ledger.set("embeddings", "after")
        other = Ledger(tmp_path)
        assert other.setting("embeddings") == "before"
    assert other.setting("embeddings") == "after"


def test_a_second_writer_is_refused_and_the_lock_is_given_back(tmp_path: Path) -> None:
    with sole_writer(tmp_path), pytest.raises(ArchiveError, match="another process"), sole_writer(tmp_path):
        pass
    with sole_writer(tmp_path):
        pass


def test_readings_come_in_order_and_each_job_ends_once() -> None:
    def read(job: int) -> Iterator[PageReading]:
        yield from (reading(page=page, source=str(job)) for page in range(3))

    found = list(WorkerThreads(read, workers=2).run(range(5)))
    for job in range(5):
        of_job = [result for number, result in found if number == job]
        assert [result.page for result in of_job if isinstance(result, PageReading)] == [0, 1, 2]
        assert of_job[-1] == Done()


def test_an_error_ends_its_job_only() -> None:
    def read(job: str) -> Iterator[PageReading]:
        yield reading(source=job)
        if job == "bad":
            raise ValueError(job)

    found = dict(WorkerThreads(read, workers=1).run(["bad", "good"]))
    assert isinstance(found["bad"], Done)
    assert isinstance(found["bad"].error, ValueError)
    assert found["good"] == Done()


def test_a_run_that_is_given_up_stops_its_workers() -> None:
    begun = threading.Event()

    def read(job: int) -> Iterator[PageReading]:
        for page in range(1000):
            begun.set()
            yield reading(page=page)

    run = WorkerThreads(read, workers=1).run([1])
    next(run)
    run.close()
    assert begun.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("hunyuanocr-ingest")]


def test_jobs_are_drawn_only_when_a_worker_is_free() -> None:
    drawn: list[int] = []

    def jobs() -> Iterator[int]:
        for number in range(9):
            drawn.append(number)
            yield number

    run = WorkerThreads(lambda job: iter([reading()]), workers=2).run(jobs())
    next(run)
    assert drawn == [0, 1]
    run.close()


def test_an_older_ledger_is_refused(tmp_path: Path) -> None:
    Ledger(tmp_path, create=True).connection.execute(f"PRAGMA user_version = {VERSION - 1}")
    with pytest.raises(ArchiveError, match="older version"):
        Ledger(tmp_path)


def test_a_truncated_ledger_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, create=True)
    with ledger.transaction() as connection:
        connection.executemany(
            "INSERT INTO settings VALUES (?, ?)", ((str(number), "x" * 500) for number in range(2000))
        )
    ledger.close()
    place = tmp_path / FILE_NAME
    place.write_bytes(place.read_bytes()[: place.stat().st_size // 2])

    def read_all() -> None:
        damaged = Ledger(tmp_path)
        with damaged.errors():
            damaged.connection.execute("SELECT count(value) FROM settings").fetchone()

    with pytest.raises(ArchiveError, match=r"damaged.*backup"):
        read_all()


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_a_new_archive_is_for_its_maker_alone(tmp_path: Path) -> None:
    Ledger(tmp_path / "a" / "b", create=True).close()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a" / "b", tmp_path / "a" / "b" / FILE_NAME)] == [
        0o700,
        0o600,
    ]
