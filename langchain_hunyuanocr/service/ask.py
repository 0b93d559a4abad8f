"""`POST /v1/search` and `POST /v1/ask`: places and answers of the archive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Any

from fastapi import Body
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, field_validator

from langchain_hunyuanocr.archive import Answer, Archive, SearchHit
from langchain_hunyuanocr.archive.searching.filters import Scalar
from langchain_hunyuanocr.service.events import EventStream, event, too_long
from langchain_hunyuanocr.service.visitor import Visit, guarded

router = guarded("ask", "asking", tag="archive")

Where = Annotated[
    dict[str, Scalar] | None,
    Field(description="Metadata that a place must have.", examples=[{"file_name": "lease.pdf"}]),
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
    stream: bool = Field(default=False, description="Send the answer as events.")

    _words = field_validator("question")(lambda text: _said(text))


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("there are no words in it")
    # SQLite and the tokenisers below take no half of a surrogate pair.
    return text.encode("utf-8", "replace").decode()


@router.post("/v1/search", summary="Search the archive")
async def search(visit: Visit, query: Annotated[Query, Body()]) -> list[SearchHit]:
    """Places that speak of something, best first, as `hunyuanocr search --json`."""
    archive = visit.service.need_archive()
    await visit.turn()
    timeout_s = visit.service.bounds.timeout_s
    try:
        async with asyncio.timeout(timeout_s):
            return await archive.asearch(query.query, query.k, query.where)
    except TimeoutError as exc:
        raise too_long(timeout_s) from exc


_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "model": Answer,
        "description": "The answer; or, streamed, an event `answer` and an event `done`.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.post("/v1/ask", responses=_ANSWERS, response_model=Answer, summary="Ask the archive")
async def ask(visit: Visit, asked: Annotated[Asked, Body()]) -> Answer | Response:
    """The answer with the places that prove it, as `hunyuanocr ask --json`; null where the archive holds none."""
    archive = visit.service.need_archive()
    await visit.turn()
    timeout_s = visit.service.bounds.timeout_s
    if asked.stream:
        return EventStream(_events(archive, asked), timeout_s=timeout_s)
    try:
        async with asyncio.timeout(timeout_s):
            return await asyncio.to_thread(archive.ask, asked.question, where=asked.where)
    except TimeoutError as exc:
        raise too_long(timeout_s) from exc


async def _events(archive: Archive, asked: Asked) -> AsyncGenerator[bytes, None]:
    answer = await asyncio.to_thread(archive.ask, asked.question, where=asked.where)
    yield event(answer.model_dump(mode="json"), "answer")
    yield event("{}", "done")
