"""Images to PDF pages, at their own size and without being encoded anew where a PDF can hold them as they are."""

from __future__ import annotations

import io
from pathlib import Path

import pymupdf
from PIL import Image, ImageOps

from langchain_hunyuanocr.pages.backends.image import to_rgb

_POINTS = 72.0
_UNKNOWN_DPI = 150.0
"""For pictures that do not say how large they are on paper."""
_LEAST_DPI = 20.0
_LARGEST_PAGE = 14_400.0
"""Points on a side, the limit that readers of PDF keep."""
_UPRIGHT = 1
_EXIF_ORIENTATION = 0x0112
_AS_THEY_ARE = ("JPEG", "MPO", "PNG")
_PHOTOGRAPHS = ("JPEG", "MPO", "WEBP", "AVIF", "HEIF", "JPEG2000")
"""Kinds that have lost something already; to keep what is left without loss would take many times their bytes."""
_QUALITY = 90


def pictures_as_pdf(path: str, pages: list[int]) -> pymupdf.Document:
    """A new PDF of frames of a picture file, in the order given.

    Args:
        path: Of the picture.
        pages: Frames from 0; of all files but TIFF only the first is one.
    """
    document = pymupdf.open()
    Image.MAX_IMAGE_PIXELS = None  # the pages were read before, under the same limit of memory
    Image.init()
    with Image.open(path) as image:
        for number in pages:
            if number:
                image.seek(number)
            width, height, data = _page_of(image, path)
            page = document.new_page(width=width, height=height)
            page.insert_image(page.rect, stream=data, keep_proportion=False)
    return document


def _page_of(image: Image.Image, path: str) -> tuple[float, float, bytes]:
    """Width and height in points, and what is embedded."""
    across, down = _resolution(image)
    turned = image.getexif().get(_EXIF_ORIENTATION, _UPRIGHT) != _UPRIGHT
    width, height = image.width / across * _POINTS, image.height / down * _POINTS
    if turned and image.getexif()[_EXIF_ORIENTATION] >= 5:
        width, height = height, width
    shrink = min(1.0, _LARGEST_PAGE / max(width, height))
    return max(width * shrink, 3.0), max(height * shrink, 3.0), _embedded(image, path, turned=turned)


def _embedded(image: Image.Image, path: str, *, turned: bool) -> bytes:
    if image.format in _AS_THEY_ARE and not turned and image.mode in ("1", "L", "P", "RGB"):
        return Path(path).read_bytes()
    plain = ImageOps.exif_transpose(image) or image
    lossy = image.format in _PHOTOGRAPHS or image.info.get("compression") == "jpeg"
    if plain.mode not in (("L", "RGB") if lossy else ("1", "L", "P", "RGB", "RGBA", "LA")):
        plain = to_rgb(plain)
    buffer = io.BytesIO()
    if lossy:
        plain.save(buffer, "JPEG", quality=_QUALITY)
    else:
        plain.save(buffer, "PNG")
    return buffer.getvalue()


def _resolution(image: Image.Image) -> tuple[float, float]:
    try:
        across, down = (float(value) for value in image.info.get("dpi", (0, 0)))
    except (TypeError, ValueError, ZeroDivisionError):
        across = down = 0.0
    usable = _LEAST_DPI <= across < 10_000 and _LEAST_DPI <= down < 10_000
    return (across, down) if usable else (_UNKNOWN_DPI, _UNKNOWN_DPI)
