from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langchain_hunyuanocr.reading.answers.spotting import read_spotting, spotted_text


def spotted(answer: str) -> list[tuple[str, tuple[float, ...]]]:
    return [(line.text, tuple(line.box)) for line in read_spotting(answer)]


LAMAR = [("顺利上岸", (0.231, 0.392, 0.764, 0.632)), ("LAMAR", (0.446, 0.85, 0.559, 0.878))]


FORMS = [
    "顺利上岸(231,392),(764,632)LAMAR(446,850),(559,878)",
    "顺利上岸 (231, 392), (764, 632)\nLAMAR (446, 850), (559, 878)",
    "顺利上岸(231,392),(764,632), LAMAR(446,850),(559,878)",
    "<ref>顺利上岸</ref><quad>(231,392),(764,632)</quad><ref>LAMAR</ref><quad>(446,850),(559,878)</quad>",
    "<ref>顺利上岸</ref><box>(231,392),(764,632)</box>\n<ref>LAMAR</ref><box>(446,850),(559,878)</box>",
    "<quad>(231,392),(764,632)</quad><ref>顺利上岸</ref><quad>(446,850),(559,878)</quad><ref>LAMAR</ref>",
    "(231,392),(764,632)顺利上岸(446,850),(559,878)LAMAR",
    "(231,392),(764,392),(764,632),(231,632)顺利上岸\n(446,850),(559,850),(559,878),(446,878)LAMAR",
    "顺利上岸(231,392),(764,392),(764,632),(231,632)LAMAR(446,850),(559,850),(559,878),(446,878)",
    '[{"box":[231,392,764,632],"text":"顺利上岸"},{"box":[446,850,559,878],"text":"LAMAR"}]',
    '[{"box":[[231,392],[764,632]],"text":"顺利上岸"},{"box":[446,850,559,878],"text":"LAMAR"}]',
    '```json\n[{"bbox_2d":[231,392,764,632],"content":"顺利上岸"},{"bbox":"(446,850),(559,878)","text":"LAMAR"}]\n```',
    '[{"quad":[[231,392],[764,392],[764,632],[231,632]],"transcription":"顺利上岸"},{"text":"LAMAR","box":[446,850,559,878]',
    '{"lines":[{"id":1,"box":[231,392,764,632],"text":"顺利上岸"},{"id":2,"box":[446,850,559,878],"text":"LAMAR"}]}',
    "[{'box': [231, 392, 764, 632], 'text': '顺利上岸'}, {'box': [446, 850, 559, 878], 'text': 'LAMAR'}]",
    "顺利上岸<pos_231><pos_392><pos_764><pos_632>LAMAR<pos_446><pos_850><pos_559><pos_878>",
    "<pos_231><pos_392><pos_764><pos_632>顺利上岸<pos_446><pos_850><pos_559><pos_878>LAMAR",
    "顺利上岸<pos_231><pos_392><pos_764><pos_392><pos_764><pos_632><pos_231><pos_632>LAMAR<pos_446><pos_850><pos_559><pos_878>",
    "以下是图片中的文字内容：\n顺利上岸(231,392),(764,632)LAMAR(446,850),(559,878)",
    'Text in the image:\n[{"box":[231,392,764,632],"text":"顺利上岸"},{"box":[446,850,559,878],"text":"LAMAR"}]',
]


@pytest.mark.parametrize("answer", FORMS)
def test_every_form_gives_the_same_lines(answer: str) -> None:
    assert spotted(answer) == LAMAR
    assert spotted_text(answer) == "顺利上岸\nLAMAR"


@pytest.mark.parametrize(
    "text",
    [
        "f(x) = (1)",
        "point (3,4)",
        "f(3,4)",
        "f(3,4) = (5,6)",
        "A (1,2),(3,4) and more",
        "(1,2),(3,4) first",
        "(2019)",
        "（注）（3，4）",
        "(12345,6)",
        "(1500,20),(3000,40)",
        "[1] Introduction",
        "a < b",
        '{"a": 1}',
        "Fig. 3, (a)",
    ],
)
def test_text_may_hold_parentheses(text: str) -> None:
    place, next_place = (0.1, 0.2, 0.3, 0.4), (0.1, 0.5, 0.3, 0.7)
    answer = f"{text}(100,200),(300,400)next(100,500),(300,700)"
    assert spotted(answer) == [(text, place), ("next", next_place)]
    answer = f"<ref>{text}</ref><quad>(100,200),(300,400)</quad><ref>next</ref><quad>(100,500),(300,700)</quad>"
    assert spotted(answer) == [(text, place), ("next", next_place)]


def test_coordinates_before_a_quad_are_text() -> None:
    assert spotted("f(3,4),(5,6)<quad>(100,200),(300,400)</quad>") == [("f(3,4),(5,6)", (0.1, 0.2, 0.3, 0.4))]


def test_four_points_are_a_place_only_if_they_go_round_a_line() -> None:
    assert spotted("a(100,210),(300,190),(310,290),(110,310)") == [("a", (0.1, 0.19, 0.31, 0.31))]
    assert spotted("a(3,4),(5,6),(100,200),(300,400)") == [("a(3,4),(5,6)", (0.1, 0.2, 0.3, 0.4))]


def test_corners_may_come_in_any_order_and_a_little_outside() -> None:
    assert spotted("a(300,400),(100,200)") == [("a", (0.1, 0.2, 0.3, 0.4))]
    assert spotted("a(300,400),(1050,1001)") == [("a", (0.3, 0.4, 1.0, 1.0))]
    assert spotted("a(300,400),(1051,1001)") == []


def test_words_without_a_place_are_not_lost() -> None:
    assert spotted_text("LAMAR(446,850),(559,878)\nthe rest") == "LAMAR\nthe rest"
    assert spotted_text("a(1500,20),(3000,40)") == "a(1500,20),(3000,40)"
    assert spotted_text("Total 12.00") == "Total 12.00"
    assert spotted_text('[{"box":[446,850,559,878],"text":"LAMAR"},{"text":"the rest"}]') == "LAMAR\nthe rest"
    assert spotted_text('[{"box":[1446,850,559,878],"text":"LAMAR"}]') == "LAMAR"
    assert spotted_text("<ref>the first</ref><ref>LAMAR</ref><quad>(446,850),(559,878)</quad>") == "the first\nLAMAR"


@pytest.mark.parametrize("tail", ["(", "(44", "(446,", "(446,850),", "(446,850),(5", "(446,850),(559,87"])
def test_coordinates_that_were_cut_off_are_no_words(tail: str) -> None:
    assert spotted_text(f"顺利上岸(231,392),(764,632)LAMAR{tail}") == "顺利上岸\nLAMAR"


@pytest.mark.parametrize(
    "answer", ["", " ", "没有文字", "图片中没有文字。", "No text", "[]", "(1,2),(3,4)", "[{'box': broken"]
)
def test_nothing_is_made_of_nothing(answer: str) -> None:
    assert spotted(answer) == []
    assert spotted_text(answer) in ("", "[]")


def test_a_broken_entry_costs_no_other() -> None:
    answer = '[{"box":[1,2,30,40],"text":"he said "hi" twice"},{"box":[446,850,559,878],"text":"LAMAR"}]'
    assert spotted(answer)[1:] == LAMAR[1:]
    assert "hi" in spotted(answer)[0][0]


def test_a_line_that_reads_like_a_preamble_has_its_place() -> None:
    answer = "图片中的文字：(100,200),(300,400)LAMAR(446,850),(559,878)"
    assert spotted(answer) == [("图片中的文字：", (0.1, 0.2, 0.3, 0.4)), LAMAR[1]]


@pytest.mark.parametrize("answer", FORMS)
def test_an_answer_may_be_cut_off_anywhere(answer: str) -> None:
    for end in range(len(answer)):
        assert len(read_spotting(answer[:end])) <= 2
        assert "LAMAR" in spotted_text(answer[:end]) or "LAMAR" not in answer[:end]


SCRAPS = (
    '(1,2) (300,400) , a <ref> </ref> <quad> </quad> <pos_1> [ ] { } "box": "text": "a" [1,2,3,4] 1e999 ``` 没有文字 ：'
)


@given(st.one_of(st.text(), st.lists(st.sampled_from([*SCRAPS.split(), " ", "\n"])).map("".join)))
@settings(max_examples=300, deadline=None)
def test_no_answer_is_too_strange(answer: str) -> None:
    for line in read_spotting(answer):
        assert line.text
        assert 0 <= line.box.x0 <= line.box.x1 <= 1
        assert line.text in spotted_text(answer)


@pytest.mark.parametrize(
    "unit",
    [
        "(1,2),",
        "(1,2),(3,4)",
        "a(1,2),(3,4)",
        "(",
        " ",
        "<",
        "<ref>",
        "<ref>a</ref>",
        "<pos_1>",
        "[",
        '{"box":',
        "```",
        "( ",
    ],
)
def test_long_answers_are_read_to_their_end(unit: str) -> None:
    answer = "a" + unit * (200_000 // len(unit))
    assert all(line.text for line in read_spotting(answer))
