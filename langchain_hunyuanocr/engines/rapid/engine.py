"""Reads on a CPU with RapidOCR: the embedded default, and the second reader.

RapidOCR 3.10 carries the PP-OCRv6 small detector and recogniser in its wheel, so nothing is ever downloaded. It answers
with lines; `reading/` makes paragraphs, columns and tables of them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from langchain_hunyuanocr.engines.base import Engine, Request
from langchain_hunyuanocr.engines.rapid.closer_look import look_closer
from langchain_hunyuanocr.engines.rapid.recognition import MOST_DETECTION_SIDE, detect, prepare, recognise
from langchain_hunyuanocr.engines.rapid.stacked_rows import with_rows_apart
from langchain_hunyuanocr.engines.rapid.turned_parts import with_turned_parts
from langchain_hunyuanocr.errors import EngineError, require
from langchain_hunyuanocr.results import Generation
from langchain_hunyuanocr.tasks import TaskKind

if TYPE_CHECKING:
    from PIL.Image import Image

DETECTOR = "PP-OCRv6_det_small.onnx"
RECOGNISER = "PP-OCRv6_rec_small.onnx"

_loading = threading.Lock()
_shared: dict[str, Any] = {}


class RapidEngine(Engine):
    """RapidOCR on the CPU: text lines with their boxes and scores.

    The models are loaded on the first page, once per process, and shared by every instance. Several threads may call
    at once: the ONNX sessions hold no state between runs.
    """

    name: ClassVar[str] = "rapid"
    rereads: ClassVar[bool] = True
    tasks: ClassVar[frozenset[TaskKind]] = frozenset(
        {TaskKind.TEXT, TaskKind.DOCUMENT, TaskKind.SPOTTING, TaskKind.TABLE, TaskKind.FIELDS, TaskKind.SUBTITLE}
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
        reader = rapidocr_of_process()
        return [_read(reader, request.picture) for request in requests]

    def close(self) -> None:
        """Give back the models; the next page loads them anew."""
        with _loading:
            _shared.clear()


def rapidocr_of_process(*, threads: int | None = None) -> Any:
    """The process's one RapidOCR, loaded on first use.

    Args:
        threads: How many a model computes on, where this call loads it; a thread a core where `None`.

    Raises:
        EngineError: It is not installed or its weights are damaged.
    """
    with _loading:
        if "reader" not in _shared:
            _shared["reader"] = _load(threads or _cores())
        return _shared["reader"]


def _load(threads: int) -> Any:
    rapidocr = require("rapidocr", extra="rapid")
    onnxruntime = require("onnxruntime", extra="rapid")
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
        "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        "EngineConfig.onnxruntime.use_cuda": "CUDAExecutionProvider" in onnxruntime.get_available_providers(),
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
        prepared = prepare(picture)
        quads = detect(reader, prepared)
        quads, read = with_rows_apart(reader, prepared, quads, recognise(reader, prepared, quads))
        read = with_turned_parts(reader, picture, prepared, quads, read)
        lines = tuple(line for lines in read for line in lines) or look_closer(reader, picture)
    except Exception as exc:  # one picture's trouble never costs another
        return Generation(finish="error", error=f"RapidOCR failed: {_reason(exc)}")
    return Generation(lines=lines)


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _reason(exc: Exception) -> str:
    lines = [line for line in str(exc).strip().splitlines() if line.strip()]
    # RapidOCR wraps a whole traceback as the message: its last line is the reason.
    return lines[-1].strip() if lines else type(exc).__name__
