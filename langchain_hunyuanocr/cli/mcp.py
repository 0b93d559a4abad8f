"""`hunyuanocr mcp`: an archive for the programs that speak the Model Context Protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from langchain_hunyuanocr.cli.options import ArchiveOption, EngineOption, LlmOption, PasswordOption


def mcp(
    archive: ArchiveOption,
    engine: EngineOption = "auto",
    llm: LlmOption = None,
    password: PasswordOption = None,
    root: Annotated[
        list[Path] | None,
        typer.Option("--root", metavar="DIR", help="Files below here may be read too, not only the archive's own."),
    ] = None,
    transport: Annotated[
        Literal["stdio", "http"], typer.Option("--transport", help="stdio for a program that starts this one.")
    ] = "stdio",
    host: Annotated[str, typer.Option("--host", help="Address to listen at, for http.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen at, for http.")] = 8000,
) -> None:
    """Serve an archive as MCP tools: read, search and ask."""
    from langchain_hunyuanocr.archive import Archive
    from langchain_hunyuanocr.archive.answer.generative.chat_model import check_local
    from langchain_hunyuanocr.mcp_server import make_server, serve_http

    check_local(llm)
    with Archive(archive, engine=engine, llm=llm, password=password) as store:
        store.status()  # an archive that cannot be opened is told now, not at the first question
        server = make_server(store, engine=engine, roots=root or (), password=password)
        if transport == "stdio":
            server.run("stdio")
        else:
            serve_http(server, host, port)
