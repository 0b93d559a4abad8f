"""Detection and recognition of lines by RapidOCR: where they are, and what they say.

The settings were measured with `benchmarks/read_quality.py`; the figures are in `benchmarks/README.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.engines.rapid.tiles import joined_at_seams, tiles_of
from langchain_hunyuanocr.results import Box, Line

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

DETECTION_SIDE = 1280
"""Longest side, in pixels, of the picture that the detector sees; the recogniser sees full resolution."""
SMALL_TYPE = 16.0
"""Median height of the detector's boxes, in pixels of what it saw, below which it looks again at more pixels."""
WANTED_TYPE = 22.0
MOST_DETECTION_SIDE = 2560
WIDEST = 8
"""A picture wider than this many heights is one line: the detector needs paper above and below it."""
SMALL_SIDE = 1000
"""A picture whose longest side is below this many pixels is enlarged: small type is found and read better."""
MAX_ENLARGEMENT = 4.0
BOX_EXCESS = (0.18, 0.16, 0.12, 0.16)
"""By how much the detector's boxes stand out beyond the ink at the left, top, right and bottom, in line heights: less
than the median over eight documents of different kinds (0.26, 0.22, 0.19, 0.21), so that no ink is cut."""
PARTING_GAP = 0.65
"""Gap between two words, in line heights, at which a line is given as two."""
UNREAD_END = 1.5
"""Where the first or last word of a line stands so many line heights from its end, what is there was not read: the line
is cut to what it says, so that the rest is seen to be unread. Words are placed to about half a height."""
AGAIN = ((0.12, 64), (0.3, 96), (0.2, 36))
"""Ways to look at a part again: paper around it in line heights, and the height in pixels at which it is drawn. The
recogniser sees 48 pixels; a picture drawn smaller is softened by that."""
MIN_SCORE = 0.5
"""Lines that the recogniser is less sure of are specks and pictures, not text (RapidOCR's own default)."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture as the models get it."""

    bgr: np.ndarray
    """uint8 of shape (height + 2 * padding, width, 3)."""
    width: int
    """Of the picture, perhaps enlarged, in pixels."""
    height: int
    padding: int
    """Rows added above and below, pixels."""


def prepare(picture: Image) -> Prepared:
    """Enlarge a small picture, and give a very wide one paper above and below."""
    import numpy as np
    from PIL.Image import Resampling

    longest = max(picture.size)
    if longest < SMALL_SIDE:
        scale = min(MAX_ENLARGEMENT, SMALL_SIDE / longest)
        # Bilinear: on ten small table pictures its soft edges are misread half as often as those of Lanczos.
        picture = picture.resize((round(picture.width * scale), round(picture.height * scale)), Resampling.BILINEAR)
    pixels = np.asarray(picture.convert("RGB"))[:, :, ::-1]
    seen = tiles_of(picture.width, picture.height)[0][2]
    padding = max(0, round(seen / WIDEST - picture.height) // 2)
    bgr = np.ascontiguousarray(np.pad(pixels, ((padding, padding), (0, 0), (0, 0)), mode="edge"))
    return Prepared(bgr, picture.width, picture.height, padding)


def detect(reader: Any, prepared: Prepared) -> np.ndarray:
    """Find the lines.

    Args:
        reader: RapidOCR.
        prepared: The picture.

    Returns:
        float32 corners of shape (lines, 4, 2) in pixels of `prepared.bgr`, clockwise from the top left.
    """
    import numpy as np

    bgr = prepared.bgr
    found = np.zeros((0, 4, 2), dtype=np.float32)
    for x0, y0, x1, y1 in tiles_of(bgr.shape[1], bgr.shape[0]):
        there = _detect_whole(reader, np.ascontiguousarray(bgr[y0:y1, x0:x1]))
        found = joined_at_seams(found, there + np.array([x0, y0], dtype=np.float32))
    return found


def _detect_whole(reader: Any, bgr: np.ndarray) -> np.ndarray:
    import cv2
    import numpy as np

    longest = max(bgr.shape[:2])
    side = min(longest, DETECTION_SIDE)
    while True:
        scale = side / longest
        seen = bgr if scale == 1 else cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        boxes = reader.text_det(seen).boxes
        if boxes is None:
            return np.zeros((0, 4, 2), dtype=np.float32)
        boxes = np.asarray(boxes, dtype=np.float32)
        height = float(np.median(np.linalg.norm(boxes[:, 3] - boxes[:, 0], axis=1)))
        finer = round(min(longest, MOST_DETECTION_SIDE, side * WANTED_TYPE / max(height, 1.0)))
        if height >= SMALL_TYPE or side > DETECTION_SIDE or finer < 1.15 * side:
            corners: np.ndarray = boxes / scale
            return corners
        side = finer


def recognise(reader: Any, prepared: Prepared, quads: np.ndarray) -> list[tuple[Line, ...]]:
    """Read lines that were found.

    Args:
        reader: RapidOCR.
        prepared: The picture.
        quads: Corners as `detect` gives them, all or some.

    Returns:
        For each the lines it comes to, boxes in shares of the picture: none where it is illegible, several where wide
        gaps part it.
    """
    if not len(quads):
        return []
    crops = reader.crop_text_regions(prepared.bgr, quads)
    read = reader.cal_rec_boxes(crops, quads, reader.recognize_txt(crops))
    return [
        tuple(_parted(prepared, *one)) for one in zip(quads, read.txts, read.scores, read.word_results, strict=True)
    ]


def _parted(prepared: Prepared, quad: np.ndarray, text: str, score: float, places: Sequence[Any]) -> Iterator[Line]:
    if not text.strip() or score < MIN_SCORE:
        return
    left, top, right, bottom = edges(quad)
    excess = min(bottom - top, right - left)
    words = [(str(word), *_extent(place)) for word, _, place in places]
    left, top = left + BOX_EXCESS[0] * excess, top + BOX_EXCESS[1] * excess
    right, bottom = right - BOX_EXCESS[2] * excess, bottom - BOX_EXCESS[3] * excess
    top, bottom = top - prepared.padding, bottom - prepared.padding
    for piece, x0, x1 in _pieces(text.strip(), left, right, excess, words):
        box = Box.from_pixels(x0, top, x1, bottom, width=prepared.width, height=prepared.height)
        yield Line(text=piece, box=box, score=round(float(score), 4))


def read_again(reader: Any, picture: Image, box: Box) -> tuple[str, ...]:
    """What a small part of a picture says, looked at in several ways.

    Args:
        reader: RapidOCR.
        picture: The page, RGB.
        box: The part, a line or less of one, in shares of the picture.

    Returns:
        A text for each way: tight, with more paper around it, and softened; empty where it is illegible.
    """
    import numpy as np
    from PIL.Image import Resampling

    tall, wide = box.height * picture.height, box.width * picture.width
    if tall < 1 or wide < 1:
        return ()
    crops = []
    for margin, height in AGAIN:
        around = margin * tall
        part = picture.crop(
            (
                max(0, round(box.x0 * picture.width - around)),
                max(0, round(box.y0 * picture.height - around)),
                min(picture.width, round(box.x1 * picture.width + around)),
                min(picture.height, round(box.y1 * picture.height + around)),
            )
        )
        scale = height / part.height
        part = part.resize((max(1, round(part.width * scale)), height), Resampling.BICUBIC)
        crops.append(np.ascontiguousarray(np.asarray(part.convert("RGB"))[:, :, ::-1]))
    return tuple(str(text) for text in reader.recognize_txt(crops).txts)


def edges(quad: np.ndarray) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a line's corners, in pixels.

    The mean of each edge, not the corners: a line that slopes a little keeps the height of its type.
    """
    left, right = float(quad[[0, 3], 0].mean()), float(quad[[1, 2], 0].mean())
    return left, float(quad[:2, 1].mean()), right, float(quad[2:, 1].mean())


def box_of(prepared: Prepared, quad: np.ndarray) -> Box:
    """Where a line was found, with the detector's margin, in shares of the picture."""
    left, top, right, bottom = edges(quad)
    padding = prepared.padding
    return Box.from_pixels(left, top - padding, right, bottom - padding, width=prepared.width, height=prepared.height)


def _extent(place: Sequence[Sequence[float]]) -> tuple[float, float]:
    xs = [float(point[0]) for point in place]
    return min(xs), max(xs)


def _pieces(
    text: str, x0: float, x1: float, height: float, words: list[tuple[str, float, float]]
) -> list[tuple[str, float, float]]:
    """Part a line where there is a wide gap between two words, and cut off ends of which nothing was read.

    The detector joins columns and cells whose gutter is narrow; which gaps are gutters is found out later, where the
    other lines are seen, so parting too often does no harm.

    Args:
        text: The line as it was recognised.
        x0: Left end in pixels.
        x1: Right end in pixels.
        height: Of the line in pixels.
        words: Words, or characters of Chinese, with their left and right ends in pixels.

    Returns:
        Texts with their left and right ends.
    """
    pieces = []
    if words and words[0][1] - x0 > UNREAD_END * height:
        x0 = words[0][1]
    if words and x1 - words[-1][2] > UNREAD_END * height:
        x1 = words[-1][2]
    taken, left = 0, x0
    for (word, _, end), (_, start, _) in pairwise(words):
        at = text.find(word, taken)
        if at < 0:
            break
        cut = at + len(word)
        if start - end > PARTING_GAP * height and text[cut:].strip() and height < x1 - x0:
            pieces.append((text[:cut].strip(), left, end))
            text, left, cut = text[cut:], start, 0
        taken = cut
    pieces.append((text.strip(), left, x1))
    return pieces
