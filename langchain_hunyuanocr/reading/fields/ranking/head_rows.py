"""Rows of a letterhead: what each of them looks like, and what of an address it has."""

from __future__ import annotations

import re
from dataclasses import dataclass

from langchain_hunyuanocr.reading.fields.dates import DATE
from langchain_hunyuanocr.reading.fields.labels import LabelMatch, has_address_word
from langchain_hunyuanocr.reading.fields.value_kinds import letters, narrow

ENDS = frozenset({"title", "phone", "tax_id", "website", "date", "time", "receipt_number", "invoice_number", "total"})
"""Roles of the rows that no address holds."""
_LEAST_SHARE = 0.34
_REGISTRATION = re.compile(
    r"[\[(]?\s*(?:[A-Z]{1,3}\s?)?\d[\d\s]{4,}\d?\s*[-·.:–]?\s*[A-Z0-9]{1,2}\s*[\])]?|\(?\d{12}\)?"
)
"""The number under which a company is registered: digits with a letter behind, or before them."""
_POSTCODE = re.compile(r"(?<![\dA-Za-z/-])(?:\d{5,6}|\d{4}\s?[A-Z]{2}|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2})(?![\d/-])")
_HOUSE = re.compile(
    r"^\W*(?:\d{1,5}[A-Za-z]?(?:\s?[-&/]\s?\d+[A-Za-z]?)*[,.\s]|[A-Z]\d?-?\d+|(?:no|lot|unit|level|hq)\b)",
    re.IGNORECASE,
)
_TELEPHONE = re.compile(r"^\W*\+?\(?\d{2,4}\)?[\s-]?\d{3,4}[\s-]?\d{3,5}\W*$")
_MAIL = re.compile(r"@\w|www\.|https?:|\.com\b", re.IGNORECASE)
MONEY = re.compile(r"\d[.,]\d{2}(?!\d)")


@dataclass(frozen=True, slots=True)
class HeadRow:
    """A row of the letterhead.

    Attributes:
        lines: Numbers of its lines, as in `PageRows`.
        text: Of them, with spaces between.
        label: What it says, where it is a label or begins with one.
        top: Of its box.
        foot: Of its box.
        left: Of its box.
        right: Of its box.
        size: Of its type, as `page_rows.type_size`.
    """

    lines: tuple[int, ...]
    text: str
    label: LabelMatch | None
    top: float
    foot: float
    left: float
    right: float
    size: float

    @property
    def role(self) -> str:
        """Of its label; empty for none that covers enough of it."""
        return self.label.role if self.label is not None and self.label.share >= _LEAST_SHARE else ""

    @property
    def is_registration(self) -> bool:
        """Whether it is the number under which a company is registered."""
        return self.role == "company_id" or _REGISTRATION.fullmatch(narrow(self.text).strip(" .:")) is not None

    @property
    def is_telephone(self) -> bool:
        """Whether it is a number to call."""
        return self.role == "phone" or _TELEPHONE.match(narrow(self.text)) is not None

    @property
    def digits(self) -> float:
        """The share of digits among its letters and digits."""
        digits = sum(char.isdigit() for char in self.text)
        return digits / max(1, digits + letters(self.text))

    def address_features(self) -> dict[str, float]:
        """What speaks for and against its being a row of an address."""
        text = narrow(self.text)
        return {
            "row_house": float(_HOUSE.match(text) is not None),
            "row_postcode": float(_POSTCODE.search(text) is not None),
            "row_word": float(has_address_word(text)),
            "row_commas": min(text.count(","), 3) / 3,
            "row_comma_last": float(text.rstrip().endswith(",")),
            "row_digits": self.digits,
            "row_plain": float(not any(char.isdigit() for char in text) and "," not in text),
            "row_label": float(self.role in ENDS),
            "row_number": float(self.is_registration or self.is_telephone or self.role in ("tax_id", "company_id")),
            "row_mail": float(_MAIL.search(text) is not None),
            "row_date": float(DATE.search(text) is not None or MONEY.search(text) is not None),
            "row_colon": float(":" in text),
            "row_brackets": float(text.strip().startswith("(")),
            "row_letters": min(letters(text), 40) / 40,
        }
