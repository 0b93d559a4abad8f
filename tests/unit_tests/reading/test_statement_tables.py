"""Tables of financial statements: no rules, and labels far from their figures."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PIL import Image, ImageDraw

from langchain_hunyuanocr.reading.layout.read_lines import read_lines
from langchain_hunyuanocr.results import Box, Line

PAGE = (1200, 1600)


def line(text: str, x: float, y: float, *, size: float = 20, right: bool = False) -> Line:
    """A line of text with its left or right end at `x`."""
    width = 0.5 * size * len(text)
    start = x - width if right else x
    return Line(text=text, box=Box.from_pixels(start, y, start + width, y + 0.83 * size, width=PAGE[0], height=PAGE[1]))


def statement(
    rows: Sequence[tuple[int, str, Sequence[str]]], ends: Sequence[float], *, top: float = 300, size: float = 20
) -> list[Line]:
    """Rows of an indent, a label and the figures, whose columns end at `ends`; an empty text is not written."""
    lines = []
    for number, (indent, label, figures) in enumerate(rows):
        y = top + 1.5 * size * number
        lines += [line(label, 80 + indent, y, size=size)] if label else []
        lines += [line(text, end, y, size=size, right=True) for text, end in zip(figures, ends, strict=False) if text]
    return lines


def table_rows(lines: Sequence[Line], picture: Image.Image | None = None) -> list[list[str]]:
    """The cells of the Markdown rows of a page, header separators left out."""
    markdown = read_lines(lines, picture or Image.new("RGB", PAGE, "white")).markdown
    rows = [text.strip("|").split("|") for text in markdown.splitlines() if text.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows if set("".join(row)) - set(" -")]


HARVEST = [
    (0, "", ("2031", "2030")),
    (0, "Orchards:", ()),
    (20, "Pears and quinces", ("12,408", "11,990")),
    (20, "Cider, of our own pressing", ("3,071", "(412)")),
    (40, "Total orchards", ("15,479", "11,578")),
    (0, "Pastures:", ()),
    (20, "Wool", ("\u2014", "1,204")),
    (20, "Milk delivered to the dairies of the valley", ("(7,730)", "6,815")),
    (0, "Yield before tithe", ("7,749", "19,597")),
]


@pytest.mark.parametrize("size", [14, 20, 26])
def test_labels_stay_with_figures_far_to_the_right(size: float) -> None:
    rows = table_rows(statement(HARVEST, (900, 1080), size=size))
    assert rows == [[label, *(figures or ("", ""))] for _, label, figures in HARVEST]


def test_rules_over_the_figures_alone_do_not_cut_the_labels_off() -> None:
    picture = Image.new("RGB", PAGE, "white")
    draw = ImageDraw.Draw(picture)
    for y in (323, 443, 563):
        for x0, x1 in ((800, 900), (980, 1080)):
            draw.line((x0, y, x1, y), fill="black", width=2)
    rows = table_rows(statement(HARVEST, (900, 1080)), picture)
    assert ["Total orchards", "15,479", "11,578"] in rows
    assert ["Yield before tithe", "7,749", "19,597"] in rows


def test_a_column_of_notes_and_a_label_of_two_lines() -> None:
    rows = table_rows(
        statement(
            [
                (0, "", ("Note", "June", "May")),
                (0, "Rent of boats", ("4", "310", "295")),
                (0, "Repairs to the quay and to the", ()),
                (20, "harbour wall", ("11", "1,862", "940")),
                (0, "Tolls", ("", "77", "81")),
                (0, "Lamp oil", ("12", "18", "\u2014")),
            ],
            (700, 880, 1060),
        )
    )
    assert rows == [
        ["", "Note", "June", "May"],
        ["Rent of boats", "4", "310", "295"],
        ["Repairs to the quay and to the harbour wall", "11", "1,862", "940"],
        ["Tolls", "", "77", "81"],
        ["Lamp oil", "12", "18", "\u2014"],
    ]


def test_currency_signs_and_marks_that_stand_apart_belong_to_their_figures() -> None:
    lines = statement(
        [(0, "Wages", ("940", "871")), (0, "Seed", ("52", "49")), (0, "All", ("992", "920"))], (800, 1000)
    )
    lines += [line("$", 700, 300), line("S", 900, 300), line("%", 806, 330)]
    assert table_rows(lines) == [["Wages", "$ 940", "S 871"], ["Seed", "52 %", "49"], ["All", "992", "920"]]


def test_figures_that_were_read_as_one_line_are_parted() -> None:
    lines = statement([(0, "Wages", ("940", "871")), (0, "Seed", ("52", "49"))], (800, 1000))
    box = Box.from_pixels(760, 360, 1000, 376, width=PAGE[0], height=PAGE[1])
    lines += [line("All of it", 80, 360), Line(text="1,992 1,920", box=box)]
    assert table_rows(lines)[-1] == ["All of it", "1,992", "1,920"]


PROSE = [
    "The first of these columns speaks of",
    "a mill by a river that was driven by",
    "water until the year of the flood, in",
    "which its wheel was carried down to a",
    "bridge, where people found it when 12",
    "days had gone by and the water fell.",
]


def test_text_beside_a_table_stays_text() -> None:
    lines = [line(text, 60, 300 + 30 * n, size=20) for n, text in enumerate(PROSE)]
    figures = [("Oats", "120", "118"), ("Rye", "64", "70"), ("Hops", "9", "11"), ("Flax", "31", "28")]
    for n, (label, first, second) in enumerate(figures):
        y = 300 + 30 * n
        lines += [line(label, 560, y), line(first, 900, y, right=True), line(second, 1080, y, right=True)]
    content = read_lines(lines, Image.new("RGB", PAGE, "white"))
    assert [row for row in table_rows(lines) if row[0] == "Rye"] == [["Rye", "64", "70"]]
    assert " ".join(PROSE) in content.markdown
    assert len(content.tables) == 1


def test_columns_of_text_with_a_number_in_them_are_no_statement() -> None:
    lines = [line(text, x, 300 + 30 * n) for x in (60, 640) for n, text in enumerate(PROSE)]
    content = read_lines(lines, Image.new("RGB", PAGE, "white"))
    assert content.tables == ()
    assert content.markdown.count(" ".join(PROSE)) == 2


def test_the_head_of_a_receipt_is_no_table() -> None:
    lines = [
        line("Server: 113", 80, 200),
        line("CASHIER", 700, 200),
        line("Table 7", 80, 230),
        line("Guests: 2", 700, 230),
        line("Thank you", 80, 260),
    ]
    assert read_lines(lines, Image.new("RGB", PAGE, "white")).tables == ()


def test_the_sign_at_the_end_of_a_piece_belongs_to_the_next_column() -> None:
    rows = [(0, "Wages", ("$ 940 $", "871")), (0, "Seed", ("52", "49")), (0, "All", ("(992)S", "920"))]
    assert table_rows(statement(rows, (800, 1000))) == [
        ["Wages", "$ 940", "$ 871"],
        ["Seed", "52", "49"],
        ["All", "(992)", "S 920"],
    ]


def test_a_doubled_sign_parts_no_row() -> None:
    rows = [(0, "Wages", ("$ 940", "$$ 871")), (0, "Seed", ("52", "49")), (0, "All", ("992", "920"))]
    assert table_rows(statement(rows, (800, 1000)))[0] == ["Wages", "$ 940", "$$ 871"]


def test_signs_after_figures_stay_there() -> None:
    rows = [(0, "Miete", ("940 €", "871 €")), (0, "Saatgut", ("52 €", "49 €")), (0, "Summe", ("992 €", "920 €"))]
    assert table_rows(statement(rows, (800, 1000)))[0] == ["Miete", "940 €", "871 €"]


def test_a_comma_that_was_read_as_a_point_is_a_comma() -> None:
    rows = [(0, "Flour", ("7,934", "7.222", "7,191")), (0, "Salt", ("12", "9", "8")), (0, "Yeast", ("1,020", "8", "3"))]
    assert table_rows(statement(rows, (700, 900, 1080)))[0] == ["Flour", "7,934", "7,222", "7,191"]
    rates = [*rows, (0, "Guilders to the crown", ("1.625", "1.704", "1.688"))]
    assert table_rows(statement(rates, (700, 900, 1080)))[0] == ["Flour", "7,934", "7.222", "7,191"]


def test_years_finish_the_dates_above_them() -> None:
    lines = statement(HARVEST, (900, 1080))
    lines += [line("Seasons ended March 31,", 845, 270)]
    head = "Seasons ended March 31,"
    assert table_rows(lines)[0] == ["", f"{head} 2031", f"{head} 2030"]


def test_years_below_a_name_that_is_no_date_are_a_row_of_their_own() -> None:
    lines = [*statement(HARVEST, (900, 1080)), line("Both valleys", 900, 270)]
    assert table_rows(lines)[:2] == [["", "Both valleys", "Both valleys"], ["", "2031", "2030"]]


@pytest.mark.parametrize(
    "unit", ["(in millions)", "(Amounts in thousands, except per cask)", "In billions", "(單位：千元)", "Unit: tonnes"]
)
def test_the_unit_above_a_header_stands_over_the_labels(unit: str) -> None:
    lines = [*statement(HARVEST, (900, 1080)), line(unit, 500, 270)]
    assert table_rows(lines)[0] == [unit, "2031", "2030"]
    assert read_lines(lines, None).markdown.count(unit) == 1


@pytest.mark.parametrize("caption", ["Table 7 Yield of the valley", "表1-4 河谷收成"])
def test_a_caption_over_the_columns_is_no_header(caption: str) -> None:
    rows = statement(HARVEST, (900, 1080), top=360)
    lines = [line(caption, 800, 330), *rows]
    markdown = read_lines(lines, Image.new("RGB", PAGE, "white")).markdown
    assert next(text for text in markdown.splitlines() if caption in text).lstrip("# ") == caption
    assert len(table_rows(lines)) == len(HARVEST)


def test_years_to_the_left_of_their_figures_are_over_them() -> None:
    rows = [(0, "Share of rye", ("9.6 %", "17.8 %")), (0, "Share of oats", ("4.1 %", "3.0 %"))]
    lines = statement(rows, (900, 1080), top=330)
    lines += [line("2031", 790, 300), line("2030", 965, 300)]
    assert table_rows(lines) == [["", "2031", "2030"], *([label, *figures] for _, label, figures in rows)]


def test_the_head_of_a_section_stands_between_header_and_figures() -> None:
    rows = [(0, "", ("Barrels", "Casks")), (0, "Cellar", ()), (10, "Perry", ("12", "3")), (10, "Mead", ("7", "1"))]
    rows += [(10, "Wine", ("140", "22"))]
    assert table_rows(statement(rows, (900, 1080)))[:3] == [
        ["", "Barrels", "Casks"],
        ["Cellar", "", ""],
        ["Perry", "12", "3"],
    ]


def test_a_column_in_which_no_figure_was_read_keeps_its_name() -> None:
    rows = [(0, "", ("Spring", "Opened", "Closed", "Autumn"))]
    rows += [(0, name, (a, b, "", c)) for name, a, b, c in (("Mills", "12", "1", "13"), ("Kilns", "4", "2", "6"))]
    rows += [(0, "Forges", ("7", "", "", "7"))]
    assert table_rows(statement(rows, (500, 700, 880, 1080))) == [
        ["", "Spring", "Opened", "Closed", "Autumn"],
        ["Mills", "12", "1", "", "13"],
        ["Kilns", "4", "2", "", "6"],
        ["Forges", "7", "", "", "7"],
    ]


def test_a_label_over_its_figures_is_their_label() -> None:
    lines = statement([(0, "Perry", ("12", "3")), (0, "Mead", ("7", "1")), (0, "Wine", ("140", "22"))], (900, 1080))
    lines += [line("Vinegar of the second pressing", 80, 390), line("31", 900, 420, right=True)]
    lines += [line("8", 1080, 420, right=True), line("All", 80, 450), line("190", 900, 450, right=True)]
    lines += [line("34", 1080, 450, right=True)]
    assert table_rows(lines)[3:] == [["Vinegar of the second pressing", "31", "8"], ["All", "190", "34"]]


def test_the_figures_of_a_label_in_two_columns_stand_on_its_last_line() -> None:
    lines = []
    for number, (name, use, figures) in enumerate(
        [
            ("Larch", "Roofs and the beams that carry them", ("1,310", "1,295")),
            ("Hornbeam", "Handles, the teeth of wheels, mallets,", ()),
            ("", "skittles and", ()),
            ("", "other turned ware", ()),
            ("", "", ("84", "91")),
            ("Lime", "Carving", ("77", "120")),
            ("Pear", "Rulers and squares, and the keys", ()),
            ("", "of harpsichords", ("12", "8")),
            ("Walnut", "Cupboards", ("403", "388")),
        ]
    ):
        y = 300 + 30 * number
        lines += [line(name, 80, y)] if name else []
        lines += [line(use, 330, y)] if use else []
        lines += [line(text, end, y, right=True) for text, end in zip(figures, (920, 1100), strict=False)]
    rows = table_rows(lines)
    assert ["Hornbeam", "Handles, the teeth of wheels, mallets, skittles and other turned ware", "84", "91"] in rows
    assert ["Pear", "Rulers and squares, and the keys of harpsichords", "12", "8"] in rows
    assert ["Lime", "Carving", "77", "120"] in rows


def test_a_label_that_fills_its_column_goes_on_below_even_with_a_figure() -> None:
    rows = table_rows(
        statement(
            [
                (0, "", ("2031", "2030")),
                (20, "Leases of the upper meadows, less refunds", ("118", "97")),
                (60, "Leases of fishing rights, less refunds of $12 and", ()),
                (70, "($9)", ("41", "38")),
                (20, "Leases of the ice houses in winter and spring, less", ()),
                (30, "one and a half percent", ("26", "24")),
                (0, "Leases in all, less refunds and deposits", ("185", "159")),
            ],
            (900, 1080),
        )
    )
    assert ["Leases of fishing rights, less refunds of $12 and ($9)", "41", "38"] in rows
    assert ["Leases of the ice houses in winter and spring, less one and a half percent", "26", "24"] in rows


def test_a_dollar_that_was_read_as_a_section_mark_parts_no_row() -> None:
    rows = table_rows(
        [
            *statement([(0, "Ferries", ("812", "7%")), (0, "Rafts", ("95", "(3)%"))], (700, 820), top=270),
            *statement([(0, "", ("", "", "1,044")), (0, "", ("", "", "61"))], (0, 0, 1080), top=270),
            line("Crossings", 80, 330),
            line("907", 700, 330, right=True),
            line("(54) §", 860, 330, right=True),
            line("1,105", 1080, 330, right=True),
        ]
    )
    assert ["Crossings", "907", "(54)", "$ 1,105"] in rows


def test_a_comma_that_was_read_as_a_point_is_one_between_rules_too() -> None:
    picture = Image.new("RGB", PAGE, "white")
    draw = ImageDraw.Draw(picture)
    for y in (290, 322, 445):
        draw.line((80, y, 1080, y), fill="black", width=2)
    rows = table_rows(
        statement(
            [
                (0, "Mill", ("Bushels", "Sacks")),
                (0, "Upper mill, model 1.250", ("12,408", "3.071")),
                (0, "Lower mill", ("9,112", "2,640")),
                (0, "Tide mill", ("8,004", "1.987")),
            ],
            (900, 1080),
        ),
        picture,
    )
    assert rows[1:] == [
        ["Upper mill, model 1.250", "12,408", "3,071"],
        ["Lower mill", "9,112", "2,640"],
        ["Tide mill", "8,004", "1,987"],
    ]
