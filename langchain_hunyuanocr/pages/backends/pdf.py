"""PDF through PyMuPDF, in the worker: rendered no larger than wanted, scans at their own resolution."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any

import pymupdf
from PIL import Image

from langchain_hunyuanocr.errors import PageError, SourceError
from langchain_hunyuanocr.pages.backends.annotations import attachment_notes
from langchain_hunyuanocr.pages.backends.base import OpenFile, Rendered
from langchain_hunyuanocr.pages.backends.drawings import picture_places
from langchain_hunyuanocr.pages.backends.font_tables import VouchedFonts
from langchain_hunyuanocr.pages.backends.text_layer import read_text_layer

_POINTS = 72.0
_SCAN_LEAST_SIDE = 1000
"""A scan with fewer pixels on its long side is enlarged to the wanted resolution, as any small picture."""
_GRID = 32
_MEMORY_SHARE = 2
"""A decoded picture may take this part of the memory limit. MuPDF leaves out what does not fit without a word."""
_DAMAGE = ("syntax error", "format error", "library error", "is not a stream", "truncated image")


@dataclass(frozen=True, slots=True)
class Scan:
    """What the pictures on a page are to it."""

    coverage: float
    """Share of the page that pictures cover, 0 to 1."""
    dpi: float
    """Resolution of the finest one that matters; 0 without one."""
    long_side: int
    """Its longer side in pixels."""


class PdfFile(OpenFile):
    """An open PDF."""

    def __init__(self, path: str, password: str | None, max_memory_mb: int) -> None:
        self._limit_bytes = max_memory_mb * 1024 * 1024 // _MEMORY_SHARE
        try:
            self._document = pymupdf.open(path, filetype="pdf")
        except pymupdf.EmptyFileError as exc:
            raise SourceError("is empty") from exc
        except (pymupdf.FileDataError, RuntimeError) as exc:
            if "malloc" in str(exc):
                raise MemoryError(str(exc)) from exc
            raise SourceError("is damaged and cannot be opened as a PDF", remedy="save or scan it again") from exc
        if self._document.needs_pass and not self._document.authenticate(password or ""):
            if password:
                raise SourceError("is encrypted, and the password is wrong", remedy="give the right password")
            raise SourceError("is encrypted", remedy="give its password")
        self._vouched = VouchedFonts(self._document)
        self.total = self._document.page_count
        if self.total < 1:
            raise SourceError("has no pages", remedy="it may have been cut off; save or scan it again")
        if self.total > self._document.xref_length():  # every page is an object
            raise SourceError(f"is damaged: it claims {self.total} pages and has fewer objects", remedy="save it again")

    def render(self, index: int, *, dpi: int, max_pixels: int) -> Rendered:
        """See `OpenFile.render`."""
        pymupdf.TOOLS.reset_mupdf_warnings()
        page = self._load(index)
        images = page.get_image_info()
        self._check_images(images)
        scan = measure_scan(page, images)
        scale = _scale(page, scan, dpi, max_pixels)
        try:
            pixmap = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=False)
        finally:
            pymupdf.TOOLS.store_shrink(100)  # or decoded pictures of earlier pages stay, up to 256 MB
        picture = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples_mv)
        damage = _damage(pymupdf.TOOLS.mupdf_warnings())
        layer, turn = read_text_layer(page, scan.coverage, picture, self._vouched)
        layer = replace(layer, pictures=picture_places(page, images))
        return Rendered(
            picture,
            dpi=scale * _POINTS,
            label=_label(page),
            layer=layer,
            text_turn=turn,
            notes=attachment_notes(self._document, page),
            damage=damage,
        )

    def _load(self, index: int) -> pymupdf.Page:
        try:
            return self._document.load_page(index)
        except MemoryError:
            raise
        except Exception as exc:  # MuPDF's own errors share no other base
            words = re.sub(r"^code=\d+: ", "", str(exc))
            raise PageError(f"the page is damaged and cannot be loaded: {words}") from exc

    def _check_images(self, images: list[dict[str, Any]]) -> None:
        for image in images:
            width, height = image["width"], image["height"]
            if width * height * max(image["colorspace"], 1) * max(image["bpc"], 1) / 8 > self._limit_bytes:
                raise PageError(
                    f"a picture of {width} x {height} pixels on the page is too large to be decoded",
                    remedy="make it smaller, or raise max_memory_mb",
                )

    def close(self) -> None:
        """Give the file back."""
        self._document.close()


def measure_scan(page: pymupdf.Page, images: list[dict[str, Any]]) -> Scan:
    """How far pictures cover a page, and how fine they are; `images` as `Page.get_image_info` gives them."""
    area = page.rect  # origin 0, 0, as the page is seen
    if area.is_empty:
        return Scan(0.0, 0.0, 0)
    cells = [[False] * _GRID for _ in range(_GRID)]
    finest, long_side = 0.0, 0
    for image in images:
        box = pymupdf.Rect(image["bbox"]) * page.rotation_matrix & area
        if box.is_empty:
            continue
        for row in _cells(box.y0 / area.height, box.y1 / area.height):
            for column in _cells(box.x0 / area.width, box.x1 / area.width):
                cells[row][column] = True
        if box.get_area() > 0.1 * area.get_area():
            finest = max(finest, _image_dpi(image))
            long_side = max(long_side, image["width"], image["height"])
    return Scan(sum(map(sum, cells)) / _GRID**2, finest, long_side)


def _cells(start: float, end: float) -> range:
    """The grid cells whose middles lie in a span given in shares of the page."""
    return range(max(0, math.ceil(start * _GRID - 0.5)), min(_GRID, math.floor(end * _GRID - 0.5) + 1))


def _image_dpi(image: dict[str, Any]) -> float:
    a, b, c, d = map(float, image["transform"][:4])
    across, down = math.hypot(a, b), math.hypot(c, d)
    if not across or not down:
        return 0.0
    return _POINTS * max(int(image["width"]) / across, int(image["height"]) / down)


def _scale(page: pymupdf.Page, scan: Scan, dpi: int, max_pixels: int) -> float:
    """Pixels a point, so that the picture is as fine as it helps and within `max_pixels`.

    Raises:
        PageError: The page has no area.
    """
    width, height = float(page.rect.width), float(page.rect.height)
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise PageError("the page has no area")
    wanted = float(dpi)
    if scan.coverage > 0.85 and scan.dpi:
        wanted = scan.dpi  # finer adds nothing, coarser loses what was scanned
        if scan.long_side < _SCAN_LEAST_SIDE:
            wanted = max(wanted, min(dpi, wanted * 2))
    scale = min(wanted / _POINTS, math.sqrt(max_pixels / (width * height)))
    # A picture has whole pixels, and MuPDF rounds outward.
    while math.ceil(width * scale) * math.ceil(height * scale) > max_pixels and scale > 1e-6:
        scale *= 0.999
    return scale


def _label(page: pymupdf.Page) -> str | None:
    try:
        return page.get_label() or None
    except Exception:
        return None


def _damage(warnings: str) -> str | None:
    """The first of MuPDF's warnings that tells of something that could not be drawn."""
    lines = (line for line in warnings.splitlines() if "page tree" not in line)  # that costs other pages
    return next((line for line in lines if any(word in line for word in _DAMAGE)), None)
