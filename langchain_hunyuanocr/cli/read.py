"""`hunyuanocr read`: pages to stdout or to files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from langchain_hunyuanocr.cli import console
from langchain_hunyuanocr.cli.options import (
    EngineOption,
    FieldsOption,
    ForceOption,
    GroundOption,
    LanguageOption,
    PasswordOption,
    PresetOption,
    SchemaOption,
    TaskOption,
    VerifyOption,
    engine_from,
    fields_from,
    verify_from,
)
from langchain_hunyuanocr.cli.progress import progress
from langchain_hunyuanocr.errors import SourceError, require
from langchain_hunyuanocr.output import Format

if TYPE_CHECKING:
    from langchain_hunyuanocr.cli.output import Sources
    from langchain_hunyuanocr.report import Tally


def read(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files, folders, glob patterns or URLs.")],
    engine: EngineOption = "auto",
    language: LanguageOption = None,
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
    step: Annotated[
        float, typer.Option("--step", min=0.02, max=60.0, help="Seconds from one look at a film to the next.")
    ] = 0.5,
    format: Annotated[Format, typer.Option("--format", "-f", help="How pages are written.")] = Format.MD,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Write a file for each input here.")
    ] = None,
) -> None:
    """Read scanned PDFs and pictures: Markdown, tables, fields and boxes; and with --task subtitle films."""
    from langchain_hunyuanocr.cli.output import FolderSink, Sources, StdoutSink
    from langchain_hunyuanocr.pages import PageSettings, Source
    from langchain_hunyuanocr.reader import Reader, ReadSettings
    from langchain_hunyuanocr.reader.sources import read_sources
    from langchain_hunyuanocr.report import Tally
    from langchain_hunyuanocr.results import PageReading
    from langchain_hunyuanocr.tasks import Task, TaskKind
    from langchain_hunyuanocr.video import FilmSettings

    _check(format, task, out)
    how = ReadSettings(
        task=task if question is None else Task(kind=TaskKind.QUESTION, question=question),
        fields=fields_from(fields, schema),
        preset=preset,
        force_ocr=force_ocr,
        verify=verify_from(verify),
        ground=ground,
    )
    reader = Reader(engine_from(engine, language), how)
    settings = PageSettings(pages=pages, password=password)
    tally = Tally()
    warned: list[tuple[str, int, str]] = []
    with (
        progress() as show,
        FolderSink(out, format, settings) if out else StdoutSink(format) as sink,
        Sources(sink) as output,
    ):
        for thing in read_sources(reader, files, settings, FilmSettings(step_s=step)):
            if isinstance(thing, PageReading):
                tally.add(thing)
                warned += [(thing.source, thing.page, warning) for warning in thing.warnings]
                output.write(thing)
                show(thing.file_name, thing.page + 1, thing.total_pages or None)
                continue
            _end(output, tally, thing if isinstance(thing, SourceError) else None)
            if isinstance(thing, Source):
                output.begin(thing)
        _end(output, tally)
    report = tally.report()
    console.list_warnings(warned)
    console.list_failures(report)
    raise typer.Exit(console.exit_status(report))


def _check(form: Format, task: str, out: Path | None) -> None:
    """Refuse what cannot be written before anything is read.

    Raises:
        typer.BadParameter: The form needs a folder, or a film.
        EngineError: A package that the form needs is not installed.
    """
    info = form.info
    if info.binary and out is None:
        raise typer.BadParameter(f"{form} is written to files; name a folder with -o", param_hint="--format")
    if info.task not in (None, task):
        raise typer.BadParameter(f"{form} is for {info.made_of}; add --task {info.task}", param_hint="--format")
    if info.requires is not None:
        package, extra = info.requires
        require(package, extra=extra)


def _end(output: Sources, tally: Tally, error: SourceError | None = None) -> None:
    """End a source; what it failed with, and what its file failed with, are counted."""
    if error is not None:
        tally.add_failure(error.source or "", error.reason)
    try:
        output.end(error)
    except SourceError as failed:
        tally.add_failure(failed.source or "", failed.reason)
