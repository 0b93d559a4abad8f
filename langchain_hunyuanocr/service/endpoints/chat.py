"""`POST /generate` and `POST /v1/chat/completions`: one picture and one question, plainly and in OpenAI's form."""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Body
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from langchain_hunyuanocr.chat import ChatHunyuanOCR
from langchain_hunyuanocr.engines import Request
from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.service.cancellation import run_in_thread
from langchain_hunyuanocr.service.dependencies import Context, RequestContext, secured_router
from langchain_hunyuanocr.service.schemas.openai import (
    _BYTES_A_TOKEN,
    PIXEL,
    Completion,
    Conversation,
    Message,
    Model,
    Models,
    PicturePart,
    TextPart,
    usage,
)
from langchain_hunyuanocr.service.sse import SCHEMA, EventStream, event

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

router = secured_router("read", "reading", tag="reading")
models = secured_router("read", tag="reading")

_DATA = "data:application/octet-stream;base64,"


class Question(BaseModel):
    """A picture, and what is asked of it."""

    model_config = ConfigDict(extra="forbid")

    image: str = Field(
        min_length=1, description="A picture or a PDF of one page: base64, or a data URL.", examples=[PIXEL]
    )
    prompt: str = Field(
        default="",
        description="One of HunyuanOCR's prompts or a question of your own; empty reads the document.",
        examples=["Extract the text in the image."],
    )


class Text(BaseModel):
    """What the model says."""

    text: str = Field(examples=["Total: 96.50"])


@router.post("/generate", response_model=Text, summary="Ask one picture")
async def generate(visit: Context, question: Annotated[Question, Body()]) -> Text:
    """One picture and one prompt in, the model's text out."""
    from langchain_core.messages import HumanMessage

    (picture,) = await _pictures(visit, [question.image])
    blocks: list[str | dict[Any, Any]] = [picture, {"type": "text", "text": question.prompt}]
    await visit.turn()
    chat = _chat(visit)
    messages = [HumanMessage(blocks)]
    async with visit.in_time():
        await run_in_thread(chat.open, messages)
        answer = await chat.ainvoke(messages)
    return Text(text=answer.text)


_COMPLETION: dict[int | str, dict[str, Any]] = {
    200: {
        "model": Completion,
        "description": "A completion; or, streamed, its chunks and `[DONE]`.",
        "content": {
            "application/json": {
                "example": {
                    "id": "chatcmpl-1",
                    "object": "chat.completion",
                    "created": 1800000000,
                    "model": "tencent/HunyuanOCR",
                    "choices": [
                        {
                            "index": 0,
                            "message": {"role": "assistant", "content": "Total: 96.50"},
                            "finish_reason": "stop",
                        }
                    ],
                    "usage": {
                        "prompt_tokens": 3309,
                        "completion_tokens": 3,
                        "total_tokens": 3312,
                        "estimated": True,
                    },
                },
            },
            "text/event-stream": {"schema": SCHEMA, "example": {"data": "[DONE]"}},
        },
    }
}


@router.post(
    "/v1/chat/completions",
    responses=_COMPLETION,
    response_model=None,
    summary="Ask one picture, as OpenAI's clients do",
)
async def complete(visit: Context, conversation: Annotated[Conversation, Body()]) -> Response:
    """One picture and one question a call; `finish_reason` is `stop` or `length`.

    `usage` is estimated, and says so in a member `estimated`. A problem has, beside what RFC 9457 asks for, the member
    `error` of OpenAI's API.
    """
    messages = await _messages(visit, conversation.messages)
    chat = _chat(visit, stop=conversation.stop, temperature=conversation.temperature or 0.0)
    await visit.turn()
    async with visit.in_time():
        await run_in_thread(chat.open, messages)
    head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time())}
    room = Allowance(conversation.max_completion_tokens or conversation.max_tokens)
    if conversation.stream:
        told = conversation.stream_options is not None and conversation.stream_options.include_usage
        return await EventStream.begin(
            _chunks(visit, chat, messages, head, room, with_usage=told),
            ends=visit.ends,
            timeout_s=visit.service.bounds.timeout_s,
            error=lambda problem: problem.record_for_openai,
        )
    async with visit.in_time():
        answer = await chat.ainvoke(messages)
    text = room.take(answer.text)
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": _finish(answer.response_metadata, room),
    }
    model = str(answer.response_metadata.get("model_name", ""))
    used = usage(chat.asked, text)
    return JSONResponse({**head, "object": "chat.completion", "model": model, "choices": [choice], "usage": used})


@models.get("/v1/models", summary="The one model, for OpenAI's clients")
async def list_models(visit: Context) -> Models:
    """The model that answers."""
    return Models(data=[Model(id=await asyncio.to_thread(lambda: visit.service.engine.model))])


class _Chat(ChatHunyuanOCR):
    """Opens the picture once, before it is asked about, and remembers what the engine was asked."""

    _asked: Request | None = PrivateAttr(default=None)

    @property
    def asked(self) -> Request | None:
        """The last question."""
        return self._asked

    def open(self, messages: Sequence[BaseMessage]) -> None:
        """Open the picture that the messages are about."""
        self._request(messages, {})

    def _request(self, messages: Sequence[BaseMessage], settings: Mapping[str, Any]) -> Request:
        if self._asked is None:
            self._asked = super()._request(messages, settings)
        return self._asked


def _chat(visit: RequestContext, **how: Any) -> _Chat:
    return _Chat(engine=visit.service.engine, settings=visit.service.bounds.page_settings(), **how)


async def _chunks(
    visit: RequestContext,
    chat: _Chat,
    messages: Sequence[BaseMessage],
    head: dict[str, Any],
    room: Allowance,
    *,
    with_usage: bool,
) -> AsyncGenerator[bytes, None]:
    model = await asyncio.to_thread(lambda: visit.service.engine.model)
    whole = {**head, "object": "chat.completion.chunk", "model": model, **({"usage": None} if with_usage else {})}

    def chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
        return event({**whole, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    begun = False
    text = ""
    metadata: dict[str, Any] = {}
    async with aclosing(chat.astream(list(messages))) as pieces:  # type: ignore[type-var]
        async for piece in pieces:
            if not begun:  # a question that is refused never begins
                begun = True
                yield chunk({"role": "assistant", "content": ""})
            metadata |= piece.response_metadata
            if taken := room.take(piece.text):
                text += taken
                yield chunk({"content": taken})
            if room.spent:
                break
    yield chunk({}, _finish(metadata, room))
    if with_usage:
        yield event({**whole, "choices": [], "usage": usage(chat.asked, text)})
    yield event("[DONE]")


def _finish(metadata: dict[str, Any], room: Allowance) -> str:
    """OpenAI's clients know no `repetition`: the model was stopped before its end."""
    return "stop" if metadata.get("finish_reason") == "stop" and not room.spent else "length"


async def _messages(visit: RequestContext, messages: Sequence[Message]) -> list[BaseMessage]:
    given = [
        part.image_url.url
        for message in messages
        if isinstance(message.content, list)
        for part in message.content
        if isinstance(part, PicturePart)
    ]
    pictures = iter(await _pictures(visit, given))
    return [_message(message, pictures) for message in messages]


def _message(message: Message, pictures: Iterator[dict[str, Any]]) -> BaseMessage:
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    blocks: list[str | dict[Any, Any]] = []
    parts = [TextPart(type="text", text=message.content)] if isinstance(message.content, str) else message.content or []
    for part in parts:
        if isinstance(part, PicturePart):
            blocks.append(next(pictures))
        else:
            blocks.append({"type": "text", "text": part.text})
    if message.role == "assistant":
        return AIMessage(blocks)
    return HumanMessage(blocks) if message.role == "user" else SystemMessage(blocks)


async def _pictures(visit: RequestContext, images: Sequence[str]) -> list[dict[str, Any]]:
    """Content blocks with the pictures in them, fetched where they are addresses."""
    fetched: Iterator[str] = iter(())
    addresses = [image for image in images if _is_address(image)]
    if addresses:
        fetched = iter(await _fetched(visit, addresses))
    data = [next(fetched) if _is_address(image) else _data_url(image) for image in images]
    return [{"type": "image_url", "image_url": {"url": one}} for one in data]


def _is_address(image: str) -> bool:
    return image[:5].lower() != "data:" and "://" in image[:16]


def _data_url(image: str) -> str:
    # What the bytes are is seen when they are opened.
    return image if image[:5].lower() == "data:" else f"{_DATA}{''.join(image.split())}"


async def _fetched(visit: RequestContext, addresses: Sequence[str]) -> list[str]:
    """What stands at addresses, as data URLs; all together no more than may be sent that way."""
    uploads, most_mb = visit.service.uploads, visit.service.bounds.max_json_mb
    async with visit.in_time(), uploads.kept((), addresses, most_fetched_mb=most_mb) as sources:
        found = []
        for source in sources:
            if isinstance(source, SourceError):
                raise source
            if source.path is None:
                raise ValueError("what is kept has a path")
            found.append(_DATA + base64.b64encode(await asyncio.to_thread(source.path.read_bytes)).decode())
    return found


class Allowance:
    """What an answer may still be long.

    Args:
        most: Tokens; any number where `None`.

    Attributes:
        spent: Whether something had to be left out.
    """

    def __init__(self, most: int | None) -> None:
        self._left = None if most is None else most * _BYTES_A_TOKEN
        self.spent = False

    def take(self, text: str) -> str:
        """As much of the next piece of text as there is room for."""
        if self._left is None:
            return text
        data = text.encode("utf-8", "replace")
        if len(data) > self._left:
            self.spent = True
            text = data[: self._left].decode("utf-8", "ignore")
        self._left -= min(len(data), self._left)
        return text
