"""Server faults: what goes wrong, and what that calls for."""

from __future__ import annotations

import json
import re
import ssl
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import Any

from langchain_hunyuanocr.errors import require

_FIRST_BACKOFF_S = 0.5
_LONGEST_BACKOFF_S = 8.0
_LONGEST_ASKED_FOR_S = 60.0
_LONGEST_REASON = 300

# The wordings of vLLM (0.6 to 0.32), llama.cpp and SGLang, from their sources and issue threads.
_TOO_LONG = re.compile(
    r"context (length|size|window)|longer than the (context|maximum model length)|exceed_context_size"
    r"|too long to fit|prompt is too long|is too long and exceeds|exceeds the maximum allowed length"
    r"|exceeds the pre-allocated encoder cache|max_tokens must be at least 1|max_(completion_)?tokens'? is too large",
    re.IGNORECASE,
)
_CONTEXT = re.compile(
    r"(?:context (?:length|size|window)|maximum model length|n_ctx)[^0-9]{0,20}([0-9]{2,})", re.IGNORECASE
)
_ABOUT_THE_ANSWER = re.compile(
    r"max_(completion_)?tokens|completion|(?<!without any )output tokens",  # "even without any" is about the picture
    re.IGNORECASE,
)
# vLLM looks at the number alone, before it has seen the picture.
_ANSWER_BEYOND_CONTEXT = re.compile(
    r"max_(?:completion_)?tokens ?= ?[0-9]+ cannot be greater than max_model_len ?= ?([0-9]+)", re.IGNORECASE
)
_PENALTY_OUT_OF_RANGE = re.compile(r"repetition_penalty must be (greater|between|at least|positive|in )", re.IGNORECASE)
_NO_VISION = re.compile(
    r"image input is not supported|mmproj|not a multimodal model|at most 0 image|support(s|ing)? images? input"
    r"|(does not|doesn't|not) support (images?|vision|multi-?modal)|allowed values:? \[?['\"]text['\"]\]?",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"server is pinned to|model\b.{0,200}\b(does not exist|not found|is not available)|unknown model|no such model",
    re.IGNORECASE,
)


class Kind(Enum):
    """What a fault calls for."""

    UNREACHABLE = auto()
    """There was no connection: put the address aside."""
    BUSY = auto()
    """It asks for patience: try again, not before it says."""
    FAILED = auto()
    """It failed, the connection broke, or what it sent is no answer: try again."""
    SLOW = auto()
    """There was no answer in time: try again once."""
    UNKNOWN_SETTING = auto()
    """It does not take a setting of the request: leave that out."""
    ANSWER_TOO_LONG = auto()
    """The answer alone is longer than its context: ask for a shorter one."""
    TOO_LONG = auto()
    """Picture and answer do not fit: send a smaller picture, or ask for a shorter answer."""
    REFUSED = auto()
    """It will not answer this request, however often it is asked."""
    NO_KEY = auto()
    NO_MODEL = auto()
    NO_VISION = auto()


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that went wrong with one request."""

    kind: Kind
    reason: str
    """In one line."""
    spoke: bool = False
    """Whether the server answered at all."""
    wait_s: float | None = None
    """What the server asked for before the next try."""
    settings: frozenset[str] = frozenset()
    """Those that it does not take."""
    context: int | None = None
    """Tokens that picture, prompt and answer may have together, where it says so."""
    about_answer: bool = False
    """Whether a shorter answer would help."""


class BrokenAnswerError(Exception):
    """What came is no whole answer."""


class NoRoomError(Exception):
    """The answer ended where the server's context did, of which the picture takes the most.

    Attributes:
        context: In tokens.
    """

    def __init__(self, context: int) -> None:
        super().__init__(f"the answer was cut at the end of the context, {context} tokens")
        self.context = context


class SaidError(Exception):
    """The server told of an error in the middle of an answer that had begun well.

    Attributes:
        status: What the HTTP status would have been.
        text: What it said.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def fault_of(exc: Exception, sent: frozenset[str] = frozenset()) -> Fault | None:
    """What an exception of a request means; `None` where it is none of the server's.

    Args:
        exc: What was raised.
        sent: Settings of the request that servers may not know.
    """
    openai = require("openai", extra="server")
    if isinstance(exc, openai.APIStatusError):
        return fault_from(exc.status_code, exc.response.text, exc.response.headers, sent)
    if isinstance(exc, SaidError):
        return fault_from(exc.status, exc.text, {}, sent)
    if isinstance(exc, (openai.APIConnectionError, *transport_errors())):
        causes = list(_causes(exc))
        why = " ".join(str(causes[-1]).split())[:_LONGEST_REASON] or type(causes[-1]).__name__
        # By name, for they are classes of httpx or of httpx2.
        names = {type(cause).__name__ for cause in causes}
        if names & {"ConnectError", "ConnectTimeout", "UnsupportedProtocol", "ProxyError"}:
            # anyio's own words say nothing more.
            silent = "ConnectTimeout" in names or "connection attempts failed" in why
            return Fault(Kind.UNREACHABLE, "it takes no connection" if silent else why)
        return Fault(Kind.FAILED, f"the connection broke: {why}")
    if isinstance(exc, TimeoutError):
        return Fault(Kind.SLOW, "no answer in time")
    if isinstance(exc, NoRoomError):
        return Fault(Kind.TOO_LONG, str(exc), spoke=True, context=exc.context, about_answer=True)
    if isinstance(exc, BrokenAnswerError | json.JSONDecodeError | openai.APIError):
        return Fault(Kind.FAILED, " ".join(str(exc).split())[:_LONGEST_REASON], spoke=True)
    return None


def fault_from(status: int, text: str, headers: Mapping[str, str], sent: frozenset[str] = frozenset()) -> Fault:
    """What an HTTP status and the words that came with it mean."""
    reason = f"HTTP {status}: {_words(text)}"[:_LONGEST_REASON]
    flat = " ".join(text.split())
    wait_s = wait_asked_for(headers)
    if status in (401, 403):
        return Fault(Kind.NO_KEY, reason, spoke=True)
    if _NO_VISION.search(flat):
        return Fault(Kind.NO_VISION, reason, spoke=True)
    if status in (400, 422) and (beyond := _ANSWER_BEYOND_CONTEXT.search(flat)):
        return Fault(Kind.ANSWER_TOO_LONG, reason, spoke=True, context=int(beyond[1]), about_answer=True)
    if status == 413 or (status not in (404, 429) and _TOO_LONG.search(flat)):
        context = _CONTEXT.search(flat)
        return Fault(
            Kind.TOO_LONG,
            reason,
            spoke=True,
            context=int(context[1]) if context else None,
            about_answer=bool(_ABOUT_THE_ANSWER.search(flat)),
        )
    if _PENALTY_OUT_OF_RANGE.search(flat):
        # Known, but the caller's own number is refused, and without it the answer would not be what was asked for.
        return Fault(Kind.REFUSED, reason, spoke=True)
    if status in (400, 422) and (unknown := frozenset(name for name in sent if name in flat)):
        return Fault(Kind.UNKNOWN_SETTING, reason, spoke=True, settings=unknown)
    if status == 404 or (status in (400, 422) and _NO_MODEL.search(flat)):
        return Fault(Kind.NO_MODEL, reason, spoke=True)
    if status == 429 or (status == 503 and wait_s is not None):
        return Fault(Kind.BUSY, reason, spoke=True, wait_s=wait_s)
    if status == 408 or status >= 500:
        return Fault(Kind.FAILED, reason, spoke=True)
    return Fault(Kind.REFUSED, reason, spoke=True)


def wait_asked_for(headers: Mapping[str, str]) -> float | None:
    """Seconds of a `Retry-After` header, which holds seconds or a date; at most a minute."""
    asked = headers.get("retry-after")
    if asked is None:
        return None
    try:
        seconds = float(asked)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 0.0), _LONGEST_ASKED_FOR_S)


def backoff_s(failures: int, chance: float) -> float:
    """Seconds to wait after the so-many-th failure: doubled each time, and spread by chance from a half to the whole.

    Args:
        failures: From 1.
        chance: From 0 to 1.
    """
    return min(_FIRST_BACKOFF_S * 2.0 ** (failures - 1), _LONGEST_BACKOFF_S) * (0.5 + chance / 2)


def transport_errors() -> tuple[type[Exception], ...]:
    """What may be raised while an answer is read.

    The `openai` client is built on httpx up to its version 2, and on httpx2 from version 3, through which
    failures of TLS come as they are.
    """
    clients = [sys.modules[name] for name in ("httpx", "httpx2") if name in sys.modules]
    return (*(client.RequestError for client in clients), ssl.SSLError, ConnectionError)


def _causes(exc: BaseException) -> Iterator[BaseException]:
    """The exception and what it came from, the root last."""
    link: BaseException | None = exc
    while link is not None:
        yield link
        link = link.__cause__


def _words(text: str) -> str:
    """What the server said, in one line."""
    try:
        said: Any = json.loads(text)
        # OpenAI and vLLM wrap it in `error`, FastAPI in `detail`; older vLLM gives a bare `message`.
        if isinstance(said, dict):
            said = said.get("error") or said.get("detail") or said
        if isinstance(said, dict):
            said = said.get("message", said)
    except ValueError:
        said = text
    return " ".join(str(said).split())
