"""The cited place, marked on the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from langchain_hunyuanocr.archive.answering.answer import Citation
from langchain_hunyuanocr.archive.ledger import Ledger
from langchain_hunyuanocr.drawing import Mark, draw_marks
from langchain_hunyuanocr.errors import ArchiveError
from langchain_hunyuanocr.pages import PageSettings, Source, render_page

_MARK = Mark(
    box=(0, 0, 1, 1), colour=(220, 30, 30), fill=(255, 214, 0), opacity=0.27, weight=2.5, margin=0.006
)  # as with a yellow marker, in a red frame


def draw_citation(ledger: Ledger, citation: Citation, out: Path, settings: PageSettings) -> Path:
    """Render the page that a citation names, as it was read, with its box marked.

    Args:
        ledger: Knows where the file lies and which bytes were read.
        citation: Without a box, the page is drawn unmarked.
        out: Picture to write; its suffix names the format.
        settings: How the file is opened.

    Returns:
        `out`.

    Raises:
        SourceError: The file is gone or cannot be opened.
        PageError: The page cannot be rendered.
        ArchiveError: The file has changed since it was read, or `out` cannot be written.
    """
    row = ledger.connection.execute("SELECT path, sha256 FROM files WHERE source = ?", (citation.source,)).fetchone()
    source = Source.of(row[0] if row and row[0] else citation.source)
    page = render_page(source, citation.page, settings)
    if row and row[1] != page.sha256:
        raise ArchiveError(
            "the file has changed since it was read", source=citation.source, remedy="ingest it again, then ask again"
        )
    marks = [] if citation.box is None else [replace(_MARK, box=citation.box)]
    picture = draw_marks(page.picture, marks)
    beside = out.with_name(f".{out.stem}.part{out.suffix or '.png'}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        picture.save(beside)
        beside.replace(out)
    except (OSError, ValueError) as exc:
        beside.unlink(missing_ok=True)
        raise ArchiveError(
            f"the picture cannot be written: {exc}",
            source=str(out),
            remedy="name a .png file in a folder you may write",
        ) from exc
    return out
