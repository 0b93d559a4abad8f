from __future__ import annotations

import pytest
from PIL import Image

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.server.chat_request import ChatRequest
from langchain_hunyuanocr.engines.server.faults import Fault, Kind
from langchain_hunyuanocr.tasks import Task


def question(width: int, height: int, max_tokens: int = 8192) -> ChatRequest:
    return ChatRequest.of(Request(Image.new("L", (width, height)), Task.of("text")), max_tokens)


def too_long(context: int | None = None, about_answer: bool = False) -> Fault:
    return Fault(Kind.TOO_LONG, "too long", context=context, about_answer=about_answer)


def test_a_picture_is_halved_three_times_and_no_more() -> None:
    asked: ChatRequest | None = question(1600, 1200)
    sizes = []
    while asked is not None:
        sizes.append(asked.picture.size)
        asked = asked.fitted(too_long())
    assert sizes == [(1600, 1200), (1131, 849), (800, 600), (566, 424)]


def test_an_answer_is_shortened_where_the_picture_leaves_it_half_of_the_context() -> None:
    fitted = question(1240, 1754).fitted(too_long(8192, about_answer=True))
    assert fitted is not None
    assert fitted.picture.size == (1240, 1754)
    assert 4096 < fitted.max_tokens < 8192 - 1754 * 1240 // 1024


def test_a_picture_that_takes_more_of_the_context_is_halved_first() -> None:
    asked: ChatRequest | None = question(1240, 1754)
    seen = []
    while asked is not None:
        seen.append((asked.picture.width, asked.max_tokens))
        asked = asked.fitted(too_long(2600, about_answer=True))
    assert [width for width, _ in seen[:4]] == [1240, 877, 620, 620]
    assert seen[2][1] == 8192
    assert 1300 <= seen[3][1] < 2600
    # Where the server refuses even what should fit, both go on shrinking to an end.
    assert len(seen) < 9
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize(
    ("context", "longest"),
    [
        (None, 8192),
        (16384, 8192),
        (8192, 8192 - 512 - 2202),
        (4096, 4096 - 512 - 2202),
        # The picture does not fit, or hardly: only the server knows for certain.
        (2048, 256),
        (128, 128),
    ],
)
def test_no_more_is_asked_for_than_a_known_context_holds(context: int | None, longest: int) -> None:
    asked = question(1240, 1754).within(context)
    assert asked.max_tokens == pytest.approx(longest, abs=2202 * 0.03 if 256 < longest < 8192 else 0)
    assert asked.picture.size == (1240, 1754)


def test_a_smaller_picture_helps_a_cut_answer_where_it_takes_more_than_half_of_the_context() -> None:
    assert question(1240, 1754).smaller_is_better(4096)
    assert not question(1240, 1754).smaller_is_better(8192)
    assert not question(1240, 1754).smaller().smaller().smaller().smaller_is_better(64)


def test_without_numbers_the_answer_is_halved_after_the_picture() -> None:
    asked: ChatRequest | None = question(64, 64, max_tokens=1024)
    limits = []
    while asked is not None:
        limits.append(asked.max_tokens)
        asked = asked.fitted(too_long(about_answer=True))
    assert limits == [1024, 1024, 1024, 1024, 512, 256]


def test_the_size_of_a_picture_is_estimated_in_tokens() -> None:
    # A4 at 150 dpi, from the model's own processor.
    assert question(1240, 1754).picture_tokens == pytest.approx(2202, rel=0.03)
    assert question(2480, 3508).picture_tokens == pytest.approx(8692, rel=0.03)
