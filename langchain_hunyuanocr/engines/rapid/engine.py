"""Reads on a CPU with RapidOCR: the embedded default, and the second reader.

RapidOCR 3.10 carries the PP-OCRv6 small detector and recogniser in its wheel, so that nothing is downloaded unless a
language of another script is asked for. It answers with lines; `reading/` makes paragraphs, columns and tables of them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, ClassVar

from langchain_hunyuanocr.engines.base import Engine, Request
from langchain_hunyuanocr.engines.rapid.closer_look import look_closer
from langchain_hunyuanocr.engines.rapid.dashed_rules import without_dashed_rules
from langchain_hunyuanocr.engines.rapid.lone_characters import lone_characters
from langchain_hunyuanocr.engines.rapid.misread_signs import with_signs
from langchain_hunyuanocr.engines.rapid.models import DETECTOR, Recogniser, carried
from langchain_hunyuanocr.engines.rapid.recognition import MOST_DETECTION_SIDE, box_of, detect, prepare, recognise
from langchain_hunyuanocr.engines.rapid.stacked_rows import with_rows_apart
from langchain_hunyuanocr.engines.rapid.turned_parts import with_turned_parts
from langchain_hunyuanocr.engines.rapid.vertical_punctuation import with_punctuation
from langchain_hunyuanocr.errors import EngineError, require
from langchain_hunyuanocr.results import Generation
from langchain_hunyuanocr.tasks import TaskKind

_loading = threading.Lock()
_shared: dict[Recogniser, Any] = {}


class RapidEngine(Engine):
    """RapidOCR on the CPU: text lines with their boxes and scores.

    The models are loaded on the first page, once per process, and shared by every instance. Several threads may call
    at once: the ONNX sessions hold no state between runs.

    Args:
        language: Of the pages, by ISO 639 (`ru`, `th`, `ar`) or as a script that RapidOCR names (`cyrillic`). The
            built-in model, where `None`, reads Chinese, English, Japanese and the languages of the Latin alphabet.
            Another one is downloaded by RapidOCR when it is first used; it reads Latin letters and figures too.
        model_dir: Folder that holds the other model's file, for machines without a network; that of
            `HUNYUANOCR_RAPID_MODELS` where `None`.

    Raises:
        EngineError: No model reads the language.
    """

    name: ClassVar[str] = "rapid"
    rereads: ClassVar[bool] = True
    tasks: ClassVar[frozenset[TaskKind]] = frozenset(
        {TaskKind.TEXT, TaskKind.DOCUMENT, TaskKind.SPOTTING, TaskKind.TABLE, TaskKind.FIELDS, TaskKind.SUBTITLE}
    )

    def __init__(self, *, language: str | None = None, model_dir: str | Path | None = None) -> None:
        self.language = language
        self._recogniser = Recogniser.of(language, model_dir)

    @property
    def model(self) -> str:
        """The model that answers."""
        return self._recogniser.name

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
            EngineError: RapidOCR is not installed, its weights are damaged, or those of the language cannot be had.
        """
        for request in requests:
            self.check(request.task)
        if not requests:
            return []
        reader = rapidocr_of_process(self._recogniser)
        return [_read(reader, request) for request in requests]

    def close(self) -> None:
        """Give back the models; the next page loads them anew."""
        with _loading:
            _shared.clear()


def rapidocr_of_process(recogniser: Recogniser | None = None, *, threads: int | None = None) -> Any:
    """The process's one RapidOCR with a recognition model, loaded on first use.

    Args:
        recogniser: The model; the built-in one where `None`.
        threads: How many a model computes on, where this call loads it; a thread a core where `None`.

    Raises:
        EngineError: It is not installed, its weights are damaged, or the model cannot be had.
    """
    wanted = recogniser or Recogniser()
    with _loading:
        if wanted not in _shared:
            _shared[wanted] = _load(wanted, threads or _cores())
        return _shared[wanted]


def _load(recogniser: Recogniser, threads: int) -> Any:
    rapidocr = require("rapidocr", extra="rapid")
    onnxruntime = require("onnxruntime", extra="rapid")
    models = carried(rapidocr)
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
        **recogniser.settings(rapidocr),
        # One line at a time, padded to nothing: on a CPU a batch gains no speed and pays for its widest line.
        "Rec.rec_batch_num": 1,
        "Rec.rec_img_shape": [3, 48, 64],
    }
    try:
        reader = rapidocr.RapidOCR(params=settings)
        reader._load_det_model()
        reader._load_rec_model()
    except Exception as exc:  # onnxruntime and rapidocr raise their own kinds, all of them meaning this
        if recogniser.script is not None:
            raise EngineError(
                f"the model {recogniser.name} cannot be had: {_reason(exc)}", remedy=recogniser.remedy
            ) from exc
        raise EngineError(
            f"RapidOCR cannot start: {_reason(exc)}", remedy="pip install --force-reinstall rapidocr"
        ) from exc
    return reader


def _read(reader: Any, request: Request) -> Generation:
    picture = request.picture
    try:
        prepared = prepare(picture)
        quads = detect(reader, prepared)
        prepared = without_dashed_rules(prepared, quads)
        quads, read = with_rows_apart(reader, prepared, quads, recognise(reader, prepared, quads))
        read = with_turned_parts(reader, picture, prepared, quads, read)
        read = with_punctuation(reader, prepared, quads, read)
        alone = lone_characters(reader, prepared, quads)
        lines = [*(line for lines in read for line in lines), *alone]
        found = [*(box_of(prepared, quad) for quad in quads), *(line.box for line in alone)]
        if not (request.part and lines):
            lines += look_closer(reader, picture, found if lines else ())
    except Exception as exc:  # one picture's trouble never costs another
        return Generation(finish="error", error=f"RapidOCR failed: {_reason(exc)}")
    # A part of a page does not show what else the page writes.
    return Generation(lines=tuple(lines if request.part else with_signs(lines)), found=tuple(found))


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _reason(exc: Exception) -> str:
    lines = [line for line in str(exc).strip().splitlines() if line.strip()]
    # RapidOCR wraps a whole traceback as the message: its last line is the reason.
    return lines[-1].strip() if lines else type(exc).__name__
