"""The name under which the archive knows a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from langchain_hunyuanocr.archive.ingest.file_names import FileNames
from langchain_hunyuanocr.archive.ingest.plan import Plan, SkipReason, failed_sources
from langchain_hunyuanocr.archive.ingest.prune import Prune, prune_missing
from langchain_hunyuanocr.archive.storage import file_paths
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.archive.storage.readings import named
from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages import Source, sha256_of
from langchain_hunyuanocr.splitter import HunyuanOCRSplitter

SPLITTER = HunyuanOCRSplitter()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: `in/a.pdf` in it, and `link` that leads to `in`."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.pdf").write_bytes(b"a")
    (tmp_path / "link").symlink_to("in")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def ledger(desk: Path) -> Ledger:
    return Ledger(desk / "archive", create=True)


def hold(ledger: Ledger, name: str, path: Path, *, run: int = 1, sha256: str | None = None, noted: bool = True) -> None:
    """A file as a run leaves it; not `noted`, as an earlier version does."""
    state = path.stat() if path.exists() else None
    sha256 = sha256 or (sha256_of(Source(str(path), path)) if state else "gone")
    size = (state.st_size, state.st_mtime_ns) if state else (1, 1)
    with ledger.transaction() as connection:
        row = (name, str(path.absolute()), sha256, *size, None, run)
        connection.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        connection.execute("INSERT OR REPLACE INTO contents VALUES (?, 0, 1)", (sha256,))
        if noted:
            file_paths.note(connection, name, path)


def name_of(ledger: Ledger, given: str) -> str:
    return FileNames(ledger, SPLITTER).settle(Source.of(given)).name


def names(ledger: Ledger) -> list[tuple[str, str]]:
    return ledger.connection.execute("SELECT source, sha256 FROM files ORDER BY source").fetchall()


SPELLINGS: list[Callable[[Path], str]] = [
    lambda desk: "in/a.pdf",
    lambda desk: "./in//a.pdf",
    lambda desk: "in/../in/a.pdf",
    lambda desk: "link/a.pdf",
    lambda desk: str(desk / "in" / "a.pdf"),
    lambda desk: str(desk / "link" / ".." / "in" / "a.pdf"),
]


@pytest.mark.parametrize("first", range(len(SPELLINGS)))
def test_any_spelling_leads_to_the_first_name(desk: Path, ledger: Ledger, first: int) -> None:
    given = SPELLINGS[first](desk)
    assert name_of(ledger, given) == given
    hold(ledger, given, Path(given))
    for spell in SPELLINGS:
        assert name_of(ledger, spell(desk)) == given
        assert named(ledger.connection, spell(desk)) == (names(ledger)[0][1], given)


def test_it_is_known_from_within_its_folder(desk: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(ledger, "in/a.pdf", Path("in/a.pdf"))
    monkeypatch.chdir(desk / "in")
    assert name_of(ledger, "a.pdf") == "in/a.pdf"


def test_a_second_file_of_the_same_name_is_called_by_its_path(desk: Path, ledger: Ledger) -> None:
    (desk / "a.pdf").write_bytes(b"another")
    hold(ledger, "a.pdf", Path("in/a.pdf"))
    assert name_of(ledger, "a.pdf") == str(desk / "a.pdf")
    hold(ledger, str(desk / "a.pdf"), desk / "a.pdf")
    assert [name_of(ledger, given) for given in ("a.pdf", "in/a.pdf")] == [str(desk / "a.pdf"), "a.pdf"]


def test_a_copy_in_another_folder_keeps_the_name(
    desk: Path, ledger: Ledger, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(ledger, "in/a.pdf", desk / "in" / "a.pdf")
    copy = tmp_path_factory.mktemp("copy")
    (copy / "in").mkdir()
    (copy / "in" / "a.pdf").write_bytes(b"a")
    monkeypatch.chdir(copy)
    names = FileNames(ledger, SPLITTER)
    assert names.settle(Source("in/a.pdf", Path("in/a.pdf"))).name == "in/a.pdf"
    (copy / "in" / "a.pdf").write_bytes(b"b")
    assert names.settle(Source("in/a.pdf", Path("in/a.pdf"))).name == str(copy / "in" / "a.pdf")


def test_a_name_whose_file_is_gone_is_taken_over(desk: Path, ledger: Ledger) -> None:
    hold(ledger, "in/a.pdf", desk / "moved" / "in" / "a.pdf")
    assert name_of(ledger, "in/a.pdf") == "in/a.pdf"


def test_addresses_and_bytes_go_by_their_names(ledger: Ledger) -> None:
    names_ = FileNames(ledger, SPLITTER)
    for source in (Source.of("https://example.org/a.pdf"), Source.of(b"a")):
        assert names_.settle(source) is source
    for text in ("https://example.org/a.pdf", "", "a\0b"):
        assert names_.of_missing(SourceError("gone", source=text)) == (text, None)


def test_what_is_missing_has_its_name(desk: Path, ledger: Ledger) -> None:
    hold(ledger, "in/a.pdf", Path("in/a.pdf"))
    (desk / "in" / "a.pdf").unlink()
    missing = FileNames(ledger, SPLITTER).of_missing(SourceError("gone", source="link/a.pdf"))
    assert missing == ("in/a.pdf", Path("link/a.pdf"))


def test_names_of_one_file_are_merged_once_and_keep_what_was_read_last(desk: Path, ledger: Ledger) -> None:
    hold(ledger, "in/a.pdf", Path("in/a.pdf"), run=3, sha256="old", noted=False)
    hold(ledger, "link/a.pdf", Path("link/a.pdf"), run=5, noted=False)
    (desk / "b.pdf").write_bytes(b"b")
    hold(ledger, "b.pdf", Path("b.pdf"), noted=False)
    FileNames(ledger, SPLITTER).merge_all()
    assert names(ledger) == [("b.pdf", sha256_of(Source.of("b.pdf"))), ("in/a.pdf", sha256_of(Source.of("in/a.pdf")))]
    assert ledger.connection.execute("SELECT count(*) FROM contents WHERE sha256 = 'old'").fetchone() == (0,)
    before = ledger.connection.total_changes
    FileNames(ledger, SPLITTER).merge_all()
    assert ledger.connection.total_changes == before


def test_a_ledger_of_an_earlier_version_opens(desk: Path, ledger: Ledger) -> None:
    hold(ledger, "in/a.pdf", Path("in/a.pdf"))
    for what in ("TABLE real_paths", "INDEX files_path"):
        ledger.connection.execute(f"DROP {what}")
    again = Ledger(desk / "archive")
    assert named(again.connection, str(desk / "in" / "a.pdf")) is not None
    FileNames(again, SPLITTER).merge_all()
    assert name_of(again, "link/a.pdf") == "in/a.pdf"


@pytest.mark.parametrize(("given", "skip"), [("in/a.pdf", SkipReason.UNCHANGED), ("link/a.pdf", SkipReason.ELSEWHERE)])
def test_an_unchanged_file_is_not_read_whatever_its_spelling(
    ledger: Ledger, given: str, skip: SkipReason, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(ledger, "in/a.pdf", Path("in/a.pdf"))
    monkeypatch.setattr("langchain_hunyuanocr.archive.ingest.plan.sha256_of", lambda source: pytest.fail("is hashed"))
    source = FileNames(ledger, SPLITTER).settle(Source.of(given))
    _, found = Plan(ledger, 2, lambda: "f", reread=False).of(source)
    assert (source.name, found) == ("in/a.pdf", skip)


def test_a_link_that_leads_elsewhere_is_looked_into(desk: Path, ledger: Ledger) -> None:
    hold(ledger, "link/a.pdf", Path("link/a.pdf"), sha256="as it was")
    (desk / "in").rename(desk / "other")
    (desk / "link").unlink()
    (desk / "link").symlink_to("other")
    job, found = Plan(ledger, 2, lambda: "f", reread=False).of(Source.of("link/a.pdf"))
    assert (job.sha256, found) == (sha256_of(Source.of("other/a.pdf")), None)


def test_what_failed_is_looked_for_where_it_lies(desk: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(ledger, "in/a.pdf", Path("in/a.pdf"))
    hold(ledger, "moved.pdf", desk / "moved.pdf")
    ledger.connection.execute("UPDATE files SET error = 'damaged'")
    monkeypatch.chdir(desk / "in")
    (desk / "in" / "moved.pdf").write_bytes(b"moved")
    found = list(failed_sources(ledger))
    assert [(source.name, source.path) for source in found if isinstance(source, Source)] == [
        ("in/a.pdf", desk / "in" / "a.pdf"),
        ("moved.pdf", Path("moved.pdf")),
    ]


@pytest.mark.parametrize("given", ["in", "link", "in/../in", "link/*.pdf", "in/*"])
def test_what_is_gone_is_forgotten_by_any_spelling_of_its_folder(desk: Path, ledger: Ledger, given: str) -> None:
    (desk / "b.pdf").write_bytes(b"b")
    hold(ledger, "b.pdf", Path("b.pdf"))
    hold(ledger, "link/a.pdf", Path("link/a.pdf"))
    (desk / "in" / "a.pdf").unlink()
    (desk / "in" / "c.pdf").write_bytes(b"c")  # a folder that is empty may be a disk that is missing
    (desk / "b.pdf").unlink()
    assert prune_missing(ledger, Prune([given]), 2, SPLITTER) == ()
    assert [name for name, _ in names(ledger)] == ["b.pdf"]
