"""RapidOCR on text that does not run from left to right: turned tables, vertical columns, pages on their side."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from langchain_hunyuanocr import HunyuanOCRLoader
from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.rapid import RapidEngine
from langchain_hunyuanocr.tasks import Task

pytest.importorskip("rapidocr")

ROWS = [("Bridge", "Span", "Year"), ("Arno", "84.5", "1961"), ("Vale", "112.0", "1974"), ("Quarry", "9", "2003")]
HEAD = ("Bridges of the valley", "The spans below were measured by the office in May.")


def table(*, ruled: bool) -> Image.Image:
    picture = Image.new("L", (664, 364), "white")
    draw = ImageDraw.Draw(picture)
    for row, texts in enumerate(ROWS):
        for column, text in enumerate(texts):
            left, top = 2 + 220 * column, 2 + 90 * row
            if ruled:
                draw.rectangle((left, top, left + 220, top + 90), outline=0, width=2)
            draw.text((left + 20, top + 28), text, fill=10, font=ImageFont.load_default(32))
    return picture


def page_with(part: Image.Image) -> Image.Image:
    page = Image.new("L", (1240, 1754), 246)
    for row, text in enumerate(HEAD):
        ImageDraw.Draw(page).text((110, 100 + 60 * row), text, fill=15, font=ImageFont.load_default(30))
    page.paste(part, (380, 420))
    return page


def read(page: Image.Image, tmp_path: Path) -> tuple[str, float]:
    page.save(tmp_path / "page.png")
    (document,) = HunyuanOCRLoader(tmp_path / "page.png", engine="rapid").load()
    return document.page_content, document.metadata["rotation"]


@pytest.mark.parametrize("ruled", [True, False])
@pytest.mark.parametrize("turn", [90, 270])
def test_a_turned_table_on_an_upright_page(turn: int, ruled: bool, tmp_path: Path) -> None:
    markdown, rotation = read(page_with(table(ruled=ruled).rotate(turn, expand=True, fillcolor=246)), tmp_path)
    assert rotation == 0
    for row in ROWS:
        assert f"| {' | '.join(row)} |" in markdown
    assert markdown.lstrip("# ").startswith(HEAD[0])


def test_a_line_that_runs_up_the_margin() -> None:
    margin = Image.new("RGB", (620, 50), "white")
    ImageDraw.Draw(margin).text((10, 8), "Archive copy, not to be lent", fill="black", font=ImageFont.load_default(30))
    page = Image.new("RGB", (900, 1000), "white")
    ImageDraw.Draw(page).text((200, 120), "Minutes of the meeting", fill="black", font=ImageFont.load_default(30))
    page.paste(margin.rotate(90, expand=True), (40, 200))
    (answer,) = RapidEngine().generate([Request(page, Task())])
    assert {(line.text, line.turn) for line in answer.lines} == {
        ("Minutes of the meeting", 0),
        ("Archive copy, not to be lent", 90),
    }


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_on_its_side_is_still_turned_as_a_whole(turn: int, tmp_path: Path) -> None:
    page = Image.new("L", (1000, 1300), "white")
    for row in range(14):
        text = f"Clause {row + 1} of the lease was agreed by both parties"
        ImageDraw.Draw(page).text((80, 90 + 70 * row), text, fill=0, font=ImageFont.load_default(30))
    markdown, rotation = read(page.rotate(turn, expand=True), tmp_path)
    assert rotation == turn
    assert "Clause 14 of the lease was agreed by both parties" in markdown


def vertical(columns: list[str], font: ImageFont.FreeTypeFont, size: int, marks_at: float = 0.5) -> Image.Image:
    """A page of columns; the marks of punctuation are moved up and right by a share of the type."""
    page = Image.new("RGB", (900, 1200), (248, 246, 240))
    for number, text in enumerate(columns):
        for place, character in enumerate(text):
            shift = marks_at * size if character in "，。、" else 0
            at = (760 - 1.7 * size * number + shift, 120 + 1.1 * size * place - shift)
            ImageDraw.Draw(page).text(at, character, fill=(30, 25, 20), font=font)
    return page


@pytest.mark.parametrize("size", [34, 48])
@pytest.mark.parametrize(
    "columns",
    [
        ["図書館からのお願い", "借りた本は二週間で", "返してください", "雨の日は袋に入れて", "お持ち帰りください"],
        ["邻居送来一筐新鲜的梨", "母亲把它们洗得很干净", "分给院子里玩耍的孩子", "笑声传到很远的地方"],
    ],
)
def test_vertical_text_is_read_from_right_to_left(columns: list[str], size: int, tmp_path: Path) -> None:
    pymupdf = pytest.importorskip("pymupdf")
    font = ImageFont.truetype(BytesIO(pymupdf.Font("japan").buffer), size)
    markdown, rotation = read(vertical(columns, font, size), tmp_path)
    assert rotation == 0
    assert "".join(markdown.split()).lstrip("#") == "".join(columns)


@pytest.mark.parametrize(("size", "marks_at"), [(34, 0.5), (46, 0.25)], ids=["in the corner", "in the middle"])
@pytest.mark.parametrize(
    "columns",
    [
        ["邻居送来梨，又大又甜。", "母亲洗净、切好，端来", "给院子里的孩子。大家", "围着桌子吃，笑声很远"],
        ["雨の日は、傘を袋に入れ", "てください。本は二週間", "で返し、棚に戻さないで", "ください。係が戻します"],
    ],
)
def test_the_punctuation_of_vertical_text_is_kept(
    columns: list[str], size: int, marks_at: float, tmp_path: Path
) -> None:
    pymupdf = pytest.importorskip("pymupdf")
    font = ImageFont.truetype(BytesIO(pymupdf.Font("japan").buffer), size)
    markdown, _ = read(vertical(columns, font, size, marks_at), tmp_path)
    assert "".join(markdown.split()).lstrip("#") == "".join(columns)


@pytest.mark.corpus
def test_cases_of_public_reports(corpus: Path) -> None:
    cases = corpus / "cases"
    (stamped,) = HunyuanOCRLoader(cases / "35_stamp_over_amount.jpg", engine="rapid").load()
    assert abs(stamped.metadata["rotation"]) < 1
    assert "1,875.40 EUR" in stamped.page_content
    (turned,) = HunyuanOCRLoader(cases / "26_turned_table_on_upright_page.jpg", engine="rapid").load()
    assert "| B2 | 18.7 | 11.5 |" in turned.page_content
    (columns,) = HunyuanOCRLoader(cases / "06_vertical_japanese.jpg", engine="rapid").load()
    places = [columns.page_content.find(text) for text in ("会議のお知らせ", "来月三日", "議題は", "事務局まで")]
    assert places == sorted(places)
    assert -1 not in places


@pytest.mark.corpus
def test_an_old_magazine_in_columns_is_read_tier_by_tier(corpus: Path) -> None:
    (page,) = HunyuanOCRLoader(corpus / "real" / "pages" / "img_6.png", engine="rapid").load()
    marks = ["兩次歐戰較量談", "上次歐洲大戰", "上次歐戰由一九一四年", "上次大戰初期", "生意經", "一個法國畫師"]
    places = [page.page_content.find(mark) for mark in marks]
    assert places == sorted(places)
    assert -1 not in places
    assert "截至現在，法、荷、比、盧、丹、挪、波七國，皆先後被德國征服了。" in "".join(page.page_content.split())
