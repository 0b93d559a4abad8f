"""Jobs of the service: progress, result, cancel, restart, kill, bounds; pages and films."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from langchain_hunyuanocr import ScriptedEngine
from langchain_hunyuanocr.service import Access, Bounds
from langchain_hunyuanocr.service.auth import ApiKeyFile
from langchain_hunyuanocr.service.jobs.store import JobStatus
from tests.integration_tests.files import png, scanned_pdf
from tests.integration_tests.served import until
from tests.integration_tests.service_client import application, client, events, upload


@pytest.fixture
def service(tmp_path: Path) -> Iterator[TestClient]:
    with client(application(tmp_path)) as open_client:
        yield open_client


def job(service: TestClient, id: str, **query: int) -> Any:
    return service.get(f"/v1/jobs/{id}", params=query).json()


def finished(service: TestClient, id: str) -> Any:
    end = time.monotonic() + 20
    while (found := job(service, id))["status"] in ("queued", "running"):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def test_a_job_is_read_kept_and_deleted(service: TestClient, tmp_path: Path) -> None:
    locked = scanned_pdf(tmp_path / "locked.pdf", ["1", "2", "3"], password="word").read_bytes()
    files = upload(("locked.pdf", locked), ("notes.txt", b"words"))
    started = service.post("/v1/jobs", files=files, data={"password": "word", "pages": "2-"})
    assert (started.status_code, started.json()["pages_total"]) == (202, 2)
    id = started.json()["id"]
    assert started.headers["location"] == f"/v1/jobs/{id}"
    done = finished(service, id)
    assert (done["status"], done["pages_done"], done["error"]) == ("done", 2, None)
    assert [(page["source"], page["page"], page["status"]) for page in done["pages"]] == [
        ("locked.pdf", 1, "ok"), ("locked.pdf", 2, "ok"), ("notes.txt", None, "failed")
    ]  # fmt: skip
    assert [page["page"] for page in job(service, id, first=1, count=1)["pages"]] == [2]
    assert [one["id"] for one in service.get("/v1/jobs").json()] == [id]
    assert not (tmp_path / "state" / "jobs" / id).exists()
    kept = b"".join(file.read_bytes() for file in (tmp_path / "state").glob("jobs.sqlite*"))
    assert b"locked.pdf" in kept
    assert b'"word"' not in kept
    assert service.delete(f"/v1/jobs/{id}").status_code == 204
    assert service.get(f"/v1/jobs/{id}").status_code == 404
    assert b"locked.pdf" not in (tmp_path / "state" / "jobs.sqlite").read_bytes()


def test_a_job_of_nothing_readable_is_refused_and_leaves_nothing(service: TestClient, tmp_path: Path) -> None:
    refused = service.post("/v1/jobs", files=upload(("notes.txt", b"words")))
    assert (refused.status_code, service.get("/v1/jobs").json()) == (415, [])
    assert service.post("/v1/jobs", files=upload(("a.png", png())), data={"task": "poem"}).status_code == 422
    assert list((tmp_path / "state" / "jobs").iterdir()) == []


def test_a_job_goes_on_where_a_restart_interrupted_it(tmp_path: Path) -> None:
    pages = scanned_pdf(tmp_path / "six.pdf", [str(number) for number in range(6)]).read_bytes()
    slow = ScriptedEngine("before", delay_s=0.15)
    with client(application(tmp_path, slow)) as service:
        id = service.post("/v1/jobs", files=upload(("six.pdf", pages))).json()["id"]
        end = time.monotonic() + 20
        while job(service, id)["pages_done"] < 2:
            assert time.monotonic() < end
            time.sleep(0.02)
    after = ScriptedEngine("after")
    with client(application(tmp_path, after)) as service:
        done = finished(service, id)
    assert (done["status"], done["pages_done"], len(done["pages"])) == ("done", 6, 6)
    texts = [page["markdown"] for page in done["pages"]]
    assert texts[:2] == ["before", "before"]
    assert texts[-1] == "after"
    assert after.requests == texts.count("after")


def test_a_cancelled_job_keeps_its_pages_and_frees_the_engine(tmp_path: Path) -> None:
    pages = scanned_pdf(tmp_path / "many.pdf", [str(number) for number in range(6)]).read_bytes()
    with client(application(tmp_path, ScriptedEngine("page", delay_s=0.2))) as service:
        id = service.post("/v1/jobs", files=upload(("many.pdf", pages))).json()["id"]
        end = time.monotonic() + 20
        while job(service, id)["pages_done"] < 1:
            assert time.monotonic() < end
            time.sleep(0.02)
        assert service.post(f"/v1/jobs/{id}/cancel").json()["status"] == "cancelled"
        kept = job(service, id)
        assert (kept["status"], 1 <= kept["pages_done"] < 6) == ("cancelled", True)
        assert service.post("/v1/read", files=upload(("a.png", png()))).status_code == 200
        assert service.post(f"/v1/jobs/{id}/cancel").json()["status"] == "cancelled"
    assert list((tmp_path / "state" / "jobs").iterdir()) == []


def test_there_is_a_bound_on_jobs(tmp_path: Path) -> None:
    with client(application(tmp_path, ScriptedEngine("page", delay_s=30), bounds=Bounds(max_jobs=1))) as service:
        assert service.post("/v1/jobs", files=upload(("a.png", png()))).status_code == 202
        refused = service.post("/v1/jobs", files=upload(("a.png", png())))
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "60")


def test_a_job_is_its_callers_own(tmp_path: Path) -> None:
    keys = ApiKeyFile(tmp_path / "keys.json")
    mine, other, admin = (
        {"X-API-Key": keys.add(name, [scope])} for name, scope in (("m", "read"), ("o", "read"), ("a", "admin"))
    )
    with client(application(tmp_path, access=Access(keys=tmp_path / "keys.json"))) as service:
        id = service.post("/v1/jobs", files=upload(("a.png", png())), headers=mine).json()["id"]
        for who, status, listed in ((mine, 200, 1), (other, 404, 0), (admin, 200, 1)):
            assert service.get(f"/v1/jobs/{id}", headers=who).status_code == status
            assert len(service.get("/v1/jobs", headers=who).json()) == listed
        assert service.delete(f"/v1/jobs/{id}", headers=other).status_code == 404
        assert service.delete(f"/v1/jobs/{id}", headers=mine).status_code == 204


def test_files_of_a_job_that_was_over_when_the_service_was_killed_are_removed(tmp_path: Path) -> None:
    with client(application(tmp_path)) as service:
        id = service.post("/v1/jobs", files=upload(("a.png", png()))).json()["id"]
        assert finished(service, id)["status"] == "done"
    (tmp_path / "state" / "jobs" / id).mkdir()
    with client(application(tmp_path)) as service:
        assert not (tmp_path / "state" / "jobs" / id).exists()
        assert service.get(f"/v1/jobs/{id}").json()["status"] == "done"


def test_a_job_that_is_cancelled_as_it_begins_does_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = ScriptedEngine("page")
    app = application(tmp_path, engine)
    with client(app) as service:
        store = app.state.service.jobs._store
        begin = store.next_queued

        def cancelled() -> Any:
            if (job := begin()) is not None:
                store.finish(job.id, JobStatus.CANCELLED, time.time())
            return job

        monkeypatch.setattr(store, "next_queued", cancelled)
        id = service.post("/v1/jobs", files=upload(("a.png", png()))).json()["id"]
        until(lambda: job(service, id)["status"] == "cancelled")
        second = service.post("/v1/jobs", files=upload(("a.png", png()))).json()["id"]
        until(lambda: job(service, second)["status"] == "cancelled")
        assert (job(service, id)["pages"], engine.requests) == ([], 0)


KILLED = """
import sys, time
from pathlib import Path
from langchain_hunyuanocr import ScriptedEngine
from tests.integration_tests.served import served

with served(Path(sys.argv[1]), ScriptedEngine("before", delay_s=0.15)) as (address, _):
    print(address, flush=True)
    time.sleep(60)
"""


def test_a_job_of_a_killed_service_is_read_once(tmp_path: Path) -> None:
    pages = scanned_pdf(tmp_path / "eight.pdf", [str(number) for number in range(8)]).read_bytes()
    program = [sys.executable, "-c", KILLED, str(tmp_path / "state")]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        id = httpx.post(f"{address}/v1/jobs", files=upload(("eight.pdf", pages))).json()["id"]
        until(lambda: httpx.get(f"{address}/v1/jobs/{id}").json()["pages_done"] >= 2)
        process.kill()
    after = ScriptedEngine("after")
    with client(application(tmp_path, after)) as service:
        done = finished(service, id)
    assert (done["status"], done["pages_done"], done["pages_total"]) == ("done", 8, 8)
    assert [page["page"] for page in done["pages"]] == list(range(8))
    texts = [page["markdown"] for page in done["pages"]]
    assert texts.count("before") >= 2
    assert after.requests == texts.count("after") == 8 - texts.count("before")
    assert list((tmp_path / "state" / "jobs").iterdir()) == []


def test_jobs_do_not_fill_the_disk(tmp_path: Path) -> None:
    large = png() + b" " * (1 << 20)
    with client(application(tmp_path, ScriptedEngine("word " * 300_000), bounds=Bounds(max_jobs_mb=1))) as service:
        first = service.post("/v1/jobs", files=upload(("a.png", large))).json()["id"]
        assert len(finished(service, first)["pages"]) == 1  # its file is gone, its page is kept
        refused = service.post("/v1/jobs", files=upload(("a.png", png())))
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "60")
        assert "delete what you have fetched" in refused.json()["detail"]
        service.delete(f"/v1/jobs/{first}")
        assert service.post("/v1/jobs", files=upload(("a.png", png()))).status_code == 202


def test_jobs_that_come_and_go_do_not_disturb_the_counting(tmp_path: Path) -> None:
    app = application(tmp_path)
    with client(app), ThreadPoolExecutor(1) as other:
        jobs = app.state.service.jobs

        def come_and_go() -> None:
            for number in range(300):
                folder = tmp_path / "state" / "jobs" / str(number)
                folder.mkdir()
                (folder / "0").write_bytes(b"page")
                shutil.rmtree(folder)

        going = other.submit(come_and_go)
        while not going.done():
            assert jobs._used_bytes() > 0
        going.result()


def test_jobs_go_on_once_their_book_can_be_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("langchain_hunyuanocr.service.jobs.runner._RETRY_S", 0.05)
    engine = ScriptedEngine("page", delay_s=0.3)
    app = application(tmp_path, engine)
    with client(app) as service, sqlite3.connect(tmp_path / "state" / "jobs.sqlite", isolation_level=None) as other:
        jobs = app.state.service.jobs
        jobs._store._db.execute("PRAGMA busy_timeout = 10")
        lost = service.post("/v1/jobs", files=upload(("a.png", png()))).json()["id"]
        until(lambda: engine.requests)
        other.execute("BEGIN EXCLUSIVE")  # to all others as good as a full disk
        until(lambda: "a job cannot be finished" in caplog.text)
        assert service.portal is not None
        service.portal.call(jobs._new.set)
        until(lambda: "no job can be begun" in caplog.text)
        other.execute("ROLLBACK")
        assert finished(service, lost)["status"] == "failed"
        kept = service.post("/v1/jobs", files=upload(("a.png", png()))).json()["id"]
        assert finished(service, kept)["status"] == "done"


FILM = [("Good morning, everyone.", 1.0, 3.0), ("We leave at seven thirty.", 3.0, 5.0)]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    pytest.importorskip("av")
    from tests.video_files import Cue, make_film

    path = make_film(tmp_path_factory.mktemp("film") / "film.mp4", [Cue(*cue) for cue in FILM], length_s=6)
    return path.read_bytes()


def subtitles(pages: list[dict[str, Any]]) -> list[tuple[str, float, float]]:
    return [(page["markdown"], page["start_s"], page["end_s"]) for page in pages]


def test_films_are_read_between_pages(tmp_path: Path, film: bytes) -> None:
    texts = ["a page", *(text for text, _, _ in FILM), "another page"]
    form = {"task": "subtitle"}
    files = upload(("a.png", png()), ("film.mp4", film), ("b.png", png()))
    with client(application(tmp_path, ScriptedEngine(texts))) as service:
        first, *shown, last = service.post("/v1/read", files=files, data=form).json()
    assert (first["source"], first["markdown"], last["source"]) == ("a.png", "a page", "b.png")
    assert {page["source"] for page in shown} == {"film.mp4"}
    assert subtitles(shown) == FILM
    with client(application(tmp_path, ScriptedEngine(texts[1:3]))) as service:
        streamed = events(service.post("/v1/read", files=files[1:2], data={**form, "stream": "true"}))
        assert [name for name, _ in streamed] == ["page", "page", "done"]
        assert service.post("/v1/read", files=files[1:2]).status_code == 415
        damaged = service.post("/v1/read", files=upload(("film.mp4", film[:2000])), data=form)
        assert (damaged.status_code, damaged.json()["detail"].partition(":")[0]) == (422, "film.mp4")
    assert list((tmp_path / "state" / "jobs").iterdir()) == []


def test_a_film_that_takes_too_long_is_given_up(tmp_path: Path, film: bytes) -> None:
    bounds = Bounds(film_timeout_s=0.3)
    with client(application(tmp_path, ScriptedEngine("page", delay_s=20), bounds=bounds)) as service:
        answer = service.post("/v1/read", files=upload(("film.mp4", film)), data={"task": "subtitle"})
    assert (answer.status_code, "not read within 0.3 s" in answer.json()["detail"]) == (422, True)


def test_a_job_that_takes_too_long_is_given_up_and_keeps_its_pages(tmp_path: Path) -> None:
    bounds = Bounds(job_timeout_s=1, jobs_at_once=1)
    files = upload(("a.png", png()), ("b.png", png()), ("c.png", png()))
    with client(application(tmp_path, ScriptedEngine("a page", delay_s=0.6), bounds=bounds)) as service:
        late, next_one = (finished(service, service.post("/v1/jobs", files=files).json()["id"]) for _ in range(2))
    for job in (late, next_one):
        assert (job["status"], job["pages_total"]) == ("failed", 3)
        assert "not done within 1 s" in job["error"]
        assert len(job["pages"]) == job["pages_done"] < 3


def test_a_job_of_a_film_begins_it_anew_after_a_restart(tmp_path: Path, film: bytes) -> None:
    files = upload(("film.mp4", film))
    slow = ScriptedEngine([FILM[0][0], *["never"] * 9], delay_s=0.5)
    with client(application(tmp_path, slow)) as service:
        id = service.post("/v1/jobs", files=files, data={"task": "subtitle"}).json()["id"]
        until(lambda: slow.requests >= 2)
    with client(application(tmp_path, ScriptedEngine([text for text, _, _ in FILM]))) as service:
        done = finished(service, id)
    assert (done["status"], done["pages_done"], done["pages_total"]) == ("done", 2, 2)
    assert subtitles(done["pages"]) == FILM
