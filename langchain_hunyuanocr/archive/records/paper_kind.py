"""Paper kind: what a page is, by what it calls itself and by what only such papers say, whatever its language."""

# ruff: noqa: E501 - a Chinese character counts as two columns here
from __future__ import annotations

import re
from collections.abc import Sequence

from langchain_hunyuanocr.archive.text.tokenizer import fold
from langchain_hunyuanocr.reading.fields.presets import PRESETS
from langchain_hunyuanocr.results import PageReading

RECORDS = {name: preset.record for name, preset in PRESETS.items() if preset.record is not None}
"""What the presets say of papers that can be reckoned with, by the name of the preset."""
FORM = "form"
"""A page that comes to a sum and says nowhere what it is: it may be any of these papers, or none."""
ABOUT = {**RECORDS, FORM: RECORDS["invoice"]}
"""What is known of a record by its kind; a form has the fields of an invoice."""
_LONGEST_TITLE = 48
"""Characters of the line in which a paper says what it is."""
_INVOICE_TITLE = re.compile(
    r"^\W*(?:(?:simplified|tax|commercial|sales|vat|proforma)\s*)*"
    r"(?:invoice|rechnung|facture|factuur|factura|fattura|fatura)\b\W*(?:/.{0,24}|original|copy|duplicate)?\W*$|发票\W*(?:\(?[^)\d]{0,12}\)?)?$"
)
_INVOICE_NUMBER = re.compile(
    r"^\W*(?:tax\s*)?(?:invoice|inv|rechnungs?|facture|factuur|factura|fattura)[\s.-]*"
    r"(?:no|nr|num|number|nummer|id|n°|#|ref)[\s.:#-]*\S*\d|^\W*(?:rechnungs|factuur)nummer\b|发票(?:号码|编号)"
)
_INVOICE_BY_NUMBER = re.compile(
    r"^\W*(?:tax\s*)?(?:invoice|rechnung|facture|factuur|factura|fattura)\s+\W{0,2}(?=[a-z/-]*\d)[\w/.-]+\W*$"
)
"""A title with the paper's number, and nothing else."""
_INVOICE_LABEL = re.compile(
    r"^\W*(?:tax\s*)?(?:invoice|inv|rechnungs|facture|factuur|factura|fattura)[\s.-]*(?:no|nr|num|number|nummer|n°)\W*$"
)
"""The label of its number, which stands beside it or below."""
_NAMED_INVOICE = re.compile(r"(?:[A-Z&][\w'’&.-]*\s+){1,5}(?:Invoice|INVOICE|Rechnung|RECHNUNG|Facture|FACTURE)\W*")
_NAMED_RECEIPT = re.compile(r"(?:[A-Z&][\w'’&.-]*\s+){1,5}(?:Receipt|RECEIPT)\W*")
"""Titles that begin with whose they are; a sentence that ends so has small words."""
_TITLES = 6
"""Lines at the top of a page of which one is its title."""
_SUM = re.compile(
    r"^\W*(?:grand )?(?:total|amount due|balance due|summe|gesamt\w*|montant|totaal|importe|合计|总计)\b[^\d]{0,30}"
    r"(?:\d[\d.,]*[.,]\d\d\W*)?$",
    re.MULTILINE,
)
_LONGEST_NUMBER = 60
"""Characters of the line in which an invoice tells its number; what is longer is a sentence about one."""
_LETTER = re.compile(
    r"^\W*(?:dear\s|yours (?:sincerely|faithfully|truly)|(?:best|kind) regards|sehr geehrte|madame|尊敬的|此致)",
    re.MULTILINE,
)
_PAID_ON_THE_SPOT = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"^\W*(?:total )?(?:cash|espece|especes|bar|efectivo|contant|现金)\b[^a-z]{0,4}(?:rm|rn|eur|usd)?[^a-z]{0,20}$|\bcash (?:bill|sales?|receipt)\b"
        r"|reg\w+ par espece",
        r"^\W*(?:cash )?(?:change|ruckgeld|rendu|cambio|wisselgeld|找零)\b[^a-z]{0,4}(?:rm|rn|eur|usd|due)?[^a-z]{0,20}$",
        r"\btender(?:ed)?\b|实收",
        r"\b(?:cashier|caissier|kassierer|cajero|bediener)|收银",
        r"^\W*round(?:ing|ed)\b.{0,24}$",
        r"\b(?:thank\s?you|come again|merci de votre visite|vielen dank fur ihren|gracias por su)\b|谢谢惠顾|欢迎(?:再次)?光临",
        r"\bgoods sold\b|\bexchange (?:within|or refund)|\b(?:no|not) refundable\b",
        r"^.{0,20}\b(?:visa|master\s?card|maestro|amex|debit card|credit card)\b.{0,24}$",
        r"^\W*(?:table|till|pos|covers?|pax)\b\W*(?:no)?\W*[a-z]?\d{1,4}\W*$",
        r"\b(?:duplicate |cash |official )?receipt\b|小票|收据",
    )
)
_BILLED = re.compile(
    r"^\W*(?:due date|payment due|payable by|terms of payment|payment terms|zahlbar|付款期限)", re.MULTILINE
)
_MONEY = re.compile(r"(?<!\d)\d[\d,]*\.\d\d(?!\d)|[¥￥$£€]\s*\d")
_CENTS = re.compile(r"(?<![\d.,])\d[\d.,]*[.,]\d\d(?![\d.,]*\d)")
_FEW_WORDS = 260
"""Words on a receipt at most."""
_PROSE = 100
"""Characters of a line that no receipt prints."""
_NARROW = 0.62
"""Width by height from which down a picture is that of a strip from a till."""
_OTHERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("statement", re.compile(r"^\W*(?:bank |account )?statement(?: of account)?\W*$|对账单|\bopening balance\b", re.MULTILINE)),
    ("certificate", re.compile(r"^\W*certificate\b.{0,40}$|\bthis is to certify\b|证书|兹证明", re.MULTILINE)),
    ("report", re.compile(r"\b(?:annual|quarterly) report\b|\bform (?:10-[kq]|8-k)\b|^\W*(?:minutes of|report on)\b|纪要|报告", re.MULTILINE)),
)  # fmt: skip
_SPACED = re.compile(r"^(?:\w )+\w$")


def kind_of(reading: PageReading) -> str:
    """What a page is: `invoice`, `receipt`, `contract`, `letter`, `statement`, `certificate`, `report`, or nothing.

    A receipt shows that it was paid where it was written: cash and change, a cashier, the card, thanks for the visit;
    a `tax invoice` from a till is one. What comes to a sum and says nowhere what it is, is a `form`: it may be any.
    """
    lines = [_unspaced(fold(line.text).strip()) for line in reading.lines]
    text_lines = reading.markdown.splitlines()
    if not lines:
        lines = [_unspaced(fold(line).strip(" #*|")) for line in text_lines]
    given = {field.name for field in reading.fields if field.value}
    text = "\n".join(lines)
    titled = [kind for kind, record in RECORDS.items() if _titled(lines, record.title) or record.number in given]
    printed = [line.text.strip() for line in reading.lines] or [line.strip(" #*|") for line in text_lines]
    named = any(len(line) <= _LONGEST_TITLE and _NAMED_INVOICE.fullmatch(line) for line in printed)
    invoice = "invoice" in titled or named or _titled(lines, _INVOICE_TITLE) or _numbered(lines)
    letter = _LETTER.search(text) is not None
    if any(_NAMED_RECEIPT.fullmatch(line) for line in printed[:_TITLES]) and not letter:
        return "receipt"
    if _is_receipt(reading, text, titled=bool({"receipt"} & set(titled)), invoice=invoice, letter=letter):
        return "receipt"
    if invoice and (not letter or "invoice" in titled):
        return "invoice"
    if "contract" in titled:
        return "contract"
    if letter:
        return "letter"
    other = next((kind for kind, pattern in _OTHERS if pattern.search(text)), "")
    summed = len(text.split()) <= _FEW_WORDS and _SUM.search(text) is not None and len(_CENTS.findall(text)) > 1
    return other or (FORM if summed else "")


def _is_receipt(reading: PageReading, text: str, *, titled: bool, invoice: bool, letter: bool) -> bool:
    prose = any(len(line) > _PROSE for line in text.split("\n"))
    if letter or prose or len(text.split()) > _FEW_WORDS or not _MONEY.search(text):
        return False
    signs = sum(pattern.search(text) is not None for pattern in _PAID_ON_THE_SPOT)
    narrow = bool(reading.height) and reading.width < _NARROW * reading.height
    if titled and not invoice:
        return True
    billed = _BILLED.search(text) is not None
    return signs + narrow - billed >= 2 and (signs > 0)


def _titled(lines: Sequence[str], title: re.Pattern[str]) -> bool:
    return any(len(line) <= _LONGEST_TITLE and title.search(line) for line in lines)


def _numbered(lines: Sequence[str]) -> bool:
    patterns = (_INVOICE_NUMBER, _INVOICE_BY_NUMBER, _INVOICE_LABEL)
    return any(len(line) <= _LONGEST_NUMBER and any(one.search(line) for one in patterns) for line in lines)


def _unspaced(line: str) -> str:
    """`I N V O I C E` is a word that was set wide."""
    return line.replace(" ", "") if _SPACED.match(line) else line
