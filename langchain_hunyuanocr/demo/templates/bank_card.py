"""The front of a bank card, Chinese or English: bank, number with its check digit, last month, and the holder."""

from __future__ import annotations

from langchain_hunyuanocr.demo.page_canvas import Face, PageCanvas
from langchain_hunyuanocr.demo.random_data import RandomData, Tongue
from langchain_hunyuanocr.demo.text_flow import Composed, Draft
from langchain_hunyuanocr.demo.words_en import FIRST_NAMES, LAST_NAMES
from langchain_hunyuanocr.demo.words_zh import BANKS
from langchain_hunyuanocr.reading.fields.check_digits import luhn_digit

_PAPERS = ((214, 226, 240), (238, 224, 206), (222, 236, 220), (240, 240, 240))
_PREFIXES = {"zh": ("622202", "621700", "622848", "625912", "623058"), "en": ("4929", "5412", "5186", "4556")}


def bank_card(stock: RandomData, tongue: Tongue) -> Draft:
    """One page; fields are those of the preset `bank_card`."""
    rng = stock.rng
    first = rng.choice(_PREFIXES[tongue])
    first += stock.digits((rng.choice((16, 19)) if tongue == "zh" else 16) - len(first) - 1)
    number = first + luhn_digit(first)
    bank = rng.choice(BANKS) if tongue == "zh" else stock.company("en").bank
    holder = f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}".upper()
    month = f"{rng.randint(1, 12):02d}/{rng.randint(24, 33)}"
    sheet = PageCanvas((280, 178), dpi=rng.choice((170, 200, 230)))
    sheet.box(8, 8, 272, 170, weight=0.8, fill=rng.choice(_PAPERS))
    sheet.text(20, 36, bank, size=15, bold=True)
    sheet.box(24, 56, 58, 82, weight=0.8, fill=(206, 190, 140))
    groups = [number[k : k + 4] for k in range(0, len(number), 4)]
    sheet.text(24, 112, " ".join(groups), size=17 if len(number) == 16 else 14.5, face=Face.TYPEWRITER)
    label = rng.choice(
        ("VALID THRU", "MONTH/YEAR", "有效期") if tongue == "zh" else ("VALID THRU", "EXPIRES", "GOOD THRU")
    )
    end = sheet.text(96, 132, label, size=6.5)
    sheet.text(end + 6, 132, month, size=11, face=Face.TYPEWRITER)
    sheet.fields.update(card_number=" ".join(groups), bank=bank, valid_thru=month)
    if rng.random() < 0.7:
        sheet.text(24, 154, holder, size=11, face=Face.TYPEWRITER)
        sheet.fields["holder"] = holder
    sheet.text(258, 156, "UnionPay" if tongue == "zh" else "Debit", size=11, align="right", bold=True)
    return Draft("bank_card", tongue, "card", [Composed(sheet, [])])
