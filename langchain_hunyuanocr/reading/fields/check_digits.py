"""Numbers that prove themselves: their check digits, after the standards that define them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_DIGITS = "10X98765432"
CREDIT_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The characters of a unified social credit code, by value: the letters I, O, S, V and Z are left out."""
_CREDIT_MODULUS = 31
_IBAN_LENGTHS = range(15, 35)


def id_check_digit(first: str) -> str:
    """The last character of a Chinese identity number (GB 11643) whose first 17 digits are `first`."""
    total = sum(int(digit) * weight for digit, weight in zip(first, _ID_WEIGHTS, strict=True))
    return _ID_DIGITS[total % 11]


def is_id_number(text: str) -> bool:
    """Whether `text` is a Chinese identity number: 18 characters, a real day of birth, the right check digit."""
    if re.fullmatch(r"[1-8]\d{16}[\dXx]", text) is None:
        return False
    try:
        dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return id_check_digit(text[:17]) == text[17].upper()


def credit_code_check(first: str) -> str:
    """The last character of a unified social credit code (GB 32100-2015) whose first 17 characters are `first`."""
    total = sum(CREDIT_CODE_ALPHABET.index(char) * pow(3, place, _CREDIT_MODULUS) for place, char in enumerate(first))
    return CREDIT_CODE_ALPHABET[-total % _CREDIT_MODULUS]


def is_credit_code(text: str) -> bool:
    """Whether `text` is a unified social credit code of a Chinese organisation, its check character right."""
    code = text.upper()
    if len(code) != 18 or any(char not in CREDIT_CODE_ALPHABET for char in code):
        return False
    return credit_code_check(code[:17]) == code[17]


def luhn_digit(first: str) -> str:
    """The digit that makes `first` a number of a bank card (ISO/IEC 7812)."""
    total = sum(sum(divmod(2 * int(digit), 10)) for digit in first[::-2]) + sum(int(digit) for digit in first[-2::-2])
    return str(-total % 10)


def is_card_number(text: str) -> bool:
    """Whether the 13 to 19 digits of `text`, spaces aside, end in the right check digit (Luhn)."""
    digits = re.sub(r"[\s-]", "", text)
    return re.fullmatch(r"\d{13,19}", digits) is not None and luhn_digit(digits[:-1]) == digits[-1]


def is_iban(text: str) -> bool:
    """Whether `text`, spaces aside, is an international bank account number (ISO 13616)."""
    iban = re.sub(r"\s", "", text).upper()
    if len(iban) not in _IBAN_LENGTHS or re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]+", iban) is None:
        return False
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1


CHECKS: dict[str, Callable[[str], bool]] = {
    "id_number": is_id_number,
    "credit_code": is_credit_code,
    "card_number": is_card_number,
    "iban": is_iban,
}
"""Those that only a number which was read right passes, but for one in ten or less."""
