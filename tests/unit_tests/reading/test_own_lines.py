from __future__ import annotations

from collections.abc import Sequence

import pytest
from PIL import Image

from langchain_hunyuanocr.reading.layout.read_lines import read_lines
from langchain_hunyuanocr.reading.layout.text_lines.own_lines import is_labelled
from langchain_hunyuanocr.results import Box, Line

PAGE = (800, 1200)
PITCH = 28
SIZE = 20


def block(texts: Sequence[str], *, x: float = 80, y: float = 100, width: float | None = None) -> list[Line]:
    """Lines below each other, from one left edge, or centred where `x` is 0; set to one width where it is given."""
    lines = []
    for number, text in enumerate(texts):
        own = sum(1.0 if ord(c) > 0x2E80 else 0.5 for c in text) * SIZE
        wide = own if width is None or number == len(texts) - 1 else width
        left = x or (PAGE[0] - wide) / 2
        top = y + PITCH * number
        box = Box.from_pixels(left, top, left + wide, top + 0.83 * SIZE, width=PAGE[0], height=PAGE[1])
        lines.append(Line(text=text, box=box))
    return lines


def paragraphs(lines: Sequence[Line]) -> list[str]:
    return read_lines(lines, Image.new("RGB", PAGE, "white")).markdown.split("\n\n")


HEADS = [
    ["NORTHGATE TOOLS LIMITED", "(Reg. 88412-K)", "UNIT 4, 17 CANAL ROAD,", "LEEDS LS1 4PQ, YORKSHIRE"],
    ["Brauhaus am Markt GmbH", "Marktplatz 12", "04109 Leipzig", "USt-IdNr: DE811234567"],
    ["Boulangerie Martin", "18 Rue des Lilas", "69003 Lyon", "SIRET: 812 345 678 00012"],
]


@pytest.mark.parametrize("texts", HEADS)
@pytest.mark.parametrize("x", [0, 80])
def test_the_head_of_a_receipt_keeps_its_lines(texts: list[str], x: int) -> None:
    assert paragraphs(block(texts, x=x)) == texts


def test_labels_with_values_keep_their_lines_even_where_all_are_as_long() -> None:
    texts = ["Receipt no: 00412-A", "Cashier: M. Tan", "Date: 25/12/2018 8:13 PM"]
    assert paragraphs(block(texts, width=400)) == texts
    texts = ["请求书编号：A-17-0714", "开票日期：2023年7月14日", "合计金额：￥123,450"]
    assert paragraphs(block(texts, width=400)) == texts


def test_a_labelled_value_that_goes_on_stays_whole() -> None:
    texts = ["Deliver to: 12 Long Acre,", "Covent Garden"]
    assert paragraphs(block(texts, width=330)) == ["Deliver to: 12 Long Acre, Covent Garden"]


PROSE = [
    [
        "The tenant pays the rent on the third",
        "Monday of each month to the account of",
        "Messrs. Oosterhof in Assen; what comes",
        "later is charged with a fee of 12 EUR.",
    ],
    [
        "Der Mieter zahlt die Miete am dritten",
        "Werktag jedes Monats auf das Konto der",
        "Verwaltung; was danach kommt, wird mit",
        "einer Gebühr belegt.",
    ],
]


@pytest.mark.parametrize("texts", PROSE)
def test_prose_is_joined(texts: list[str]) -> None:
    assert paragraphs(block(texts, width=420)) == [" ".join(texts)]


def test_references_whose_words_are_mostly_names_are_joined() -> None:
    texts = [
        "Miller, K., Smith, J., Jones, R., Brown, T. and Li, W.: Theory of",
        "Dunes. Journal of Desert Science, Vol. 3, Springer, Berlin 2014.",
    ]
    assert paragraphs(block(texts, width=640)) == [" ".join(texts)]


def test_terms_in_capitals_are_joined_and_a_warning_between_lines_is_not() -> None:
    terms = [
        "IN NO EVENT SHALL THE SELLER BE LIABLE,",
        "WHETHER IN CONTRACT OR IN TORT, FOR ANY",
        "LOSS OF PROFIT OR OF USE OF THE GOODS.",
    ]
    assert paragraphs(block(terms, width=420)) == [" ".join(terms)]
    assert paragraphs(block(["THANK YOU", "PLEASE COME AGAIN"], x=0)) == ["THANK YOU", "PLEASE COME AGAIN"]


def test_chinese_prose_is_joined_and_centred_lines_are_not() -> None:
    prose = ["甲方应当在本合同签订之日起十五个工", "作日内向乙方支付首期款项，逾期一日", "按千分之一支付违约金。"]
    assert paragraphs(block(prose)) == ["".join(prose)]
    centred = ["永发五金商行", "柔佛新山地不佬路十二号", "谢谢惠顾"]
    assert paragraphs(block(centred, x=0)) == centred


def test_a_caption_is_apart_from_the_prose_below() -> None:
    caption = block(["North Mill in May"], x=0, y=100)
    lines = [*caption, *block(PROSE[0], y=128, x=180, width=420)]
    assert paragraphs(lines) == ["North Mill in May", " ".join(PROSE[0])]


@pytest.mark.parametrize(
    "text", ["Date: 3 May", "GST Reg No. : 000549", "合計金額：￥1", "Tel.: 07-35", "电话(Tel)：07", "Member:"]
)
def test_labels(text: str) -> None:
    assert is_labelled(text)


@pytest.mark.parametrize(
    "text",
    [
        "8:13:39 PM",
        "https://example.org/a",
        "It was then that the whole of the firm said: no",
        "甲方应当，并且必须：",
        "and so on:",
    ],
)
def test_no_labels(text: str) -> None:
    assert not is_labelled(text)


@pytest.mark.parametrize(
    "texts",
    [
        ["Northgate Tools Reports Third-Quarter 2023 Results; Raises Full-Year", "Guidance"],
        ["RECONCILIATION OF NORTHERN HARBOUR FEES AND NORTHERN HARBOUR RENTS", "ADJUSTED NORTHERN HARBOUR INCOME"],
    ],
)
def test_a_long_title_in_body_type_is_joined(texts: list[str]) -> None:
    assert paragraphs(block(texts, x=0)) == [" ".join(texts)]


def test_bold_lines_that_are_apart_are_no_headings() -> None:
    lines = [line.model_copy(update={"bold": True}) for line in block(["Markt 12", "04109 Leipzig", "Saxony"])]
    assert paragraphs(lines) == ["Markt 12", "04109 Leipzig", "Saxony"]


def test_prose_that_is_written_from_the_right_is_joined() -> None:
    texts = ["ההכנסות ברבעון השני היו גבוהות מאלה של", "הרבעון הראשון והוועדה רשמה זאת בפרוטוקול", "של הישיבה האחרונה"]
    lines = block(texts, width=420)
    last = lines[-1].box
    lines[-1] = lines[-1].model_copy(
        update={"box": Box(lines[0].box.x1 - last.width, last.y0, lines[0].box.x1, last.y1)}
    )
    assert paragraphs(lines) == [" ".join(texts)]
