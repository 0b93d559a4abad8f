from __future__ import annotations

import pytest

from langchain_hunyuanocr.reading.layout.text_lines.line_ends import LineEnds


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("the boiler and its mainte-", "nance are shared", "the boiler and its maintenance are shared"),
        ("as is the well-", "known practice", "as is the well-known practice"),
        ("a self-", "addressed letter", "a self-addressed letter"),
        ("a self-", "ish wish", "a selfish wish"),
        ("Freight- and ship-", "ping costs", "Freight- and shipping costs"),
        ("freight-", "and shipping costs", "freight- and shipping costs"),
        ("The cleaner uses n-", "tridecanal only", "The cleaner uses n-tridecanal only"),
        ("a state-of-the-", "art pump", "a state-of-the-art pump"),
        ("an up-", "to-date list", "an up-to-date list"),
        ("the Anglo-", "Saxon farms", "the Anglo-Saxon farms"),
        ("the years 2022-", "2023 and later", "the years 2022-2023 and later"),
        ("HEATING AND MAINTE-", "NANCE", "HEATING AND MAINTENANCE"),
        ("a COVID-", "19 test", "a COVID-19 test"),
        ("a land-", "based unit", "a land-based unit"),
        ("an un-", "known sender", "an unknown sender"),
        ("bei Vertrags-", "abschluss zu zahlen", "bei Vertragsabschluss zu zahlen"),
        ("die Haupt-", "und Nebenkosten", "die Haupt- und Nebenkosten"),
        ("die Ein- oder Aus-", "zahlungen", "die Ein- oder Auszahlungen"),
        ("le renou-", "vellement du bail", "le renouvellement du bail"),
        ("le bailleur peut-", "il refuser", "le bailleur peut-il refuser"),
        ("il le signe lui-", "même", "il le signe lui-même"),
        ("on 3 May -", "a Friday", "on 3 May - a Friday"),
        ("soft hy\u00ad", "phens go", "soft hyphens go"),
        ("甲方应当在十", "五日内", "甲方应当在十五日内"),
        ("plain", "words", "plain words"),
    ],
)
def test_a_word_parted_at_a_line_end(before: str, after: str, whole: str) -> None:
    assert LineEnds().joined(before, after) == whole


def test_the_page_decides_by_what_it_writes_within_its_lines() -> None:
    ends = LineEnds.of(["The co-operation of re-", "tail firms and the wellhead", "is a co-operation."])
    assert ends.joined("a co-", "operation") == "a co-operation"
    assert ends.joined("Co-", "operation is") == "Co-operation is"
    assert ends.joined("the well-", "head") == "the wellhead"
    assert LineEnds.of(["a cooperation"]).joined("a co-", "operation") == "a cooperation"


def test_a_half_at_a_line_end_is_no_word_of_the_page() -> None:
    assert "re" not in LineEnds.of(["firms that re-"]).words
