"""An archive through whatever happens to its files, its runs and its ledger: afterwards every page is accounted for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pymupdf
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, precondition, rule
from langchain_core.embeddings import DeterministicFakeEmbedding

from langchain_hunyuanocr.archive import Archive, Progress
from langchain_hunyuanocr.engines import ScriptedEngine
from tests.hostile import rounds

pytest.importorskip("chromadb")

_KILLED = """
import os, sys
from tests.hostile.test_archive_states import opened, stopping
told = stopping(int(sys.argv[3]), lambda: os.kill(os.getpid(), 9))
with opened(sys.argv[1]) as archive:
    archive.ingest(sys.argv[2], prune=True, sure=True, on_progress=told)
"""
_OF_PAGES = "SELECT readings.rowid FROM readings JOIN pages USING (content, fingerprint) ORDER BY readings.rowid"


def opened(folder: Path | str) -> Archive:
    return Archive(folder, engine=ScriptedEngine("scan"), embeddings=DeterministicFakeEmbedding(size=4))


class Stopped(BaseException):
    """What Ctrl-C does to a run."""


def stop() -> None:
    raise Stopped


def stopping(after: int, how: Callable[[], None]) -> Callable[[Progress], None]:
    """Lets a run be told of so many things, and ends it then."""
    told = 0

    def on_progress(_: Progress) -> None:
        nonlocal told
        told += 1
        if told > after:
            how()

    return on_progress


class ArchiveStates(RuleBasedStateMachine):
    """Files come, change, move and go, runs are stopped, readings are spoilt; each page has a word of its own."""

    files = Bundle("files")

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="hunyuanocr-states-"))
        self.folder, self.archive = self.place / "in", self.place / "archive"
        self.folder.mkdir()
        self.there: dict[str, list[str]] = {}
        self.gone: set[str] = set()
        self.count = 0
        self.made = False
        self.write("stays.pdf", 1)  # a folder without files is told as a failure

    def teardown(self) -> None:
        shutil.rmtree(self.place, ignore_errors=True)

    def write(self, name: str, pages: int) -> None:
        self.count += 1
        document, words = pymupdf.open(), []
        for page in range(pages):
            words.append(f"word{self.count:03}page{page}")
            document.new_page().insert_text((72, 100), f"Register of {words[-1]} and nothing else", fontsize=14)
        document.save(self.folder / name)
        os.utime(self.folder / name, (self.count, self.count))
        self.gone |= set(self.there.get(name, ()))
        self.there[name] = words

    @rule(target=files, pages=st.integers(1, 3))
    def add(self, pages: int) -> str:
        name = f"{self.count:03}.pdf"
        self.write(name, pages)
        return name

    @rule(name=files, pages=st.integers(1, 3))
    def change(self, name: str, pages: int) -> None:
        self.write(name, pages)

    @rule(target=files, name=consumes(files))
    def rename(self, name: str) -> str:
        self.count += 1
        other = f"moved{self.count:03}.pdf"
        (self.folder / name).rename(self.folder / other)
        self.there[other] = self.there.pop(name)
        return other

    @rule(name=consumes(files))
    def remove(self, name: str) -> None:
        (self.folder / name).unlink()
        self.gone |= set(self.there.pop(name))

    @rule(after=st.integers(0, 6))
    def a_run_is_stopped(self, after: int) -> None:
        with opened(self.archive) as archive, suppress(Stopped):
            archive.ingest(self.folder, prune=True, sure=True, on_progress=stopping(after, stop))
        self.made = self.archive.exists()

    @precondition(lambda _: rounds(0, 1) > 0)
    @rule(after=st.integers(0, 6))
    def a_run_is_killed(self, after: int) -> None:
        command = [sys.executable, "-c", _KILLED, str(self.archive), str(self.folder), str(after)]
        assert subprocess.run(command, check=False, cwd=Path(__file__).parents[2]).returncode in (0, -9)
        self.made = self.archive.exists()

    @precondition(lambda self: self.made)
    @rule(which=st.integers(0, 5))
    def a_reading_is_spoilt(self, which: int) -> None:
        with opened(self.archive) as archive:
            ledger = archive._parts.ledger.connection
            keys = [row[0] for row in ledger.execute(_OF_PAGES)]  # not those that are kept of what was forgotten
            if keys:
                ledger.execute("UPDATE readings SET reading = 'spoilt' WHERE rowid = ?", (keys[which % len(keys)],))
                ledger.commit()
                assert archive.status(check=True).failures
            archive.repair()
            assert not archive.status(check=True).failures

    @rule(writers=st.integers(1, 2))
    def a_run_ends(self, writers: int) -> None:
        for _ in range(writers):
            with opened(self.archive) as archive:
                archive.ingest(self.folder, prune=True, sure=True)
        self.made = self.archive.exists()
        with opened(self.archive) as archive:
            report = archive.status(check=True)
            words = {word: (name, page) for name, all_ in self.there.items() for page, word in enumerate(all_)}
            assert report.failures == ()
            assert (report.files, report.pages, report.done) == (len(self.there), len(words), len(words))
            for word, (name, page) in words.items():
                (hit,) = archive.search(word, k=1, half="bm25")
                assert word in hit.text
                assert (Path(hit.source).name, hit.page) == (name, page)
            for word in self.gone - set(words):
                assert not any(word in hit.text for hit in archive.search(word, k=3))


TestArchiveStates = ArchiveStates.TestCase
TestArchiveStates.settings = settings(
    max_examples=rounds(4, 60),
    stateful_step_count=rounds(10, 25),
    deadline=None,
    derandomize=not rounds(0, 1),
    suppress_health_check=list(HealthCheck),
)
