"""Presets: ready sets of fields, each value with the labels under which papers print it in Chinese and in English.

All that is known of a preset stands here: what the command line, the service, its page and the archive say of it, they
take from `PRESETS`.
"""

# ruff: noqa: E501 - a Chinese character counts as two columns here
from __future__ import annotations

import re
from dataclasses import dataclass, replace

from langchain_hunyuanocr.reading.fields.labels import labels_of
from langchain_hunyuanocr.reading.fields.spec import FieldSpec
from langchain_hunyuanocr.reading.fields.value_kinds import ValueKind, flat, fold

_GUESSES = (
    (re.compile(r"date|日期|时间$"), ValueKind.DATE),
    (re.compile(r"e-?mail|邮箱"), ValueKind.EMAIL),
    (re.compile(r"phone|mobile|(?<![a-z])tel(?![a-z])|fax|电话|手机|传真"), ValueKind.PHONE),
    (re.compile(r"amount|total|price|subtotal|金额|合计|总价|税额"), ValueKind.AMOUNT),
    (re.compile(r"number|(?<![a-z])(?:no|id|code)(?![a-z])|号码?$|编号$|代码$"), ValueKind.IDENTIFIER),
)


@dataclass(frozen=True, slots=True)
class RecordKind:
    """What an archive must know of papers that it can count and add up.

    Attributes:
        number: The field that holds a paper's own number.
        nouns_en: What such papers are called, one of which stands on every one; answers take the first.
        nouns_zh: The same in Chinese.
        measure_zh: What counts them in Chinese, 张 or 份.
        title: How a paper calls itself in a line of its own. This and the other patterns are of folded text.
        asked: How questions name such papers.
        several: How English questions name more than one of them.
        total: The field that holds a paper's sum.
        chinese: The preset that papers in Chinese are read by, where it is another one.
    """

    number: str
    nouns_en: tuple[str, ...]
    nouns_zh: tuple[str, ...]
    measure_zh: str
    title: re.Pattern[str]
    asked: re.Pattern[str]
    several: re.Pattern[str]
    total: str = "total"
    chinese: str | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """A ready set of fields.

    Attributes:
        title_en: What it is of, in a list to choose from.
        title_zh: The same in Chinese.
        fields: In the order they are given.
        record: Only of papers that an archive counts and adds up.
    """

    title_en: str
    title_zh: str
    fields: tuple[FieldSpec, ...]
    record: RecordKind | None = None


_DATE = FieldSpec(
    "date",
    labels_of("date"),
    ValueKind.DATE,
    asked="日期",
    ranked="date",
)
_TOTAL = FieldSpec(
    "total",
    labels_of("total"),
    ValueKind.AMOUNT,
    asked="总金额",
    ranked="total",
)
_SUBTOTAL = FieldSpec(
    "subtotal",
    labels_of("subtotal"),
    ValueKind.AMOUNT,
    row=labels_of("table.total_row"),
    column=labels_of("table.amount_column"),
    asked="不含税金额",
    ranked="subtotal",
)
_TAX = FieldSpec(
    "tax",
    labels_of("tax"),
    ValueKind.AMOUNT,
    row=labels_of("table.total_row"),
    column=labels_of("table.tax_column"),
    asked="税额",
    ranked="tax",
)
_SELLER = FieldSpec(
    "seller",
    labels_of("seller"),
    ValueKind.NAME,
    asked="卖方",
    ranked="seller",
)
_BUYER = FieldSpec(
    "buyer",
    (*labels_of("buyer"), *labels_of("receiver")),
    ValueKind.NAME,
    asked="买方",
)
_INVOICE_NUMBER = FieldSpec(
    "invoice_number",
    labels_of("invoice_number"),
    ValueKind.IDENTIFIER,
    asked="发票号码",
)
_CURRENCY = FieldSpec("currency", labels_of("currency"), ValueKind.CURRENCY, fallback="anywhere", asked="币种")
_DUE_DATE = FieldSpec(
    "due_date",
    labels_of("due_date"),
    ValueKind.DATE,
    asked="付款期限",
)

_FIRM = labels_of("vat_invoice.name")
_TAX_ID = labels_of("vat_invoice.tax_id")
_SENDER = labels_of("waybill.sender")
_RECIPIENT = labels_of("waybill.recipient")
_NAME = labels_of("waybill.name")
_PHONE = labels_of("waybill.phone")
_PLACE = labels_of("waybill.address")

PRESETS: dict[str, Preset] = {
    "invoice": Preset("Invoice", "发票（国际）", (
        _INVOICE_NUMBER, _DATE, _DUE_DATE, _SELLER, _BUYER, _SUBTOTAL, _TAX, _TOTAL, _CURRENCY,
    ), RecordKind(
        number="invoice_number",
        nouns_en=("invoice",),
        nouns_zh=("发票",),
        measure_zh="张",
        title=re.compile(r"^\W*(?:(?:tax|commercial|sales|vat)\s+)?invoice\W*$|发票\W*(?:\(?[^)\d]{0,12}\)?)?$"),
        asked=re.compile(r"\binvoices?\b|\bbills\b|发票"),
        several=re.compile(r"\b(?:invoices|bills)\b"),
        chinese="vat_invoice_cn",
    )),
    "vat_invoice_cn": Preset("Chinese VAT invoice", "增值税发票", (
        FieldSpec("invoice_code", labels_of("vat_invoice.invoice_code"), ValueKind.IDENTIFIER, shape=r"\d{10}|\d{12}", asked="发票代码"),
        replace(_INVOICE_NUMBER, shape=r"\d{8}|\d{20}"),
        _DATE,
        FieldSpec("buyer", labels_of("vat_invoice.buyer"), ValueKind.NAME, inner=_FIRM, nth=0, asked="购买方名称"),
        FieldSpec("buyer_tax_id", labels_of("vat_invoice.buyer_tax_id"), ValueKind.IDENTIFIER, inner=_TAX_ID, nth=0, check="credit_code", asked="购买方纳税人识别号"),
        FieldSpec("seller", labels_of("vat_invoice.seller"), ValueKind.NAME, inner=_FIRM, nth=1, asked="销售方名称"),
        FieldSpec("seller_tax_id", labels_of("vat_invoice.seller_tax_id"), ValueKind.IDENTIFIER, inner=_TAX_ID, nth=1, check="credit_code", asked="销售方纳税人识别号"),
        FieldSpec("subtotal", labels_of("vat_invoice.subtotal"), ValueKind.AMOUNT, row=labels_of("table.total_row"), column=labels_of("table.amount_column"), asked="合计金额"),
        FieldSpec("tax", labels_of("vat_invoice.tax"), ValueKind.AMOUNT, row=labels_of("table.total_row"), column=labels_of("table.tax_column"), asked="合计税额"),
        FieldSpec("total", labels_of("vat_invoice.total"), ValueKind.AMOUNT, asked="价税合计(小写)"),
        FieldSpec("total_in_words", labels_of("vat_invoice.total_in_words"), ValueKind.CAPITALS, asked="价税合计(大写)"),
        FieldSpec("drawer", labels_of("vat_invoice.drawer"), ValueKind.NAME, asked="开票人"),
    )),
    "receipt": Preset("Receipt", "小票", (
        FieldSpec("merchant", labels_of("merchant"), ValueKind.NAME, asked="商户名称", ranked="merchant"),
        FieldSpec("address", labels_of("address"), ValueKind.ADDRESS, asked="地址", ranked="address"),
        FieldSpec("receipt_number", labels_of("receipt_number"), ValueKind.IDENTIFIER, asked="小票号"),
        _DATE,
        FieldSpec("time", labels_of("time"), ValueKind.TIME, asked="时间", ranked="time"),
        replace(_SUBTOTAL, row=(), column=(), asked="小计"),
        replace(_TAX, row=(), column=()),
        FieldSpec("rounding", labels_of("rounding"), ValueKind.AMOUNT, asked="抹零", ranked="rounding"),
        _TOTAL,
        FieldSpec("paid", labels_of("paid"), ValueKind.AMOUNT, asked="实收", ranked="paid"),
        FieldSpec("change", labels_of("change"), ValueKind.AMOUNT, asked="找零", ranked="change"),
        FieldSpec("items", labels_of("items"), asked="商品", ranked="items", rows=(
            FieldSpec("description", labels_of("items.description")),
            FieldSpec("quantity", labels_of("items.quantity"), ValueKind.MEASURE),
            FieldSpec("price", labels_of("items.price"), ValueKind.AMOUNT),
            FieldSpec("amount", labels_of("items.amount"), ValueKind.AMOUNT),
        )),
        FieldSpec("payment_method", labels_of("payment_method"), ValueKind.TEXT, asked="支付方式", choices=labels_of("_means"), ranked="payment_method"),
    ), RecordKind(
        number="receipt_number",
        nouns_en=("receipt",),
        nouns_zh=("小票", "收据"),
        measure_zh="张",
        title=re.compile(r"^\W*(?:(?:sales|till|cash)\s+)?receipt\b|^\W*(?:小票|收据)|(?:小票|收据)\W*$"),
        asked=re.compile(r"\b(?:till )?receipts?\b|小票|收据"),
        several=re.compile(r"\breceipts\b"),
    )),
    "id_card_cn": Preset("Chinese identity card", "居民身份证", (
        FieldSpec("name", labels_of("id_card.name"), ValueKind.PERSON, asked="姓名"),
        FieldSpec("sex", labels_of("id_card.sex"), ValueKind.SEX, asked="性别"),
        FieldSpec("ethnicity", labels_of("id_card.ethnicity"), ValueKind.ETHNICITY, asked="民族"),
        FieldSpec("birth_date", labels_of("id_card.birth_date"), ValueKind.DATE, asked="出生"),
        FieldSpec("address", labels_of("id_card.address"), ValueKind.ADDRESS, asked="住址"),
        FieldSpec("id_number", labels_of("id_card.id_number"), ValueKind.IDENTIFIER, asked="公民身份号码", check="id_number"),
        FieldSpec("authority", labels_of("id_card.authority"), ValueKind.AUTHORITY, asked="签发机关"),
        FieldSpec("valid_until", labels_of("id_card.valid_until"), ValueKind.VALIDITY, asked="有效期限"),
    )),
    "business_card": Preset("Business card", "名片", (
        FieldSpec("name", labels_of("business_card.name"), ValueKind.PERSON, fallback="person", asked="姓名"),
        FieldSpec("company", labels_of("business_card.company"), ValueKind.NAME, fallback="letterhead", asked="公司"),
        FieldSpec("title", labels_of("business_card.title"), ValueKind.POST, fallback="anywhere", asked="职位"),
        FieldSpec("mobile", labels_of("business_card.mobile"), ValueKind.PHONE, asked="手机"),
        FieldSpec("phone", labels_of("business_card.phone"), ValueKind.PHONE, asked="电话"),
        FieldSpec("fax", labels_of("business_card.fax"), ValueKind.PHONE, asked="传真"),
        FieldSpec("email", labels_of("business_card.email"), ValueKind.EMAIL, fallback="anywhere", asked="邮箱"),
        FieldSpec("website", labels_of("business_card.website"), ValueKind.URL, fallback="anywhere", asked="网址"),
        FieldSpec("address", labels_of("business_card.address"), ValueKind.ADDRESS, fallback="address", asked="地址"),
    )),
    "bank_card": Preset("Bank card", "银行卡", (
        FieldSpec("card_number", labels_of("bank_card.card_number"), ValueKind.CARD_NUMBER, fallback="anywhere", asked="卡号", check="card_number"),
        FieldSpec("bank", labels_of("bank_card.bank"), ValueKind.BANK, fallback="anywhere", asked="发卡行"),
        FieldSpec("holder", labels_of("bank_card.holder"), ValueKind.PERSON, fallback="person", asked="持卡人"),
        FieldSpec("valid_thru", labels_of("bank_card.valid_thru"), ValueKind.MONTH, fallback="anywhere", asked="有效期"),
    )),
    "contract": Preset("Contract", "合同", (
        FieldSpec("contract_number", labels_of("contract.contract_number"), ValueKind.IDENTIFIER, asked="合同编号"),
        FieldSpec("party_a", labels_of("contract.party_a"), ValueKind.NAME, asked="甲方"),
        FieldSpec("party_b", labels_of("contract.party_b"), ValueKind.NAME, asked="乙方"),
        FieldSpec("date", labels_of("contract.date"), ValueKind.DATE, asked="签订日期"),
        FieldSpec("amount", labels_of("contract.amount"), ValueKind.AMOUNT, asked="合同金额"),
        FieldSpec("effective_date", labels_of("contract.effective_date"), ValueKind.DATE, asked="生效日期"),
        FieldSpec("term", labels_of("contract.term"), ValueKind.TEXT, asked="合同期限"),
    ), RecordKind(
        number="contract_number",
        nouns_en=("contract", "agreement"),
        nouns_zh=("合同", "协议"),
        measure_zh="份",
        title=re.compile(r"(?:contract|agreement)\W*$|(?:合同|协议|合同书|协议书)\W*$"),
        asked=re.compile(r"\b(?:contracts?|agreements?)\b|合同|协议"),
        several=re.compile(r"\b(?:contracts|agreements)\b"),
        total="amount",
    )),
    "waybill": Preset("Waybill", "运单", (
        FieldSpec("waybill_number", labels_of("waybill.waybill_number"), ValueKind.IDENTIFIER, asked="运单号"),
        FieldSpec("date", labels_of("waybill.date"), ValueKind.DATE, asked="日期"),
        FieldSpec("sender", _SENDER, ValueKind.NAME, asked="寄件人", block=_SENDER, inner=_NAME),
        FieldSpec("sender_phone", labels_of("waybill.sender_phone"), ValueKind.PHONE, asked="寄件人电话", block=_SENDER, inner=_PHONE),
        FieldSpec("sender_address", labels_of("waybill.sender_address"), ValueKind.ADDRESS, asked="寄件地址", block=_SENDER, inner=_PLACE),
        FieldSpec("recipient", _RECIPIENT, ValueKind.NAME, asked="收件人", block=_RECIPIENT, inner=_NAME),
        FieldSpec("recipient_phone", labels_of("waybill.recipient_phone"), ValueKind.PHONE, asked="收件人电话", block=_RECIPIENT, inner=_PHONE),
        FieldSpec("recipient_address", labels_of("waybill.recipient_address"), ValueKind.ADDRESS, asked="收件地址", block=_RECIPIENT, inner=_PLACE),
        FieldSpec("weight", labels_of("waybill.weight"), ValueKind.MEASURE, asked="重量", row=labels_of("table.total_row"), column=labels_of("table.weight_column")),
    )),
}  # fmt: skip
"""Presets by the name that `preset=` takes."""


def spec_of(name: str) -> FieldSpec:
    """What is known about a name that the user made up: the field of a preset of that name or label, or a guess."""
    wanted = fold(name)
    common = [spec for preset in PRESETS.values() for spec in preset.fields]
    # Specs that count labels or cross rows only make sense beside the others of their preset.
    known = next((s for s in common if fold(s.name) == wanted and s.nth is None), None) or next(
        (s for s in common if s.nth is None and any(fold(label) == wanted for label in s.labels)), None
    )
    words = name.replace("_", " ").strip()
    if known is not None:
        return replace(
            known,
            name=name,
            role=known.role or known.name,
            asked=None,
            labels=tuple(dict.fromkeys([words, *known.labels])),
        )
    kind = next((kind for pattern, kind in _GUESSES if pattern.search(flat(words))), ValueKind.TEXT)
    return FieldSpec(name, (words,), kind)
