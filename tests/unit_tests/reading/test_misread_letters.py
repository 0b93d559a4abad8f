"""Names and addresses without the accents that specks make, and with legal forms as they are spelled."""

from __future__ import annotations

import pytest

from langchain_hunyuanocr.reading.fields.ranking.misread_letters import (
    has_stray_accents,
    with_legal_form,
    without_accents,
)

ENGLISH = ["Received with thanks from the tenant of number four", "the rent of the second quarter, in cash"] * 3
FRENCH = ["Reçu du locataire du numéro quatre, le loyer", "du deuxième trimestre, payé en espèces à l'étude"] * 3


@pytest.mark.parametrize(
    ("lines", "stray"),
    [([*ENGLISH, "Hàrbour Road 4"], True), (ENGLISH, False), (FRENCH, False), (["Café Zoë", "14.00"], False)],
)
def test_a_page_of_plain_letters_has_no_accents(lines: list[str], stray: bool) -> None:
    assert has_stray_accents(lines) is stray


def test_accents_go_and_other_scripts_stay() -> None:
    assert without_accents("HÀRBÖUR ROÁD, 海港路 4, Ж") == "HARBOUR ROAD, 海港路 4, Ж"


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("GREEN VALLEY MART 5/8", "GREEN VALLEY MART S/B"),
        ("Harbour Foods Sdn 8hd", "Harbour Foods Sdn Bhd"),
        ("HARBOUR FOODS SDN DHD", "HARBOUR FOODS SDN BHD"),
        ("HARBOUR FOODS SON. BHD.", "HARBOUR FOODS SDN. BHD."),
        ("Lion Tools Pte Ltd", "Lion Tools Pte Ltd"),
        ("WEBER GM8H", "WEBER GMBH"),
        ("Harbour Foods", "Harbour Foods"),
        ("S/8", "S/8"),
        ("OPEN 24/7", "OPEN 24/7"),
        ("", ""),
    ],
)
def test_legal_forms_are_spelled_as_they_are(name: str, spelled: str) -> None:
    assert with_legal_form(name) == spelled
