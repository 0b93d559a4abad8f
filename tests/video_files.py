"""Films for tests: drawn scenery that stands or moves, with subtitles at known times, written by PyAV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Literal, NamedTuple

import av
import numpy as np
import pymupdf
from av.video.stream import VideoStream
from PIL import Image, ImageDraw, ImageFont

Scene = Literal["still", "moving", "noisy", "dark"]


class Cue(NamedTuple):
    """A subtitle."""

    text: str
    start_s: float
    end_s: float


def make_film(
    path: Path,
    cues: Sequence[Cue],
    *,
    length_s: float,
    size: tuple[int, int] = (640, 360),
    rate: int = 10,
    scene: Scene = "still",
    codec: str = "libx264",
    options: dict[str, str] | None = None,
) -> Path:
    """Write a film of at least one frame."""
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, rate)
        for picture in frames(cues, length_s=length_s, size=size, rate=rate, scene=scene):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")))
        container.mux(stream.encode())
    return path


def frames(
    cues: Sequence[Cue], *, length_s: float, size: tuple[int, int], rate: int, scene: Scene
) -> Iterable[Image.Image]:
    """The pictures of a film, one after another."""
    drawn = {cue: _drawn(cue.text, size) for cue in cues}
    rng = np.random.default_rng(7)
    for number in range(max(1, round(length_s * rate))):
        at_s = number / rate
        picture = _scenery(size, at_s if scene == "moving" else 0.0, scene, rng)
        for cue, layer in drawn.items():
            if cue.start_s <= at_s < cue.end_s:
                picture.paste(layer, (0, 0), layer)
        yield picture


def _scenery(size: tuple[int, int], at_s: float, scene: Scene, rng: np.random.Generator) -> Image.Image:
    width, height = size
    if scene == "dark":
        return Image.new("RGB", size, (12, 14, 20))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    phase = 60 * at_s
    grey = 120 + 60 * np.sin((x + phase) / 70) + 40 * np.cos((y - phase / 2) / 45)
    if scene != "still":
        # Hard edges that move through the place of the subtitles.
        grey = np.where(((x + 2 * phase) // 90 + y // 70) % 2 < 1, grey, grey * 0.7)
    if scene == "noisy":
        grey = grey + rng.normal(0, 12, grey.shape)
    pixels = np.stack([grey, grey * 0.9, grey * 0.8], axis=-1).clip(0, 255).astype(np.uint8)
    return Image.fromarray(pixels)


def _drawn(text: str, size: tuple[int, int]) -> Image.Image:
    """White type with a dark edge, low in the middle, on a transparent ground."""
    layer = Image.new("RGBA", size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    pixels = size[1] // 12
    font = ImageFont.truetype(BytesIO(pymupdf.Font("cjk").buffer), pixels, layout_engine=ImageFont.Layout.BASIC)
    rows = text.split("\n")
    for number, row in enumerate(rows):
        place = size[0] / 2, size[1] * 0.95 - (len(rows) - number) * pixels * 1.25
        draw.text(
            place, row, font=font, fill="white", stroke_width=max(1, pixels // 14), stroke_fill="black", anchor="ma"
        )
    return layer
