"""The process of a second reader: `python -m langchain_hunyuanocr.engines.rapid.worker`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.engines.rapid.dashed_rules import without_dashed_rules
from langchain_hunyuanocr.engines.rapid.engine import rapidocr_of_process
from langchain_hunyuanocr.engines.rapid.recognition import box_of, detect, prepare, read_again, recognise
from langchain_hunyuanocr.results import Box, Line
from langchain_hunyuanocr.worker_pool import serve

if TYPE_CHECKING:
    from PIL.Image import Image


def answer(request: dict[str, Any], pixels: bytearray) -> tuple[dict[str, Any], bytes]:
    """Answer one request about a picture.

    Args:
        request: `ask` says what: `look` finds the lines and reads every so many of them, `read` reads those at
            `quads`, `again` looks again at `boxes`; `size` is the picture's width and height.
        pixels: RGB, a byte a channel.
    """
    try:
        return _ANSWERS[request["ask"]](request, _picture(request["size"], pixels)), b""
    except Exception as exc:  # whatever a model's runtime raises on an odd picture costs this request alone
        return {"error": " ".join(str(exc).split())[:200] or type(exc).__name__}, b""


def _picture(size: Sequence[int], pixels: bytearray) -> Image:
    from PIL import Image

    return Image.frombuffer("RGB", (size[0], size[1]), bytes(pixels), "raw", "RGB", 0, 1)


def _look(request: dict[str, Any], picture: Image) -> dict[str, Any]:
    reader, prepared = rapidocr_of_process(threads=1), prepare(picture)
    quads = detect(reader, prepared)
    prepared = without_dashed_rules(prepared, quads)
    read: list[Any] = [None] * len(quads)
    read[:: request["every"]] = _records(recognise(reader, prepared, quads[:: request["every"]]))
    return {
        "quads": [quad.ravel().tolist() for quad in quads],
        "boxes": [box_of(prepared, q) for q in quads],
        "read": read,
    }


def _read(request: dict[str, Any], picture: Image) -> dict[str, Any]:
    import numpy as np

    quads = np.asarray(request["quads"], dtype=np.float32).reshape(-1, 4, 2)
    prepared = without_dashed_rules(prepare(picture), quads)
    return {"read": _records(recognise(rapidocr_of_process(threads=1), prepared, quads))}


def _again(request: dict[str, Any], picture: Image) -> dict[str, Any]:
    reader = rapidocr_of_process(threads=1)
    return {"texts": [read_again(reader, picture, Box(*box)) for box in request["boxes"]]}


def _records(read: Sequence[Sequence[Line]]) -> list[Any]:
    return [[(line.text, line.box, line.score) for line in lines] for lines in read]


_ANSWERS = {"look": _look, "read": _read, "again": _again}


if __name__ == "__main__":
    serve(answer)
