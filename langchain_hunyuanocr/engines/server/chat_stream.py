"""Chat stream: an answer event by event, its text, how sure the model was, whether it turns in circles."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, Literal

from langchain_hunyuanocr.engines.base import MOST_UNSURE, SURE
from langchain_hunyuanocr.engines.loop_detection import CHARACTERS, repeated_unit, without_repetition
from langchain_hunyuanocr.engines.server.faults import BrokenAnswerError, SaidError
from langchain_hunyuanocr.results import Generation, Unsure

OnText = Callable[[str], None]
"""Is told the text of an answer so far, whenever there is more."""

_BROKEN_OFF = frozenset({"abort", "error"})
"""Reasons of vLLM and SGLang that end an answer which is not whole."""


_END_S = 0.5
"""Longest wait for the end of a response whose answer has come; servers send it at once."""


async def read_answer(lines: AsyncIterator[str], hear: OnText) -> Generation:
    """Read the server-sent events of one answer, and stop where it begins to repeat itself without end.

    The events are read as plain JSON: the models that the `openai` client makes of them take thirty times as long
    (190 µs against 6 µs for an event with one probability), and a busy server sends thousands a second.

    Args:
        lines: Of the body of the response.
        hear: Is told the text so far.

    Raises:
        BrokenAnswerError: The events are none, or they end before the answer does.
        SaidError: The server tells of an error.
    """
    answer = _Answer()
    strange = ""
    async for line in lines:
        mark, _, data = line.partition(":")
        data = data.strip()
        if mark == "error":
            # llama.cpp tells errors in a field of its own.
            raise _said(_parsed(data))
        if mark != "data":
            strange = strange or line.strip()
            continue
        if data == "[DONE]":
            await _read_to_the_end(lines)
            break
        if answer.add(_parsed(data)):
            hear(answer.text)
            if answer.turns_in_circles():
                return answer.generation()
    if answer.finish is None:
        if strange and not answer.begun:
            raise BrokenAnswerError(f"the server sent no events but {strange[:80]!r}")
        raise BrokenAnswerError("the answer broke off" if answer.begun else "the server gave no answer")
    if answer.finish in _BROKEN_OFF:
        raise BrokenAnswerError("the server gave the answer up")
    return answer.generation()


async def _read_to_the_end(lines: AsyncIterator[str]) -> None:
    """Take what stands behind the answer: only a connection whose response was read to its end is used again."""
    with suppress(Exception):  # the answer is whole, whatever comes now
        async with asyncio.timeout(_END_S):
            async for _ in lines:
                pass


class NewText:
    """Passes on what is new of a text that is told again and again, also where a second try begins it anew."""

    def __init__(self, put: Callable[[str], object]) -> None:
        self._put = put
        self._told = ""

    def __call__(self, text: str) -> None:
        """Take the text so far."""
        # Greedy answers to one page begin alike; where they do not, the whole answer at the end has the last word.
        if len(text) > len(self._told) and text.startswith(self._told):
            self._put(text[len(self._told) :])
            self._told = text


class _Answer:
    """What has come so far."""

    def __init__(self) -> None:
        self.text = ""
        self.finish: str | None = None
        self.begun = False
        self._looked_at = 0
        self._tokens = 0
        self._sum = 0.0
        self._least = 1.0
        self._unsure: list[Unsure] = []

    def add(self, event: dict[str, Any]) -> bool:
        """Take in an event; whether it brought text."""
        if event.get("error"):
            raise _said(event)
        choices = event.get("choices")
        if not choices:
            return False
        try:
            choice = choices[0]
            piece = (choice.get("delta") or {}).get("content") or ""
            self.finish = choice.get("finish_reason") or self.finish
            start = len(self.text)
            self.text += piece
            least = 1.0
            for token in (choice.get("logprobs") or {}).get("content") or ():
                probability = min(1.0, math.exp(token["logprob"]))
                self._tokens += 1
                self._sum += probability
                least = min(least, probability)
            self._least = min(self._least, least)
            if piece and least < SURE and len(self._unsure) < MOST_UNSURE:
                self._unsure.append(Unsure(start, len(self.text), round(least, 4)))
        except (AttributeError, KeyError, TypeError, IndexError) as exc:
            raise BrokenAnswerError(f"the server sent {str(event)[:80]!r}") from exc
        self.begun = True
        return bool(piece)

    def turns_in_circles(self) -> bool:
        """Look for a loop, once in so many characters."""
        if len(self.text) - self._looked_at < CHARACTERS.probe_every:
            return False
        self._looked_at = len(self.text)
        return self._unit() is not None

    def generation(self) -> Generation:
        """All of it, with one copy of what it repeats."""
        if self.finish == "content_filter":
            return Generation(finish="error", error="the server withheld its answer")
        text, unit = self.text, self._unit()
        finish: Literal["stop", "length", "repetition"] = "length" if self.finish == "length" else "stop"
        if unit is not None:
            text, finish = str(without_repetition(text, unit)), "repetition"
        return Generation(
            text=text,
            finish=finish,
            mean_probability=self._sum / self._tokens if self._tokens else None,
            least_probability=self._least if self._tokens else None,
            unsure=tuple(one for one in self._unsure if one.end <= len(text)) if self._tokens else None,
        )

    def _unit(self) -> int | None:
        return repeated_unit(self.text[-CHARACTERS.window :], CHARACTERS)


def _parsed(data: str) -> dict[str, Any]:
    try:
        event = json.loads(data)
    except ValueError as exc:
        raise BrokenAnswerError(f"the server sent {data[:80]!r}") from exc
    if not isinstance(event, dict):
        raise BrokenAnswerError(f"the server sent {data[:80]!r}")
    return event


def _said(event: dict[str, Any]) -> SaidError:
    error = event.get("error", event)
    code = error.get("code") if isinstance(error, dict) else None
    # vLLM and llama.cpp give the HTTP status as the code of the error; others say nothing, or a word.
    return SaidError(
        code if isinstance(code, int) and 400 <= code < 600 else 500, json.dumps(event, ensure_ascii=False)
    )
