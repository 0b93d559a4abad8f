"""Tokens, for OpenAI's clients: no engine counts them for all that it answers, so those of words are estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_hunyuanocr.engines import Request

_BYTES_A_TOKEN = 4
"""Of UTF-8; a rule of thumb that holds for English, and for Chinese of one character or two a token."""
_PATCH = 32
"""Pixels on a side of what HunyuanOCR takes for one token; each row of them has one more, and the picture two."""


def tokens_of(text: str) -> int:
    """About how many tokens a text is."""
    return -(-len(text.encode("utf-8", "replace")) // _BYTES_A_TOKEN)


class Allowance:
    """What an answer may still be long.

    Args:
        most: Tokens; any number where `None`.

    Attributes:
        spent: Whether something had to be left out.
    """

    def __init__(self, most: int | None) -> None:
        self._left = None if most is None else most * _BYTES_A_TOKEN
        self.spent = False

    def take(self, text: str) -> str:
        """As much of the next piece of text as there is room for."""
        if self._left is None:
            return text
        data = text.encode("utf-8", "replace")
        if len(data) > self._left:
            self.spent = True
            text = data[: self._left].decode("utf-8", "ignore")
        self._left -= min(len(data), self._left)
        return text


def usage(request: Request | None, text: str) -> dict[str, Any]:
    """What OpenAI's clients are told that a question and its answer took; `estimated` says that nobody counted."""
    asked = 0
    if request is not None:
        width, height = (-(-side // _PATCH) for side in request.picture.size)
        asked = height * (width + 1) + 2 + tokens_of(request.task.prompt)
    answered = tokens_of(text)
    return {
        "prompt_tokens": asked,
        "completion_tokens": answered,
        "total_tokens": asked + answered,
        "estimated": True,
    }
