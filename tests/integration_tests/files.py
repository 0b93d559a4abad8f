"""Small real files for tests: scans, born-digital PDFs, pictures."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pymupdf
from PIL import Image, ImageDraw


def picture(text: str, size: tuple[int, int] = (600, 300)) -> Image.Image:
    """Black type on white."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(text.splitlines()):
        draw.text((40, 40 + 60 * row), line, fill="black", font_size=36)
    return image


def png(text: str = "Total: 96.50") -> bytes:
    """A page as the bytes of a PNG."""
    buffer = io.BytesIO()
    picture(text).save(buffer, "PNG")
    return buffer.getvalue()


def scanned_pdf(path: Path, texts: Sequence[str], *, password: str | None = None) -> Path:
    """A PDF of pictures; an empty text gives an empty page."""
    document = pymupdf.open()
    for text in texts:
        page = document.new_page(width=300, height=150)
        buffer = io.BytesIO()
        picture(text).save(buffer, "PNG")
        page.insert_image(page.rect, stream=buffer.getvalue())
    if password is None:
        document.save(path)
    else:
        document.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw=password, owner_pw=password + "!")
    document.close()
    return path


def typed_pdf(path: Path, texts: Sequence[str]) -> Path:
    """A born-digital PDF with a text layer."""
    document = pymupdf.open()
    for text in texts:
        page = document.new_page()
        page.insert_textbox(pymupdf.Rect(72, 72, 520, 700), text, fontsize=12)
    document.save(path)
    document.close()
    return path
