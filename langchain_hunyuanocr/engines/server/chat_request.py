"""Chat request: one page as a server is sent it, and how it is made smaller where it does not fit."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.server.faults import Fault

if TYPE_CHECKING:
    from PIL.Image import Image

PictureFormat = Literal["png", "jpeg"]

_SMALLER = 3
"""How often a picture is sent again with half the pixels."""
_PROMPT_TOKENS = 512
"""Enough for the longest prompt of ours and the marks around it."""
_SHORTEST_ANSWER = 256
"""An answer shorter than this, in tokens, is not worth asking for."""


@dataclass(frozen=True)
class ChatRequest:
    """A picture, the words about it, and how long the answer may be."""

    picture: Image
    """RGB."""
    prompt: str
    max_tokens: int
    halvings: int = 0
    """How often the picture was made smaller."""

    @classmethod
    def of(cls, request: Request, max_tokens: int) -> ChatRequest:
        """The question that a request comes to."""
        return cls(request.picture.convert("RGB"), request.task.prompt, max_tokens)

    @property
    def picture_tokens(self) -> int:
        """About how many tokens HunyuanOCR sees in the picture: one for 32 x 32 pixels, and one for each row."""
        return (self.picture.height // 32 + 1) * (self.picture.width // 32 + 2) + 2

    def room(self, context: int) -> int:
        """Tokens that are left to the answer of a context, about; below 0 where the picture does not fit."""
        return context - _PROMPT_TOKENS - self.picture_tokens

    def within(self, context: int | None) -> ChatRequest:
        """The same for a server with so many tokens of context: what is left to the answer is all that is asked for.

        The picture stays as it is: how large it is for the server, only the server knows for certain.
        """
        if context is None:
            return self
        longest = min(max(self.room(context), _SHORTEST_ANSWER), context)
        return self if self.max_tokens <= longest else replace(self, max_tokens=longest)

    def smaller_is_better(self, context: int) -> bool:
        """Whether an answer that was cut at the end of the context calls for a smaller picture."""
        return self.room(context) < context // 2 and self.halvings < _SMALLER

    def smaller(self) -> ChatRequest:
        """The same with half the pixels."""
        width, height = (max(1, round(side / 2**0.5)) for side in self.picture.size)
        return replace(self, picture=self.picture.resize((width, height)), halvings=self.halvings + 1)

    def fitted(self, fault: Fault) -> ChatRequest | None:
        """What to ask where picture and answer do not fit the server; `None` where nothing helps any more.

        A picture that leaves half of the context to the answer keeps its pixels, and the answer may be shorter: few
        pages need the 8192 tokens that HunyuanOCR may use.
        """
        room = None
        if fault.about_answer and fault.context is not None:
            room = self.room(fault.context)
            if fault.context // 2 <= room < self.max_tokens:
                return replace(self, max_tokens=room)
        if self.halvings < _SMALLER:
            return self.smaller()
        if not fault.about_answer:
            return None
        shorter = self.max_tokens // 2 if room is None or room >= self.max_tokens else room
        return replace(self, max_tokens=shorter) if shorter >= _SHORTEST_ANSWER else None

    def data_url(self, picture_format: PictureFormat) -> str:
        """The picture as text."""
        buffer = io.BytesIO()
        if picture_format == "jpeg":
            self.picture.save(buffer, "JPEG", quality=95)
        else:
            # The lowest level takes a fraction of the time and little more space.
            self.picture.save(buffer, "PNG", compress_level=1)
        return f"data:image/{picture_format};base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"

    def body(self, model: str, picture_url: str) -> dict[str, Any]:
        """The trained form of a question: an empty system message, and the picture before the words.

        Args:
            model: The name that the server gives it.
            picture_url: What `data_url` gave.
        """
        content = [{"type": "image_url", "image_url": {"url": picture_url}}, {"type": "text", "text": self.prompt}]
        return {
            "model": model,
            "messages": [{"role": "system", "content": ""}, {"role": "user", "content": content}],
            "temperature": 0.0,
            "max_tokens": self.max_tokens,
            "stream": True,
        }
