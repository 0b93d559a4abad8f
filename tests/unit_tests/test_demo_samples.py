from __future__ import annotations

import pytest

from langchain_hunyuanocr.demo.field_samples import FIELD_KINDS, make_fields_set
from langchain_hunyuanocr.reading.fields.check_digits import is_card_number, is_id_number
from langchain_hunyuanocr.reading.fields.presets import PRESETS


def test_cards_carry_the_fields_of_their_preset_and_valid_numbers() -> None:
    samples = list(make_fields_set("card_zh", 3, 5))
    assert [sample.preset for sample in samples] == ["id_card_cn", "business_card", "bank_card"]
    for sample in samples:
        assert set(sample.fields) <= {spec.name for spec in PRESETS[sample.preset].fields}
        assert min(sample.picture.size) > 300
    assert is_id_number(samples[0].fields["id_number"])
    assert is_card_number(samples[2].fields["card_number"])


def test_a_set_is_the_same_every_time_whole_or_in_parts() -> None:
    first, second = make_fields_set("card_en", 2, 9)
    (again,) = make_fields_set("card_en", 1, 9, first=1)
    assert again.fields == second.fields != first.fields
    assert again.picture.tobytes() == second.picture.tobytes()


def test_an_unknown_kind_is_refused() -> None:
    assert "receipt_zh" in FIELD_KINDS
    with pytest.raises(ValueError, match="receipt_zh"):
        next(make_fields_set("poem", 1, 1))
