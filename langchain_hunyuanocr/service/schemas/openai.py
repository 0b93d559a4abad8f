"""OpenAI schemas: chat completions, and the estimate of their usage in tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from langchain_hunyuanocr.engines import Request

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTLBFgAAAABJRU5ErkJggg=="
"""The smallest picture, for examples."""


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


class StreamOptions(BaseModel):
    """What a stream tells besides."""

    include_usage: bool = Field(default=False, description="Whether a last chunk, without choices, has the usage.")


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
                                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
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
    n: Literal[1] | None = Field(default=None, description="One answer a call.")
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_completion_tokens: int | None = Field(
        default=None,
        ge=1,
        description="Longest answer, in tokens of four bytes; what is longer is cut off, and ends with `length`.",
    )
    max_tokens: int | None = Field(default=None, ge=1, description="The older name of `max_completion_tokens`.")
    stop: str | list[str] | None = None
    temperature: float | None = Field(default=None, description="0, the only one that reads.")


class Said(BaseModel):
    """The message of an answer."""

    role: Literal["assistant"]
    content: str


class Choice(BaseModel):
    """The one answer."""

    index: Literal[0]
    message: Said
    finish_reason: Literal["stop", "length"]


class Usage(BaseModel):
    """About how many tokens there were."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    estimated: Literal[True]


class Completion(BaseModel):
    """An answer in OpenAI's form."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice] = Field(min_length=1, max_length=1)
    usage: Usage


class Model(BaseModel):
    """A model in OpenAI's form."""

    id: str = Field(examples=["tencent/HunyuanOCR"])
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "hunyuanocr"


class Models(BaseModel):
    """Models in OpenAI's form."""

    object: Literal["list"] = "list"
    data: list[Model]


_BYTES_A_TOKEN = 4
"""Of UTF-8; a rule of thumb that holds for English, and for Chinese of one character or two a token."""


_PATCH = 32
"""Pixels on a side of what HunyuanOCR takes for one token; each row of them has one more, and the picture two."""


def tokens_of(text: str) -> int:
    """About how many tokens a text is."""
    return -(-len(text.encode("utf-8", "replace")) // _BYTES_A_TOKEN)


def usage(request: Request | None, text: str) -> dict[str, Any]:
    """What OpenAI's clients are told that a question and its answer took; `estimated` says that nobody counted."""
    asked = 0
    if request is not None:
        width, height = (-(-side // _PATCH) for side in request.picture.size)
        asked = height * (width + 1) + 2 + tokens_of(request.task.prompt)
    answered = tokens_of(text)
    return {
        "prompt_tokens": asked,
        "completion_tokens": answered,
        "total_tokens": asked + answered,
        "estimated": True,
    }
