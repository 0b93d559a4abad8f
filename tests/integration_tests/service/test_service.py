"""The service's endpoints, each with real files, through the whole application."""

from __future__ import annotations

import base64
import json
import logging
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from fastapi.testclient import TestClient

from langchain_hunyuanocr import Archive, ArchiveError, EngineError, HunyuanOCRLoader, ScriptedEngine, ServiceError
from langchain_hunyuanocr.service import Access, Bounds
from langchain_hunyuanocr.service.auth import ApiKeyFile
from langchain_hunyuanocr.service.url_fetching import Fetcher
from tests.integration_tests.files import png, scanned_pdf, typed_pdf
from tests.integration_tests.service_client import application, client, events, upload

LEASE = "The lease runs for nine years. It begins on 4 March 2021. The rent is 1,250.00 a month. " * 3


@pytest.fixture
def service(tmp_path: Path) -> Iterator[TestClient]:
    with client(application(tmp_path)) as open_client:
        yield open_client


@pytest.fixture
def left(service: TestClient, tmp_path: Path) -> Iterator[None]:
    """Nothing of an upload is left once it is answered, while the service still runs."""
    yield
    assert list((tmp_path / "state" / "uploads").iterdir()) == []


@pytest.mark.usefixtures("left")
def test_pages_are_what_the_command_line_prints(service: TestClient, tmp_path: Path) -> None:
    file = scanned_pdf(tmp_path / "two.pdf", ["one", "two"])
    answer = service.post("/v1/read", files=upload(("two.pdf", file.read_bytes())), data={"task": "text"})
    assert answer.status_code == 200
    first, second = answer.json()
    assert {"source", "page", "status", "markdown", "tables", "lines", "fields", "agreement", "doubts"} <= set(first)
    assert (first["source"], first["page"], second["page"], first["markdown"]) == ("two.pdf", 0, 1, "# A page")
    (read,) = HunyuanOCRLoader(str(file), engine=ScriptedEngine("# A page"), task="text", pages="1").load()
    assert read.metadata.items() <= {**first, "source": str(file)}.items()


@pytest.mark.usefixtures("left")
def test_pages_are_streamed_and_accounted_for(service: TestClient, tmp_path: Path) -> None:
    file = scanned_pdf(tmp_path / "three.pdf", ["one", "", "three"])
    files = upload(("three.pdf", file.read_bytes()), ("notes.txt", b"words"))
    answer = service.post("/v1/read", files=files, data={"stream": "true", "pages": "1-2"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    (one, two, failed, done) = events(answer)
    assert [name for name, _ in (one, two, failed, done)] == ["page", "page", "page", "done"]
    assert [thing["status"] for _, thing in (one, two, failed)] == ["ok", "blank", "failed"]
    assert failed[1]["page"] is None
    assert done[1] == {
        "files": 1, "pages": 2, "done": 1, "blank": 1, "failed": 0,
        "failures": [{"source": "notes.txt", "page": None, "error": failed[1]["error"]}],
    }  # fmt: skip


def bad_files(folder: Path) -> dict[str, bytes]:
    locked = scanned_pdf(folder / "locked.pdf", ["secret"], password="word").read_bytes()
    return {
        "empty.pdf": b"",
        "locked.pdf": locked,
        "damaged.pdf": b"%PDF-1.7\nnothing",
        "damaged.png": b"\x89PNG\r\n\x1a\nnothing",
        "cut.png": png()[:200],
        "notes.txt": b"words",
        "page.html": b"<html></html>",
        "sheet.xlsx": b"PK\x03\x04",
    }


@pytest.mark.usefixtures("left")
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("empty.pdf", 422), ("locked.pdf", 422), ("damaged.pdf", 422), ("damaged.png", 422), ("cut.png", 422),
        ("notes.txt", 415), ("page.html", 415), ("sheet.xlsx", 415),
    ],
)  # fmt: skip
def test_bad_files_get_the_line_of_the_command_line(
    service: TestClient, tmp_path: Path, name: str, status: int
) -> None:
    data = bad_files(tmp_path)[name]
    answer = service.post("/v1/read", files=upload((f"../../{name}", data)))
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"]) == (status, status)
    (tmp_path / name).write_bytes(data)
    loader = HunyuanOCRLoader(str(tmp_path / name), engine=ScriptedEngine(), on_error="raise")
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever it is, HTTP says the same
        loader.load()
    assert problem["detail"] == str(caught.value).replace(str(tmp_path / name), name)
    assert "\n" not in problem["detail"]


def pdf(content: bytes, *, box: bytes = b"0 0 200 200", kids: bytes = b"3 0 R", count: int = 1) -> bytes:
    """A PDF of one page, as somebody would write it who means no good."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, count),
        b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Contents 4 0 R/Resources<<>>>>" % box,
        b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(content), content),
    )
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % (number, one) for number, one in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer<</Size 5/Root 1 0 R>>\n%%EOF"


def packed(unit: bytes, times: int) -> bytes:
    packing = zlib.compressobj(9)
    return b"".join(packing.compress(unit) for _ in range(times)) + packing.flush()


def large_png(width: int, height: int) -> bytes:
    """A black picture that is small only on disk."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = packed(bytes(1 + width // 8) * 100, height // 100)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


BOMBS = {
    "a page of 5 km": (200, pdf(packed(b" ", 1), box=b"0 0 14400000 14400000")),
    "a page tree that bites its tail": (422, pdf(packed(b" ", 1), kids=b"2 0 R")),
    "pages that are not there": (422, pdf(packed(b" ", 1), count=100_000_000)),
    "a picture of 3.6 gigapixels": (422, large_png(60_000, 60_000)),
    "drawings without end": (422, pdf(packed(b"0 0 m 9 9 l S " * 1000, 3000))),
}


@pytest.mark.parametrize("name", list(BOMBS))
def test_bombs_do_not_go_off(tmp_path: Path, name: str) -> None:
    status, data = BOMBS[name]
    bounds = Bounds(page_timeout_s=1 if name == "drawings without end" else 30)
    with client(application(tmp_path, bounds=bounds)) as service:
        read = service.post("/v1/read", files=upload(("bomb", data)))
        asked = service.post("/generate", json={"image": base64.b64encode(data).decode()})
        assert (read.status_code, asked.status_code) == (status, status), read.text
        assert service.get("/healthz").status_code == 200
        assert list((tmp_path / "state" / "uploads").iterdir()) == []


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000, '{"image":' * 50_000, '{"image": NaN}', '{"image": Infinity}', f'{{"image": {"9" * 5000}}}',
        '{"\\ud800": 1}', '{"a\\nb\\u202e": 1}', '{"' + "k" * 100_000 + '": 1}', '{"image": "\\u0000"}',
        '{"image": ""}',
        '{"image": "=="}', '{"image": "data:"}', '{"image": "data:image/png;base64,\u00e9"}', '"', "null", "",
    ],
)  # fmt: skip
def test_json_that_means_no_good_is_told_in_a_line(service: TestClient, body: str) -> None:
    answer = service.post("/generate", content=body.encode(), headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 415, 422)
    assert answer.json()["detail"].isprintable()
    assert len(answer.content) < 2000


@pytest.mark.usefixtures("left")
@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({"task": "poem"}, 422, "there is no task 'poem'"),
        ({"pages": "nine"}, 422, "is not a choice of pages"),
        ({"pages": "7"}, 422, "none of the pages '7' exists"),
        ({"preset": "poem"}, 422, "poem"),
        ({"fields": "total,,date"}, 422, "no name"),
        ({"question": " "}, 422, "no question is asked"),
        ({"verify": "some"}, 422, "verify"),
        ({"pages": "9" * 1900}, 422, "is not a choice of pages"),
        ({"pages": "1," * 1001}, 422, "at most 2000 characters"),
        ({"fields": ",".join(f"f{number}" for number in range(101))}, 422, "more than 100 fields"),
        ({"task": "x" * 100_000}, 422, "at most 200 characters"),
        ({"url": "https://1.1.1.1/scan.png"}, 403, "fetches no addresses"),
    ],
)
def test_bad_wishes_are_told_in_a_line(service: TestClient, form: dict[str, str], status: int, words: str) -> None:
    answer = service.post("/v1/read", files=upload(("a.png", png())), data=form)
    assert answer.status_code == status
    assert words in answer.json()["detail"]
    assert len(answer.content) < 5000
    assert answer.headers["content-type"] == "application/problem+json"


def test_wrong_and_right_passwords(service: TestClient, tmp_path: Path) -> None:
    file = upload(("locked.pdf", scanned_pdf(tmp_path / "locked.pdf", ["secret"], password="word").read_bytes()))
    wrong = service.post("/v1/read", files=file, data={"password": "guess"})
    assert (wrong.status_code, "guess" in wrong.text) == (422, False)
    assert service.post("/v1/read", files=file, data={"password": "word"}).status_code == 200


def test_no_file_too_many_files_and_too_many_pages(tmp_path: Path) -> None:
    bounds = Bounds(max_files=2, max_pages=2, max_body_mb=2, max_json_mb=1)
    three = scanned_pdf(tmp_path / "three.pdf", ["1", "2", "3"]).read_bytes()
    with client(application(tmp_path, bounds=bounds)) as service:
        assert service.post("/v1/read", data={"task": "text"}).status_code == 422
        many = service.post("/v1/read", files=upload(*((f"{number}.png", png()) for number in range(3))))
        long = service.post("/v1/read", files=upload(("three.pdf", three)))
        part = service.post("/v1/read", files=upload(("three.pdf", three)), data={"pages": "2-3"})
        large = service.post("/v1/read", files=upload(("a.png", b"x" * (2 << 20))))
        chunked = service.post("/generate", content=iter([b"x" * (1 << 20)] * 2))
    assert [one.status_code for one in (many, long, part, large, chunked)] == [413, 413, 200, 413, 413]
    assert "more than 2 pages" in long.json()["detail"]
    assert large.headers["connection"] == "close"


def test_a_page_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    slow = ScriptedEngine("page", delay_s=30)
    with client(application(tmp_path, slow, bounds=Bounds(timeout_s=0.2))) as service:
        answer = service.post("/v1/read", files=upload(("a.png", png())))
        streamed = service.post("/v1/read", files=upload(("a.png", png())), data={"stream": "true"})
    assert answer.status_code == 504
    assert events(streamed)[-1][1]["status"] == 504


def test_an_engine_that_cannot_run_is_503(tmp_path: Path) -> None:
    broken = ScriptedEngine(EngineError("out of memory", remedy="free some"))
    with client(application(tmp_path, broken)) as service:
        answer = service.post("/v1/read", files=upload(("a.png", png())))
        streamed = service.post("/v1/read", files=upload(("a.png", png())), data={"stream": "true"})
    assert (answer.status_code, answer.json()["detail"]) == (503, "out of memory (free some)")
    assert (streamed.status_code, streamed.json()) == (503, answer.json())


def test_generate_takes_base64_and_data_urls(service: TestClient) -> None:
    image = base64.b64encode(png()).decode()
    for form in (image, f"data:image/png;base64,{image}", image[:60] + "\n" + image[60:]):
        assert service.post("/generate", json={"image": form, "prompt": "What?"}).json() == {"text": "# A page"}
    for form in ("no base64!", "data:image/png;base64,%%", "file:///etc/passwd", base64.b64encode(b"words").decode()):
        assert service.post("/generate", json={"image": form}).status_code in (403, 415, 422)
    assert service.post("/generate", json={"image": image, "more": 1}).status_code == 422


def test_files_are_fetched_where_that_is_allowed(tmp_path: Path) -> None:
    async def look_up(host: str, port: int) -> list[str]:
        return ["93.184.216.34"] if host == "scans.example" else ["10.0.0.1"]

    async def body() -> Any:
        yield png()

    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=body()))
    fetcher = Fetcher(allowed=True, bounds=Bounds(), resolve=look_up, transport=transport)
    with client(application(tmp_path, fetcher=fetcher)) as service:
        read = service.post("/v1/read", data={"url": "https://scans.example/a%20b.png?token=1"})
        inside = service.post("/v1/read", data={"url": "https://intranet.example/a.png"})
        asked = service.post("/generate", json={"image": "https://scans.example/a.png"})
        refused = service.post("/generate", json={"image": "http://intranet.example/a.png"})
    assert (read.json()[0]["status"], read.json()[0]["file_name"]) == ("ok", "a b.png")
    assert asked.json() == {"text": "# A page"}
    assert (inside.status_code, refused.status_code) == (403, 403)


def test_what_is_fetched_is_bounded_in_all(tmp_path: Path) -> None:
    asked = 0

    async def look_up(host: str, port: int) -> list[str]:
        return ["93.184.216.34"]

    async def body() -> Any:
        yield png()
        yield b" " * 700_000

    def answer(_: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(200, content=body())

    bounds = Bounds(max_body_mb=2, max_json_mb=1, max_files=4)
    fetcher = Fetcher(allowed=True, bounds=bounds, resolve=look_up, transport=httpx.MockTransport(answer))

    def conversation(count: int) -> dict[str, Any]:
        picture = {"type": "image_url", "image_url": {"url": "https://scans.example/a.png"}}
        turns = [{"role": "user", "content": [picture]}, {"role": "assistant", "content": "page"}] * count
        return {"messages": [*turns, {"role": "user", "content": "What?"}]}

    with client(application(tmp_path, fetcher=fetcher, bounds=bounds)) as service:
        read = service.post("/v1/read", data={"url": ["https://scans.example/a.png"] * 4})
        assert asked == 4
        one, two, many = (service.post("/v1/chat/completions", json=conversation(count)) for count in (1, 2, 5))
    assert [page["status"] for page in read.json()] == ["ok", "ok", "failed", "failed"]
    assert (one.status_code, two.status_code, many.status_code) == (200, 413, 413)
    assert asked == 4 + 1 + 2


@pytest.fixture(scope="module")
def lease(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lease")
    typed_pdf(folder / "lease.pdf", [LEASE])
    with Archive(folder / "archive", engine=ScriptedEngine("page"), create=True) as archive:
        archive.ingest(folder / "lease.pdf")
    return folder / "archive"


def test_the_archive_is_searched_and_asked(tmp_path: Path, lease: Path) -> None:
    with client(application(tmp_path, archive=lease)) as service:
        hits = service.post("/v1/search", json={"query": "lease", "k": 1}).json()
        answer = service.post("/v1/ask", json={"question": "How long does the lease run?"}).json()
        streamed = events(service.post("/v1/ask", json={"question": "How long does the lease run?", "stream": True}))
        empty = service.post("/v1/search", json={"query": "  "})
        unknown = service.post("/v1/search", json={"query": "lease", "where": {"colour": "red"}})
    assert hits[0]["page"] == 0
    assert "nine years" in answer["answer"]
    assert answer["citations"][0]["source"].endswith("lease.pdf")
    assert ("answer", answer) in streamed
    assert (empty.status_code, unknown.status_code) == (422, 422)


def test_without_an_archive_there_is_nothing_to_ask(service: TestClient, tmp_path: Path) -> None:
    for path, body in (("/v1/search", {"query": "a"}), ("/v1/ask", {"question": "a"})):
        answer = service.post(path, json=body)
        assert (answer.status_code, "--archive" in answer.json()["detail"]) == (404, True)
    with pytest.raises(ArchiveError, match="no such folder"):
        application(tmp_path, archive=tmp_path / "none")


def test_nobody_uploads_before_it_is_known_who_calls(tmp_path: Path) -> None:
    ApiKeyFile(tmp_path / "keys.json").add("a", ["read"])
    sent = 0

    def body() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b"x" * 1000

    async def ask() -> int:
        app = application(tmp_path, access=Access(keys=tmp_path / "keys.json"))
        statuses = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": next(chunks), "more_body": True}

        async def send(message: Any) -> None:
            statuses.append(message.get("status"))

        chunks = body()
        headers = [(b"host", b"x"), (b"content-type", b"multipart/form-data; boundary=x")]
        scope = {
            "type": "http", "method": "POST", "path": "/v1/read", "raw_path": b"/v1/read", "query_string": b"",
            "root_path": "", "headers": headers, "scheme": "http", "server": None, "client": None,
        }  # fmt: skip
        await app(scope, receive, send)
        return int(statuses[0] or 0)

    import asyncio

    assert asyncio.run(ask()) == 401
    assert sent == 0


def test_what_nobody_foresaw_is_logged_without_a_word_of_the_document(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="langchain_hunyuanocr")
    with client(application(tmp_path, ScriptedEngine(RuntimeError("the patient's name")))) as service:
        answer = service.post("/v1/read", files=upload(("a.png", png())))
    assert answer.status_code == 500
    assert "patient" not in answer.text + caplog.text
    assert "RuntimeError at" in caplog.text


def test_a_stream_that_breaks_says_so_in_the_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("langchain_hunyuanocr.service.sse._GRACE_S", 0.05)
    pages = scanned_pdf(tmp_path / "two.pdf", ["one", "two"]).read_bytes()
    engine = ScriptedEngine("page", delay_s=0.3, faults={0: RuntimeError("the patient's name")})
    with client(application(tmp_path, engine)) as service:
        answer = service.post("/v1/read", files=upload(("two.pdf", pages)), data={"stream": "true"})
    assert answer.status_code == 200
    name, problem = events(answer)[-1]
    assert (name, problem["status"], "patient" in answer.text + caplog.text) == ("error", 500, False)


def test_a_stream_under_way_is_sent_to_its_end_while_the_server_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As SIGTERM leaves it; what the server then gives its streams of time is its own setting.
    monkeypatch.setattr("sse_starlette.sse.AppStatus.should_exit", True)
    monkeypatch.setattr("langchain_hunyuanocr.service.sse._GRACE_S", 0.05)
    pages = scanned_pdf(tmp_path / "two.pdf", ["one", "two"]).read_bytes()
    with client(application(tmp_path, ScriptedEngine("page", delay_s=0.3))) as service:
        answer = service.post("/v1/read", files=upload(("two.pdf", pages)), data={"stream": "true"})
    assert [name for name, _ in events(answer)] == ["page", "page", "done"]


def test_figures_tell_what_was_done(service: TestClient) -> None:
    service.post("/v1/read", files=upload(("a.png", png())))
    service.get("/some/path/that/is/none")
    text = service.get("/metrics").text
    assert 'hunyuanocr_requests_total{method="POST",route="/v1/read",status="200"} 1.0' in text
    assert 'hunyuanocr_requests_total{method="any",route="none",status="404"} 1.0' in text
    assert 'hunyuanocr_pages_total{status="ok"} 1.0' in text
    assert "hunyuanocr_batch_questions_count 1.0" in text
    assert "hunyuanocr_questions_waiting 0.0" in text


def test_a_service_is_ready_once_its_engine_has_answered(tmp_path: Path) -> None:
    engine = ScriptedEngine("page", faults={0: EngineError("no server answers")})
    with client(application(tmp_path, engine, warm_up=True)) as service:
        assert service.get("/healthz").json() == {"status": "ok"}
        end = time.monotonic() + 20
        while "no server answers" not in (answer := service.get("/readyz")).text:
            assert time.monotonic() < end
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    with client(application(tmp_path, warm_up=True)) as service:
        while service.get("/readyz").status_code != 200:
            assert time.monotonic() < end


def test_two_services_do_not_share_a_folder(service: TestClient, tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="another service"), client(application(tmp_path)):
        pass


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\scans\\a.png", "a.png"), ("..", ".."), ("/", "upload"), ("", "upload"),
        ("a\u202egnp.exe", "agnp.exe"), ("a\u2028b\x85.png", "ab.png"), ("x" * 3000 + ".png", "x" * 196 + ".png"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("left")
def test_names_are_shown_and_never_used(service: TestClient, tmp_path: Path, name: str, shown: str) -> None:
    form = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    body = form.encode() + png() + b"\r\n--x--\r\n"
    answer = service.post("/v1/read", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert [page["source"] for page in answer.json()] == [shown]
    assert {path.name for path in tmp_path.iterdir()} == {"state"}


def test_answers_are_kept_by_nobody_on_the_way(service: TestClient) -> None:
    for answer in (
        service.get("/v1/jobs"),
        service.post("/v1/read", files=upload(("a.png", png()))),
        service.post("/v1/read", files=upload(("a.png", png())), data={"stream": "true"}),
        service.get("/v1/jobs/none"),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_method_that_somebody_made_up_is_no_label(service: TestClient) -> None:
    for number in range(3):
        assert service.request(f"MADE{number}", "/v1/read").status_code == 405
    text = service.get("/metrics").text
    assert 'hunyuanocr_requests_total{method="any",route="/v1/read",status="405"} 3.0' in text
    assert "MADE" not in text


def test_what_a_killed_service_left_is_removed(tmp_path: Path) -> None:
    for folder in ("uploads", "jobs"):
        (tmp_path / "state" / folder / "left").mkdir(parents=True)
    with client(application(tmp_path)):
        assert [list((tmp_path / "state" / folder).iterdir()) for folder in ("uploads", "jobs")] == [[], []]
        assert ((tmp_path / "state").stat().st_mode & 0o777) == 0o700


def described(schema: dict[str, Any], part: dict[str, Any]) -> list[Any]:
    """The examples of a content or a body, or of the values that one can be made of; none where one is missing."""
    if "example" in part:
        return [part["example"]]
    return [example] if (example := example_of(schema, part["schema"])) is not None else []


def example_of(schema: dict[str, Any], one: dict[str, Any]) -> Any:
    if "$ref" in one:
        return example_of(schema, schema["components"]["schemas"][one["$ref"].rpartition("/")[2]])
    if "examples" in one:
        return one["examples"][0]
    if one.get("type") == "array":
        return [found] if (found := example_of(schema, one["items"])) is not None else None
    members = {name: example_of(schema, member) for name, member in one.get("properties", {}).items()}
    return {name: member for name, member in members.items() if member is not None} or None


def test_the_documentation_has_an_example_of_each_request_and_answer(service: TestClient) -> None:
    schema = service.get("/openapi.json").json()
    assert "#/$defs/" not in json.dumps(schema)  # which would lead nowhere
    seen = 0
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            parts = {"body": operation.get("requestBody", {}).get("content", {})}
            parts |= {status: answer.get("content", {}) for status, answer in operation["responses"].items()}
            for where, contents in parts.items():
                for kind, part in contents.items():
                    found = described(schema, part)
                    assert found, f"{method} {path} {where} {kind}"
                    seen += 1
                    if kind == "application/problem+json":
                        assert str(found[0]["status"]) == where
                    if kind.endswith("json") and "example" in part:
                        whole = {**part["schema"], "components": schema["components"]}
                        jsonschema.validate(found[0], whole)
    assert seen > 100
    assert service.get("/docs").status_code == 200


def test_rapid_reads_a_page(tmp_path: Path) -> None:
    pytest.importorskip("rapidocr")
    from langchain_hunyuanocr import RapidEngine

    with client(application(tmp_path, RapidEngine())) as service:
        scan = png("Invoice No: INV-2041\nTotal: 96.50")
        (page,) = service.post("/v1/read", files=upload(("scan.png", scan)), data={"fields": "total"}).json()
        image = base64.b64encode(scan).decode()
        text = service.post("/generate", json={"image": image, "prompt": "Extract the text in the image."}).json()
    assert "INV-2041" in page["markdown"]
    assert [field["value"] for field in page["fields"]] == ["96.50"]
    assert "96.50" in text["text"]
