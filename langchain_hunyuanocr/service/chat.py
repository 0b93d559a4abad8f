"""`POST /generate` and `POST /v1/chat/completions`: one picture and one question, plainly and in OpenAI's form."""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Body
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from langchain_hunyuanocr.chat import ChatHunyuanOCR
from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.service.events import SCHEMA, EventStream, event, too_long
from langchain_hunyuanocr.service.visitor import Visit, Visitor, guarded

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

router = guarded("read", "reading", tag="reading")
models = guarded("read", tag="reading")

_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTLBFgAAAABJRU5ErkJggg=="


class Question(BaseModel):
    """A picture, and what is asked of it."""

    model_config = ConfigDict(extra="forbid")

    image: str = Field(
        min_length=1, description="A picture or a PDF of one page: base64, or a data URL.", examples=[_PIXEL]
    )
    prompt: str = Field(
        default="",
        description="One of HunyuanOCR's prompts or a question of your own; empty reads the document.",
        examples=["Extract the text in the image."],
    )


class Text(BaseModel):
    """What the model says."""

    text: str


class TextPart(BaseModel):
    """Words of a message."""

    type: Literal["text"]
    text: str


class Address(BaseModel):
    """Where a picture is."""

    url: str = Field(description="A data URL; an http or https URL where the service was started with --allow-urls.")


class PicturePart(BaseModel):
    """A picture of a message."""

    type: Literal["image_url"]
    image_url: Address


Part = Annotated[TextPart | PicturePart, Field(discriminator="type")]


class Message(BaseModel):
    """A message of a conversation."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[Part] | None = None


class Conversation(BaseModel):
    """A conversation in OpenAI's form; members that are not named here are taken and have no effect."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": "hunyuanocr",
                    "messages": [
                        {
                            "role": "user",
                            "content": [
                                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{_PIXEL}"}},
                                {"type": "text", "text": "Extract the text in the image."},
                            ],
                        }
                    ],
                }
            ]
        }
    )

    model: str = Field(default="", description="Whatever it says, the model of the service answers.")
    messages: list[Message] = Field(min_length=1)
    stream: bool = False
    stop: str | list[str] | None = None
    temperature: float | None = Field(default=None, description="0, the only one that reads.")


@router.post("/generate", response_model=Text, summary="Ask one picture")
async def generate(visit: Visit, question: Annotated[Question, Body()]) -> Text:
    """One picture and one prompt in, the model's text out."""
    from langchain_core.messages import HumanMessage

    blocks: list[str | dict[Any, Any]] = [
        await _picture(visit, question.image),
        {"type": "text", "text": question.prompt},
    ]
    await visit.turn()
    answer = await _in_time(visit, _chat(visit), [HumanMessage(blocks)])
    return Text(text=answer.text)


_COMPLETION: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A completion; or, streamed, its chunks and `[DONE]`.",
        "content": {
            "application/json": {
                "schema": {"type": "object"},
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
                },
            },
            "text/event-stream": {"schema": SCHEMA},
        },
    }
}


@router.post(
    "/v1/chat/completions",
    responses=_COMPLETION,
    response_model=None,
    summary="Ask one picture, as OpenAI's clients do",
)
async def complete(visit: Visit, conversation: Annotated[Conversation, Body()]) -> Response:
    """One picture and one question a call; `finish_reason` is `stop` or `length`."""
    messages = [await _message(visit, message) for message in conversation.messages]
    chat = _chat(visit, stop=conversation.stop, temperature=conversation.temperature or 0.0)
    await visit.turn()
    head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time())}
    if conversation.stream:
        chunks = _chunks(visit, chat, messages, head)
        return await EventStream.begin(chunks, timeout_s=visit.service.bounds.timeout_s)
    answer = await _in_time(visit, chat, messages)
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": answer.text},
        "finish_reason": _finish(answer.response_metadata),
    }
    model = str(answer.response_metadata.get("model_name", ""))
    return JSONResponse({**head, "object": "chat.completion", "model": model, "choices": [choice]})


@models.get("/v1/models", summary="The one model, for OpenAI's clients")
async def list_models(visit: Visit) -> dict[str, Any]:
    """The model that answers."""
    model = await asyncio.to_thread(lambda: visit.service.engine.model)
    return {"object": "list", "data": [{"id": model, "object": "model", "created": 0, "owned_by": "hunyuanocr"}]}


def _chat(visit: Visitor, **how: Any) -> ChatHunyuanOCR:
    return ChatHunyuanOCR(engine=visit.service.engine, settings=visit.service.bounds.page_settings(), **how)


async def _in_time(visit: Visitor, chat: ChatHunyuanOCR, messages: Sequence[BaseMessage]) -> BaseMessage:
    timeout_s = visit.service.bounds.timeout_s
    try:
        async with asyncio.timeout(timeout_s):
            return await chat.ainvoke(list(messages))
    except TimeoutError as exc:
        raise too_long(timeout_s) from exc


async def _chunks(
    visit: Visitor, chat: ChatHunyuanOCR, messages: Sequence[BaseMessage], head: dict[str, Any]
) -> AsyncGenerator[bytes, None]:
    model = await asyncio.to_thread(lambda: visit.service.engine.model)

    def chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return event({**head, "object": "chat.completion.chunk", "model": model, "choices": [choice]})

    begun = False
    metadata: dict[str, Any] = {}
    async with aclosing(chat.astream(list(messages))) as pieces:  # type: ignore[type-var]
        async for piece in pieces:
            if not begun:  # a question that is refused never begins
                begun = True
                yield chunk({"role": "assistant", "content": ""})
            metadata |= piece.response_metadata
            if piece.text:
                yield chunk({"content": piece.text})
    yield chunk({}, _finish(metadata))
    yield event("[DONE]")


def _finish(metadata: dict[str, Any]) -> str:
    """OpenAI's clients know no `repetition`: the model was stopped before its end."""
    return "stop" if metadata.get("finish_reason") == "stop" else "length"


async def _message(visit: Visitor, message: Message) -> BaseMessage:
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    blocks: list[str | dict[Any, Any]] = []
    parts = [TextPart(type="text", text=message.content)] if isinstance(message.content, str) else message.content or []
    for part in parts:
        if isinstance(part, PicturePart):
            blocks.append(await _picture(visit, part.image_url.url))
        else:
            blocks.append({"type": "text", "text": part.text})
    if message.role == "assistant":
        return AIMessage(blocks)
    return HumanMessage(blocks) if message.role == "user" else SystemMessage(blocks)


async def _picture(visit: Visitor, image: str) -> dict[str, Any]:
    """A content block with the picture in it, fetched where it is an address."""
    if not image.lower().startswith("data:"):
        # What the bytes are is seen when they are opened.
        image = f"data:application/octet-stream;base64,{await _encoded(visit, image)}"
    return {"type": "image_url", "image_url": {"url": image}}


async def _encoded(visit: Visitor, image: str) -> str:
    if "://" not in image[:16]:
        return "".join(image.split())
    async with visit.service.uploads.kept((), (image,)) as (source,):
        if isinstance(source, SourceError):
            raise source
        if source.path is None:
            raise ValueError("what is kept has a path")
        return base64.b64encode(await asyncio.to_thread(source.path.read_bytes)).decode()
