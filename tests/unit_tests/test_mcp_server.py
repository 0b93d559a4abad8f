"""The MCP server through the official client, in one process: what its tools give, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.engines import ScriptedEngine
from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.mcp_server import make_server
from tests.unit_tests.archived import SaysModel, make_archive
from tests.unit_tests.readings import page

pytest.importorskip("mcp")

QUESTION = "How long does the lease run?"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return make_archive(tmp_path / "archive")


@asynccontextmanager
async def client_of(archive: Archive, **options: Any) -> AsyncIterator[Any]:
    from mcp.client.client import Client

    async with Client(make_server(archive, engine=ScriptedEngine("# Read now"), **options)) as client:
        yield client


async def call(client: Any, tool: str, **arguments: Any) -> Any:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return result.structured_content


async def refusal(client: Any, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return str(result.content[0].text)


async def test_the_tools_say_what_they_take_and_give(archive: Archive) -> None:
    async with client_of(archive) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert tools.keys() == {"read", "search", "ask"}
    assert tools["ask"].input_schema["required"] == ["question"]
    assert "citations" in tools["ask"].output_schema["properties"]
    assert all(tool.description and tool.annotations.read_only_hint for tool in tools.values())


async def test_ask_gives_the_answer_with_its_proof(archive: Archive) -> None:
    async with client_of(archive) as client:
        answer = await call(client, "ask", question=QUESTION)
        assert answer["mode"] == "extractive"
        assert answer["answer"] in answer["citations"][0]["quote"]
        assert answer["citations"][0]["source"] == "lease.pdf"
        nothing = await call(client, "ask", question="Who painted the harbour of Antwerp?")
        assert nothing["answer"] is None


async def test_ask_says_what_was_struck(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive", llm=SaysModel(says="It runs for ever."))
    async with client_of(archive) as client:
        answer = await call(client, "ask", question=QUESTION)
    assert (answer["answer"], answer["struck"][0]["sentence"]) == (None, "It runs for ever.")


async def test_search_gives_passages(archive: Archive) -> None:
    async with client_of(archive) as client:
        found = await call(client, "search", query="lease nine years", k=1)
        assert len(found["hits"]) == 1
        assert found["hits"][0]["source"] == "lease.pdf"
        assert "nothing" in await refusal(client, "search", query="lease", where={"nothing": 1})
        assert "question is empty" in await refusal(client, "search", query=" ")


async def test_read_gives_what_the_archive_holds(archive: Archive) -> None:
    async with client_of(archive) as client:
        both = await call(client, "read", path="lease.pdf")
        assert [one["page"] for one in both["pages"]] == [1, 2]
        assert "nine years" in both["pages"][0]["markdown"]
        second = await call(client, "read", path=str(archive.path / "lease.pdf"), pages="2")
        assert [one["page"] for one in second["pages"]] == [2]
        assert "choice of pages" in await refusal(client, "read", path="lease.pdf", pages="x")


async def test_read_opens_nothing_outside_the_roots(archive: Archive, tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    for folder in (inside, outside):
        folder.mkdir()
        page().picture.save(folder / "scan.png")
    (inside / "link.png").symlink_to(outside / "scan.png")
    refused = "not in the archive"
    async with client_of(archive, roots=[inside]) as client:
        for path in (outside / "scan.png", inside / ".." / "out" / "scan.png", inside / "link.png", "/etc/passwd"):
            assert refused in await refusal(client, "read", path=str(path))
        for path in ("http://127.0.0.1/scan.png", "file:///etc/passwd", "a\0b", "~nobody/x", str(inside / "*.png")):
            assert "\n" not in await refusal(client, "read", path=path)
        assert "no such file" in await refusal(client, "read", path=str(inside / "none.png"))
        for name in ("n" * 300, "n/" * 5_000):
            assert refused in await refusal(client, "read", path=str(inside / name))
    async with client_of(archive) as client:
        assert refused in await refusal(client, "read", path=str(inside / "scan.png"))


async def test_read_reads_below_a_root(archive: Archive, tmp_path: Path) -> None:
    picture = page().picture
    picture.paste((0, 0, 0), (10, 10, 40, 60))
    picture.save(tmp_path / "scan.png")
    async with client_of(archive, roots=[tmp_path]) as client:
        text = await call(client, "read", path=str(tmp_path / "scan.png"))
    assert text["pages"][0]["markdown"] == "# Read now"


async def test_a_page_is_shown_with_the_place_marked(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    from langchain_hunyuanocr.archive.answer import page_images

    (archive.path / "lease.pdf").touch()
    monkeypatch.setattr(page_images, "render_page", lambda source, number, settings: page(number))
    async with client_of(archive) as client:
        templates = (await client.list_resource_templates()).resource_templates
        assert [template.name for template in templates] == ["page"]
        answer = await call(client, "ask", question=QUESTION)
        shown = await client.read_resource(answer["citations"][0]["picture"])
        assert shown.contents[0].mime_type == "image/png"
        places = ("x/page", "0/nan_0_1_1", "0/0_0_inf_1", "0/0_0_1e308_1", "0/0_0_1", "0/-9_0_1_1")
        for place in ("%2Fetc%2Fpasswd/0/page", *(f"lease.pdf/{place}" for place in places)):
            uri = f"hunyuanocr://page/{place}"
            with pytest.raises(Exception, match=r"the archive holds no such file|no place on a page"):
                await client.read_resource(uri)


def test_a_root_that_is_no_folder(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no folder"):
        make_server(archive, roots=[tmp_path / "none"])


async def test_what_a_tool_gives_is_json(archive: Archive) -> None:
    async with client_of(archive) as client:
        json.dumps(await call(client, "search", query="lease"))
