"""Decoder: the frames of a video file by PyAV, one for each step, those that show the same left out."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.errors import SourceError, require
from langchain_hunyuanocr.results import Box
from langchain_hunyuanocr.video.frame_change import LOOK_WIDTH, FrameText

if TYPE_CHECKING:
    from PIL.Image import Image

_MICRO = 1_000_000
_CLOSE_S = 0.001
"""Frames carry rounded times."""
_MOST_BROKEN = 500
"""So many damaged packets in a row end a film."""
_CUT_OFF_S = 2.0
"""So much sooner than it says a film may end without being called cut off."""
_CLOCK = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class DecodedFrame:
    """What came of looking on: a frame that shows something new, or how far nothing new came, or the end."""

    number: int
    """Of the look, from 0; the next look is to be at this one if `picture` is `None`, else at the one after it."""
    picture: Image | None = None
    """RGB, the region that was asked for."""
    blank: bool = False
    """Whether there is no writing in the picture."""
    end_s: float | None = None
    """When the film is over, where it is."""
    damage: str | None = None
    """What the end has cost, where it came too soon."""


class FilmFile:
    """An open film.

    Args:
        path: Where it lies.

    Raises:
        SourceError: It is damaged, or has no pictures; or PyAV is not installed.
    """

    def __init__(self, path: str) -> None:
        av = require("av", extra="video", error=SourceError)
        self._errors = (av.error.FFmpegError, EOFError)
        try:
            # A film that names other files or addresses must not have them opened.
            self._container = av.open(path, options={"protocol_whitelist": "file"}, metadata_errors="replace")
        except (av.error.FFmpegError, ValueError) as exc:
            raise SourceError("is damaged and cannot be opened as a film", remedy="copy or convert it again") from exc
        pictures = [s for s in self._container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
        if not pictures:
            self._container.close()
            raise SourceError("has no pictures, only sound or data", remedy="name a film with a video stream")
        self._stream = pictures[0]
        self._stream.thread_type = "AUTO"
        self._begin_s = (self._container.start_time or 0) / _MICRO
        self._frames: Iterator[tuple[int, Any]] = iter(())
        self._next = -1
        self._seen: FrameText | None = None
        self._end_s = 0.0
        self._damage: str | None = None
        self._asked: tuple[object, ...] = ()

    @property
    def duration_s(self) -> float | None:
        """How long it says that it is, in seconds."""
        if self._stream.duration is not None:
            return float(self._stream.duration * self._stream.time_base)
        clock = _CLOCK.match(self._stream.metadata.get("DURATION", ""))
        if clock is not None:
            return int(clock[1]) * 3600 + int(clock[2]) * 60 + float(clock[3])
        return self._container.duration / _MICRO if self._container.duration else None

    def next_change(self, number: int, *, step_s: float, region: Box, max_pixels: int, budget_s: float) -> DecodedFrame:
        """Look at the film from a look on, until it shows something new.

        Args:
            number: Of the look to begin at, from 0; where it does not follow the last one, what it shows is new.
            step_s: Seconds from one look to the next.
            region: What of a frame is looked at.
            max_pixels: Most pixels of a picture.
            budget_s: Seconds after which to return though nothing new has come.

        Raises:
            SourceError: No frame of the film can be decoded.
        """
        asked = (step_s, region)
        if number != self._next or asked != self._asked:
            self._frames, self._seen, self._asked = self._looks(number, step_s), None, asked
            self._next = number
        deadline = time.monotonic() + budget_s
        for at, frame in self._frames:
            if frame is not None:
                self._next = at + 1
                look = FrameText.at(_grey(frame, region))
                if self._seen is None or not look.same_as(self._seen):
                    self._seen = look
                    return DecodedFrame(at, _picture(frame, region, max_pixels), blank=look.empty)
            if time.monotonic() > deadline:
                return DecodedFrame(self._next)
        self._next = -1
        return DecodedFrame(number, end_s=self._end_s, damage=self._damage)

    def close(self) -> None:
        """Give the file back."""
        self._container.close()

    def _looks(self, number: int, step_s: float) -> Iterator[tuple[int, Any]]:
        """The frame that is on the screen at each look; one that stays on over several comes at the first of them.

        `None` in the place of a frame stands for one that was decoded and not looked at: that takes its time too.
        """
        on_screen: tuple[float, Any] | None = None
        for at_s, frame in self._decoded(number * step_s):
            if on_screen is not None:
                yield self._look_at(on_screen, at_s, number, step_s)
            elif number == 0:
                at_s = 0.0  # a film that begins late shows its first frame
            on_screen = at_s, frame
        if on_screen is not None:
            yield self._look_at(on_screen, max(self._end_s, on_screen[0] + _CLOSE_S), number, step_s)

    @staticmethod
    def _look_at(on_screen: tuple[float, Any], until_s: float, first: int, step_s: float) -> tuple[int, Any]:
        from_s, frame = on_screen
        number = max(first, math.ceil((from_s - _CLOSE_S) / step_s))
        return number, frame if number * step_s < until_s - _CLOSE_S / 2 else None

    def _decoded(self, from_s: float) -> Iterator[tuple[float, Any]]:
        """The frames from the one on that is on the screen at a time, with their times from the film's beginning."""
        self._damage = None
        if from_s or self._next >= 0:
            self._container.seek(round((from_s + self._begin_s) * _MICRO), backward=True)
        last_s, lasts_s, broken, decoded = -1.0, self._frame_s, 0, False
        for packet in self._packets():
            try:
                frames = packet.decode()
            except self._errors:
                broken += 1
                if broken > _MOST_BROKEN:
                    self._damage = f"{broken} damaged packets follow each other"
                    break
                continue
            for frame in frames:
                broken, decoded = 0, True
                at_s = frame.time - self._begin_s if frame.time is not None else last_s + self._frame_s
                if at_s <= last_s:  # times must run forward, whatever the file says
                    continue
                if frame.duration and frame.time_base:
                    lasts_s = float(frame.duration * frame.time_base)
                last_s = at_s
                self._end_s = last_s + lasts_s
                yield at_s, frame
        if not decoded and not from_s:
            raise SourceError("is damaged: no frame of it can be decoded", remedy="copy or convert it again")
        says_s = self.duration_s
        if self._damage is None and decoded and says_s is not None and self._end_s < says_s - _CUT_OFF_S:
            self._damage = f"it says that it lasts {says_s:.1f} s"

    def _packets(self) -> Iterator[Any]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except self._errors:
                self._damage = "its data breaks off"
                return
            if packet is None:
                return
            yield packet

    @property
    def _frame_s(self) -> float:
        rate = self._stream.average_rate or self._stream.guessed_rate
        return 1.0 / float(rate) if rate else 0.04


def _cut(width: int, height: int, region: Box) -> tuple[int, int, int, int]:
    x0, y0 = math.floor(region.x0 * width), math.floor(region.y0 * height)
    return x0, y0, max(x0 + 1, math.ceil(region.x1 * width)), max(y0 + 1, math.ceil(region.y1 * height))


def _grey(frame: Any, region: Box) -> Any:
    import numpy as np

    width, height = LOOK_WIDTH, max(2, round(frame.height * LOOK_WIDTH / frame.width))
    turns = _quarter_turns(frame)
    if turns % 2:
        width, height = max(2, round(frame.width * LOOK_WIDTH / frame.height)), LOOK_WIDTH
    grey = np.rot90(frame.reformat(width=width, height=height, format="gray8").to_ndarray(), turns)
    x0, y0, x1, y1 = _cut(grey.shape[1], grey.shape[0], region)
    return grey[y0:y1, x0:x1]


def _picture(frame: Any, region: Box, max_pixels: int) -> Image:
    from PIL import Image as Pictures

    picture: Image = frame.to_image()
    turns = _quarter_turns(frame)
    if turns:
        picture = picture.rotate(90 * turns, expand=True)
    picture = picture.crop(_cut(*picture.size, region))
    pixels = picture.width * picture.height
    if pixels > max_pixels:
        scale = math.sqrt(max_pixels / pixels)
        size = max(1, math.floor(picture.width * scale)), max(1, math.floor(picture.height * scale))
        picture = picture.resize(size, Pictures.Resampling.BICUBIC, reducing_gap=3.0)
    return picture


def _quarter_turns(frame: Any) -> int:
    """Quarter turns counterclockwise that set a frame upright: telephones film lying down and say so."""
    return round((frame.rotation or 0) / 90) % 4
