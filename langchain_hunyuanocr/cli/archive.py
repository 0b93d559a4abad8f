"""The commands over an archive: ingest, status, retry, search and ask."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from langchain_hunyuanocr.cli import console
from langchain_hunyuanocr.cli.options import (
    ArchiveOption,
    ChromaOption,
    EmbeddingsOption,
    EngineOption,
    FieldsOption,
    ForceOption,
    JsonOption,
    LanguageOption,
    LlmOption,
    ModeOption,
    PasswordOption,
    PresetOption,
    SchemaOption,
    VerifyOption,
    WhereOption,
    conditions_from,
    engine_from,
    fields_from,
    group_from,
    mode_from,
    verify_from,
)
from langchain_hunyuanocr.cli.progress import pages_progress

if TYPE_CHECKING:
    from langchain_hunyuanocr.archive import Answer
    from langchain_hunyuanocr.report import Report
    from langchain_hunyuanocr.results import Box

_SNIPPET = 300
"""Characters of a hit that are shown to a person."""


def ingest(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders, glob patterns or URLs.")],
    archive: ArchiveOption,
    engine: EngineOption = "auto",
    language: LanguageOption = None,
    fields: FieldsOption = None,
    schema: SchemaOption = None,
    preset: PresetOption = None,
    password: PasswordOption = None,
    force_ocr: ForceOption = False,
    verify: VerifyOption = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Files read at the same time; what the engine can use.")
    ] = None,
    prune: Annotated[bool, typer.Option("--prune", help="Forget files that are gone from the given paths.")] = False,
    prune_most: Annotated[
        int | None,
        typer.Option("--prune-most", min=0, help="Forget so many files at once; a tenth of the archive by default."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Forget all that is gone, even where a disk seems to be missing.")
    ] = False,
    chroma_url: ChromaOption = None,
    embeddings: EmbeddingsOption = None,
    reread: Annotated[
        bool, typer.Option("--reread", help="Read anew what another engine, model or setting has read.")
    ] = False,
    checksum: Annotated[
        bool, typer.Option("--checksum", help="Look at the bytes of files whose size and time are as before.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on with what changes there, until Ctrl-C.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Read files into an archive; what has not changed is left alone."""
    from langchain_hunyuanocr.archive import Archive

    store = Archive(
        archive,
        engine=engine_from(engine, language),
        fields=fields_from(fields, schema),
        preset=preset,
        force_ocr=force_ocr,
        verify=verify_from(verify),
        password=password,
        chroma_url=chroma_url,
        embeddings=embeddings,
        create=True,
    )
    with store, pages_progress(repeat=not watch) as moved:
        take = store.watch if watch else store.ingest
        report = take(
            paths,
            workers=workers,
            prune=prune,
            prune_most=prune_most,
            sure=yes,
            reread=reread,
            checksum=checksum,
            on_progress=moved,
        )
    _finish(report, as_json)


def undo(archive: ArchiveOption, chroma_url: ChromaOption = None, as_json: JsonOption = False) -> None:
    """Take back the files that `ingest --prune` forgot last; what was read of them is kept for 30 days."""
    from langchain_hunyuanocr.archive import Archive

    with Archive(archive, chroma_url=chroma_url) as store:
        _finish(store.undo(), as_json)


def purge(archive: ArchiveOption, chroma_url: ChromaOption = None) -> None:
    """Drop for good what was forgotten and could still be taken back."""
    from langchain_hunyuanocr.archive import Archive

    with Archive(archive, chroma_url=chroma_url) as store:
        store.purge()


def repair(archive: ArchiveOption, chroma_url: ChromaOption = None) -> None:
    """Make good what is damaged, and list it; pages whose reading is lost are read by the next ingest."""
    from langchain_hunyuanocr.archive import Archive

    with Archive(archive, chroma_url=chroma_url) as store:
        found = store.repair()
    for one in found:
        console.say(f"was damaged: {console.describe(one)}")
    if found:
        console.say("ingest the files once more: what was lost is read again")


def status(
    archive: ArchiveOption,
    chroma_url: ChromaOption = None,
    check: Annotated[
        bool, typer.Option("--check", help="Look at all that is stored, and say what is damaged.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Every page accounted for: done, blank, failed and why."""
    from langchain_hunyuanocr.archive import Archive

    with Archive(archive, chroma_url=chroma_url) as store:
        _finish(store.status(check=check), as_json)


def retry(
    archive: ArchiveOption,
    engine: EngineOption = "auto",
    language: LanguageOption = None,
    password: PasswordOption = None,
    chroma_url: ChromaOption = None,
    embeddings: EmbeddingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read again what failed, as the last ingest read."""
    from langchain_hunyuanocr.archive import Archive

    store = Archive(
        archive,
        engine=engine_from(engine, language),
        password=password,
        chroma_url=chroma_url,
        embeddings=embeddings,
    )
    with store, pages_progress() as moved:
        report = store.retry(on_progress=moved)
    _finish(report, as_json)


def search(
    query: Annotated[str, typer.Argument(help="Words, numbers or a question.")],
    archive: ArchiveOption,
    k: Annotated[int, typer.Option("-k", min=1, help="How many hits.")] = 5,
    where: WhereOption = None,
    group: Annotated[
        str, typer.Option("--group", help="The best chunk of each page, section or document, or every chunk.")
    ] = "page",
    context: Annotated[
        int, typer.Option("--context", min=0, help="Chunks before and after each hit, joined with it.")
    ] = 0,
    chroma_url: ChromaOption = None,
    embeddings: EmbeddingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the places that speak of something, best first."""
    from langchain_hunyuanocr.archive import Archive

    with Archive(archive, chroma_url=chroma_url, embeddings=embeddings) as store:
        hits = store.search(query, k=k, where=conditions_from(where or []), group=group_from(group), context=context)
    if as_json:
        console.write_json([hit.model_dump(mode="json", exclude=None if context else {"context"}) for hit in hits])
        return
    for number, hit in enumerate(hits, 1):
        text = _short(hit.text) if hit.context is None else " ".join(hit.context.split())
        console.stdout.print(f"[bold]{number}. {escape(_place(hit.source, hit.page))}[/bold]  {hit.score:.2f}")
        console.stdout.print(f"   {escape(text)}")
    if not hits:
        console.say("nothing was found")


def ask(
    question: Annotated[str, typer.Argument(help="A question, in any language.")],
    archive: ArchiveOption,
    llm: LlmOption = None,
    mode: ModeOption = "auto",
    engine: EngineOption = "auto",
    where: WhereOption = None,
    as_json: JsonOption = False,
    show: Annotated[
        Path | None, typer.Option("--show", metavar="PNG", help="Draw the cited page with the place marked.")
    ] = None,
    chroma_url: ChromaOption = None,
    embeddings: EmbeddingsOption = None,
) -> None:
    """Answer a question with the page, and the place on it, that proves the answer."""
    from langchain_hunyuanocr.archive import Archive

    with Archive(archive, engine=engine, llm=llm, chroma_url=chroma_url, embeddings=embeddings) as store:
        answer = store.ask(question, where=conditions_from(where or []), mode=mode_from(mode))
        if show is not None and answer.citations:
            store.draw(answer.citations[0], show)
    if as_json:
        console.write_json(answer.as_json())
    else:
        show_answer(answer)
    for struck in answer.struck:
        console.say(f"struck: {_short(struck.sentence)} ({_short(struck.why)})")


def show_answer(answer: Answer) -> None:
    """An answer and its citations, for a person."""
    if answer.answer is None:
        console.stdout.print("[yellow]The archive does not hold the answer.[/yellow]")
        return
    doubt = "" if answer.confident else "  [yellow](not certain)[/yellow]"
    console.stdout.print(f"[bold]{escape(answer.answer)}[/bold]{doubt}")
    for citation in answer.citations:
        quote = f"  “{escape(_short(citation.quote))}”" if citation.quote else ""
        place = _place(citation.source, citation.page)
        console.stdout.print(f"  [dim]{escape(place)}{_corner(citation.box)}[/dim]{quote}")


def _short(text: str) -> str:
    return " ".join(text.split())[:_SNIPPET]


def _place(source: str, page: int) -> str:
    return f"{source}, page {page + 1}"


def _corner(box: Box | None) -> str:
    return "" if box is None else f" at {box.x0:.2f},{box.y0:.2f}–{box.x1:.2f},{box.y1:.2f}"


def _finish(report: Report, as_json: bool) -> None:
    if as_json:
        console.write_json(report.model_dump(mode="json"))
    else:
        console.stdout.print(
            f"{report.files} files, {report.pages} pages: {report.done} done, {report.blank} blank, "
            f"{report.failed} failed; {report.skipped} files unchanged; {report.chunks} chunks"
        )
    console.list_failures(report)
    for note in report.notes:
        console.say(note)
    raise typer.Exit(console.exit_status(report))
