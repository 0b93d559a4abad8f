"""A sheet of paper and what can be put on it: text in the fonts that PyMuPDF brings, rules, seals and signatures."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from io import BytesIO
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

Align = Literal["left", "centre", "right"]
Colour = tuple[int, int, int]

BLACK: Colour = (22, 22, 26)
GREY: Colour = (120, 120, 124)
RED: Colour = (196, 38, 46)
BLUE: Colour = (32, 52, 148)
A4 = (595.0, 842.0)
LETTER = (612.0, 792.0)

_CJK = re.compile(r"[①-⒛─-➿⺀-鿿豈-﫿︰-﹏＀-￯]+")
_TOKENS = re.compile(r"[①-⒛─-➿⺀-鿿豈-﫿︰-﹏＀-￯]|[ ]|[^ ①-⒛─-➿⺀-鿿豈-﫿︰-﹏＀-￯]+")
_NEVER_FIRST = set("，。、；：？！）》」』”’％,.;:?!)]}")


class Face(StrEnum):
    """A family of Latin type; Chinese is always in Droid Sans Fallback, the one Chinese face that PyMuPDF carries."""

    SANS = "sans"
    SERIF = "serif"
    TYPEWRITER = "typewriter"


_BUILT_IN = {
    (Face.SANS, False): "helv",
    (Face.SANS, True): "hebo",
    (Face.SERIF, False): "tiro",
    (Face.SERIF, True): "tibo",
    (Face.TYPEWRITER, False): "cour",
    (Face.TYPEWRITER, True): "cobo",
}


@lru_cache(maxsize=8)
def _font_bytes(name: str) -> bytes:
    import pymupdf

    return bytes(pymupdf.Font(name).buffer)


@lru_cache(maxsize=128)
def _font(name: str, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(BytesIO(_font_bytes(name)), pixels, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=16384)
def _advance(name: str, pixels: int, text: str) -> float:
    return float(_font(name, pixels).getlength(text))


class PageCanvas:
    """One page while it is being written. All lengths are in points, origin top left; text is placed by its baseline.

    Args:
        size: Width and height.
        dpi: Of the picture.
        face: Latin type used where none is named.

    Attributes:
        picture: RGB, white paper.
        colourful: Whether anything on it is neither black nor grey.
        lines: What was written so far in reading order; the composer adds to it.
        placed: Each line of text that was written, with the box of its type in points: x0, y0, x1, y1.
        tables: Tables written so far.
        fields: Values written so far, by name.
    """

    def __init__(self, size: tuple[float, float] = A4, *, dpi: int = 170, face: Face = Face.SANS) -> None:
        self.width, self.height = size
        self.dpi = dpi
        self.face = face
        self.scale = dpi / 72
        self.picture = Image.new("RGB", (round(self.width * self.scale), round(self.height * self.scale)), "white")
        self._pen = ImageDraw.Draw(self.picture)
        self.colourful = False
        self.lines: list[str] = []
        self.placed: list[tuple[str, tuple[float, float, float, float]]] = []
        self.tables: list[list[list[str]]] = []
        self.fields: dict[str, str] = {}

    def say(self, *texts: str) -> None:
        """Record what stands on the sheet, in reading order."""
        self.lines.extend(text for text in texts if text.strip())

    def _runs(self, text: str, size: float, bold: bool, face: Face | None) -> Iterator[tuple[str, str, int]]:
        pixels = round(size * self.scale)
        latin = _BUILT_IN[face or self.face, bold]
        start = 0
        for found in _CJK.finditer(text):
            if found.start() > start:
                yield text[start : found.start()], latin, pixels
            yield found.group(), "china-s", pixels
            start = found.end()
        if start < len(text):
            yield text[start:], latin, pixels

    def measure(self, text: str, size: float, *, bold: bool = False, face: Face | None = None) -> float:
        """Width of `text` in points."""
        return sum(_advance(font, pixels, run) for run, font, pixels in self._runs(text, size, bold, face)) / self.scale

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 10.5,
        bold: bool = False,
        face: Face | None = None,
        align: Align = "left",
        colour: Colour = BLACK,
    ) -> float:
        """Write one line with its baseline at `y`; gives the x where it ends."""
        width = self.measure(text, size, bold=bold, face=face)
        x -= {"left": 0.0, "centre": width / 2, "right": width}[align]
        self.placed.append((text, (x, y - 0.75 * size, x + width, y + 0.22 * size)))
        if max(colour) - min(colour) > 40:
            self.colourful = True
        at = x * self.scale
        for run, font, pixels in self._runs(text, size, bold, face):
            self._pen.text((at, y * self.scale), run, font=_font(font, pixels), fill=colour, anchor="ls")
            if bold and font == "china-s":  # it has no bold cut
                self._pen.text(
                    (at + self.dpi / 200, y * self.scale), run, font=_font(font, pixels), fill=colour, anchor="ls"
                )
            at += _advance(font, pixels, run)
        return x + width

    def wrap(
        self, text: str, width: float, size: float, *, bold: bool = False, indent: float = 0.0, face: Face | None = None
    ) -> list[str]:
        """Break `text` into lines at most `width` wide: between Chinese characters, else at spaces."""
        lines: list[str] = []
        line, used = "", indent
        for word in _TOKENS.findall(text):
            wide = self.measure(word, size, bold=bold, face=face)
            if used + wide > width and line.strip() and word not in _NEVER_FIRST:
                lines.append(line.rstrip())
                line, used = "", 0.0
                if word == " ":
                    continue
            line += word
            used += wide
        if line.strip():
            lines.append(line.rstrip())
        return lines

    def rule(self, x0: float, y0: float, x1: float, y1: float, *, weight: float = 0.6, colour: Colour = BLACK) -> None:
        """A straight line."""
        if max(colour) - min(colour) > 40:
            self.colourful = True
        s = self.scale
        self._pen.line((x0 * s, y0 * s, x1 * s, y1 * s), fill=colour, width=max(1, round(weight * s)))

    def box(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        *,
        weight: float = 0.6,
        colour: Colour = BLACK,
        fill: Colour | None = None,
    ) -> None:
        """A rectangle."""
        s = self.scale
        self._pen.rectangle(
            (x0 * s, y0 * s, x1 * s, y1 * s),
            outline=colour if weight else None,
            fill=fill,
            width=max(1, round(weight * s)),
        )
        if max(colour) - min(colour) > 40:
            self.colourful = True

    def seal(self, x: float, y: float, name: str, *, radius: float = 52.0, angle: float = 0.0) -> None:
        """The round red seal of a Chinese company, its name around a star, centred at `(x, y)`."""
        s = self.scale
        half = round(radius * s)
        ink = Image.new("L", (2 * half, 2 * half), 0)
        pen = ImageDraw.Draw(ink)
        edge = max(2, round(1.6 * s))
        pen.ellipse((1, 1, 2 * half - 2, 2 * half - 2), outline=255, width=edge)
        star = [
            (half + r * half * math.sin(k * math.pi / 5), half - r * half * math.cos(k * math.pi / 5))
            for k, r in ((k, 0.30 if k % 2 == 0 else 0.12) for k in range(10))
        ]
        pen.polygon(star, fill=255)
        glyph = _font("china-s", round(radius * 0.26 * s))
        spread = math.radians(min(280, 24 * len(name)))
        for k, char in enumerate(name):
            turn = -spread / 2 + spread * k / max(1, len(name) - 1)
            tile = Image.new("L", (half // 2, half // 2), 0)
            ImageDraw.Draw(tile).text((half // 4, half // 4), char, font=glyph, fill=255, anchor="mm")
            tile = tile.rotate(-math.degrees(turn), resample=Image.Resampling.BILINEAR)
            cx, cy = half + 0.76 * half * math.sin(turn), half - 0.76 * half * math.cos(turn)
            ink.paste(255, (round(cx - half // 4), round(cy - half // 4)), tile)
        self._press(ink.rotate(angle, resample=Image.Resampling.BILINEAR), x, y, RED)

    def stamp(
        self, x: float, y: float, text: str, *, size: float = 15.0, angle: float = 8.0, colour: Colour = BLUE
    ) -> None:
        """A framed rubber stamp, centred at `(x, y)`, turned by `angle` degrees."""
        s = self.scale
        name = _BUILT_IN[Face.SANS, True] if text.isascii() else "china-s"
        font = _font(name, round(size * s))
        wide, tall = round(font.getlength(text) + size * s), round(size * 1.8 * s)
        ink = Image.new("L", (wide, tall), 0)
        pen = ImageDraw.Draw(ink)
        pen.rectangle((1, 1, wide - 2, tall - 2), outline=255, width=max(2, round(1.2 * s)))
        pen.text((wide / 2, tall / 2), text, font=font, fill=255, anchor="mm")
        self._press(ink.rotate(angle, expand=True, resample=Image.Resampling.BILINEAR), x, y, colour)

    def _press(self, ink: Image.Image, x: float, y: float, colour: Colour) -> None:
        """Put transparent ink on the paper: what is printed below shows through."""
        self.colourful = True
        left, top = round(x * self.scale - ink.width / 2), round(y * self.scale - ink.height / 2)
        self.picture.paste(colour, (left, top), ink.point(lambda v: v * 0.68))

    def signature(self, x: float, y: float, rng: random.Random, *, width: float = 90.0, colour: Colour = BLUE) -> None:
        """A scribble that starts at `(x, y)`."""
        s = self.scale
        points: list[tuple[float, float]] = []
        waves = [(rng.uniform(1.5, 9.0), rng.uniform(0, 6.3), rng.uniform(0.25, 1.0)) for _ in range(4)]
        tall = rng.uniform(6, 9)
        for k in range(200):
            t = k / 199
            swing = sum(size * math.sin(turns * 2 * math.pi * t + phase) for turns, phase, size in waves)
            lean = sum(size * math.cos(turns * 2 * math.pi * t + phase) for turns, phase, size in waves) * 4
            points.append(((x + width * t + lean) * s, (y - tall * swing * (1.1 - 0.8 * t)) * s))
        self._pen.line(points, fill=colour, width=max(2, round(1.1 * s)), joint="curve")
        if max(colour) - min(colour) > 40:
            self.colourful = True
