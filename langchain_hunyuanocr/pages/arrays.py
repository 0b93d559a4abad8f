"""Arrays: numpy arrays of pixels as pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.errors import SourceError

if TYPE_CHECKING:
    from PIL.Image import Image

_REMEDY = "give one page as height x width, or height x width x 3 (RGB) or 4 (RGBA)"


def is_array(given: object) -> bool:
    """Whether something is a numpy array of numbers; one of names or objects is a list of inputs like any other."""
    return hasattr(given, "__array_interface__") and getattr(getattr(given, "dtype", None), "kind", "") in "biufc"


def to_picture(array: Any) -> Image:
    """An array of pixels as a picture: grey, RGB or RGBA.

    Args:
        array: uint8, bool, uint16 or float. Deep values are scaled as those of a deep TIFF are: up to 1, 255, 4095 or
            65535, the first of these that none is above.

    Raises:
        SourceError: Its shape or type is no picture's.
    """
    import numpy as np
    from PIL import Image

    from langchain_hunyuanocr.pages.backends.image import to_eight_bits

    name = f"array of shape {'x'.join(map(str, array.shape)) or '()'} and type {array.dtype}"
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if not array.size or not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))):
        raise SourceError("is no picture", source=name, remedy=_REMEDY)
    if array.dtype.kind not in "bf" and array.dtype not in (np.uint8, np.uint16):
        raise SourceError("its type is no picture's", source=name, remedy='give it as .astype("uint8")')
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise SourceError("holds values that are no numbers", source=name, remedy="replace NaN and infinity")
    if array.dtype != np.uint8:
        array = array.astype(np.uint8) * np.uint8(255) if array.dtype.kind == "b" else to_eight_bits(array)
    return Image.fromarray(np.ascontiguousarray(array))
