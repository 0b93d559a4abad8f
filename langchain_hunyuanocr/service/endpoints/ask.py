"""`POST /v1/search` and `POST /v1/ask`: places and answers of the archive."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast

from fastapi import Body
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, field_validator

from langchain_hunyuanocr.archive import Answer, AnswerPart, Mode, SearchHit
from langchain_hunyuanocr.service.cancellation import shielded
from langchain_hunyuanocr.service.dependencies import Context, secured_router
from langchain_hunyuanocr.service.problems import Problem, responses
from langchain_hunyuanocr.service.sse import SCHEMA, EventStream, event

if TYPE_CHECKING:
    from langchain_hunyuanocr.service.container import Service

T = TypeVar("T")

router = secured_router("ask", "asking", tag="archive")

Where = Annotated[
    dict[str, str | bool | int | float | list[Any]] | None,
    Field(
        max_length=20,
        description="Metadata that a place must have: a value, a list of which any will do, or [operator, value] with "
        "one of >= <= != = > < ~ (contains).",
        examples=[{"file_name": "lease.pdf", "field_total": [">=", 1000]}],
    ),
]


class Query(BaseModel):
    """What is looked for."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field(min_length=1, max_length=4000, examples=["annual budget"])
    k: int = Field(default=5, ge=1, le=100, description="How many hits.")
    where: Where = None

    _words = field_validator("query")(lambda text: _said(text))


class Asked(BaseModel):
    """What is asked."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1, max_length=4000, examples=["How long is the lease?"])
    where: Where = None
    mode: Mode = Field(
        default="auto",
        description="extractive quotes, visual asks the engine about the best pages, llm has the chat model write that "
        "the service was started with; auto is llm where there is one, else visual where HunyuanOCR is the engine, "
        "else extractive.",
    )
    stream: bool = Field(default=False, description="Send the answer as events.")

    _words = field_validator("question")(lambda text: _said(text))


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("there are no words in it")
    # SQLite and the tokenisers below take no half of a surrogate pair.
    return text.encode("utf-8", "replace").decode()


_HIT: dict[str, Any] = {
    "source": "archive/lease.pdf",
    "page": 0,
    "text": "The lease runs for nine years. It begins on 4 March 2021.",
    "score": 0.43,
    "box": [0.12, 0.08, 0.84, 0.14],
    "metadata": {"file_name": "lease.pdf", "total_pages": 3, "status": "ok"},
    "context": None,
}
_HITS: dict[int | str, dict[str, Any]] = {
    **responses(404),
    200: {"content": {"application/json": {"example": [_HIT]}}},
}


@router.post("/v1/search", responses=_HITS, summary="Search the archive")
async def search(visit: Context, query: Annotated[Query, Body()]) -> list[SearchHit]:
    """Places that speak of something, best first, as `hunyuanocr search --json`."""
    archive = visit.service.need_archive()
    await visit.turn()
    async with visit.in_time():
        return await shielded(archive.asearch(query.query, query.k, query.where))


_CITATION = {
    "source": "archive/lease.pdf",
    "page": 0,
    "quote": "The lease runs for nine years.",
    "box": [0.12, 0.08, 0.84, 0.1],
}
_ANSWER: dict[str, Any] = {
    "answer": "The lease runs for nine years.",
    "mode": "extractive",
    "citations": [_CITATION],
    "confident": True,
    "struck": [],
}

_ANSWERS: dict[int | str, dict[str, Any]] = {
    **responses(404),
    200: {
        "model": Answer,
        "description": "The answer; or, streamed, an event `sentence` for each that is proven, and last an `answer`.",
        "content": {
            "application/json": {"example": _ANSWER},
            "text/event-stream": {"schema": SCHEMA, "example": {"event": "answer", "data": json.dumps(_ANSWER)}},
        },
    },
}


@router.post("/v1/ask", responses=_ANSWERS, response_model=Answer, summary="Ask the archive")
async def ask(visit: Context, asked: Annotated[Asked, Body()]) -> Answer | Response:
    """The answer with the places that prove it, as `hunyuanocr ask --json`; null where the archive holds none."""
    archive = visit.service.need_archive()
    if asked.mode == "llm" and visit.service.settings.llm is None:
        raise Problem(422, "this service has no chat model (start it with --llm provider:model)")
    await visit.turn()
    if asked.stream:
        timeout_s = visit.service.bounds.timeout_s
        return await EventStream.begin(_events(visit.service, asked), ends=visit.ends, timeout_s=timeout_s)
    async with visit.in_time():
        return await _answer(visit.service, archive.aask(asked.question, where=asked.where, mode=asked.mode), asked)


async def answer_parts(service: Service, asked: Asked) -> AsyncGenerator[AnswerPart, None]:
    """What is proven of an answer as it comes, and last the whole.

    A chat model is hung up on by whoever leaves early, threads are waited for.

    Raises:
        Problem: The service has no archive.
        HunyuanOCRError: As `Archive.ask` says.
    """
    archive = service.need_archive()
    parts = cast(
        "AsyncGenerator[AnswerPart, None]", archive.aask_stream(asked.question, where=asked.where, mode=asked.mode)
    )
    async with aclosing(parts) as each:
        while True:
            try:
                part = await _answer(service, anext(each), asked)
            except StopAsyncIteration:
                return
            yield part


async def _answer(service: Service, answer: Awaitable[T], asked: Asked) -> T:
    """An answer, or the next part of one."""
    written = asked.mode == "llm" or (asked.mode == "auto" and service.settings.llm is not None)
    return await (answer if written else shielded(answer))


async def _events(service: Service, asked: Asked) -> AsyncGenerator[bytes, None]:
    async with aclosing(answer_parts(service, asked)) as parts:
        async for part in parts:
            yield event(part.model_dump(mode="json"), "answer" if isinstance(part, Answer) else "sentence")
