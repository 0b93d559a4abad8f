from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.rapid import RapidEngine
from langchain_hunyuanocr.reading.layout.read_lines import read_lines
from langchain_hunyuanocr.tasks import Task

pytest.importorskip("rapidocr")

ENGINE = RapidEngine()


def picture(*texts: tuple[str, int, int], size: tuple[int, int] = (900, 500)) -> Image.Image:
    page = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(28)
    for text, x, y in texts:
        draw.text((x, y), text, fill="black", font=font)
    return page


def test_lines_with_their_places() -> None:
    page = picture(("The quick brown fox", 60, 80), ("jumps over 12 lazy dogs", 60, 140))
    (answer,) = ENGINE.generate([Request(page, Task())])
    assert answer.finish == "stop"
    lines = sorted(answer.lines, key=lambda line: line.box.y0)
    assert [line.text for line in lines] == ["The quick brown fox", "jumps over 12 lazy dogs"]
    for line, top in zip(lines, (80, 140), strict=True):
        assert line.box.x0 * 900 == pytest.approx(60, abs=8)
        assert top - 8 < line.box.y0 * 500 < line.box.y1 * 500 < top + 44
        assert line.score is not None
        assert line.score > 0.8


def test_the_model_of_a_language_is_taken_from_its_folder(tmp_path: Path) -> None:
    import rapidocr

    built_in = Path(rapidocr.__file__).parent / "models" / "PP-OCRv6_rec_small.onnx"
    (tmp_path / "th_PP-OCRv5_rec_mobile.onnx").symlink_to(built_in)  # stands in for the Thai one
    engine = RapidEngine(language="th", model_dir=tmp_path)
    (answer,) = engine.generate([Request(picture(("Bangkok 2567", 60, 80)), Task())])
    assert [line.text for line in answer.lines] == ["Bangkok 2567"]


def test_a_picture_without_text_has_no_lines() -> None:
    answers = ENGINE.generate(
        [Request(Image.new("RGB", size, "white"), Task()) for size in ((600, 800), (3, 3), (2000, 5))]
    )
    assert [(answer.finish, answer.lines) for answer in answers] == [("stop", ())] * 3


def test_answers_come_in_order_and_from_several_threads() -> None:
    words = ["alpha", "bravo", "charlie", "delta"]
    requests = [Request(picture((word, 60, 60), size=(400, 160)), Task()) for word in words]
    assert [answer.lines[0].text for answer in ENGINE.generate(requests)] == words
    with ThreadPoolExecutor(4) as threads:
        answers = threads.map(lambda request: ENGINE.generate([request])[0], requests)
    assert [answer.lines[0].text for answer in answers] == words


def test_a_picture_that_fails_costs_no_other() -> None:
    broken = picture(("never seen", 60, 60))
    broken.close()
    good = picture(("still read", 60, 60))
    first, second = ENGINE.generate([Request(broken, Task()), Request(good, Task())])
    assert first.finish == "error"
    assert first.error
    assert second.lines[0].text == "still read"


def test_a_ruled_table_is_read_from_its_picture() -> None:
    xs, ys = (50, 350, 600, 850), (50, 120, 190, 260)
    rows = [("Item", "Qty", "Price"), ("Pencils", "12", "3.40"), ("Paper", "50", "21.00")]
    page = picture(*((text, xs[c] + 20, ys[r] + 18) for r, row in enumerate(rows) for c, text in enumerate(row)))
    draw = ImageDraw.Draw(page)
    for x in xs:
        draw.line((x, ys[0], x, ys[-1]), fill="black", width=2)
    for y in ys:
        draw.line((xs[0], y, xs[-1], y), fill="black", width=2)
    (answer,) = ENGINE.generate([Request(page, Task())])
    (table,) = read_lines(answer.lines, page).tables
    assert table.rows == tuple(rows)


@pytest.mark.corpus
def test_columns_of_a_magazine_are_read_in_order(corpus: Path) -> None:
    page = Image.open(corpus / "unlv" / "8071_093.3B.tif").convert("RGB")
    page.thumbnail((2100, 2100))
    (answer,) = ENGINE.generate([Request(page, Task())])
    markdown = read_lines(answer.lines, page).markdown
    marks = [
        "questioned her until he learned the",
        "cause of her sadness",
        "Guarendi's book shows",
        "one day when he was",
    ]
    places = [markdown.find(mark) for mark in marks]
    assert places == sorted(places)
    assert -1 not in places


@pytest.mark.corpus
def test_merged_cells_of_a_scanned_chinese_table(corpus: Path) -> None:
    page = Image.open(corpus / "rapidai" / "wired" / "table3.jpg").convert("RGB")
    (answer,) = ENGINE.generate([Request(page, Task())])
    (table,) = read_lines(answer.lines, page).tables
    assert table.rows[1] == ("TextIn 产品", "产品描述")
    assert table.rows[0][0] == table.rows[0][1]
    assert 'colspan="2"' in table.html


@pytest.mark.parametrize(
    ("text", "size", "place"),
    [
        ("Appendix 4", 26, (180, 1700)),
        ("Void", 40, (1100, 240)),
        ("- 8 -", 28, (760, 2080)),
        ("Ref. 77-B", 20, (90, 90)),
    ],
)
def test_a_short_line_on_an_empty_sheet_is_found(text: str, size: int, place: tuple[int, int]) -> None:
    page = Image.new("RGB", (1550, 2190), (244, 243, 240))
    ImageDraw.Draw(page).text(place, text, fill=(30, 30, 30), font=ImageFont.load_default(size))
    (answer,) = ENGINE.generate([Request(page, Task())])
    (line,) = answer.lines
    assert line.text.replace(" ", "") == text.replace(" ", "")
    assert line.box.x0 * 1550 == pytest.approx(place[0], abs=10)
    assert line.box.y0 * 2190 < place[1] + size < line.box.y1 * 2190 + size


@pytest.mark.parametrize(("height", "width", "size"), [(1750, 480, 18), (4100, 520, 24)])
def test_a_tall_receipt_is_read_from_top_to_bottom_each_line_once(height: int, width: int, size: int) -> None:
    page = Image.new("RGB", (width, height), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(size)
    tops = range(30, height - 2 * size, 4 * size)
    for number, top in enumerate(tops):
        draw.text((40, top), f"Parcel {number + 100}", fill="black", font=font)
        draw.text((width - 140, top), f"{number}.75", fill="black", font=font)
    (answer,) = ENGINE.generate([Request(page, Task())])
    texts = [line.text for line in sorted(answer.lines, key=lambda line: line.box.y0)]
    assert [text for text in texts if text.startswith("Parcel")] == [f"Parcel {n + 100}" for n in range(len(tops))]
    assert [text for text in texts if "." in text] == [f"{n}.75" for n in range(len(tops))]


def test_a_banner_is_read_to_its_end() -> None:
    page = Image.new("RGB", (4200, 90), "white")
    ImageDraw.Draw(page).text(
        (40, 25), " ".join(f"milepost {n}," for n in range(10, 30)), fill="black", font=ImageFont.load_default(32)
    )
    (answer,) = ENGINE.generate([Request(page, Task())])
    text = " ".join(line.text for line in sorted(answer.lines, key=lambda line: line.box.x0))
    assert [word for word in text.replace(",", " ").split() if word.isdigit()] == [str(n) for n in range(10, 30)]


def test_small_type_beside_a_large_drawing_is_found() -> None:
    page = Image.new("RGB", (2100, 1480), "white")
    draw = ImageDraw.Draw(page)
    for x in range(150, 1650, 125):
        draw.line((x, 100, x, 1200), fill="black", width=2)
    draw.line((150, 1200, 1650, 1200), fill="black", width=2)
    for number, text in enumerate(("Bridge at Tarnow", "Sheet K-118", "Scale 1:75")):
        draw.text((1790, 1300 + 22 * number), text, fill="black", font=ImageFont.load_default(14))
    (answer,) = ENGINE.generate([Request(page, Task())])
    assert {"Bridge at Tarnow", "Sheet K-118", "Scale 1:75"} <= {line.text for line in answer.lines}
