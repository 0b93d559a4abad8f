"""Orientation detection in quarter turns: which of its four sides a page stands on.

PP-LCNet_x1_0_doc_ori (PaddlePaddle, Apache-2.0), whose folder holds its weights and says where they come from, looks at
the part of the page that has the most ink, in all four directions: its four answers must tell the same story. A page
that is upright and gets turned is worse off than a turned page that is not, so weak evidence turns nothing.
"""

from __future__ import annotations

import functools
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from langchain_hunyuanocr.pages.orientation.skew import row_evidence

if TYPE_CHECKING:
    from langchain_hunyuanocr.pages.backends.base import Turn

_SIDE = 224
"""What the network takes in, pixels."""
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
_SHARES = (0.875, 0.6, 0.45)
"""Sides of the squares that are looked at, in shares of the page's short side; the first is the network's own."""
_SURELY_UPRIGHT = 0.8
"""The network's answers end at 0.93, for it was trained with smoothed labels."""
_CLEAR = 2.0
"""Least mean log-probability by which the best direction must lead. Of 203 pages of real documents, the highest lead
of a wrong one is 1.75, on Arabic and Devanagari; those of 85 in 100 right ones are above 2."""
_CLEAR_SIDEWAYS = 0.7
"""Enough where the ink falls into columns instead of rows."""
_COLUMNS = 0.7
_STRIP = 2.5
_THINNING = 4
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
    first_look = _inked_square(grey, mask, _SHARES[0])
    if _ask(network, [first_look])[0][0] >= _SURELY_UPRIGHT:
        return 0
    squares = [first_look, *(_inked_square(grey, mask, share) for share in _SHARES[1:])]
    together = np.mean([_from_four_sides(network, square) for square in squares], axis=0)
    second, first = np.sort(together)[-2:]
    label, lead = int(together.argmax()), first - second
    if not label:
        return 0
    if lead < _CLEAR:
        # On its side a page is not readable either way, so less is enough; but a strip is a line that was cut out.
        strip = max(mask.shape) > _STRIP * min(mask.shape)
        if label == 2 or lead < _CLEAR_SIDEWAYS or strip or row_evidence(mask) >= _COLUMNS:
            return 0
    # The label says by how many quarters the page was turned clockwise.
    return cast("Turn", 360 - 90 * label)


@functools.cache
def _network() -> Any | None:
    try:
        import onnxruntime
    except Exception:  # missing or broken: pages are read as they lie, which `hunyuanocr doctor` tells
        return None
    model = files("langchain_hunyuanocr.pages").joinpath("orientation", "PP-LCNet_x1_0_doc_ori", "model.onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model.read_bytes(), options, providers=["CPUExecutionProvider"])


def _ask(network: Any, squares: list[Image.Image]) -> NDArray[np.float32]:
    batch = np.stack([(np.asarray(square, np.float32) / 255.0 - _MEAN) / _DEVIATION for square in squares])
    answers = network.run(None, {network.get_inputs()[0].name: batch.transpose(0, 3, 1, 2)})
    return cast("NDArray[np.float32]", answers[0])


def _from_four_sides(network: Any, square: Image.Image) -> NDArray[np.float32]:
    """Mean log-probability of each direction over the views from all four sides."""
    views = [square if back is None else square.transpose(back) for back in _BACK]
    logs = np.log(np.clip(_ask(network, views), 1e-3, 1.0))
    each = [float(np.mean([logs[turn][(label - turn) % 4] for turn in range(4)])) for label in range(4)]
    return np.array(each, np.float32)


def _inked_square(grey: Image.Image, mask: NDArray[np.bool_], share: float) -> Image.Image:
    """The square with the most ink, as the network takes it in."""
    mask = mask[::_THINNING, ::_THINNING]
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
    left, top = _THINNING * int(lefts[column]), _THINNING * int(tops[row])
    square = grey.crop((left, top, left + _THINNING * side, top + _THINNING * side))
    return square.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS).convert("RGB")
