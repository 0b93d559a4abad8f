"""Tab of Gradio that reads pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import gradio as gr

from langchain_hunyuanocr.engines.rapid.second_reader import second_reader_installed
from langchain_hunyuanocr.reading.fields.presets import PRESETS
from langchain_hunyuanocr.results import PageReading
from langchain_hunyuanocr.service.page_reading import ReadRequest
from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.tasks import TaskKind
from langchain_hunyuanocr.ui.i18n.messages import Messages
from langchain_hunyuanocr.ui.read.file_picker import file_picker_html
from langchain_hunyuanocr.ui.read.page_list import downloads_html, pages_html, start_html
from langchain_hunyuanocr.ui.read.read_task import ReadTask
from langchain_hunyuanocr.ui.sessions.page_context import QUIET, PageContext
from langchain_hunyuanocr.ui.sessions.window_sessions import WindowSession
from langchain_hunyuanocr.ui.viewer.page_view import page_html
from langchain_hunyuanocr.ui.viewer.progress import progress_html, refused_html

_ASKED_ELSEWHERE = frozenset({TaskKind.FIELDS, TaskKind.QUESTION})
"""Tasks that need more than a choice: fields are named below, questions are for the archive."""
_FORWARD = "element.addEventListener('hv-said', event => trigger('input', event.detail));"
"""The page's script says what was clicked or typed by an event of the document; Gradio's components pass it on."""


def read_tab(context: PageContext, blocks: gr.Blocks) -> None:
    """Put the tab together.

    Args:
        context: Knows who acts, and what is theirs.
        blocks: The page that it is a part of.
    """
    i18n = context.i18n
    with gr.Row(elem_classes="hv-columns"):
        with gr.Column(scale=1, min_width=260, elem_classes="hv-form"):
            files = gr.HTML(elem_id="hv-files", js_on_load=None)
            task = gr.Dropdown(
                choices=[(i18n(f"task_{kind}"), kind.value) for kind in _tasks(context)],
                value=TaskKind.DOCUMENT.value,
                label=i18n("task"),
                filterable=False,
            )
            preset = gr.Dropdown(
                choices=[(i18n("no_preset"), ""), *((i18n(f"preset_{name}"), name) for name in PRESETS)],
                value="",
                label=i18n("preset"),
                filterable=False,
            )
            fields = gr.Dropdown(
                choices=[],
                multiselect=True,
                allow_custom_value=True,
                label=i18n("fields"),
                info=i18n("fields_info"),
                elem_classes="hv-names",
            )
            with gr.Accordion(i18n("more"), open=False):
                pages = gr.Textbox(label=i18n("pages"), info=i18n("pages_info"), max_lines=1)
                password = gr.Textbox(label=i18n("password"), info=i18n("password_info"), type="password", max_lines=1)
                force_ocr = gr.Checkbox(label=i18n("force_ocr"))
            with gr.Row(elem_classes="hv-buttons"):
                read = gr.Button(i18n("read"), variant="primary", elem_id="hv-read")
                cancel = gr.Button(i18n("cancel"), interactive=False, elem_id="hv-cancel")
        with gr.Column(scale=3, min_width=320, elem_id="hv-result"):
            progress = gr.HTML(elem_id="hv-progress", js_on_load=None)
            listed = gr.HTML(elem_id="hv-pages", js_on_load=_FORWARD)
            downloads = gr.HTML(elem_id="hv-downloads", js_on_load=None)
            shown = gr.HTML(elem_id="hv-shown", js_on_load=_FORWARD)

    handlers = _Handlers(context)
    blocks.load(handlers.arrive, None, [files, shown], **QUIET)
    read.click(
        handlers.read,
        [task, preset, fields, pages, password, force_ocr],
        [read, cancel, progress, listed, downloads, shown],
        **QUIET,
    )
    cancel.click(handlers.cancel, None, None, **QUIET)
    # Whoever is quick loses nothing: no event is dropped because one before is under way.
    listed.input(handlers.show, None, shown, trigger_mode="multiple", **QUIET)
    shown.input(handlers.said, None, [shown, listed], trigger_mode="multiple", **QUIET)


def _tasks(context: PageContext) -> list[TaskKind]:
    return [kind for kind in TaskKind if kind in context.service.engine.tasks and kind not in _ASKED_ELSEWHERE]


class _Handlers:
    """What happens when something is clicked."""

    def __init__(self, context: PageContext) -> None:
        self._context = context

    async def arrive(self, request: gr.Request) -> list[str]:
        """Give a new window its session, and the place where its files are chosen."""
        words = self._context.words(request)
        try:
            session = await self._context.session(request, "read")
        except Problem as problem:
            return [refused_html(words, problem, "read"), ""]
        return [file_picker_html(words, session), start_html(words)]

    async def read(
        self,
        task: str,
        preset: str | None,
        fields: list[str] | None,
        pages: str | None,
        password: str | None,
        force_ocr: bool,
        request: gr.Request,
    ) -> AsyncIterator[dict[int, Any] | list[Any]]:
        """Read the chosen files, page after page."""
        words = self._context.words(request)
        try:
            session = await self._context.session(request, "read")
            if not session.chosen:
                raise Problem(422, words("no_files"))
            await session.begin()
            wish = ReadRequest(
                task=task,
                preset=preset or None,
                fields=tuple(dict.fromkeys(name.strip() for name in fields or () if name.strip())),
                pages=(pages or "").strip() or None,
                password=password or None,
                force_ocr=force_ocr,
                ground=second_reader_installed(),
                language=words.language,
            )
        except Problem as problem:
            yield [gr.skip(), gr.skip(), refused_html(words, problem, "read"), *[gr.skip()] * 3]
            return
        running = ReadTask(self._context.service, session, wish)
        session.read_task = running
        running.begin()
        reading, idle = gr.update(interactive=False), gr.update(interactive=True)
        yield [reading, idle, _progress(words, session, running), "", "", ""]
        known = 0
        async for _ in running.news():
            before, known = known, len(session.things)
            # The buttons and the list each time: under load Gradio may lose what is said once.
            yield [
                reading,
                idle,
                _progress(words, session, running),
                pages_html(words, session.things),
                gr.skip(),
                # The first page is shown as soon as it is there; the visitor turns to the others.
                _page(words, session, 0) if known and not before else gr.skip(),
            ]
        yield [
            gr.update(interactive=True),
            gr.update(interactive=False),
            _progress(words, session, running),
            pages_html(words, session.things),
            downloads_html(words, session),
            gr.skip(),
        ]

    async def cancel(self, request: gr.Request) -> None:
        """Stop reading; what was read stays."""
        with suppress(Problem):
            await (await self._context.session(request, "read")).stop()

    async def show(self, event: gr.EventData, request: gr.Request) -> Any:
        """Show another page."""
        words = self._context.words(request)
        try:
            session = await self._context.session(request, "read")
        except Problem as problem:
            return refused_html(words, problem, "read")
        return _page(words, session, int(event.go))

    async def said(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        """Show another page, or count anew what is unconfirmed: a value was corrected."""
        if "go" in event._data:
            return [await self.show(event, request), gr.skip()]
        words = self._context.words(request)
        try:
            session = await self._context.session(request, "read")
        except Problem as problem:
            return [refused_html(words, problem, "read"), gr.skip()]
        return [gr.skip(), pages_html(words, session.things)]


def _page(words: Messages, session: WindowSession, number: int) -> str:
    if not 0 <= number < len(session.things):
        return progress_html(words, words("session_over"), alert=True)
    return page_html(words, session.things[number], session=session.id, number=number, count=len(session.things))


def _progress(words: Messages, session: WindowSession, task: ReadTask) -> str:
    count, total = len(session.things), session.total
    if task.stage in ("waiting", "opening", "cancelling"):
        return progress_html(words, words(task.stage))
    if task.stage == "reading":
        said = words("reading_page", page=min(count + 1, total), total=total)
        return progress_html(words, said, done=count, total=total)
    if task.stage == "stopped":
        return progress_html(words, words("stopped", why=task.problem), alert=True)
    failed = sum(not isinstance(thing, PageReading) or thing.failed for thing in session.things)
    if task.stage == "cancelled" and not count:
        return progress_html(words, words("cancelled_early"))
    if task.stage == "cancelled":
        return progress_html(words, words("cancelled", count=count, total=total))
    key = "some_failed" if failed else "all_read"
    return progress_html(words, words(key, count=count - failed, failed=failed), alert=bool(failed))
