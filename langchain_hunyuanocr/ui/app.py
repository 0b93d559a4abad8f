"""Application: the page as a whole, and its place in the service."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import gradio as gr
from fastapi import FastAPI
from starlette.routing import Match, Route

from langchain_hunyuanocr.service.container import Service
from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.service.uploads import private_folder
from langchain_hunyuanocr.ui.ask.ask_tab import ask_tab
from langchain_hunyuanocr.ui.assets import asset
from langchain_hunyuanocr.ui.i18n.messages import translations
from langchain_hunyuanocr.ui.middleware.authentication import Authentication
from langchain_hunyuanocr.ui.middleware.head_script import HeadScript
from langchain_hunyuanocr.ui.middleware.queue_payloads import QueuePayloads
from langchain_hunyuanocr.ui.middleware.stream_shutdown import StreamShutdown
from langchain_hunyuanocr.ui.quiet_blocks import QuietBlocks
from langchain_hunyuanocr.ui.read.file_routes import FileRoutes
from langchain_hunyuanocr.ui.read.read_tab import read_tab
from langchain_hunyuanocr.ui.sessions.page_context import PageContext
from langchain_hunyuanocr.ui.sessions.window_sessions import WindowSessions
from langchain_hunyuanocr.ui.theme import theme

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_SWEEP_S = 60
_GRADIO = re.compile(
    r"/(config|theme\.css|favicon\.ico|manifest\.json|static/.*|assets/.*|svelte/.*"
    r"|gradio_api/(queue/(join|data)|cancel|reset|heartbeat/[^/]+|startup-events))?/?"
)
"""What the page needs of Gradio: neither its uploads, nor its files, nor its proxy."""


def mount(app: FastAPI) -> None:
    """Add the page to a service, at `/`."""
    service: Service = app.state.service
    folder = private_folder(service.settings.state) / "page"
    sessions = WindowSessions(folder)
    service.quota.watch(sessions.kept_bytes)
    inner = FastAPI(openapi_url=None)
    blocks = QuietBlocks(title="HunyuanOCR", analytics_enabled=False)
    page = StreamShutdown(QueuePayloads(HeadScript(inner, asset("language.js")), blocks), service.ending)
    authentication = Authentication(
        _OnlyThePage(page, app), service.authenticator, timeout_s=service.bounds.head_timeout_s
    )
    files = FileRoutes(sessions, service)
    inner.router.routes += [
        Route("/page/{session}/files", files.upload, methods=["POST"]),
        Route("/page/{session}/files/{number:int}", files.forget, methods=["DELETE"]),
        Route("/page/{session}/{number:int}/fields/{field:int}", files.correct, methods=["PUT"]),
        Route("/page/{session}/{number:int}.jpg", files.picture),
        Route("/page/{session}/download/{form}", files.download),
    ]
    _mount_gradio(inner, blocks, PageContext(service, sessions, authentication, gr.I18n(**translations())))
    _live_together(app, inner, sessions)
    app.state.page = inner
    app.mount("/", authentication)


def _mount_gradio(inner: FastAPI, blocks: gr.Blocks, context: PageContext) -> None:
    i18n = context.i18n
    with blocks:
        top = gr.HTML(elem_id="hv-top", js_on_load=None)
        with gr.Tabs(elem_id="hv-tabs"):
            with gr.Tab(i18n("read_tab"), id="read"):
                read_tab(context, blocks)
            with gr.Tab(i18n("ask_tab"), id="ask"):
                ask_tab(context)

        def greeting(request: gr.Request) -> str:
            return _top(context, request)

        async def leave(request: gr.Request) -> None:
            await context.sessions.leave(request.session_hash or "")

        blocks.load(greeting, None, top, show_progress="hidden", api_visibility="private")
        blocks.unload(leave)
    gr.mount_gradio_app(
        inner,
        blocks,
        path="/",
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        show_error=False,
        i18n=i18n,
        css=asset("page.css") + asset("ask.css"),
        head=f"<script>{asset('page.js')}</script><script>{asset('file_picker.js')}</script>",
        theme=theme(),
    )


def _top(context: PageContext, request: gr.Request) -> str:
    words = context.words(request)
    other = "zh" if words.language == "en" else "en"
    out = ""
    if context.service.authenticator.closed:
        out = f'<form method="post" action="logout"><button type="submit">{words("log_out")}</button></form>'
    return (
        f'<header class="hv-top" lang="{words.tag}"><div><h1>{words("heading")}</h1><p>{words("motto")}</p></div>'
        f'<div class="hv-who"><button type="button" data-language="{other}" lang="{"zh-CN" if other == "zh" else "en"}"'
        f' aria-label="{words("switch_label")}">{words("switch")}</button>{out}</div></header>'
    )


class _OnlyThePage:
    """Keeps answers of the API as they are without a page: what it does not know is a problem, not a page."""

    def __init__(self, page: ASGIApp, app: FastAPI) -> None:
        self._page = page
        self._endpoints = list(app.router.routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path: str = scope["path"]
            if any(route.matches(scope)[0] is Match.PARTIAL for route in self._endpoints):
                raise Problem(405, "Method Not Allowed")
            if not path.startswith("/page/") and not _GRADIO.fullmatch(path):
                raise Problem(404, "Not Found")
        await self._page(scope, receive, send)


def _live_together(app: FastAPI, inner: FastAPI, sessions: WindowSessions) -> None:
    """Have the page begin after the service and end before it."""
    service_lives = app.router.lifespan_context

    @asynccontextmanager
    async def both(outer: FastAPI) -> AsyncIterator[None]:
        async with service_lives(outer), inner.router.lifespan_context(inner):
            sweeping = asyncio.ensure_future(_sweep(sessions))
            try:
                yield
            finally:
                sweeping.cancel()
                await sessions.close()

    app.router.lifespan_context = both


async def _sweep(sessions: WindowSessions) -> None:
    with suppress(asyncio.CancelledError):
        while True:
            await asyncio.sleep(_SWEEP_S)
            await sessions.sweep()
