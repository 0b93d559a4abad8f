"""`POST /v1/read`: files in, pages out, at once or one after another."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import Form
from fastapi.responses import JSONResponse, Response

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.report import Tally
from langchain_hunyuanocr.results import PageReading
from langchain_hunyuanocr.service.dependencies import Context, secured_router
from langchain_hunyuanocr.service.page_reading import (
    all_failed,
    counted,
    open_sources,
    page_record,
    read_sources,
    require_readable,
)
from langchain_hunyuanocr.service.schemas.read import EVENT_EXAMPLE, Files, PageRecord, Urls, WishForm
from langchain_hunyuanocr.service.sse import SCHEMA, EventStream, event

router = secured_router("read", "reading", tag="reading")

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "model": list[PageRecord],
        "description": "The pages in order; or, streamed, an event `page` for each, and last an event `done` that "
        "accounts for all of them.",
        "content": {
            "text/event-stream": {
                "schema": SCHEMA,
                "example": EVENT_EXAMPLE,
            }
        },
    }
}


@router.post("/v1/read", responses=_ANSWERS, response_model=None, summary="Read files")
async def read(
    visit: Context,
    wish: WishForm,
    files: Files = None,
    url: Urls = None,
    stream: Annotated[bool, Form(description="Send each page as soon as it is read.")] = False,
) -> Response:
    """Read PDFs and pictures: Markdown, tables, fields, lines and boxes, as `hunyuanocr read --format json`.

    Films are read for the task `subtitle`: each subtitle is a page, with its times in `start_s` and `end_s`.

    Where nothing at all can be read, the answer is a problem with the reason; otherwise what failed is listed among the
    pages.
    """
    service = visit.service
    reader = wish.reader(service.engine)
    settings = service.bounds.page_settings(pages=wish.pages, password=wish.password)
    async with visit.in_time():
        given = await visit.kept.enter_async_context(service.uploads.kept(files or (), url or ()))
    await visit.turn()
    async with visit.in_time():
        sources, _ = await open_sources(given, settings, most=service.bounds.max_pages, reader=reader)
        require_readable(sources)
    things = counted(
        read_sources(
            reader,
            service.engine,
            sources,
            settings,
            step_s=wish.step_s,
            film_timeout_s=service.bounds.film_timeout_s,
        ),
        service.metrics,
    )
    if stream:
        return await EventStream.begin(_events(things), ends=visit.ends, timeout_s=service.bounds.timeout_s)
    async with visit.in_time(), aclosing(things) as each:
        found = [thing async for thing in each]
    if (problem := all_failed(found)) is not None:
        raise problem
    return JSONResponse([page_record(thing) for thing in found])


async def _events(things: AsyncGenerator[PageReading | SourceError, None]) -> AsyncGenerator[bytes, None]:
    tally = Tally()
    async with aclosing(things) as each:
        async for thing in each:
            if isinstance(thing, PageReading):
                tally.add(thing)
            else:
                tally.add_failure(thing.source or "", thing.reason)
            yield event(page_record(thing), "page")
    report = tally.report()
    yield event(report.model_dump(mode="json", exclude={"skipped", "chunks", "notes"}), "done")
