"""What the local engine is made of and needs no model."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

import pytest
from PIL import Image, ImageDraw
from tokenizers import Tokenizer, decoders
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel

from langchain_hunyuanocr.engines.local.expected import expected_length
from langchain_hunyuanocr.engines.local.gather import gathered
from langchain_hunyuanocr.engines.local.wording import TextStream
from langchain_hunyuanocr.errors import EngineError
from langchain_hunyuanocr.results import Generation
from langchain_hunyuanocr.tasks import TaskKind


def stream_of_bytes() -> tuple[TextStream, Callable[[str], list[int]]]:
    """A stream, and how a text becomes tokens: a byte each, as many tokenizers cut rare characters; 256 is special."""
    vocabulary = {letter: number for number, letter in enumerate(sorted(ByteLevel.alphabet()))}
    tokenizer = Tokenizer(BPE(vocabulary, []))
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<end>"])
    return TextStream(tokenizer, skip_special_tokens=True), lambda text: tokenizer.encode(text).ids


@pytest.mark.parametrize("text", ["Total 12.00", "发票号码：123，合计𝄞", "naïve café", "a � b"])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_text_comes_whole_character_by_whole_character(text: str, size: int) -> None:
    stream, tokens_of = stream_of_bytes()
    tokens = tokens_of(text)
    pieces = [stream.push(tokens[:end]) for end in range(size, len(tokens) + size, size)]
    assert "".join(pieces) == stream.said == text
    assert all("�" not in piece for piece in pieces) or "�" in text


def test_bytes_that_are_no_text_hold_nothing_up_and_special_tokens_are_not_said() -> None:
    stream, tokens_of = stream_of_bytes()
    tokens = [*tokens_of("发")[:2], *tokens_of("a"), 256, *tokens_of("元")[1:], *tokens_of("b")]
    said = "".join(stream.push(tokens[:end]) for end in range(1, len(tokens) + 1))
    assert said.replace("�", "") == "ab"
    assert said.startswith("�a�")


def test_an_answer_that_begins_anew_is_not_said_twice() -> None:
    stream, tokens_of = stream_of_bytes()
    tokens = tokens_of("合计 12.00 元")
    first = "".join(stream.push(tokens[:end]) for end in range(1, 9))
    stream.restart()
    again = "".join(stream.push(tokens[:end]) for end in range(1, len(tokens) + 1))
    assert first + again == "合计 12.00 元"
    assert first
    assert again


def answers(count: int) -> list[Future[Generation]]:
    return [Future() for _ in range(count)]


def test_answers_are_gathered_in_order() -> None:
    parts = answers(3)
    whole = gathered(parts)
    for number in (2, 0, 1):
        assert not whole.done()
        parts[number].set_result(Generation(text=str(number)))
    assert [answer.text for answer in whole.result(0)] == ["0", "1", "2"]
    assert gathered([]).result(0) == []


def test_the_first_failure_is_that_of_all_and_frees_the_rest() -> None:
    parts = answers(3)
    whole = gathered(parts)
    parts[1].set_exception(EngineError("no memory"))
    with pytest.raises(EngineError, match="no memory"):
        whole.result(0)
    assert [part.cancelled() for part in parts] == [True, False, True]


def test_cancelling_all_cancels_each() -> None:
    parts = answers(2)
    parts[0].set_result(Generation())
    whole = gathered(parts)
    assert whole.cancel()
    assert parts[1].cancelled()


def lines(count: int) -> Image.Image:
    picture = Image.new("RGB", (800, 1000), "white")
    pen = ImageDraw.Draw(picture)
    for row in range(count):
        pen.text((40, 40 + 20 * row), "the quick brown fox jumps over the lazy dog " * 3, fill="black")
    return picture


def test_dense_pages_and_long_tasks_are_expected_to_be_longer() -> None:
    empty, short, dense = (expected_length(lines(count), TaskKind.DOCUMENT) for count in (0, 5, 40))
    assert empty < short < dense
    spotting, field = (expected_length(lines(40), kind) for kind in (TaskKind.SPOTTING, TaskKind.FIELDS))
    assert field < dense < spotting
    assert expected_length(Image.new("RGB", (1, 1)), TaskKind.TEXT) == 0
