"""Which picture and which words a conversation comes to, and text cut at stop words as it streams."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from langchain_hunyuanocr import ChatHunyuanOCR, EngineError, ScriptedEngine, ServerEngine, TaskError, TaskKind
from langchain_hunyuanocr.chat import _Passage, _turn
from langchain_hunyuanocr.tasks import Task


def page(name: str) -> dict[str, Any]:
    return {"type": "image", "url": f"https://example.org/{name}.png"}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


@pytest.mark.parametrize(
    ("messages", "picture", "words"),
    [
        pytest.param([HumanMessage([page("a"), text("Total?")])], "a", "Total?", id="one message"),
        pytest.param(
            [HumanMessage([text("Total?"), page("a"), "And the date?"])], "a", "Total?\nAnd the date?", id="mixed"
        ),
        pytest.param([HumanMessage([page("a")])], "a", "", id="no words"),
        pytest.param(
            [SystemMessage("Be short."), HumanMessage([page("a"), text("Total?")])],
            "a",
            "Be short.\nTotal?",
            id="system",
        ),
        pytest.param([HumanMessage([page("a")]), HumanMessage("Total?")], "a", "Total?", id="two messages"),
        pytest.param(
            [
                SystemMessage("Be short."),
                HumanMessage([page("a"), text("Total?")]),
                AIMessage("9"),
                HumanMessage("Date?"),
            ],
            "a",
            "Be short.\nDate?",
            id="follow-up",
        ),
        pytest.param(
            [HumanMessage([page("a"), text("Total?")]), AIMessage("9"), HumanMessage([page("b"), text("And here?")])],
            "b",
            "And here?",
            id="another page",
        ),
        pytest.param(
            [HumanMessage([page("a")]), AIMessage("9"), HumanMessage("Date?"), AIMessage("May"), HumanMessage("Year?")],
            "a",
            "Year?",
            id="long ago",
        ),
    ],
)
def test_a_conversation_comes_to_one_picture_and_one_question(
    messages: list[BaseMessage], picture: str, words: str
) -> None:
    turn = _turn(messages)
    assert (turn.picture, turn.words) == (page(picture), words)


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([HumanMessage("Total?")], "no picture was given"),
        ([], "no picture was given"),
        ([HumanMessage([page("a"), page("b"), text("Total?")])], "2 pictures were given at once"),
        ([HumanMessage([page("a")]), HumanMessage([page("b")])], "2 pictures were given at once"),
        ([HumanMessage([{"type": "audio", "url": "https://example.org/a.wav"}])], "takes no content of type 'audio'"),
        ([ToolMessage("9", tool_call_id="1")], "takes no message of type 'tool'"),
    ],
)
def test_what_is_no_question_about_one_page_is_told(messages: list[BaseMessage], said: str) -> None:
    with pytest.raises(TaskError, match=said) as caught:
        ChatHunyuanOCR(engine=ScriptedEngine("9")).invoke(messages)
    assert "\n" not in str(caught.value)
    assert caught.value.remedy


def test_locked_prompts_are_their_tasks() -> None:
    for kind in set(TaskKind) - {TaskKind.QUESTION, TaskKind.FIELDS}:
        for language in ("zh", "en"):
            task = Task(kind=kind, language=language)
            assert Task.asking(task.prompt).prompt == task.prompt
            assert Task.asking(task.prompt).kind is kind
    assert Task.asking("What is the total?") == Task(kind=TaskKind.QUESTION, question="What is the total?")


def pieces(passage: _Passage, given: list[str], whole: str) -> list[str]:
    found = []
    for piece in given:
        found.append(passage.add(piece))
        if passage.stopped:
            return found
    return [*found, passage.end(whole)]


@example(["b", "a", "b"], ["a", "bab"])
@given(st.lists(st.text("abc", max_size=4)), st.lists(st.text("abc", min_size=1, max_size=3), max_size=3))
def test_pieces_come_to_the_text_before_the_first_complete_stop_word(given: list[str], stops: list[str]) -> None:
    whole = "".join(given)
    ends = [(at + len(stop), at) for stop in stops if (at := whole.find(stop)) >= 0]
    passage = _Passage(tuple(stops))
    assert "".join(pieces(passage, given, whole)) == whole[: min(ends, default=(0, len(whole)))[1]]
    assert passage.stopped == bool(ends)


def test_what_a_guard_took_back_is_not_given_again() -> None:
    assert pieces(_Passage(()), ["one ", "two ", "two "], "one two ") == ["one ", "two ", "two ", ""]
    assert pieces(_Passage(()), ["one "], "one two") == ["one ", "two"]


def test_settings_reach_the_engine() -> None:
    model = ChatHunyuanOCR(base_url="http://localhost:9/v1", model="ocr", api_key="secret", timeout=5, max_retries=1)
    assert isinstance(model.answering, ServerEngine)
    assert model.answering.model == "ocr"
    assert model._get_ls_params()["ls_model_name"] == "ocr"
    assert "secret" not in f"{model!r} {model._identifying_params}"
    assert "secret" not in model._get_llm_string()
    with pytest.raises(EngineError, match="the scripted engine has no setting max_new_tokens"):
        _ = ChatHunyuanOCR(engine="scripted", max_tokens=5, timeout=5).answering
    with pytest.raises(TaskError, match=r"does not read at temperature 0\.7 \(take temperature=0"):
        ChatHunyuanOCR(temperature=0.7)


def test_models_are_told_apart() -> None:
    engines = [ScriptedEngine(model="a"), ScriptedEngine(model="b"), ScriptedEngine(model="b", revision="2"), "rapid"]
    models = [ChatHunyuanOCR(engine=engine) for engine in engines]
    assert len({model._get_llm_string() for model in models}) == 4


def test_tools_are_not_offered() -> None:
    model = ChatHunyuanOCR(engine="scripted")
    with pytest.raises(NotImplementedError):
        model.bind_tools([])
    with pytest.raises(NotImplementedError):
        model.with_structured_output({"title": "Total", "type": "object", "properties": {}})
