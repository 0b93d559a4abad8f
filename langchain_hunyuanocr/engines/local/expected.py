"""How long an answer will probably be, so that the longest begin first and none is left running alone at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_hunyuanocr.tasks import TaskKind

if TYPE_CHECKING:
    from PIL.Image import Image

_SIDE = 256
"""Pixels of the longer side of the small picture that is looked at."""
_STROKE = 40
"""Difference of grey levels between neighbours that makes an edge of ink."""
_SHORT = frozenset({TaskKind.FIELDS, TaskKind.QUESTION, TaskKind.SUBTITLE, TaskKind.FORMULA})
_LONG = frozenset({TaskKind.SPOTTING, TaskKind.TRANSLATE_DOCUMENT_ZH, TaskKind.TRANSLATE_EN, TaskKind.TRANSLATE_ZH})


def expected_length(picture: Image, kind: TaskKind) -> float:
    """A number that grows with the probable length of the answer; only its order means something.

    Args:
        picture: The page.
        kind: What is asked: a field is short however dense the page is, boxes and translations double the text.
    """
    import numpy as np

    small = picture.convert("L")
    small.thumbnail((_SIDE, _SIDE))
    grey = np.asarray(small, dtype=np.int16)
    edges = float((np.abs(np.diff(grey, axis=1)) > _STROKE).mean()) if grey.shape[1] > 1 else 0.0
    ink = edges * picture.width * picture.height
    return ink * (0.1 if kind in _SHORT else 2.0 if kind in _LONG else 1.0)
