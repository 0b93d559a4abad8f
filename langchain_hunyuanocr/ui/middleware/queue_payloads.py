"""Payloads of Gradio's queue: what its own page would never send is answered 4xx before Gradio sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from starlette.requests import Request

from langchain_hunyuanocr.service.body_limits import small_body
from langchain_hunyuanocr.service.problems import Problem, invalid

if TYPE_CHECKING:
    import gradio as gr
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_JOIN = "/gradio_api/queue/join"
_CANCEL = "/gradio_api/cancel"
_DATA = "/gradio_api/queue/data"
_MOST_BYTES = 1024 * 1024
"""What is sent is a question and a few choices; files go another way."""
_MOST_VALUES = 100
"""Gradio leaves out what is more than a part of the page takes."""

_Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class _Join(BaseModel):
    model_config = ConfigDict(strict=True)

    session_hash: _Name
    fn_index: int
    data: list[Any]
    trigger_id: int | None = None
    event_data: Any = None


class _Cancel(BaseModel):
    model_config = ConfigDict(strict=True)

    session_hash: _Name
    fn_index: int
    event_id: _Name


class QueuePayloads:
    """Stands before Gradio's queue.

    Args:
        app: The page.
        blocks: Its parts and what they do.
    """

    def __init__(self, app: ASGIApp, blocks: gr.Blocks) -> None:
        self._app = app
        self._blocks = blocks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on.

        Raises:
            Problem: 413 or 422.
        """
        path = scope.get("path", "").rstrip("/")
        if scope["type"] == "http" and scope["method"] == "GET" and path == _DATA:
            self._check_data(Request(scope))
        if scope["type"] != "http" or scope["method"] != "POST" or path not in (_JOIN, _CANCEL):
            await self._app(scope, receive, send)
            return
        too_large = f"the page sends no more than {_MOST_BYTES // 1024} KB"
        body = await small_body(Request(scope, receive), _MOST_BYTES, too_large)
        try:
            if path == _JOIN:
                self._check(_Join.model_validate_json(body))
            else:
                _Cancel.model_validate_json(body)
        except ValidationError as exc:
            raise invalid(exc.errors()) from exc
        given = False

        async def replayed() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replayed, send)

    def _check(self, join: _Join) -> None:
        does: Any = self._blocks.fns.get(join.fn_index)
        # Loading is an event of the whole page, which has another number in a process that made one before.
        events = {part for one in self._blocks.fns.values() for part, _ in one.targets}
        if does is None or join.trigger_id not in {None, *events, *self._blocks.blocks}:
            raise Problem(422, "the page has no such part (load it again)")
        if not does.cancels and not len(does.inputs) <= len(join.data) <= _MOST_VALUES:
            raise Problem(422, f"this part of the page takes {len(does.inputs)} values, not {len(join.data)}")

    def _check_data(self, request: Request) -> None:
        window = request.query_params.get("session_hash")
        if window is None:
            raise Problem(422, "session_hash: Field required")
        if window not in self._blocks._queue.pending_messages_per_session:
            raise Problem(404, "this window waits for nothing")
