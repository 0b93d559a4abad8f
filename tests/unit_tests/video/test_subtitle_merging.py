"""From the readings of frames to subtitles: what is the same, what is told apart, and which reading is kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw
from pydantic import ValidationError

from langchain_hunyuanocr.pages import Source
from langchain_hunyuanocr.pages.file_types import is_film_head
from langchain_hunyuanocr.pages.sources import is_film
from langchain_hunyuanocr.reading.layout.subtitle import read_subtitle
from langchain_hunyuanocr.results import Box, Line, Status
from langchain_hunyuanocr.video import FilmSettings
from langchain_hunyuanocr.video.frame_change import FrameText
from langchain_hunyuanocr.video.subtitle_merging import SubtitleMerger
from tests.unit_tests.readings import reading

STEP_S = 0.5


def merged(looks: Sequence[tuple[int, str]], *, end_s: float) -> list[tuple[float | None, float | None, str]]:
    """The subtitles of frames given by the numbers of their looks; `!` in front of a text is a failure."""
    merger = SubtitleMerger(STEP_S)
    out = []
    for number, text in looks:
        failed = text.startswith("!")
        status = Status.FAILED if failed else Status.OK if text else Status.BLANK
        frame = reading("" if failed else text, page=number, status=status, error=text[1:] if failed else None)
        out += merger.take(frame)
    out += merger.end(end_s)
    assert [one.page for one in out] == list(range(len(out)))
    return [(one.start_s, one.end_s, one.error or one.markdown) for one in out]


def test_equal_neighbours_are_one_and_blank_frames_part() -> None:
    looks = [(0, ""), (2, "Hello."), (3, "Hello."), (5, ""), (9, "Hello."), (10, "你好"), (12, "")]
    assert merged(looks, end_s=8.0) == [(1.0, 2.5, "Hello."), (4.5, 5.0, "Hello."), (5.0, 6.0, "你好")]


@pytest.mark.parametrize(
    ("looks", "kept"),
    [
        ([(0, "We leave at seven"), (3, "We 1eave at seven"), (4, "We leave at seven")], "We leave at seven"),
        ([(0, "we leave at seven."), (4, "We leave at seven")], "we leave at seven."),
        ([(0, "我们明天出发"), (1, "我仃明天出发"), (2, "我们明天出发"), (3, "我们明大出发")], "我们明天出发"),
        ([(0, "Good morn"), (1, "Good morning, everyone")], "Good morning, everyone"),  # a fade
        ([(0, "Good morning"), (3, ""), (4, "Good morning")], "Good morning"),  # one look missed it
    ],
)
def test_readings_that_differ_by_a_slip_are_one_subtitle(looks: list[tuple[int, str]], kept: str) -> None:
    assert merged(looks, end_s=3.0) == [(0.0, 3.0, kept)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Room 101 is on the second floor", "Room 102 is on the second floor"),
        ("我爱你", "我恨你"),
        ("He came back home", "She came back hungry"),
    ],
)
def test_texts_that_stay_are_told_apart(first: str, second: str) -> None:
    assert merged([(0, first), (4, second)], end_s=4.0) == [(0.0, 2.0, first), (2.0, 4.0, second)]


def test_a_frame_that_failed_is_named_with_its_time_and_costs_no_other() -> None:
    looks = [(0, "One"), (2, "!out of memory"), (4, "!out of memory"), (6, "Two")]
    assert merged(looks, end_s=4.0) == [
        (0.0, 1.0, "One"),
        (1.0, 3.0, "from 1.0 to 3.0 s: out of memory"),
        (3.0, 4.0, "Two"),
    ]


def test_a_film_without_subtitles_is_one_blank_reading() -> None:
    assert merged([(0, ""), (7, "")], end_s=9.0) == [(0.0, 9.0, "")]
    assert list(SubtitleMerger(STEP_S).end(0.0)) == []


def test_a_subtitle_that_is_never_read_alike_keeps_few_readings() -> None:
    looks = [(number, "The sun is setting over the sea " + chr(97 + number % 26)) for number in range(5000)]
    ((start_s, end_s, text),) = merged(looks, end_s=2500.0)
    assert (start_s, end_s) == (0.0, 2500.0)
    assert text.startswith("The sun is setting over the sea")


def _look(text: str, *, ground: int = 90, noise: int = 0) -> FrameText:
    picture = Image.new("L", (640, 180), ground)
    ImageDraw.Draw(picture).text((320, 120), text, fill=250, font_size=24, anchor="mm", stroke_width=2, stroke_fill=0)
    pixels = np.asarray(picture).astype(np.int16)
    pixels += np.random.default_rng(1).integers(-noise, noise + 1, pixels.shape).astype(np.int16)
    return FrameText.at(pixels.clip(0, 255).astype(np.uint8))


def test_one_letter_more_is_a_change_and_noise_or_another_ground_is_none() -> None:
    seen = _look("Room 101")
    assert seen.same_as(_look("Room 101", noise=8))
    assert seen.same_as(_look("Room 101", ground=130))
    assert not seen.same_as(_look("Room 102"))
    assert not seen.same_as(_look("Room 101."))
    assert not seen.same_as(_look(""))
    assert not seen.empty
    assert _look("", noise=8).empty


@pytest.mark.parametrize(
    ("head", "film"),
    [
        (b"\0\0\0\x20ftypisom\0\0\2\0", True),
        (b"\0\0\0\x14ftypqt  ", True),
        (b"\0\0\0\x1cftypheic", False),
        (b"\0\0\0\x1cftypavif", False),
        (b"\x1a\x45\xdf\xa3\x01", True),
        (b"RIFF\0\0\0\0AVI LIST", True),
        (b"RIFF\0\0\0\0WEBPVP8 ", False),
        ((b"G" + b"\0" * 187) * 6, True),
        (b"Good morning, this is a text " * 40, False),
        (b"%PDF-1.7", False),
        (b"", False),
    ],
)
def test_a_film_is_known_by_its_first_bytes(head: bytes, film: bool) -> None:
    assert is_film_head(head) is film
    assert is_film(Source(name="blob:1", data=head)) is film


def test_a_film_far_away_is_known_by_its_ending() -> None:
    assert is_film(Source(name="x", url="https://example.org/a/film.MP4?token=1"))
    assert not is_film(Source(name="x", url="https://example.org/film.pdf"))


def _line(text: str, x0: float, y0: float, x1: float, y1: float, score: float = 0.9) -> Line:
    return Line(text=text, box=Box(x0, y0, x1, y1), score=score)


def test_the_subtitle_is_what_stands_in_the_middle() -> None:
    lines = [
        _line("and this the second", 0.3, 0.8, 0.7, 0.9),
        _line("NEWS 24", 0.02, 0.1, 0.15, 0.2),
        _line("This is the", 0.25, 0.65, 0.5, 0.75),
        _line("first row", 0.52, 0.66, 0.75, 0.75),
        _line("tiny print on a shirt", 0.4, 0.2, 0.6, 0.23),
        _line("///", 0.4, 0.4, 0.6, 0.5, score=0.2),
    ]
    content = read_subtitle(lines)
    assert content.markdown == "This is the first row\nand this the second"
    assert content.blocks[0].box == Box(0.25, 0.65, 0.75, 0.9)
    assert read_subtitle([lines[1]]).status is Status.BLANK


@pytest.mark.parametrize("values", [{"step_s": 0}, {"step_s": float("nan")}, {"region": (0, 0.5, 0, 1)}, {"x": 1}])
def test_settings_that_make_no_sense_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        FilmSettings.model_validate(values)
