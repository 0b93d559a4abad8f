"""Reads on a CPU with RapidOCR: the embedded default, and the second reader.

RapidOCR 3.10 carries the PP-OCRv6 small detector and recogniser in its wheel, so nothing is ever downloaded. It answers
with lines; `reading/` makes paragraphs, columns and tables of them. The settings below were measured with
`benchmarks/read_quality.py`; the figures are in `benchmarks/README.md`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from langchain_hunyuanocr.engines.base import Engine, Request
from langchain_hunyuanocr.errors import EngineError, require
from langchain_hunyuanocr.results import Box, Generation, Line
from langchain_hunyuanocr.tasks import TaskKind

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

DETECTOR = "PP-OCRv6_det_small.onnx"
RECOGNISER = "PP-OCRv6_rec_small.onnx"

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
MIN_SCORE = 0.5
"""Lines that the recogniser is less sure of are specks and pictures, not text (RapidOCR's own default)."""

_loading = threading.Lock()
_shared: dict[str, Any] = {}


class RapidEngine(Engine):
    """RapidOCR on the CPU: text lines with their boxes and scores.

    The models are loaded on the first page, once per process, and shared by every instance. Several threads may call
    at once: the ONNX sessions hold no state between runs.
    """

    name: ClassVar[str] = "rapid"
    tasks: ClassVar[frozenset[TaskKind]] = frozenset(
        {TaskKind.TEXT, TaskKind.DOCUMENT, TaskKind.SPOTTING, TaskKind.TABLE, TaskKind.FIELDS}
    )

    @property
    def model(self) -> str:
        """The model that answers."""
        return "PP-OCRv6-small"

    @property
    def revision(self) -> str:
        """The version of RapidOCR, whose wheel carries the weights; empty where it is not installed."""
        try:
            return version("rapidocr")
        except PackageNotFoundError:
            return ""

    def generate(self, requests: Sequence[Request]) -> list[Generation]:
        """Read the lines of each picture.

        Args:
            requests: Pictures in RGB, upright; the task makes no difference to the lines.

        Returns:
            One answer a request, in order; `lines` in no particular order, boxes in shares of the picture.

        Raises:
            EngineError: RapidOCR is not installed or its weights are damaged.
        """
        for request in requests:
            self.check(request.task)
        if not requests:
            return []
        reader = _reader()
        return [_read(reader, request.picture) for request in requests]

    def close(self) -> None:
        """Give back the models; the next page loads them anew."""
        with _loading:
            _shared.clear()


def _reader() -> Any:
    """The process's one RapidOCR."""
    with _loading:
        if "reader" not in _shared:
            _shared["reader"] = _load()
        return _shared["reader"]


def _load() -> Any:
    rapidocr = require("rapidocr", extra="rapid")
    require("onnxruntime", extra="rapid")
    models = Path(str(rapidocr.__file__)).parent / "models"
    for weights in (DETECTOR, RECOGNISER):
        if not (models / weights).is_file():
            raise EngineError(
                f"this rapidocr ({version('rapidocr')}) does not carry {weights}",
                remedy='pip install "rapidocr>=3.10,<4"',
            )
    settings = {
        "Global.log_level": "critical",
        "Global.return_word_box": True,
        "EngineConfig.onnxruntime.intra_op_num_threads": _cores(),
        # Naming the files keeps RapidOCR from looking for, and downloading, others.
        "Det.model_path": str(models / DETECTOR),
        "Det.limit_type": "max",
        "Det.limit_side_len": MOST_DETECTION_SIDE,
        # By default a line is judged by the rectangle around it, so that lines that bend, on photographs, are dropped.
        "Det.score_mode": "slow",
        "Rec.model_path": str(models / RECOGNISER),
        # One line at a time, padded to nothing: on a CPU a batch gains no speed and pays for its widest line.
        "Rec.rec_batch_num": 1,
        "Rec.rec_img_shape": [3, 48, 64],
    }
    try:
        reader = rapidocr.RapidOCR(params=settings)
        reader._load_det_model()
        reader._load_rec_model()
    except Exception as exc:  # onnxruntime and rapidocr raise their own kinds, all of them meaning this
        raise EngineError(
            f"RapidOCR cannot start: {_reason(exc)}", remedy="pip install --force-reinstall rapidocr"
        ) from exc
    return reader


def _read(reader: Any, picture: Image) -> Generation:
    try:
        return Generation(lines=tuple(_lines(reader, picture)))
    except Exception as exc:  # one picture's trouble never costs another
        return Generation(finish="error", error=f"RapidOCR failed: {_reason(exc)}")


def _lines(reader: Any, picture: Image) -> list[Line]:
    import numpy as np
    from PIL.Image import Resampling

    longest = max(picture.size)
    if longest < SMALL_SIDE:
        scale = min(MAX_ENLARGEMENT, SMALL_SIDE / longest)
        # Bilinear: on ten small table pictures its soft edges are misread half as often as those of Lanczos.
        picture = picture.resize((round(picture.width * scale), round(picture.height * scale)), Resampling.BILINEAR)
    pixels = np.asarray(picture.convert("RGB"))[:, :, ::-1]
    padding = max(0, round(picture.width / WIDEST - picture.height) // 2)
    bgr = np.ascontiguousarray(np.pad(pixels, ((padding, padding), (0, 0), (0, 0)), mode="edge"))
    quads = _detect(reader, bgr)
    if quads is None:
        return []
    crops = reader.crop_text_regions(bgr, quads)
    read = reader.cal_rec_boxes(crops, quads, reader.recognize_txt(crops))
    lines = []
    for quad, text, score, places in zip(quads, read.txts, read.scores, read.word_results, strict=True):
        if not text.strip() or score < MIN_SCORE:
            continue
        # The mean of each edge, not the corners: a line that slopes a little keeps the height of its type.
        left, right = float(quad[[0, 3], 0].mean()), float(quad[[1, 2], 0].mean())
        top, bottom = float(quad[:2, 1].mean()) - padding, float(quad[2:, 1].mean()) - padding
        excess = min(bottom - top, right - left)
        words = [(str(word), *_extent(place)) for word, _, place in places]
        left, top = left + BOX_EXCESS[0] * excess, top + BOX_EXCESS[1] * excess
        right, bottom = right - BOX_EXCESS[2] * excess, bottom - BOX_EXCESS[3] * excess
        for piece, x0, x1 in _pieces(text.strip(), left, right, excess, words):
            box = Box.from_pixels(x0, top, x1, bottom, width=picture.width, height=picture.height)
            lines.append(Line(text=piece, box=box, score=round(float(score), 4)))
    return lines


def _detect(reader: Any, bgr: np.ndarray) -> np.ndarray | None:
    """Find the lines: float32 corners of shape (lines, 4, 2) in pixels of `bgr`; `None` where there are none."""
    import cv2
    import numpy as np

    longest = max(bgr.shape[:2])
    side = min(longest, DETECTION_SIDE)
    while True:
        scale = side / longest
        seen = bgr if scale == 1 else cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        boxes = reader.text_det(seen).boxes
        if boxes is None:
            return None
        boxes = np.asarray(boxes, dtype=np.float32)
        height = float(np.median(np.linalg.norm(boxes[:, 3] - boxes[:, 0], axis=1)))
        finer = round(min(longest, MOST_DETECTION_SIDE, side * WANTED_TYPE / max(height, 1.0)))
        if height >= SMALL_TYPE or side > DETECTION_SIDE or finer < 1.15 * side:
            corners: np.ndarray = boxes / scale
            return corners
        side = finer


def _extent(place: Sequence[Sequence[float]]) -> tuple[float, float]:
    xs = [float(point[0]) for point in place]
    return min(xs), max(xs)


def _pieces(
    text: str, x0: float, x1: float, height: float, words: list[tuple[str, float, float]]
) -> list[tuple[str, float, float]]:
    """Part a line where there is a wide gap between two words.

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


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _reason(exc: Exception) -> str:
    lines = [line for line in str(exc).strip().splitlines() if line.strip()]
    # RapidOCR wraps a whole traceback as the message: its last line is the reason.
    return lines[-1].strip() if lines else type(exc).__name__
