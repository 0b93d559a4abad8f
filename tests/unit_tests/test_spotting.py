from __future__ import annotations

import pytest

from langchain_hunyuanocr.reading.spotting import read_spotting


def spotted(answer: str) -> list[tuple[str, tuple[float, ...]]]:
    return [(line.text, tuple(line.box)) for line in read_spotting(answer)]


LAMAR = [("顺利上岸", (0.231, 0.392, 0.764, 0.632)), ("LAMAR", (0.446, 0.85, 0.559, 0.878))]


@pytest.mark.parametrize(
    "answer",
    [
        "顺利上岸(231,392),(764,632)LAMAR(446,850),(559,878)",
        "顺利上岸 (231, 392), (764, 632)\nLAMAR (446, 850), (559, 878)",
        "<ref>顺利上岸</ref><quad>(231,392),(764,632)</quad><ref>LAMAR</ref><quad>(446,850),(559,878)</quad>",
        "顺利上岸(231,392),(764,392),(764,632),(231,632)LAMAR(446,850),(559,850),(559,878),(446,878)",
        '[{"box":[231,392,764,632],"text":"顺利上岸"},{"box":[446,850,559,878],"text":"LAMAR"}]',
        '[{"box":[[231,392],[764,632]],"text":"顺利上岸"},{"box":[446,850,559,878],"text":"LAMAR"}]',
        "顺利上岸<pos_231><pos_392><pos_764><pos_632>LAMAR<pos_446><pos_850><pos_559><pos_878>",
    ],
)
def test_every_form_gives_the_same_lines(answer: str) -> None:
    assert spotted(answer) == LAMAR


def test_text_may_hold_parentheses() -> None:
    assert spotted("f(x) = (1)(10,20),(30,40)") == [("f(x) = (1)", (0.01, 0.02, 0.03, 0.04))]
    assert spotted("point (3,4),(10,20),(30,40)") == [("point (3,4)", (0.01, 0.02, 0.03, 0.04))]


def test_corners_may_come_in_any_order_and_nonsense_is_no_line() -> None:
    assert spotted("a(300,400),(100,200)") == [("a", (0.1, 0.2, 0.3, 0.4))]
    assert spotted("a(1500,20),(3000,40)") == []
    assert spotted("(1,2),(3,4)") == []
    assert spotted("没有文字") == []
    assert spotted("[{'box': broken") == []
