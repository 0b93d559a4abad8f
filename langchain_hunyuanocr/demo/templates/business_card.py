"""A business card in Chinese or English: a company, a person, a post, and how to reach them."""

# ruff: noqa: E501 - a Chinese character counts as two columns here
from __future__ import annotations

from langchain_hunyuanocr.demo.page_canvas import BLUE, GREY, Align, Face, PageCanvas
from langchain_hunyuanocr.demo.random_data import Company, RandomData, Tongue
from langchain_hunyuanocr.demo.text_flow import Composed, Draft

_POSTS = {
    "zh": ("销售经理", "总经理", "财务总监", "高级工程师", "市场部主管", "采购专员", "法务顾问", "项目经理"),
    "en": (
        "Sales Manager", "Managing Director", "Chief Financial Officer", "Senior Engineer", "Head of Marketing",
        "Purchasing Agent", "Legal Counsel", "Project Manager",
    ),
}  # fmt: skip
_LABELS: dict[Tongue, tuple[dict[str, str], ...]] = {
    "zh": (
        {"address": "地址", "phone": "电话", "mobile": "手机", "fax": "传真", "email": "邮箱", "website": "网址"},
        {"address": "地址", "phone": "座机", "mobile": "移动电话", "fax": "传真", "email": "电子邮箱", "website": "主页"},
        {"address": "Add", "phone": "Tel", "mobile": "Mobile", "fax": "Fax", "email": "E-mail", "website": "Web"},
        {"address": "公司地址", "phone": "办公电话", "mobile": "手机号", "fax": "传真号", "email": "E-mail", "website": "官网"},
    ),
    "en": (
        {"address": "", "phone": "Tel", "mobile": "Mobile", "fax": "Fax", "email": "Email", "website": ""},
        {"address": "Address", "phone": "Phone", "mobile": "Cell", "fax": "Fax", "email": "E-mail", "website": "Web"},
        {"address": "", "phone": "T", "mobile": "M", "fax": "F", "email": "E", "website": "W"},
        {"address": "Office", "phone": "Direct", "mobile": "Mob", "fax": "Fax", "email": "Mail", "website": "Website"},
    ),
}  # fmt: skip


def business_card(stock: RandomData, tongue: Tongue) -> Draft:
    """One page; fields are those of the preset `business_card`."""
    rng = stock.rng
    company, name, post = stock.company(tongue), stock.person(tongue), rng.choice(_POSTS[tongue])
    labels, values = rng.choice(_LABELS[tongue]), _ways(stock, company, name, tongue)
    sheet = PageCanvas((290, 176), dpi=rng.choice((170, 200, 230)), face=rng.choice((Face.SANS, Face.SERIF)))
    centred = rng.random() < 0.3
    x = 145.0 if centred else 20.0
    align: Align = "centre" if centred else "left"
    blue = BLUE if rng.random() < 0.5 else GREY
    tall = 12.0 if len(company.name) < 30 else 10.0
    if rng.random() < 0.6:
        sheet.text(x, 30, company.name, size=tall, bold=True, align=align, colour=blue)
        sheet.text(x, 58, name, size=16, align=align)
        sheet.text(x, 74, post, size=9.5, align=align)
    else:
        end = sheet.text(20, 34, name, size=16)
        sheet.text(end + 12, 34, post, size=9.5)
        sheet.text(20, 62, company.name, size=tall, bold=True, colour=blue)
    sheet.rule(20, 82, 270, 82, colour=GREY)
    mark = ": " if tongue == "en" or labels["phone"].isascii() else "："
    kept = [key for key in values if key not in ("fax", "website") or rng.random() < 0.6]
    for k, key in enumerate(kept):
        label = labels[key] + mark if labels[key] else ""
        sheet.text(20, 97 + 13 * k, f"{label}{values[key]}", size=8.5)
    sheet.fields.update(name=name, company=company.name, title=post, **{key: values[key] for key in kept})
    return Draft("business_card", tongue, "card", [Composed(sheet, [])])


def _ways(stock: RandomData, company: Company, name: str, tongue: Tongue) -> dict[str, str]:
    rng = stock.rng
    letters = "".join(rng.choice("abcdefghiklmnoprstuwyz") for _ in range(rng.randint(4, 8)))
    domain = f"{letters}.{'com.cn' if tongue == 'zh' else rng.choice(('com', 'co.uk', 'net'))}"
    user = name.split()[-1].lower() if tongue == "en" else "".join(rng.choice("abdghjlmwxyz") for _ in range(5))
    mobile = (
        f"1{rng.choice('35789')}{stock.digits(9)}" if tongue == "zh" else f"+44 7{stock.digits(3)} {stock.digits(6)}"
    )
    fax = company.phone[:-4] + stock.digits(4)
    return {
        "address": company.address,
        "phone": company.phone,
        "mobile": mobile,
        "fax": fax,
        "email": f"{user}@{domain}",
        "website": f"www.{domain}",
    }
