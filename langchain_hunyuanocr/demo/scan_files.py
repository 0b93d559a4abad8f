"""Scanned pages into files: image-only PDF, JPEG, PNG and fax-like TIFF, the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Literal

from PIL import Image

from langchain_hunyuanocr.demo.scan_effects import bilevel, fewer_greys

Container = Literal["pdf", "jpg", "png", "tif"]


def write_pages(path: Path, pages: Iterator[tuple[Image.Image, int, int]], container: Container) -> None:
    """Write a file of one or more pages; no more than one page is held at a time.

    Args:
        path: Where to.
        pages: Picture, dpi and JPEG quality of each page.
        container: `jpg` and `png` take the first page only.
    """
    if container == "pdf":
        path.write_bytes(_pdf(pages))
    elif container == "tif":
        first, dpi, _ = next(pages)
        rest = (bilevel(picture) for picture, _, _ in pages)
        bilevel(first).save(path, "TIFF", compression="group4", dpi=(dpi, dpi), save_all=True, append_images=rest)
    else:
        picture, dpi, quality = next(pages)
        if container == "jpg":
            picture.save(path, "JPEG", quality=quality, dpi=(dpi, dpi))
        else:
            fewer_greys(picture).save(path, "PNG", compress_level=3, dpi=(dpi, dpi))


def write_damaged(path: Path, picture: Image.Image, quality: int) -> None:
    """Write a PDF whose transfer broke off within its first picture.

    Scanners send a page's picture before the page tree that refers to it, so what arrived holds no page at all.
    """
    packed = BytesIO()
    picture.save(packed, "JPEG", quality=quality)
    data = packed.getvalue()
    space = "DeviceRGB" if picture.mode == "RGB" else "DeviceGray"
    head = (
        f"%PDF-1.4\n1 0 obj\n<< /Type /XObject /Subtype /Image /Width {picture.width} /Height {picture.height} "
        f"/ColorSpace /{space} /BitsPerComponent 8 /Filter /DCTDecode /Length {len(data)} >>\nstream\n"
    )
    path.write_bytes(head.encode("ascii") + data[: len(data) * 2 // 3])


def _pdf(pages: Iterator[tuple[Image.Image, int, int]]) -> bytes:
    import pymupdf

    document = pymupdf.open()
    try:
        for picture, dpi, quality in pages:
            packed = BytesIO()
            picture.save(packed, "JPEG", quality=quality, dpi=(dpi, dpi))
            page = document.new_page(width=picture.width * 72 / dpi, height=picture.height * 72 / dpi)
            page.insert_image(page.rect, stream=packed.getvalue())
        written: bytes = document.tobytes(no_new_id=True)
        return written
    finally:
        document.close()
