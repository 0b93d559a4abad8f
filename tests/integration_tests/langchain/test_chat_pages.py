"""The chat model over real pictures: whole, streamed, asynchronous, with engines of every kind."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk, HumanMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from PIL.Image import Image

from langchain_hunyuanocr import (
    ChatHunyuanOCR,
    LocalEngine,
    PageError,
    ScriptedEngine,
    SourceError,
    TaskError,
    TaskKind,
)
from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.results import Generation
from langchain_hunyuanocr.tasks import Task
from tests.integration_tests.files import picture
from tests.tiny_pages import draw


def block_of(page: Image) -> dict[str, str]:
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    return {"type": "image", "base64": base64.b64encode(buffer.getvalue()).decode(), "mime_type": "image/png"}


IMAGE = block_of(picture("Total: 96.50"))
ENCODED = IMAGE["base64"]


def asking(words: str, image: Any = IMAGE) -> list[HumanMessage]:
    return [HumanMessage([image, {"type": "text", "text": words}])]


class Echo(ScriptedEngine):
    """Says what it was asked, word by word, as a language model does that is prompted."""

    def __init__(self, **answer: Any) -> None:
        super().__init__(self.whole)
        self.answer = answer

    def whole(self, request: Request) -> Generation:
        said = f"{request.task.kind.value} {request.picture.width}: {request.task.prompt}"
        return Generation(**{"text": said, **self.answer})

    def stream(self, request: Request) -> Iterator[str | Generation]:
        answer = self.whole(request)
        for word in answer.text.split(" "):
            yield word + " "
        yield answer


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(IMAGE, id="standard block"),
        pytest.param({"type": "image", "url": f"data:image/png;base64,{ENCODED}"}, id="standard block, data URL"),
        pytest.param({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{ENCODED}"}}, id="OpenAI"),
        pytest.param({"type": "input_image", "image_url": f"data:image/png;base64,{ENCODED}"}, id="OpenAI responses"),
        pytest.param(
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": ENCODED}}, id="Anthropic"
        ),
    ],
)
async def test_every_form_of_a_picture_is_answered_alike(image: dict[str, Any]) -> None:
    model = ChatHunyuanOCR(engine=Echo(mean_probability=0.9, least_probability=0.5))
    messages = asking("What is the total?", image)
    whole = model.invoke(messages)
    assert whole.text == "question 600: What is the total?"
    assert whole.response_metadata == {
        "finish_reason": "stop", "model_name": "scripted", "model_provider": "hunyuanocr",
        "mean_probability": 0.9, "least_probability": 0.5,
    }  # fmt: skip
    assert whole.usage_metadata is None
    pieces = list(model.stream(messages))
    assert len(pieces) > 4
    outcomes = [
        await model.ainvoke(messages),
        model.invoke(messages, stream=True),
        _sum(pieces),
        _sum([piece async for piece in model.astream(messages)]),
    ]
    for outcome in outcomes:
        assert outcome.text.strip() == whole.text
        assert outcome.response_metadata == whole.response_metadata


def _sum(pieces: list[AIMessageChunk]) -> AIMessageChunk:
    total = pieces[0]
    for piece in pieces[1:]:
        total = total + piece
    return total


def test_it_drops_into_a_chain() -> None:
    prompt = ChatPromptTemplate.from_messages(
        [("system", "Answer in one word."), ("human", [{"type": "image_url", "image_url": "{scan}"}, "{question}"])]
    )
    chain = prompt | ChatHunyuanOCR(engine=Echo()) | StrOutputParser()
    asked = {"scan": f"data:image/png;base64,{ENCODED}", "question": "Total?"}
    assert chain.invoke(asked) == "question 600: Answer in one word.\nTotal?"
    assert chain.batch([asked, asked]) == ["question 600: Answer in one word.\nTotal?"] * 2
    assert "".join(chain.stream(asked)).strip() == "question 600: Answer in one word.\nTotal?"


def test_locked_prompts_and_pictures_alone_are_tasks() -> None:
    engine = Echo()
    model = ChatHunyuanOCR(engine=engine)
    model.invoke(asking("提取图中的文字。"))
    model.invoke([HumanMessage([IMAGE])])
    assert engine.asked == {TaskKind.TEXT: 1, TaskKind.DOCUMENT: 1}


@pytest.mark.parametrize("finish", ["stop", "length", "repetition"])
def test_it_says_how_an_answer_ended(finish: str) -> None:
    model = ChatHunyuanOCR(engine=Echo(finish=finish))
    assert model.invoke(asking("Total?")).response_metadata["finish_reason"] == finish
    assert _sum(list(model.stream(asking("Total?")))).response_metadata["finish_reason"] == finish


def test_stop_words_cut_what_is_whole_and_what_streams() -> None:
    model = ChatHunyuanOCR(engine=Echo(text="one two three two"), stop=["two"])
    whole = model.invoke(asking("Count"))
    streamed = _sum(list(model.stream(asking("Count"))))
    assert (whole.text, whole.response_metadata["finish_reason"]) == ("one ", "stop")
    assert (streamed.text, streamed.response_metadata["finish_reason"]) == ("one ", "stop")
    assert model.invoke(asking("Count"), stop=["three"]).text == "one two "


class Meeting(ScriptedEngine):
    """Answers nobody before all are there."""

    def __init__(self, count: int) -> None:
        super().__init__("9")
        self.meeting = asyncio.Barrier(count)

    async def agenerate(self, requests: Sequence[Request]) -> list[Generation]:
        async with asyncio.timeout(60):
            await self.meeting.wait()
        return await super().agenerate(requests)


async def test_calls_wait_side_by_side() -> None:
    answers = await ChatHunyuanOCR(engine=Meeting(12)).abatch([asking("Total?")] * 12)
    assert [answer.text for answer in answers] == ["9"] * 12


def test_what_goes_wrong_is_told_in_one_line() -> None:
    torn = ChatHunyuanOCR(engine=ScriptedEngine("9", faults={0: "out of memory", 1: "out of memory"}))
    with pytest.raises(PageError, match="out of memory"):
        torn.invoke(asking("Total?"))
    with pytest.raises(PageError, match="out of memory"):
        list(torn.stream(asking("Total?")))
    model = ChatHunyuanOCR(engine=ScriptedEngine("9"))
    with pytest.raises(SourceError, match="not valid base64"):
        model.invoke(asking("Total?", {**IMAGE, "base64": "&&&"}))
    for address in ("/etc/hostname", "file:///etc/hostname", "*.png"):
        with pytest.raises(SourceError, match="names no URL that can be fetched"):
            model.invoke(asking("Total?", {"type": "image", "url": address}))
    with pytest.raises(TaskError, match="max_tokens cannot be set for one call"):
        model.invoke(asking("Total?"), max_tokens=5)
    with pytest.raises(TaskError, match="cannot do the task 'question'"):
        ChatHunyuanOCR(engine=ScriptedEngine("9", tasks=[TaskKind.TEXT])).invoke(asking("Total?"))


def test_a_reader_of_lines_answers_what_it_can() -> None:
    pytest.importorskip("rapidocr")
    model = ChatHunyuanOCR(engine="rapid")
    for words in (Task(kind=TaskKind.TEXT).prompt, Task(language="en").prompt):
        assert "96.50" in model.invoke(asking(words)).text
        assert "96.50" in _sum(list(model.stream(asking(words)))).text
    with pytest.raises(TaskError, match="the rapid engine cannot do the task 'question'"):
        model.invoke(asking("What is the total?"))
    with pytest.raises(TaskError, match="gives no text for the task 'spotting'"):
        model.invoke(asking(Task(kind=TaskKind.SPOTTING).prompt))


async def test_a_real_model_reads_and_streams_the_same(tiny: Path) -> None:
    engine = LocalEngine(str(tiny), device="cpu", repetition_penalty=1.0)
    model = ChatHunyuanOCR(engine=engine)
    messages = asking(Task(kind=TaskKind.TEXT).prompt, block_of(draw("AB C", "d9", "Zr5tM")))
    whole = model.invoke(messages)
    assert whole.text == "AB C\nd9\nZr5tM"
    assert whole.response_metadata["model_name"] == str(tiny)
    assert 0.5 < whole.response_metadata["mean_probability"] <= 1
    pieces = [piece async for piece in model.astream(messages)]
    assert len(pieces) > 3
    assert _sum(pieces).text == _sum(list(model.stream(messages))).text == whole.text
    cut = model.invoke(messages, stop=["Zr"])
    assert (cut.text, cut.response_metadata["finish_reason"]) == ("AB C\nd9\n", "stop")
    engine.close()
