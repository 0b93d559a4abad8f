"""Page images: the cited page, with the place marked on it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_hunyuanocr.archive.answer.models import Citation
from langchain_hunyuanocr.archive.storage.ledger import Ledger
from langchain_hunyuanocr.atomic_write import atomic_file
from langchain_hunyuanocr.display.draw import Mark, draw_marks
from langchain_hunyuanocr.errors import ArchiveError
from langchain_hunyuanocr.pages import Page, PageSettings, Source, render_page

if TYPE_CHECKING:
    from PIL.Image import Image

_MARK = Mark(
    box=(0, 0, 1, 1), colour=(220, 30, 30), fill=(255, 214, 0), opacity=0.27, weight=2.5, margin=0.006
)  # as with a yellow marker, in a red frame


def render_as_read(ledger: Ledger, source: str, page: int, settings: PageSettings) -> Page:
    """A page of the archive, rendered again from the bytes that were read.

    Args:
        ledger: Knows where the file lies and which bytes were read.
        source: Name of the file in the archive.
        page: Physical page from 0.
        settings: How the file is opened.

    Raises:
        SourceError: The file is gone or cannot be opened.
        PageError: The page cannot be rendered.
        ArchiveError: The file has changed since it was read, or the archive does not know it.
    """
    row = ledger.connection.execute("SELECT path, sha256 FROM files WHERE source = ?", (source,)).fetchone()
    if row is None:
        raise ArchiveError("the archive holds no such file", source=source, remedy="name a source as citations do")
    rendered = render_page(Source.of(row[0] or source), page, settings)
    if row[1] != rendered.sha256:
        raise ArchiveError(
            "the file has changed since it was read", source=source, remedy="ingest it again, then ask again"
        )
    return rendered


def mark_citation(ledger: Ledger, citation: Citation, settings: PageSettings) -> Image:
    """The page that a citation names, as it was read, with its box marked; without a box, unmarked.

    Raises:
        SourceError: As `render_as_read` does.
        PageError: As `render_as_read` does.
        ArchiveError: As `render_as_read` does.
    """
    page = render_as_read(ledger, citation.source, citation.page, settings)
    marks = [] if citation.box is None else [replace(_MARK, box=citation.box)]
    return draw_marks(page.picture, marks)


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
    picture = mark_citation(ledger, citation, settings)
    from PIL import Image

    try:
        kind = Image.registered_extensions()[out.suffix.lower() or ".png"]
        out.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(out) as part:
            picture.save(part, kind)
    except KeyError as exc:
        raise ArchiveError(
            "this names no kind of picture", source=str(out), remedy="name a .png file in a folder you may write"
        ) from exc
    except (OSError, ValueError) as exc:
        raise ArchiveError(
            f"the picture cannot be written: {exc}",
            source=str(out),
            remedy="name a .png file in a folder you may write",
        ) from exc
    return out
