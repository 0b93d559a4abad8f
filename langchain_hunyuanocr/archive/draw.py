"""The cited place, marked on the page."""

from __future__ import annotations

from pathlib import Path

from langchain_hunyuanocr.archive.answer import Citation
from langchain_hunyuanocr.archive.ledger import Ledger
from langchain_hunyuanocr.errors import ArchiveError
from langchain_hunyuanocr.pages import PageSettings, Source, render_page

_MARGIN = 0.006
"""Of the page, left free around the marked text so that the frame does not touch it."""


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
    from PIL import Image, ImageDraw

    row = ledger.connection.execute("SELECT path, sha256 FROM files WHERE source = ?", (citation.source,)).fetchone()
    source = Source.of(row[0] if row and row[0] else citation.source)
    page = render_page(source, citation.page, settings)
    if row and row[1] != page.sha256:
        raise ArchiveError(
            "the file has changed since it was read", source=citation.source, remedy="ingest it again, then ask again"
        )
    picture = page.picture.convert("RGB")
    if citation.box is not None:
        box = citation.box
        width, height = picture.size
        corners = (
            int((box.x0 - _MARGIN) * width),
            int((box.y0 - _MARGIN) * height),
            int((box.x1 + _MARGIN) * width),
            int((box.y1 + _MARGIN) * height),
        )
        tint = Image.new("RGBA", picture.size, (0, 0, 0, 0))
        pen = ImageDraw.Draw(tint)
        pen.rectangle(corners, fill=(255, 214, 0, 70), outline=(220, 30, 30, 255), width=max(3, width // 400))
        picture = Image.alpha_composite(picture.convert("RGBA"), tint).convert("RGB")
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
