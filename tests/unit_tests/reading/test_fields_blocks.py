"""Values under labels that head them, in two columns and over several lines."""

from __future__ import annotations

import pytest

from langchain_hunyuanocr.reading.fields.find import find_fields
from langchain_hunyuanocr.results import Box, FieldState, Line

EM = 0.012
"""Width of a character as a share of the page's."""


def _columns(*rows: str, right: float = 0.7) -> list[Line]:
    """Rows close under each other; what stands after `|` begins at `right`; two spaces indent."""
    lines = []
    for number, row in enumerate(rows):
        y = 0.1 + 0.02 * number
        left, _, other = row.partition("|")
        indent = 0.02 if left.startswith("  ") else 0.0
        for text, x in ((left.strip(), 0.1 + indent), (other.strip(), right)):
            if text:
                lines.append(Line(text=text, box=Box(x, y, x + EM * len(text), y + 0.015), score=0.99))
    return lines


REGISTER = _columns(
    "(14) Landing places: | * Sorensen, Ulla",
    "  AAR BLL CPH EBJ | 8000 Aarhus (DK)",
    "  KRP ODE RNN",
    "Remarks: | Agent: Holm and Partner",
    "  Amended on request of the owner | Havnegade 4",
    "  after the survey.",
    "Home port: | Built in:",
    "  Svendborg | 1987",
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Landing places", "AAR BLL CPH EBJ KRP ODE RNN"),
        ("Remarks", "Amended on request of the owner after the survey."),
        ("Home port", "Svendborg"),
        ("Built in", "1987"),
    ],
)
def test_a_label_with_a_colon_heads_what_stands_under_it_though_a_column_is_beside(name: str, value: str) -> None:
    (field,) = find_fields([name], REGISTER, page=0, exact=True)
    assert field.value == value
    assert field.state is FieldState.UNCONFIRMED, "no label stands before it on its line"


def test_labels_in_a_column_of_their_own_have_their_values_beside_them() -> None:
    lines = _columns("Keeper: | Ulla Sorensen", "Vessel: | Nordlys", "Home port: | Svendborg")
    found = {field.name: field.value for field in find_fields(["keeper", "vessel", "home port"], lines, page=0)}
    assert found == {"keeper": "Ulla Sorensen", "vessel": "Nordlys", "home port": "Svendborg"}


@pytest.mark.parametrize(
    ("first", "rest", "name", "value"),
    [
        ("名", "称：海宁食品有限公司", "名称", "海宁食品有限公司"),
        ("电", "话： 0571-88241190", "电话", "0571-88241190"),
        ("地", "址：长宁路18号", "地址", "长宁路18号"),
    ],
)
def test_a_chinese_label_set_wide_that_was_parted_is_one(first: str, rest: str, name: str, value: str) -> None:
    lines = [
        Line(text=first, box=Box(0.1, 0.1, 0.12, 0.115), score=0.99),
        Line(text=rest, box=Box(0.16, 0.1, 0.16 + 0.02 * len(rest), 0.115), score=0.99),
    ]
    (field,) = find_fields([name], lines, page=0)
    assert field.value == value


def test_a_character_of_another_column_is_no_part_of_a_label() -> None:
    lines = [
        Line(text="男", box=Box(0.1, 0.1, 0.12, 0.115), score=0.99),
        Line(text="民族：汉", box=Box(0.4, 0.1, 0.48, 0.115), score=0.99),
    ]
    (field,) = find_fields(["民族"], lines, page=0)
    assert field.value == "汉"


def test_values_found_by_their_labels_alone_have_a_confidence_and_need_a_label_to_be_confirmed() -> None:
    lines = _columns("Vessel: Nordlys", "", "", "Home port:", "  Svendborg")
    vessel, port = find_fields(["vessel", "home port"], lines, page=0, exact=True)
    assert vessel.confidence is not None
    assert port.confidence is not None
    assert 0.5 < port.confidence < vessel.confidence < 1.0
    assert (vessel.state, port.state) == (FieldState.CONFIRMED, FieldState.UNCONFIRMED)
