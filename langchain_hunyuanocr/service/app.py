"""The application: endpoints, and what stands before all of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from langchain_hunyuanocr.engines import Engine, resolve_engine
from langchain_hunyuanocr.service import problems
from langchain_hunyuanocr.service.body_limits import BodyLimits
from langchain_hunyuanocr.service.container import Service
from langchain_hunyuanocr.service.endpoints import ask, chat, health, read
from langchain_hunyuanocr.service.endpoints import jobs as jobs
from langchain_hunyuanocr.service.metrics import Measured
from langchain_hunyuanocr.service.settings import ServiceSettings
from langchain_hunyuanocr.service.url_fetching import Fetcher

_OPENAPI = "/openapi.json"
_DESCRIPTION = """Scanned documents in; Markdown, tables, fields and boxes out; answers over an archive with the place
that proves them. Errors are `application/problem+json` (RFC 9457) with a one-line `detail`."""


def create_app(
    settings: ServiceSettings | None = None, engine: Engine | str = "auto", *, fetcher: Fetcher | None = None
) -> FastAPI:
    """The service as an ASGI application, for uvicorn or a larger application.

    Args:
        settings: What the operator decided; the defaults where `None`.
        engine: Who reads.
        fetcher: Fetches what callers name by an address, for tests; one that keeps to the settings where `None`.

    Returns:
        The application; `app.state.service` is the `Service` behind it.

    Raises:
        ServiceError: The settings cannot be kept.
        EngineError: There is no such engine.
        ArchiveError: There is no such archive.
    """
    service = Service(settings or ServiceSettings(), resolve_engine(engine), fetcher=fetcher)

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        async with service:
            yield

    # What can be asked is no secret, and stands at /docs; the second form of it would only be one more page. Since
    # anybody may ask for it, it is made once (FastAPI writes 110 KB of JSON for each request).
    app = FastAPI(
        title="HunyuanOCR",
        version="1",
        description=_DESCRIPTION,
        lifespan=running,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.state.service = service
    problems.install(app)
    for router in (
        chat.router,
        chat.models,
        read.router,
        jobs.starting,
        jobs.router,
        ask.router,
        health.open_router,
        health.router,
    ):
        app.include_router(router)
    app.router.routes += _description(app)
    # The last one added is the first one asked.
    app.add_middleware(BodyLimits, bounds=service.bounds)
    app.add_middleware(problems.LastResort)
    app.add_middleware(Measured, metrics=service.metrics)
    return app


def _description(app: FastAPI) -> list[Route]:
    """What can be asked, for programs and for people."""

    @cache
    def written() -> bytes:
        return json.dumps(app.openapi(), ensure_ascii=False, separators=(",", ":")).encode()

    async def openapi(_: Request) -> Response:
        return Response(written(), media_type="application/json")

    async def docs(request: Request) -> Response:
        address = f"{request.scope.get('root_path', '').rstrip('/')}{_OPENAPI}"
        return get_swagger_ui_html(openapi_url=address, title=app.title)

    return [Route(_OPENAPI, openapi, include_in_schema=False), Route("/docs", docs, include_in_schema=False)]
