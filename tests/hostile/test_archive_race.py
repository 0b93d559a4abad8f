"""Processes that make one new archive at the same moment."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.errors import ArchiveError
from tests.hostile import rounds

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier

_PATIENCE_S = 60


def _make(folder: Path, begin: Barrier) -> None:
    begin.wait(_PATIENCE_S)
    ledger = Ledger(folder, create=True)
    with ledger.errors(), ledger.transaction():
        ledger.set("met", str(int(ledger.setting("met") or 0) + 1))


@pytest.mark.parametrize("processes", [2, 4])
def test_one_makes_it_and_the_others_go_on(tmp_path: Path, processes: int) -> None:
    forked = multiprocessing.get_context("fork")
    for number in range(rounds(5, 200)):
        folder = tmp_path / str(number)
        begin = forked.Barrier(processes)
        started = [forked.Process(target=_make, args=(folder, begin)) for _ in range(processes)]
        for process in started:
            process.start()
        for process in started:
            process.join(_PATIENCE_S)
        assert [process.exitcode for process in started] == [0] * processes
        assert Ledger(folder).setting("met") == str(processes)
        assert sorted(path.name for path in folder.iterdir() if "sqlite" not in path.name) == ["writer.lock"]


def test_a_folder_of_other_things_gets_no_lock(tmp_path: Path) -> None:
    (tmp_path / "letter.pdf").write_bytes(b"%PDF")
    with pytest.raises(ArchiveError, match="not an archive"):
        Ledger(tmp_path, create=True)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.pdf"]
