from __future__ import annotations

import pytest

from langchain_hunyuanocr.demo.questions import Catalogue
from langchain_hunyuanocr.demo.random_data import RandomData, capital_amount
from langchain_hunyuanocr.demo.text_flow import QuestionSpec


@pytest.mark.parametrize(
    ("cents", "words"),
    [
        (123450, "壹仟贰佰叁拾肆元伍角整"),
        (100, "壹元整"),
        (10_000_00, "壹万元整"),
        (20_328_502, "贰拾万叁仟贰佰捌拾伍元零贰分"),
        (1_000_500_00, "壹佰万零伍佰元整"),
        (2_705_000_00, "贰佰柒拾万伍仟元整"),
        (10_010_00, "壹万零壹拾元整"),
    ],
)
def test_capital_amounts(cents: int, words: str) -> None:
    assert capital_amount(cents) == words


def test_equal_seeds_draw_equal_things() -> None:
    first, second = RandomData(3), RandomData(3)
    assert [first.company("zh"), first.person("en"), first.code("@@-###")] == [
        second.company("zh"), second.person("en"), second.code("@@-###")]  # fmt: skip
    assert RandomData(4).company("zh") != RandomData(3).company("zh")


def test_nothing_that_tells_pages_apart_is_drawn_twice() -> None:
    stock = RandomData(1)
    brands = [stock.company("en" if k % 2 else "zh").brand for k in range(1200)]
    assert len(set(brands)) == len(brands)
    undertakings = [stock.undertaking() for _ in range(3000)]
    assert len(set(undertakings)) == len(undertakings)


def test_questions_turn_over_kinds_and_languages() -> None:
    catalogue, stock = Catalogue(), RandomData(1)
    for k in range(40):
        asks = [QuestionSpec(kind, f"问{kind}{k}", f"ask {kind} {k}", "1") for kind in ("text", "table", "field")]
        catalogue.add(asks, "zh" if k % 2 else "en", f"{k}.pdf", 0)
    questions = catalogue.questions(stock, 20)
    kinds = [(q.kind, q.language) for q in questions]
    assert len(questions) == 20
    assert all(kinds.count(kind) == 2 for kind in kinds)
    assert {q.kind for q in questions[:6]} == {"text", "table", "field", "cross_language", "unanswerable"}
    assert sum(q.language == "zh" for q in questions[:6]) == 2
    assert all((q.answer is None) == (q.kind == "unanswerable") for q in questions)


def test_the_same_ask_on_two_pages_is_one_question_with_two_places() -> None:
    catalogue = Catalogue()
    ask = QuestionSpec("text", "问", "ask", "1")
    catalogue.add([ask], "en", "a.pdf", 0)
    catalogue.add([ask], "en", "a.pdf", 2)
    (question,) = (q for q in catalogue.questions(RandomData(1), 10) if q.kind == "text")
    assert [place.page for place in question.evidence] == [0, 2]
