"""A photographed page laid flat: its outline made a rectangle, its curled lines level, in one resampling."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from langchain_hunyuanocr.pages.ink_lines import letters_of
from langchain_hunyuanocr.pages.orientation.ink_mask import ink_mask
from langchain_hunyuanocr.pages.orientation.line_curl import Curl, find_curl
from langchain_hunyuanocr.pages.orientation.line_slopes import letter_lines
from langchain_hunyuanocr.pages.orientation.page_outline import find_outline
from langchain_hunyuanocr.warp import Warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BLOCKS = 32
_UNEVEN = 20.0
"""Grey levels between the darkest and the lightest tenth of a picture's blocks, each by its lightest place."""
_LOOK = 1800
"""Long side of the copy on which lines are found, pixels."""
_POINTS = 33
"""Of the warp, each way."""
_CLEARLY_BENT = 0.2
"""Bend of the lines, in heights of letters, from which a page without an outline is laid flat."""
_MOST_SLOPE = 4.0
"""Degrees; a page that slants by more is turned first, for what is moved down only stays slanted."""
_LINE = 8
"""Letters of what is surely a line of type."""
_MOST_OUTSIDE = 0.02
"""Share of the letters of such lines that may reach out of the sheet: the grain of what it lies on looks like some."""


def looks_photographed(grey: Image.Image) -> bool:
    """Whether the paper of a page is lit or coloured unevenly: only such a picture is looked at more closely.

    Args:
        grey: The page, mode L.
    """
    small = np.asarray(grey.resize((_BLOCKS * 8, _BLOCKS * 8), Image.Resampling.BOX, reducing_gap=2.0))
    paper = small.reshape(_BLOCKS, 8, _BLOCKS, 8).max(axis=(1, 3))
    dark, light = np.percentile(paper, (10, 90))
    return float(light - dark) >= _UNEVEN


def rectified(picture: Image.Image, max_pixels: int, *, slants: bool) -> tuple[Image.Image, Warp] | None:
    """Lay a sheet flat that was photographed from aside.

    Args:
        picture: RGB, standing on its right side.
        max_pixels: What the new picture may have.
        slants: Whether its lines are known to slant. Where they are level and straight, the page was not seen from
            aside, or so that nothing is gained.

    Returns:
        The sheet, its lines made level, and where its parts lay; `None` where there is no clear sheet. What lay outside
        of it is cut off: it has no lines of type.
    """
    corners = find_outline(picture)
    if corners is None or _has_text_outside(picture, corners) or not (slants or _curl_of(picture)):
        return None
    top, right, bottom, left = (float(np.linalg.norm(corners[n] - corners[(n + 1) % 4])) for n in range(4))
    size = max(top, bottom), max(left, right)
    place = _perspective(corners)
    small = _small(size)
    curl = find_curl(letters_of(ink_mask(_resampled(picture.convert("L"), small, place))), small)
    # No larger than it was seen: on eight photographs made of scans the error was 0.061, with 1.3 times the size 0.063,
    # with 1.6 times 0.061.
    scale = min(1.0, math.sqrt(max_pixels / (size[0] * size[1])))
    return _moved(picture, (math.floor(size[0] * scale), math.floor(size[1] * scale)), place, curl)


def uncurled(picture: Image.Image) -> tuple[Image.Image, Warp] | None:
    """Make the lines of a page level that was photographed as part of a curved surface, such as a book.

    Args:
        picture: RGB, upright.

    Returns:
        As `rectified`, in the same size; `None` where its lines do not clearly bend, or the whole page slants.
    """
    curl = _curl_of(picture)
    if curl is None or curl.bend < _CLEARLY_BENT or abs(curl.slope) > _MOST_SLOPE:
        return None
    edges = np.array([[0, 0], [picture.width, 0], [picture.width, picture.height], [0, picture.height]], np.float64)
    return _moved(picture, picture.size, _perspective(edges), curl)


def _curl_of(picture: Image.Image) -> Curl | None:
    small = _small(picture.size)
    return find_curl(letters_of(ink_mask(picture.convert("L").resize(small))), small)


def _small(size: tuple[float, float]) -> tuple[int, int]:
    scale = _LOOK / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _moved(
    picture: Image.Image, size: tuple[int, int], place: NDArray[np.float64], curl: Curl | None
) -> tuple[Image.Image, Warp]:
    """A picture of a size whose places come from where a matrix and then a curl take them."""
    across, down = np.meshgrid(np.linspace(0, 1, _POINTS), np.linspace(0, 1, _POINTS))
    points = _applied(place, across, down + (curl.offset(across, down) if curl is not None else 0.0))
    full = max(1, size[0]), max(1, size[1])
    flat = picture.transform(
        full, Image.Transform.MESH, list(_patches(points, full)), Image.Resampling.BICUBIC, fillcolor=(235, 235, 235)
    )
    shares = points / np.array(picture.size)
    return flat, Warp(columns=_POINTS, rows=_POINTS, points=tuple(round(float(v), 5) for v in shares.ravel()))


def _has_text_outside(picture: Image.Image, corners: NDArray[np.float64]) -> bool:
    reduced = max(1, round(max(picture.size) / _LOOK))
    inside = outside = 0
    for line in letter_lines(letters_of(ink_mask(picture.convert("L").reduce(reduced)))):
        if len(line) < _LINE:
            continue
        ends = [(float(letter[[0, 2]].mean()), float(letter[[1, 3]].mean())) for letter in (line[0], line[-1])]
        sides = [_side(corners[n], corners[(n + 1) % 4], x * reduced, y * reduced) for n in range(4) for x, y in ends]
        if min(sides) >= 0:
            inside += len(line)
        else:
            outside += len(line)
    return outside > _MOST_OUTSIDE * (inside + outside)


def _side(start: NDArray[np.float64], end: NDArray[np.float64], x: float, y: float) -> float:
    return float((end[0] - start[0]) * (y - start[1]) - (end[1] - start[1]) * (x - start[0]))


def _perspective(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """The 3 x 3 matrix from the unit square, its corners clockwise from the top left, to four points."""
    rows, wanted = [], []
    for (u, v), (x, y) in zip(((0, 0), (1, 0), (1, 1), (0, 1)), corners.tolist(), strict=True):
        rows += [[u, v, 1, 0, 0, 0, -u * x, -v * x], [0, 0, 0, u, v, 1, -u * y, -v * y]]
        wanted += [x, y]
    return np.append(np.linalg.solve(np.array(rows), np.array(wanted)), 1.0).reshape(3, 3)


def _applied(place: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points of shape (rows, columns, 2) to which a matrix takes places of the unit square."""
    points = np.stack([x, y, np.ones_like(x)], axis=-1) @ place.T
    found: NDArray[np.float64] = points[..., :2] / points[..., 2:]
    return found


def _resampled(grey: Image.Image, size: tuple[int, int], place: NDArray[np.float64]) -> Image.Image:
    scaled = place @ np.diag([1 / size[0], 1 / size[1], 1.0])
    coefficients = (scaled / scaled[2, 2]).ravel()[:8].tolist()
    return grey.transform(size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR, fillcolor=235)


def _patches(
    points: NDArray[np.float64], size: tuple[int, int]
) -> Iterator[tuple[tuple[int, int, int, int], tuple[float, ...]]]:
    """Rectangles of the new picture, and the four corners of each in the old one as Pillow wants them."""
    xs = np.linspace(0, size[0], points.shape[1]).round().astype(int).tolist()
    ys = np.linspace(0, size[1], points.shape[0]).round().astype(int).tolist()
    for row in range(len(ys) - 1):
        for column in range(len(xs) - 1):
            corners = (
                points[row, column],
                points[row + 1, column],
                points[row + 1, column + 1],
                points[row, column + 1],
            )
            yield (
                (xs[column], ys[row], xs[column + 1], ys[row + 1]),
                tuple(float(value) for corner in corners for value in corner),
            )
