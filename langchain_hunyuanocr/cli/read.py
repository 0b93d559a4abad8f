"""`hunyuanocr read`: pages to stdout or to files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from langchain_hunyuanocr.cli import console
from langchain_hunyuanocr.cli.options import (
    EngineOption,
    FieldsOption,
    ForceOption,
    GroundOption,
    PasswordOption,
    PresetOption,
    SchemaOption,
    TaskOption,
    VerifyOption,
    fields_from,
    verify_from,
)
from langchain_hunyuanocr.cli.writers import FolderSink, Format, Sources, StdoutSink
from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages import PageSettings, try_sources
from langchain_hunyuanocr.pages.walk import walk_pages
from langchain_hunyuanocr.reader import Reader
from langchain_hunyuanocr.results import PageReading, Tally
from langchain_hunyuanocr.tasks import Task, TaskKind


def read(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files, folders, glob patterns or URLs.")],
    engine: EngineOption = "auto",
    task: TaskOption = "document",
    fields: FieldsOption = None,
    schema: SchemaOption = None,
    preset: PresetOption = None,
    pages: Annotated[str | None, typer.Option("--pages", "-p", help="Which pages, from 1: '1-3,7'.")] = None,
    password: PasswordOption = None,
    force_ocr: ForceOption = False,
    question: Annotated[
        str | None, typer.Option("--question", help="Ask this of each page, in place of a task.")
    ] = None,
    verify: VerifyOption = None,
    ground: GroundOption = False,
    format: Annotated[Format, typer.Option("--format", "-f", help="How pages are written.")] = Format.MD,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Write a file for each input here.")
    ] = None,
) -> None:
    """Read scanned PDFs and pictures: Markdown, tables, fields and boxes."""
    reader = Reader(
        engine,
        task=task if question is None else Task(kind=TaskKind.QUESTION, question=question),
        fields=fields_from(fields, schema),
        preset=preset,
        force_ocr=force_ocr,
        verify=verify_from(verify),
        ground=ground,
    )
    settings = PageSettings(pages=pages, password=password)
    tally = Tally()
    with console.progress() as bar, FolderSink(out, format) if out else StdoutSink(format) as sink:
        shown = bar.add_task("", total=None)
        with Sources(sink) as output:
            for thing in reader.read_walk(walk_pages(try_sources(files), settings)):
                if isinstance(thing, SourceError):
                    output.abandon(thing)
                    tally.add_failure(thing.source or "", thing.reason)
                elif isinstance(thing, PageReading):
                    tally.add(thing)
                    output.write(thing)
                    bar.update(shown, description=thing.file_name, total=thing.total_pages, completed=thing.page + 1)
                else:
                    output.begin(thing.file_name)
    report = tally.report()
    console.list_failures(report)
    raise typer.Exit(console.exit_status(report))
