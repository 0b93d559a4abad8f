"""A small picture made in code, and what an engine reads on it: the proof that an engine can read."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from langchain_hunyuanocr.errors import EngineError, HunyuanOCRError

if TYPE_CHECKING:
    from PIL.Image import Image

    from langchain_hunyuanocr.engines import Engine

TEXT = "Page 2041"
"""What stands on the picture."""


class Sampled(NamedTuple):
    """What an engine read on the picture, and in how many seconds, loading included."""

    text: str
    seconds: float


def read_sample(engine: Engine, *, limit_s: float) -> Sampled:
    """Have an engine read the picture.

    Args:
        engine: Made, but not necessarily loaded.
        limit_s: Seconds that loading and reading may take together.

    Raises:
        HunyuanOCRError: It cannot be loaded, fails, reads something else, or takes longer.
    """
    outcome: list[str | Exception] = []

    def read() -> None:
        try:
            outcome.append(_read(engine))
        except Exception as exc:  # told by the thread that waits
            outcome.append(exc)

    begun = time.monotonic()
    # What hangs, in a driver or on a connection, cannot be ended from here; a daemon does not keep the program from it.
    reading = threading.Thread(target=read, name="hunyuanocr-sample", daemon=True)
    reading.start()
    reading.join(limit_s)
    if not outcome:
        raise EngineError(f"a small picture was not read within {limit_s:.0f} s")
    (found,) = outcome
    if isinstance(found, HunyuanOCRError):
        raise found
    if isinstance(found, Exception):
        said = " ".join(str(found).split())[:300] or type(found).__name__
        raise EngineError(f"a small picture cannot be read: {said}") from found
    if TEXT.split()[-1] not in found:
        raise EngineError(
            f"a small picture that says {TEXT!r} was read as {found[:80]!r}",
            remedy="damaged weights, or another model than HunyuanOCR: look at what it loads",
        )
    return Sampled(found, time.monotonic() - begun)


def sample_picture() -> Image:
    """Black print on white, 400 by 120 pixels, in the font that comes with Pillow."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (400, 120), "white")
    ImageDraw.Draw(picture).text((40, 30), TEXT, fill="black", font=ImageFont.load_default(size=48))
    return picture


def _read(engine: Engine) -> str:
    from langchain_hunyuanocr.runnable import HunyuanOCR

    reading = HunyuanOCR(engine=engine, task="text", verify="off").invoke(sample_picture())
    return " ".join(reading.markdown.split())
