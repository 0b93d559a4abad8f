"""What a scanner does to a sheet: it lies askew, the light is uneven, the ink fades, dust and noise come on top."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from langchain_hunyuanocr.demo.page_canvas import PageCanvas

_TURNS = {
    90: Image.Transpose.ROTATE_270,  # Pillow turns counter-clockwise
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
_GREYS = 32  # levels a cheap scanner tells apart; keeps PNG small too


@dataclass(frozen=True, slots=True)
class ScanEffects:
    """How a page was scanned.

    Attributes:
        rotation: Degrees clockwise by which the upright page was turned: 0, 90, 180 or 270.
        skew: Further degrees clockwise.
        blur: Radius of a box blur in pixels.
        noise: Standard deviation in grey levels.
        light: How much darker the darkest corner is, 0 to 1.
        fade: How much paler the palest ink is, 0 to 1.
        edge: Width of the shadow along one edge, a share of the width; 0 for none.
        dust: Number of specks.
        holes: Whether the sheet was punched for a file.
        quality: Of the JPEG.
        seed: Of the noise.
    """

    rotation: int
    skew: float
    blur: float
    noise: float
    light: float
    fade: float
    edge: float
    dust: int
    holes: bool
    quality: int
    seed: int

    @classmethod
    def drawn(cls, rng: random.Random, *, rotation: int = 0, holes: bool = False, clear: bool = False) -> ScanEffects:
        """A look by chance: most pages nearly straight and clear, a few worse unless `clear` is asked for."""
        worse = rng.random() < 0.2 and not clear
        return cls(
            rotation=rotation,
            skew=round(rng.uniform(-2.6, 2.6) if worse else rng.gauss(0, 0.7), 2),
            blur=rng.uniform(0.4, 0.7) if worse else rng.uniform(0.2, 0.5),
            noise=rng.uniform(5, 8) if worse else rng.uniform(2, 5),
            light=rng.uniform(0.12, 0.28) if worse else rng.uniform(0.02, 0.12),
            fade=rng.uniform(0.2, 0.35) if worse else rng.uniform(0.02, 0.2),
            edge=rng.uniform(0.006, 0.02) if rng.random() < 0.4 else 0.0,
            dust=rng.randint(2, 30),
            holes=holes,
            quality=rng.randint(52, 80),
            seed=rng.getrandbits(32),
        )


def scan(sheet: PageCanvas, look: ScanEffects) -> Image.Image:
    """The sheet as it comes out of the scanner.

    Args:
        sheet: As it was written, upright.
        look: How it was scanned.

    Returns:
        RGB where the sheet has colour, else L; the size of the sheet, sides swapped where it was turned by 90 or 270.
    """
    rng = np.random.default_rng(look.seed)
    picture = sheet.picture if sheet.colourful else sheet.picture.convert("L")
    if look.holes:
        picture = _punched(picture, sheet.scale)
    if look.skew:
        paper = (255, 255, 255) if picture.mode == "RGB" else 255
        picture = picture.rotate(-look.skew, resample=Image.Resampling.BILINEAR, fillcolor=paper)
    if look.rotation:
        picture = picture.transpose(_TURNS[look.rotation])
    picture = picture.filter(ImageFilter.BoxBlur(look.blur))

    pixels = np.array(picture, dtype=np.float32)
    size = picture.size
    if look.fade:
        pixels -= 255.0
        pixels *= _over(1.0 - look.fade * _field(rng, size, 7), pixels)
        pixels += 255.0
    lit = 0.985 - look.light * _field(rng, size, 3)
    if look.edge:
        wide = max(4, round(size[0] * look.edge))
        shade = np.linspace(0.55, 1.0, wide, dtype=np.float32) ** 0.7
        lit[:, :wide] *= shade
    _sprinkle(rng, lit, look.dust)
    pixels *= _over(lit, pixels)
    if pixels.ndim == 3:
        pixels *= np.asarray((1.0, 0.992, 0.968), dtype=np.float32)  # paper is never quite white
    grain = rng.integers(0, 256, size=lit.shape, dtype=np.uint8).astype(np.float32)
    grain -= 127.5
    grain *= look.noise / 73.9  # the deviation of a flat 0 to 255
    pixels += _over(grain, pixels)
    return Image.fromarray(np.clip(pixels, 0, 255, out=pixels).astype(np.uint8))


def fewer_greys(picture: Image.Image) -> Image.Image:
    """The picture in the few levels that a cheap scanner tells apart."""
    step = 256 // _GREYS
    return picture.point(
        [value // step * step + step // 2 if value < 248 else 255 for value in range(256)] * len(picture.getbands())
    )


def bilevel(picture: Image.Image) -> Image.Image:
    """Black and white, as faxes and office TIFFs are: each pixel against the light around it."""
    grey = picture.convert("L").filter(ImageFilter.GaussianBlur(0.6))
    small = grey.resize((max(1, grey.width // 16), max(1, grey.height // 16)), Image.Resampling.BOX)
    around = small.filter(ImageFilter.MaxFilter(5)).resize(grey.size, Image.Resampling.BILINEAR)
    dark = np.asarray(grey, dtype=np.int16) * 100 < np.asarray(around, dtype=np.int16) * 78
    return Image.fromarray(np.where(dark, 0, 255).astype(np.uint8)).convert("1", dither=Image.Dither.NONE)


def _over(field: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """A field of one channel, shaped to go over `pixels`."""
    return field[..., None] if pixels.ndim == 3 else field


def _field(rng: np.random.Generator, size: tuple[int, int], cells: int) -> np.ndarray:
    """Smooth random values, 0 to 1, `(height, width)`."""
    coarse = Image.fromarray(rng.random((cells, cells), dtype=np.float32))
    return np.clip(np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), dtype=np.float32), 0.0, 1.0)


def _sprinkle(rng: np.random.Generator, lit: np.ndarray, count: int) -> None:
    tall, wide = lit.shape
    for _ in range(count):
        y, x, r = int(rng.integers(0, tall - 4)), int(rng.integers(0, wide - 4)), int(rng.integers(1, 4))
        lit[y : y + r, x : x + r] *= float(rng.uniform(0.3, 0.85))


def _punched(picture: Image.Image, scale: float) -> Image.Image:
    from PIL import ImageDraw

    copy = picture.copy()
    pen = ImageDraw.Draw(copy)
    radius, x = 8.5 * scale, 24 * scale
    for y in (picture.height / 2 - 113 * scale, picture.height / 2 + 113 * scale):
        ink = 74 if picture.mode == "L" else (74, 74, 76)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)
    return copy
