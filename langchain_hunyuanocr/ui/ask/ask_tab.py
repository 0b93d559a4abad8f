"""Tab of Gradio that asks the archive."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import gradio as gr
from pydantic import ValidationError

from langchain_hunyuanocr.archive import Citation, Mode
from langchain_hunyuanocr.errors import HunyuanOCRError
from langchain_hunyuanocr.service.cancellation import run_in_thread
from langchain_hunyuanocr.service.endpoints.ask import Asked
from langchain_hunyuanocr.service.problems import Problem, detail_of, invalid
from langchain_hunyuanocr.tasks import TaskKind
from langchain_hunyuanocr.ui.ask.answer_view import (
    account_html,
    answer_html,
    cited_html,
    no_archive_html,
    places_html,
    writing_html,
)
from langchain_hunyuanocr.ui.ask.ask_task import AskTask
from langchain_hunyuanocr.ui.assets import asset
from langchain_hunyuanocr.ui.i18n.messages import Messages
from langchain_hunyuanocr.ui.sessions.page_context import QUIET, PageContext
from langchain_hunyuanocr.ui.viewer.progress import progress_html, refused_html

if TYPE_CHECKING:
    from PIL.Image import Image


def ask_tab(context: PageContext) -> None:
    """Put the tab together, inside of `gradio.Blocks`.

    Args:
        context: Knows who acts, and what is theirs.
    """
    handlers = _Handlers(context)
    i18n = context.i18n
    archive = context.service.archive
    if archive is None:
        account = gr.HTML(elem_id="hv-account", js_on_load=None)
        gr.on(None, handlers.no_archive, None, account, **QUIET)
        return
    modes = _modes(context)
    with gr.Column(elem_classes="hv-form"):
        with gr.Row(elem_classes="hv-question"):
            question = gr.Textbox(
                label=i18n("question"),
                placeholder=i18n("question_example"),
                lines=1,
                max_lines=4,
                max_length=4000,
                scale=5,
                min_width=240,
                elem_id="hv-question",
            )
            ask = gr.Button(i18n("ask"), variant="primary", scale=0, min_width=110, elem_id="hv-ask")
            cancel = gr.Button(i18n("cancel"), interactive=False, scale=0, min_width=110, elem_id="hv-withdraw")
        with gr.Accordion(i18n("ask_more"), open=False):
            names = gr.Textbox(label=i18n("ask_files"), info=i18n("ask_files_info"), max_lines=1, elem_id="hv-names")
            mode = gr.Radio(
                choices=[(i18n(f"mode_{one}"), one) for one in modes],
                value=modes[0],
                label=i18n("ask_mode"),
                visible=len(modes) > 1,
                elem_id="hv-mode",
            )
    progress = gr.HTML(elem_id="hv-asked", js_on_load=asset("live.js"))
    with gr.Row(elem_classes="hv-columns"):
        with gr.Column(scale=2, min_width=300):
            answer = gr.HTML(elem_id="hv-answer", js_on_load=asset("live.js"))
            places = gr.HTML(elem_id="hv-cites", js_on_load=asset("citations.js"))
        with gr.Column(scale=3, min_width=320):
            place = gr.HTML(elem_id="hv-place", js_on_load=asset("cited_page.js"))
    account = gr.HTML(elem_id="hv-account", js_on_load=None)

    gr.on(
        [ask.click, question.submit],
        handlers.ask,
        [question, names, mode],
        [ask, cancel, progress, answer, places, place, account],
        trigger_mode="once",
        **QUIET,
    )
    cancel.click(handlers.cancel, None, None, **QUIET)
    places.input(handlers.show, None, [progress, place], trigger_mode="multiple", **QUIET)
    gr.on(None, handlers.account, None, account, **QUIET)


def _modes(context: PageContext) -> list[Mode]:
    """The ways to answer that this service has, its usual one first."""
    modes: list[Mode] = ["extractive"]
    if TaskKind.QUESTION in context.service.engine.tasks:
        modes.append("visual")
    if context.service.settings.llm is not None:
        modes.insert(0, "llm")
    return modes


class _Handlers:
    """What happens when something is clicked."""

    def __init__(self, context: PageContext) -> None:
        self._context = context

    async def ask(
        self, text: str | None, names: str | None, mode: Mode, request: gr.Request
    ) -> AsyncIterator[list[Any]]:
        """Ask the archive, and show what is proven as it comes."""
        words = self._context.words(request)
        text, names = (text or "").strip(), (names or "").strip()
        try:
            session = await self._context.session(request, "ask")
            if not text:
                raise Problem(422, words("no_question"))
            asked = _asked(text, names, mode)
        except Problem as problem:
            yield [*[gr.skip()] * 2, refused_html(words, problem, "ask"), *[gr.skip()] * 4]
            return
        await session.withdraw()
        session.cited = ()
        task = AskTask(self._context.service, session, asked)
        session.ask_task = task
        task.begin()
        asking, idle = gr.update(interactive=False), gr.update(interactive=True)
        yield [asking, idle, _progress(words, task), "", "", "", gr.skip()]
        async for _ in task.news():
            said = writing_html(words, task.sentences) if task.sentences else gr.skip()
            # The buttons each time: under load Gradio may lose what is said once.
            yield [asking, idle, _progress(words, task), said, *[gr.skip()] * 3]
        found = task.answer
        yield [
            gr.update(interactive=True),
            gr.update(interactive=False),
            _progress(words, task),
            gr.skip() if found is None else answer_html(words, found, names),
            "" if found is None else places_html(words, found, task.others),
            gr.skip(),
            await self._account(words),
        ]

    async def cancel(self, request: gr.Request) -> None:
        """Withdraw the question; whoever asked it is told by `ask`."""
        with suppress(Problem):
            await (await self._context.session(request, "ask")).withdraw()

    async def show(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        """Show a place on its page."""
        words = self._context.words(request)
        try:
            session = await self._context.session(request, "ask")
            session.chosen_place = dict(enumerate(session.cited)).get(int(event.go))
            place = session.chosen_place
            if place is None:
                raise Problem(404, words("session_over"))
            picture = await self._picture(place)
            if place is not session.chosen_place:  # somebody clicks faster than pages are rendered
                return [gr.skip(), gr.skip()]
        except Problem as problem:
            return [refused_html(words, problem, "ask"), ""]
        except HunyuanOCRError as error:
            return [gr.skip(), progress_html(words, words("place_gone", why=error), alert=True)]
        return ["", cited_html(words, place, picture)]

    async def _picture(self, place: Citation) -> Image:
        """The cited page, unmarked; whoever wants many waits in the queue of those who ask."""
        archive, queue = self._context.service.need_archive(), self._context.service.queue("asking")
        with queue.slot():
            async with queue.running():
                return await run_in_thread(archive.picture, place.model_copy(update={"box": None}))

    async def account(self, request: gr.Request) -> str:
        """What the archive holds, for those who may ask it."""
        words = self._context.words(request)
        try:
            await self._context.session(request, "ask")
        except Problem as problem:
            return refused_html(words, problem, "ask")
        return await self._account(words)

    async def _account(self, words: Messages) -> str:
        archive = self._context.service.need_archive()
        try:
            return account_html(words, await run_in_thread(archive.status))
        except HunyuanOCRError as error:
            return progress_html(words, detail_of(error), alert=True)

    def no_archive(self, request: gr.Request) -> str:
        """How to get an archive."""
        return no_archive_html(self._context.words(request))


def _asked(text: str, names: str, mode: Mode) -> Asked:
    """What is asked, within the bounds of the API.

    Raises:
        Problem: 422, where it is not.
    """
    try:
        return Asked(question=text, where={"file_name": ["~", names]} if names else None, mode=mode)
    except ValidationError as error:
        raise invalid(error.errors()) from error


def _progress(words: Messages, task: AskTask) -> str:
    if task.stage == "waiting":
        return progress_html(words, words("ask_waiting"))
    if task.stage == "asking":
        return progress_html(words, words("writing" if task.sentences else "asking"))
    if task.stage == "cancelling":
        return progress_html(words, words("cancelling"))
    if task.stage == "stopped":
        return progress_html(words, words("stopped", why=task.problem), alert=True)
    return progress_html(words, words("ask_cancelled")) if task.stage == "cancelled" else ""
