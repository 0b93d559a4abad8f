"""The page lets in whom the API lets in, and nobody sees another visitor's files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Mount, Route

from langchain_hunyuanocr.service import Access, Bounds
from langchain_hunyuanocr.service.auth import ApiKeyFile
from langchain_hunyuanocr.service.auth.caller import SCOPES, Scope
from tests.integration_tests.files import png
from tests.integration_tests.served import served, until

HTML = {"accept": "text/html"}


@contextmanager
def closed(folder: Path, **settings: object) -> Iterator[tuple[str, FastAPI, ApiKeyFile]]:
    keys = ApiKeyFile(folder / "keys.json")
    keys.add("first", SCOPES)
    with served(folder / "state", page=True, access=Access(keys=folder / "keys.json"), **settings) as (address, app):
        yield address, app, keys


def key(keys: ApiKeyFile, name: str, *scopes: Scope) -> str:
    return keys.add(name, scopes or SCOPES)


def visitor(address: str, credential: str) -> httpx.Client:
    client = httpx.Client(base_url=address)
    answer = client.post("/login", data={"key": credential})
    assert answer.status_code == 303, answer.text
    return client


def page_routes(app: FastAPI) -> list[tuple[str, str]]:
    """Every method and path that the page or Gradio answers, from the application itself."""
    todo, found = list(app.state.page.routes), []
    while todo:
        route = todo.pop()
        if isinstance(route, Mount):
            todo += getattr(route.app, "routes", [])
        elif hasattr(route, "original_router"):  # as FastAPI keeps a router that was included
            found += [(method, _filled(one.path)) for one in route.original_router.routes for method in one.methods]
        elif isinstance(route, Route):
            path = route.path.replace("{path:path}", "etc/passwd")
            found += [(method, _filled(path)) for method in route.methods or ("GET",)]
    return found


def _filled(path: str) -> str:
    while "{" in path:
        before, _, rest = path.partition("{")
        name, _, after = rest.partition("}")
        path = f"{before}{'1' if name.endswith(':int') else 'x'}{after}"
    return path


def test_nothing_of_the_page_is_answered_without_a_key(tmp_path: Path) -> None:
    with closed(tmp_path) as (address, app, _), httpx.Client(base_url=address) as client:
        routes = page_routes(app)
        assert {path for _, path in routes} >= {"/", "/config", "/gradio_api/upload", "/gradio_api/queue/join"}
        assert len(routes) > 30
        for method, path in routes:
            if path in ("/login", "/login/", "/logout", "/openapi.json"):  # the last one is the API's own
                continue
            answer = client.request(method, path)
            assert answer.status_code == 401, (method, path, answer.status_code)
            cookie = {"cookie": "hunyuanocr_session=invented"}
            assert client.request(method, path, headers=cookie).status_code == 401, (method, path)
        seen = client.get("/", headers=HTML)
        assert (seen.status_code, seen.headers["location"]) == (303, "/login")


@pytest.mark.parametrize(("language", "words"), [("en", "Log in"), ("zh-CN", "登录")])
def test_the_login_speaks_the_language_of_the_browser(tmp_path: Path, language: str, words: str) -> None:
    with closed(tmp_path) as (address, _, _), httpx.Client(base_url=address) as client:
        answer = client.get("/login", headers={"accept-language": f"{language},en;q=0.5"})
        assert f'<html lang="{language}">' in answer.text
        assert f'<button type="submit">{words}</button>' in answer.text


def test_a_wrong_key_is_told_in_one_line_and_gets_no_session(tmp_path: Path) -> None:
    with closed(tmp_path) as (address, _, _), httpx.Client(base_url=address) as client:
        answer = client.post("/login", data={"key": "<b>wrong</b>"})
        assert answer.status_code == 401
        assert '<p role="alert" class="hv-alert">the token is not valid</p>' in answer.text
        assert "wrong" not in answer.text
        assert "set-cookie" not in answer.headers


def test_a_session_ends_with_its_key_and_at_the_door(tmp_path: Path) -> None:
    with closed(tmp_path) as (address, _, keys):
        ours, theirs = visitor(address, key(keys, "ours")), visitor(address, key(keys, "theirs"))
        cookie = next(iter(ours.cookies.jar))
        assert (cookie.name, cookie.get_nonstandard_attr("SameSite")) == ("hunyuanocr_session", "strict")
        assert cookie.has_nonstandard_attr("HttpOnly")
        assert ours.get("/", headers=HTML).status_code == 200
        assert ours.get("/config").status_code == 200
        assert ours.post("/logout").status_code == 303
        assert ours.get("/config", headers={"cookie": f"{cookie.name}={cookie.value}"}).status_code == 401
        assert theirs.get("/config").status_code == 200
        known = keys.keys()
        keys.revoke(next(kept.id for kept in known if kept.name == "theirs"))
        assert theirs.get("/config").status_code == 401


def test_a_page_in_another_frame_or_of_another_origin_is_none(tmp_path: Path) -> None:
    with served(tmp_path, page=True) as (address, _), httpx.Client(base_url=address) as client:
        assert client.get("/", headers=HTML).headers["content-security-policy"] == "frame-ancestors 'none'"
        for headers in ({"host": "attacker.example"}, {"origin": "https://attacker.example"}):
            assert client.get("/config", headers=headers).status_code == 403
            assert client.post("/gradio_api/queue/join", headers=headers).status_code == 403


def test_the_api_answers_as_it_does_without_a_page(tmp_path: Path) -> None:
    with served(tmp_path, page=True) as (address, _), httpx.Client(base_url=address) as client:
        for method, path, status in (("GET", "/v1/nothing", 404), ("GET", "/v1/read", 405), ("PUT", "/healthz", 405)):
            answer = client.request(method, path)
            assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
        assert client.get("/healthz").json() == {"status": "ok"}


class Window:
    """A window of the page as its scripts use the service, without a browser."""

    def __init__(self, client: httpx.Client, name: str) -> None:
        self.client, self.name = client, name
        config = client.get("/config").json()
        self._names = {part["id"]: part["props"].get("elem_id") for part in config["components"]}
        self._events = config["dependencies"]
        self.session = re.search(r'data-session=\\"([^"\\]+)', self.does("load", fills="hv-files"))

    def upload(self, *files: tuple[str, bytes]) -> httpx.Response:
        assert self.session is not None
        return self.client.post(f"/page/{self.session[1]}/files", files=[("files", file) for file in files])

    def does(
        self, event: str, data: Sequence[object] = (), event_data: object = None, *, at: str = "", fills: str = ""
    ) -> str:
        """All that the page is told until an event is over."""
        ((number, trigger),) = (
            (one["id"], one["targets"][0][0])
            for one in self._events
            if any(event == name and at in ("", self._names.get(id)) for id, name in one["targets"])
            and (not fills or fills in [self._names[id] for id in one["outputs"]])
        )
        sent = {"data": data, "event_data": event_data, "session_hash": self.name}
        body = {"fn_index": number, "trigger_id": trigger, **sent}
        joined = self.client.post("/gradio_api/queue/join", json=body)
        assert joined.status_code == 200, joined.text
        said = ""
        with self.client.stream("GET", "/gradio_api/queue/data", params={"session_hash": self.name}) as stream:
            for line in stream.iter_lines():
                said += line
                if '"process_completed"' in line:
                    break
        return said

    def reads(self, *files: tuple[str, bytes]) -> str:
        assert self.upload(*files).status_code == 200
        return self.does("click", ["text", "", [], "", "", False], at="hv-read")


def test_a_visitor_sees_only_their_own_pages(tmp_path: Path) -> None:
    with closed(tmp_path) as (address, _, keys):
        ours, theirs = visitor(address, key(keys, "ours")), visitor(address, key(keys, "theirs"))
        window = Window(ours, "window")
        window.reads(("scan.png", png("Total: 96.50")))
        assert window.session is not None
        session = window.session[1]
        for path, kind in (
            (f"/page/{session}/0.jpg", "image/jpeg"),
            (f"/page/{session}/download/json", "application/json"),
        ):
            assert ours.get(path).headers["content-type"] == kind
            answer = theirs.get(path)
            assert (answer.status_code, answer.json()["detail"]) == (
                404,
                "this is not there any more (read the file again)",
            )
        assert theirs.post(f"/page/{session}/files", files={"files": ("more.png", b"more")}).status_code == 404
        assert theirs.delete(f"/page/{session}/files/1").status_code == 404
        # The same name of a window does not lead to the session either.
        assert session not in Window(theirs, "window").does("input", [None], {"go": 0}, at="hv-pages")


def test_a_key_for_questions_reads_no_pages(tmp_path: Path) -> None:
    with closed(tmp_path) as (address, _, keys):
        window = Window(visitor(address, key(keys, "asks", "ask")), "window")
        assert window.session is None
        said = window.does("click", ["text", "", [], "", "", False], at="hv-read")
        assert "Your key does not allow reading pages (scope read)." in said


def test_gradio_takes_and_gives_no_files(tmp_path: Path) -> None:
    with closed(tmp_path) as (address, app, keys):
        ours = visitor(address, key(keys, "ours"))
        for method, path in page_routes(app):
            of_files = any(
                word in path for word in ("upload", "file", "proxy", "deep_link", "/run", "/call", "monitor")
            )
            if of_files and not path.startswith("/page/"):
                assert ours.request(method, path).status_code == 404, (method, path)
        assert ours.get("/gradio_api/file=/etc/passwd").status_code == 404
        assert ours.get("/assets/../../../../../../etc/passwd").status_code in (403, 404)
        assert ours.get("/assets/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd").status_code in (403, 404)


def test_files_are_gone_with_what_was_read_from_them_and_with_their_window(tmp_path: Path) -> None:
    def kept() -> list[Path]:
        return [Path(folder, name) for folder, _, names in os.walk(tmp_path / "page") for name in names]

    def left() -> list[str]:
        return [path.read_bytes()[-12:].decode("latin-1") for path in kept()]

    with served(tmp_path, page=True) as (address, _), httpx.Client(base_url=address) as client:
        window = Window(client, "window")
        assert window.session is not None
        window.upload(("one.png", png("One") + b"the first")).json()
        window.upload(("two.png", png("Two") + b"the second")).json()
        assert len(left()) == 2
        client.delete(f"/page/{window.session[1]}/files/1")
        assert [tail.endswith("the second") for tail in left()] == [True]
        window.does("click", ["text", "", [], "", "", False], at="hv-read")
        client.delete(f"/page/{window.session[1]}/files/2")
        assert len(left()) == 1, "its page is still shown"
        window.reads(("three.png", png("Three") + b"the third"))
        assert [tail.endswith("the third") for tail in left()] == [True]
        for form in ("md", "pdf", "xlsx"):
            assert client.get(f"/page/{window.session[1]}/download/{form}").status_code == 200
        until(lambda: len(kept()) == 1)
        with client.stream("GET", "/gradio_api/heartbeat/window") as stream:
            next(stream.iter_lines())
        until(lambda: not kept())
    assert not (tmp_path / "page").exists()


def test_an_upload_over_the_bound_is_refused(tmp_path: Path) -> None:
    with (
        served(tmp_path, page=True, bounds=Bounds(max_body_mb=1)) as (address, _),
        httpx.Client(base_url=address) as client,
    ):
        answer = Window(client, "window").upload(("large.png", bytes(2_000_000)))
        assert answer.status_code == 413
        assert answer.json()["detail"] == "the request is larger than 1 MB (send less at once)"
        answer = Window(client, "window").upload(*[(f"{number}.png", b"x") for number in range(21)])
        assert answer.status_code in (400, 413)


NEVER_SENT = (
    ("queue/join", b"", 422),
    ("queue/join", b"[]", 422),
    ("queue/join", b"{", 422),
    ("queue/join", b"\xff", 422),
    ("queue/join", b'{"data": [], "fn_index": 0}', 422),
    ("queue/join", b'{"data": [], "fn_index": 9999, "session_hash": "w"}', 422),
    ("queue/join", b'{"data": [], "fn_index": -1, "session_hash": "w"}', 422),
    ("queue/join", b'{"data": [], "fn_index": "0", "session_hash": "w"}', 422),
    ("queue/join", b'{"data": [], "fn_index": 0, "session_hash": "w\\n[ERROR] forged"}', 422),
    ("queue/join", b'{"data": [], "fn_index": 0, "trigger_id": 99999, "session_hash": "w"}', 422),
    ("queue/join", b'{"data": [' + b"1," * 200 + b'1], "fn_index": 0, "session_hash": "w"}', 422),
    ("queue/join", b'{"data": {"a": 1}, "fn_index": 0, "session_hash": "w"}', 422),
    ("queue/join", b" " * (2 << 20), 413),
    ("cancel", b"{}", 422),
    ("cancel", b'{"session_hash": "w", "fn_index": 0, "event_id": "a\\r\\nb"}', 422),
)


def test_what_the_page_would_never_send_is_refused(tmp_path: Path) -> None:
    with served(tmp_path, page=True) as (address, _), httpx.Client(base_url=address) as client:
        headers = {"content-type": "application/json"}
        for path, body, status in NEVER_SENT:
            answer = client.post(f"/gradio_api/{path}", content=body, headers=headers)
            assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), body
        assert client.get("/gradio_api/queue/data").status_code == 422
        assert client.get("/gradio_api/queue/data", params={"session_hash": "nobody"}).status_code == 404


def test_values_that_no_part_of_the_page_has_are_in_no_log(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    forged = "forged\n2026-01-01 ERROR forged"
    with served(tmp_path, page=True) as (address, _), httpx.Client(base_url=address) as client:
        window = Window(client, "window")
        assert window.session is not None
        for wrong in ([forged] * 6, [{"a": forged}] * 6, [[forged]] * 6, [None] * 6):
            window.does("click", wrong, at="hv-read")
        window.does("input", [None], {"go": forged}, at="hv-pages")
        client.get("/v1/forged%0aforged", headers={"x-forged": "forged"})
        client.post("/v1/read", content=b"forged", headers={"content-type": "multipart/form-data; boundary=forged"})
    out, err = capfd.readouterr()
    assert "forged" not in out + err + caplog.text
    assert "Traceback" not in out + err
