"""Setting a rendered page upright, in the worker: a quarter turn where it is clear, then the skew."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from langchain_hunyuanocr.errors import PageError
from langchain_hunyuanocr.pages.backends.base import Rendered, Turn
from langchain_hunyuanocr.pages.ink_lines import letters_of
from langchain_hunyuanocr.pages.orientation.ink_mask import has_ink, ink_mask, small_copy
from langchain_hunyuanocr.pages.orientation.line_slopes import level_letters
from langchain_hunyuanocr.pages.orientation.photograph import looks_photographed, rectified, uncurled
from langchain_hunyuanocr.pages.orientation.quarter_turn import find_turn
from langchain_hunyuanocr.pages.orientation.skew import find_skew
from langchain_hunyuanocr.pages.page import TextLayer
from langchain_hunyuanocr.results import Box, Line

_CLOCKWISE = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def inspect(rendered: Rendered, *, upright: bool, max_pixels: int) -> Rendered:
    """Say whether a page is blank, and set it upright.

    Args:
        rendered: As the file has it.
        upright: Whether to turn it.
        max_pixels: What the picture may have afterwards; a straightened page is shrunk to fit.

    Raises:
        PageError: It shows nothing because it is damaged.
    """
    if rendered.text_turn is not None:  # its own text says which way it stands, and is never skewed by a scanner
        return _turned(rendered, rendered.text_turn) if upright else rendered
    grey = small_copy(rendered.picture)
    mask = ink_mask(grey)
    if not has_ink(rendered.picture, mask):
        if rendered.damage:  # to call it blank would be to say that nothing was there
            raise PageError(f"the page is damaged and shows nothing: {rendered.damage}")
        return replace(rendered, blank=True)
    if not upright:
        return rendered
    turn = find_turn(grey, mask)
    if turn in (90, 270) and _stands(mask, turn):
        turn = 0
    skew = find_skew(np.rot90(mask, -(turn // 90)))
    turned = _turned(rendered, turn)
    if not rendered.layer.lines and looks_photographed(grey):
        return _photographed(turned, turn, skew, max_pixels)
    return _straightened(turned, skew, max_pixels) if skew else turned


def _photographed(turned: Rendered, turn: Turn, skew: float, max_pixels: int) -> Rendered:
    """Lay a photographed page flat: by its outline, else by the curl of its lines, which a skew hides."""
    original = turned.picture.size
    flat = rectified(turned.picture, max_pixels, slants=skew != 0)
    if flat is not None:
        picture, warp = flat
        scale = picture.width / original[0]
        return replace(turned, picture=picture, dpi=turned.dpi * scale, warp=warp.moved(_turning(360 - turn)))
    flat, straight = uncurled(turned.picture), turned
    if flat is None and skew:
        straight = _straightened(turned, skew, max_pixels)
        flat = uncurled(straight.picture)
    if flat is None:
        return straight
    picture, warp = flat
    size = picture.size
    if straight is not turned:
        sine, cosine = math.sin(math.radians(skew)), math.cos(math.radians(skew))
        scale = size[0] / (original[0] * cosine + original[1] * abs(sine))

        def unskewed(x: float, y: float) -> tuple[float, float]:
            across, down = (x - 0.5) * size[0] / scale, (y - 0.5) * size[1] / scale
            return (
                (across * cosine + down * sine) / original[0] + 0.5,
                (down * cosine - across * sine) / original[1] + 0.5,
            )

        warp = warp.moved(unskewed)
    return replace(straight, picture=picture, warp=warp.moved(_turning(360 - turn)))


def _turning(turn: int) -> Callable[[float, float], tuple[float, float]]:
    """Where a turn clockwise takes places in shares of the picture."""

    def place(x: float, y: float) -> tuple[float, float]:
        return {0: (x, y), 90: (1 - y, x), 180: (1 - x, 1 - y), 270: (y, 1 - x)}[turn % 360]

    return place


def _stands(mask: NDArray[np.bool_], turn: Turn) -> bool:
    """Whether a page has more level lines before a quarter turn than after: a table lies on its side, not the page."""
    level = level_letters(letters_of(mask))
    return level > 0 and level > level_letters(letters_of(np.rot90(mask, -(turn // 90))))


def _turned(rendered: Rendered, turn: Turn) -> Rendered:
    if not turn:
        return rendered
    # Sizes of type are shares of the page's height, which a quarter turn changes.
    scale = 1.0 if turn == 180 else rendered.picture.height / rendered.picture.width
    return replace(
        rendered,
        picture=rendered.picture.transpose(_CLOCKWISE[turn]),
        rotation=float(turn),
        layer=_moved(rendered.layer, _turning(turn), scale),
    )


def _straightened(rendered: Rendered, skew: float, max_pixels: int) -> Rendered:
    """Turn by a few degrees clockwise; the picture grows so that no corner is lost, in the colour of its paper."""
    picture = rendered.picture
    width, height = picture.size
    sine, cosine = math.sin(math.radians(skew)), math.cos(math.radians(skew))
    wide, high = width * cosine + height * abs(sine), width * abs(sine) + height * cosine
    scale = min(1.0, math.sqrt(max_pixels / (wide * high)))
    size = max(1, math.floor(wide * scale)), max(1, math.floor(high * scale))

    # Pillow asks where each new pixel comes from: shift to the middle, turn back, shift again.
    a, b = cosine / scale, sine / scale
    back = (
        a, b, width / 2 - a * size[0] / 2 - b * size[1] / 2,
        -b, a, height / 2 + b * size[0] / 2 - a * size[1] / 2,
    )  # fmt: skip
    straight = picture.transform(
        size, Image.Transform.AFFINE, back, Image.Resampling.BICUBIC, fillcolor=_paper(picture)
    )

    def place(x: float, y: float) -> tuple[float, float]:
        across, down = (x - 0.5) * width * scale, (y - 0.5) * height * scale
        return (
            (across * cosine - down * sine) / size[0] + 0.5,
            (across * sine + down * cosine) / size[1] + 0.5,
        )

    return replace(
        rendered,
        picture=straight,
        dpi=rendered.dpi * scale,
        rotation=round(rendered.rotation + skew, 2),
        layer=_moved(rendered.layer, place, height * scale / size[1]),
    )


def _paper(picture: Image.Image) -> tuple[int, ...]:
    edge = np.asarray(picture.resize((64, 64), Image.Resampling.BOX, reducing_gap=2.0))
    border = np.concatenate([edge[:2].reshape(-1, 3), edge[-2:].reshape(-1, 3), edge[:, 0], edge[:, -1]])
    return tuple(int(value) for value in np.median(border, axis=0))


def _moved(layer: TextLayer, place: Callable[[float, float], tuple[float, float]], scale: float) -> TextLayer:
    """The text layer with its boxes moved along; a box that slants is drawn around."""

    def box_of(box: Box) -> Box:
        corners = [place(x, y) for x in (box.x0, box.x1) for y in (box.y0, box.y1)]
        across, down = [x for x, _ in corners], [y for _, y in corners]
        return Box.from_pixels(min(across), min(down), max(across), max(down), width=1.0, height=1.0)

    def line_of(line: Line) -> Line:
        size = None if line.size is None else round(line.size * scale, 5)
        return line.model_copy(update={"box": box_of(line.box), "size": size})

    return replace(
        layer,
        lines=tuple(map(line_of, layer.lines)),
        watermarks=tuple(map(line_of, layer.watermarks)),
        comments=tuple(map(line_of, layer.comments)),
        pictures=tuple(map(box_of, layer.pictures)),
    )
