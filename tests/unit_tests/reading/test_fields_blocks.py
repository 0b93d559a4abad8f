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
