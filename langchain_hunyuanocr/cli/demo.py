"""`hunyuanocr demo`: a small scanned archive is made, read, ingested and asked."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from langchain_hunyuanocr.cli import console
from langchain_hunyuanocr.cli.archive import show_answer
from langchain_hunyuanocr.cli.progress import progress

if TYPE_CHECKING:
    from langchain_hunyuanocr.archive import Archive, Progress
    from langchain_hunyuanocr.demo import Truth

_QUESTIONS = 6
_FOLDER = Path("demo-archive")


def demo(
    make: Annotated[
        Path | None, typer.Option("--make", metavar="DIR", help="Only make the scans and truth.json, here.")
    ] = None,
    pages: Annotated[int, typer.Option("--pages", min=1, help="How many pages.")] = 24,
    seed: Annotated[int, typer.Option("--seed", help="Other seeds make other documents.")] = 7,
    questions: Annotated[int, typer.Option("--questions", min=0, help="How many questions go into truth.json.")] = (
        _QUESTIONS
    ),
) -> None:
    """Make a scanned archive in Chinese and English, read it, ingest it and ask it six questions."""
    from langchain_hunyuanocr.demo import make_archive

    if make is not None:
        truth = make_archive(make, pages=pages, seed=seed, questions=questions)
        console.say(f"{sum(len(file.pages) for file in truth.files)} pages in {len(truth.files)} files are in {make}")
        return
    shutil.rmtree(_FOLDER, ignore_errors=True)
    begun = time.monotonic()
    truth = make_archive(_FOLDER / "scans", pages=pages, seed=seed, questions=questions)
    _headline(f"Scanned {sum(len(file.pages) for file in truth.files)} pages into {_FOLDER / 'scans'}", begun)
    from langchain_hunyuanocr.archive import Archive

    with Archive(_FOLDER / "archive", engine="rapid", create=True) as archive:
        _ingest(archive)
        _ask(archive, truth)


def _ingest(archive: Archive) -> None:
    begun = time.monotonic()
    with progress() as show:

        def moved(event: Progress) -> None:
            show(event.source, event.page + 1, event.total)

        report = archive.ingest([_FOLDER / "scans"], on_progress=moved)
    _headline(
        f"Read and ingested {report.files} files: {report.done} pages done, {report.blank} blank, "
        f"{report.failed} failed, {report.chunks} chunks",
        begun,
    )
    for failure in report.failures:
        console.stdout.print(f"  [yellow]listed as failed:[/yellow] {escape(console.describe(failure))}")


def _ask(archive: Archive, truth: Truth) -> None:
    picture = _FOLDER / "answer.png"
    drawn = False
    for question in truth.questions:
        begun = time.monotonic()
        answer = archive.ask(question.question)
        _headline(question.question, begun)
        show_answer(answer)
        if answer.citations and not drawn:
            archive.draw(answer.citations[0], picture)
            drawn = True
            console.stdout.print(f"  [green]the place is marked in {picture}[/green]")


def _headline(text: str, begun: float) -> None:
    console.stdout.print(f"\n[bold cyan]{escape(text)}[/bold cyan] [dim]{time.monotonic() - begun:.1f} s[/dim]")
