"""Image backend, by Pillow: any mode to RGB, EXIF applied, large pictures decoded small."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from langchain_hunyuanocr.errors import PageError, SourceError, require
from langchain_hunyuanocr.pages.backends.base import OpenFile, Rendered
from langchain_hunyuanocr.pages.file_types import _HEIF_BRANDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "DIB", "GIF", "JPEG2000", "PPM", "AVIF")
_EXIF_ORIENTATION = 0x0112
_EXIF_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_MEMORY_SHARE = 4
"""A decoded picture may take this part of the memory limit; converting and shrinking it needs the rest."""
_DRAWN_ALPHA = 64
_LIGHT = 215
_EIGHT_BITS = 255.0
_BURNT = 1e-4
"""Share of the pixels that may be brighter than the paper."""
_LEAST_DPI = 20
"""What metadata gives below this is no resolution but an aspect ratio or a default."""


class PictureFile(OpenFile):
    """A picture; a TIFF has a page for each of its frames, every other kind has one."""

    def __init__(self, path: str, max_memory_mb: int) -> None:
        Image.MAX_IMAGE_PIXELS = None  # `_check_size` knows the memory that there is
        Image.init()  # every kind of picture, not only the five that Pillow loads by itself
        self._path = path
        self._limit_bytes = max_memory_mb * 1024 * 1024 // _MEMORY_SHARE
        with open(path, "rb") as file:  # noqa: PTH123
            head = file.read(12)
        if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
            require("pillow_heif", extra="heic", error=SourceError).register_heif_opener()
            formats: tuple[str, ...] = (*_FORMATS, "HEIF")
        else:
            formats = _FORMATS
        try:
            self._image = Image.open(path, formats=formats)
            self.total = getattr(self._image, "n_frames", 1) if self._image.format == "TIFF" else 1
        except UnidentifiedImageError as exc:
            raise SourceError("is damaged: its header cannot be understood as a picture") from exc

    def render(self, index: int, *, dpi: int, max_pixels: int) -> Rendered:  # noqa: ARG002 - a picture has its own
        """See `OpenFile.render`."""
        image = self._image
        if image.format in ("JPEG", "MPO"):
            # `draft` changes the image in place; each rendering starts from a fresh one.
            image = Image.open(self._path, formats=["JPEG"])
        if self.total > 1 and image.tell() != index:
            # The same image, which knows by now where its frames are: a fresh one would walk through all before.
            image.info.pop("dpi", None)
            image.seek(index)
        resolution = _resolution(image)
        original = image.size
        if image.format in ("JPEG", "MPO"):
            # The decoder shrinks by 2, 4 or 8 while it decodes; never below what is wanted.
            factor = max(math.sqrt(original[0] * original[1] / max_pixels), 1.0)
            image.draft(None, (math.ceil(original[0] / factor), math.ceil(original[1] / factor)))
        self._check_size(image)
        orientation = image.getexif().get(_EXIF_ORIENTATION, 1)
        small = _shrink(image, original, resolution, max_pixels)
        picture = to_rgb(small)
        ratio = picture.width / original[0]
        if orientation in _EXIF_TURNS:
            picture = picture.transpose(_EXIF_TURNS[orientation])
        if picture is self._image:
            picture = picture.copy()  # it is closed with the file
        return Rendered(picture, dpi=resolution[0] * ratio)

    def _check_size(self, image: Image.Image) -> None:
        width, height = image.size
        if width * height * _bytes_a_pixel(image.mode) > self._limit_bytes:
            raise PageError(
                f"the picture of {width} x {height} pixels is too large to be decoded",
                remedy="make it smaller, or raise max_memory_mb",
            )

    def close(self) -> None:
        """Give the file back."""
        self._image.close()


def _bytes_a_pixel(mode: str) -> int:
    if mode in ("1", "L", "P"):
        return 1
    return 2 if mode.startswith("I;16") else 4


def _resolution(image: Image.Image) -> tuple[float, float]:
    try:
        x, y = (float(value) for value in image.info.get("dpi", (0, 0)))
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0, 0.0
    if not (math.isfinite(x) and math.isfinite(y)) or min(x, y) < _LEAST_DPI:
        return 0.0, 0.0
    return x, y


def _shrink(
    image: Image.Image, original: tuple[int, int], resolution: tuple[float, float], max_pixels: int
) -> Image.Image:
    """Bring to square pixels and to at most `max_pixels`."""
    width, height = original
    x, y = resolution
    if x and y and 1.05 < max(x, y) / min(x, y) < 5:  # a fax has 204 x 98 or 204 x 196 dots an inch
        width, height = (width, round(height * x / y)) if x > y else (round(width * y / x), height)
    scale = min(1.0, math.sqrt(max_pixels / (width * height)))
    size = max(1, math.floor(width * scale)), max(1, math.floor(height * scale))
    if size == image.size:
        return image
    if image.mode in ("1", "P", "PA") or image.mode.startswith("I;16"):
        image = _plain(image)
    gap = min(image.width / size[0], image.height / size[1])
    return image.resize(size, Image.Resampling.BOX if gap > 3 else Image.Resampling.BICUBIC, reducing_gap=3.0)


def _plain(image: Image.Image) -> Image.Image:
    """The same picture in a mode that can be shrunk without loss."""
    if image.mode == "1":
        return image.convert("L")
    if image.mode.startswith(("I", "F")):
        return Image.fromarray(to_eight_bits(np.asarray(image)))
    return image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")


def to_rgb(image: Image.Image) -> Image.Image:
    """To RGB as a person would see it on white paper."""
    if image.mode.startswith(("I", "F")) or image.mode in ("1", "P", "PA"):
        image = _plain(image)
    if image.mode == "La":
        image = image.convert("LA")
    if image.mode in ("RGBA", "LA", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, "black" if _is_white_ink(image) else "white")
        return Image.alpha_composite(paper, image).convert("RGB")
    if image.mode == "LAB":
        raise PageError("the picture's colours are in LAB, which cannot be converted", remedy="save it as RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _is_white_ink(image: Image.Image) -> bool:
    """Whether all that is drawn on a transparent ground is so light that white paper would hide it."""
    grey, alpha = np.asarray(image.convert("L")), np.asarray(image.getchannel("A"))
    drawn = grey[alpha > _DRAWN_ALPHA]
    return 0 < drawn.size < alpha.size and bool((drawn > _LIGHT).mean() > 0.98)


def to_eight_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Scale deep values to 8 bits; Pillow's own conversion cuts them off at 255.

    Full is what the picture uses, not what its type could hold: a scanner's 12 bits in a file of 16, some of them a
    little above 4095, would come out nearly black.
    """
    top = float(values.max(initial=0))
    if top > _EIGHT_BITS:  # a few pixels that burn, as sensors have them, are not the paper
        top = max(_EIGHT_BITS, float(np.quantile(values, 1 - _BURNT)))
    full = 1.0 if top <= 1 else max(_EIGHT_BITS, top)
    scaled: NDArray[np.uint8] = np.clip(values * (255.0 / full), 0, 255).astype(np.uint8)
    return scaled
