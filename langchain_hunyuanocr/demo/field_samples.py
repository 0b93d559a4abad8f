"""Single scanned papers with the values that stand on them, to measure how well fields are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from langchain_hunyuanocr.demo.random_data import Company, RandomData, Tongue
from langchain_hunyuanocr.demo.scan_effects import ScanEffects, scan
from langchain_hunyuanocr.demo.templates.bank_card import bank_card
from langchain_hunyuanocr.demo.templates.business_card import business_card
from langchain_hunyuanocr.demo.templates.id_card_zh import id_card
from langchain_hunyuanocr.demo.templates.invoice import invoice
from langchain_hunyuanocr.demo.templates.receipt import receipt
from langchain_hunyuanocr.demo.templates.vat_invoice import vat_invoices
from langchain_hunyuanocr.demo.templates.waybill import waybill
from langchain_hunyuanocr.demo.text_flow import Draft
from langchain_hunyuanocr.reading.fields.check_digits import credit_code_check

if TYPE_CHECKING:
    from PIL.Image import Image

_MOST = 100_000
"""Samples of one seed; their own seeds never meet those of the next."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One scanned page.

    Attributes:
        picture: RGB or L, upright.
        preset: The set of fields that it belongs to, one of `langchain_hunyuanocr.reading.fields.presets`.
        fields: Values by name, as they are printed; what the preset names beside them is not on the page.
    """

    picture: Image
    preset: str
    fields: dict[str, str]


class _CheckedStock(RandomData):
    """Its Chinese companies have codes whose check character is right."""

    def company(self, tongue: Tongue) -> Company:
        company = super().company(tongue)
        if tongue == "en":
            return company
        first = company.tax_id[:-1]
        return replace(company, tax_id=first + credit_code_check(first))


_KINDS: dict[str, tuple[tuple[str, Callable[[RandomData], Draft]], ...]] = {
    "invoice_en": (("invoice", lambda s: invoice(s, varied=True)),),
    "invoice_zh": (("vat_invoice_cn", lambda s: vat_invoices(s, 1)),),
    "receipt_en": (("receipt", lambda s: receipt(s, "en", varied=True)),),
    "receipt_zh": (("receipt", lambda s: receipt(s, "zh", varied=True)),),
    "card_en": (
        ("business_card", lambda s: business_card(s, "en")),
        ("bank_card", lambda s: bank_card(s, "en")),
    ),
    "card_zh": (
        ("id_card_cn", id_card),
        ("business_card", lambda s: business_card(s, "zh")),
        ("bank_card", lambda s: bank_card(s, "zh")),
    ),
    "waybill_zh": (("waybill", waybill),),
}
FIELD_KINDS = tuple(_KINDS)
"""What `make_fields_set` makes."""


def make_fields_set(kind: str, count: int, seed: int, *, first: int = 0) -> Iterator[Sample]:
    """Make papers of one kind, each with its own scanned look.

    Args:
        kind: One of `FIELD_KINDS`; the cards take turns.
        count: How many.
        seed: Equal seeds give equal pictures.
        first: Number of the first one: a set can be made in parts.

    Yields:
        A sample at a time.

    Raises:
        ValueError: There is no such kind.
    """
    if kind not in _KINDS:
        raise ValueError(f"there is no kind {kind!r}: choose one of {', '.join(FIELD_KINDS)}")
    for number in range(first, first + count):
        preset, write = _KINDS[kind][number % len(_KINDS[kind])]
        stock = _CheckedStock(seed * _MOST + number)
        page = write(stock).pages[0]
        yield Sample(scan(page.sheet, ScanEffects.drawn(stock.rng)), preset, dict(page.sheet.fields))
