"""`/v1/chat/completions` as OpenAI's own client uses it."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from langchain_hunyuanocr import EngineError, ScriptedEngine
from langchain_hunyuanocr.engines import Engine
from langchain_hunyuanocr.service import Access, Bounds, sse
from tests.integration_tests.files import picture
from tests.integration_tests.served import served

openai = pytest.importorskip("openai")

TEXT = "Total: 96.50 元, paid on 4 March 2021"


def question(text: str = "What is the total?") -> dict[str, Any]:
    buffer = io.BytesIO()
    picture("Total").save(buffer, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": text}]
    return {"model": "any", "messages": [{"role": "user", "content": content}]}


@contextmanager
def completions(state: Path, engine: Engine | None = None, key: str = "none", **settings: Any) -> Iterator[Any]:
    with served(state, engine or ScriptedEngine(TEXT), **settings) as (address, _):
        yield openai.OpenAI(base_url=f"{address}/v1", api_key=key, max_retries=0).chat.completions


def test_an_answer_and_its_stream_say_the_same(tmp_path: Path) -> None:
    with completions(tmp_path) as chat:
        answer = chat.create(**question())
        assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (TEXT, "stop")
        plain = list(chat.create(**question(), stream=True))
        *chunks, last = chat.create(**question(), stream=True, stream_options={"include_usage": True})
    for said in (plain, chunks):
        assert "".join(chunk.choices[0].delta.content or "" for chunk in said) == TEXT
        assert said[-1].choices[0].finish_reason == "stop"
        assert {chunk.usage for chunk in said} == {None}
    assert last.choices == []
    assert last.usage == answer.usage
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.completion_tokens == -(-len(TEXT.encode()) // 4)
    assert answer.usage.model_extra == {"estimated": True}


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_an_answer_is_no_longer_than_allowed(tmp_path: Path, name: str) -> None:
    with completions(tmp_path) as chat:
        for most, expected in ((1, "Tota"), (3, "Total: 96.50"), (4, "Total: 96.50 元"), (1000, TEXT)):
            answer = chat.create(**question(), **{name: most})
            assert answer.choices[0].message.content == expected
            assert answer.choices[0].finish_reason == ("stop" if expected == TEXT else "length")
            assert answer.usage.completion_tokens <= most
            chunks = list(chat.create(**question(), stream=True, **{name: most}))
            assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == expected
            assert chunks[-1].choices[0].finish_reason == answer.choices[0].finish_reason
        with pytest.raises(openai.UnprocessableEntityError, match=name):
            chat.create(**question(), **{name: 0})


def test_what_goes_wrong_is_told_in_both_forms(tmp_path: Path) -> None:
    wordless = {"model": "any", "messages": [{"role": "user", "content": "hello"}]}
    with completions(tmp_path) as chat:
        for wrong, words in (
            (wordless, "no picture was given"),
            ({**question(), "temperature": 1}, "temperature"),
            ({**question(), "n": 2}, "body.n"),
        ):
            with pytest.raises(openai.UnprocessableEntityError) as caught:
                chat.create(**wrong)
            problem = caught.value.response.json()
            assert words in problem["detail"]
            assert caught.value.body == problem["error"]
            assert (caught.value.type, caught.value.body["message"]) == ("invalid_request_error", problem["detail"])
            assert caught.value.response.headers["content-type"] == "application/problem+json"
    access = Access(jwt_secret=SecretStr("0" * 32))
    with completions(tmp_path, key="wrong", access=access) as chat:
        with pytest.raises(openai.AuthenticationError) as caught:
            chat.create(**question())
        assert caught.value.type == "authentication_error"
    with completions(tmp_path, bounds=Bounds(max_json_mb=1)) as chat:
        with pytest.raises(openai.APIStatusError) as caught:
            chat.create(**question("x" * (1 << 20)))
        assert (caught.value.status_code, caught.value.type) == (413, "invalid_request_error")
    with completions(tmp_path, ScriptedEngine(EngineError("out of memory"))) as chat:
        with pytest.raises(openai.InternalServerError) as caught:
            chat.create(**question())
        assert (caught.value.status_code, caught.value.type) == (503, "server_error")


def test_what_goes_wrong_in_a_stream_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "_GRACE_S", 0.05)
    late = ScriptedEngine(EngineError("out of memory"), delay_s=0.3)
    with completions(tmp_path, late) as chat, pytest.raises(openai.APIError, match="out of memory"):
        list(chat.create(**question(), stream=True))


def test_elsewhere_problems_are_plain(tmp_path: Path) -> None:
    with served(tmp_path) as (address, _):
        assert [model.id for model in openai.OpenAI(base_url=f"{address}/v1", api_key="none").models.list()] == [
            "scripted"
        ]
        assert "error" not in httpx.post(f"{address}/generate", json={}).json()
