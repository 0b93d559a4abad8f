"""The parts of a text layer that need no file: right-to-left order, raised marks, copies, watermarks, signs."""

from __future__ import annotations

import pytest

from langchain_hunyuanocr.pages.backends.glyphs import Glyph, GlyphLine, without_copies
from langchain_hunyuanocr.pages.backends.line_text import text_of, with_marks_attached, with_spread_words_joined
from langchain_hunyuanocr.pages.backends.right_to_left import with_joined_lines
from langchain_hunyuanocr.pages.backends.symbol_fonts import shown_sign
from langchain_hunyuanocr.pages.backends.visible_text import words_of
from langchain_hunyuanocr.pages.backends.watermarks import part_watermarks

UP = (1.0, 0.0)


def glyph(text: str, x: float, y: float = 100.0, size: float = 10.0, colour: int = 0, font: str = "F") -> Glyph:
    return Glyph(text, x, y - 0.8 * size, x + 0.5 * size, y + 0.2 * size, (x, y), size, font, False, colour, True)


def line(text: str, x: float = 0.0, y: float = 100.0, size: float = 10.0, colour: int = 0) -> GlyphLine:
    """Each character half as wide as the type is high."""
    return GlyphLine([glyph(c, x + 0.5 * size * n, y, size, colour) for n, c in enumerate(text)], UP)


class TestRightToLeft:
    @pytest.mark.parametrize(
        ("seen", "read"),
        [
            ("םיש 3,400 ל", "ל 3,400 שים"),
            ("4202 ראוני 12", "12 ינואר 4202"),
            ("בא Acme Ltd גד", "דג Acme Ltd אב"),
            ("בא Win 10 גד", "דג Win 10 אב"),
            (")תללוכ( ריחמ", "מחיר (כוללת)"),
            ("בא 12.5% גד", "דג 12.5% אב"),
            ("بغ %12.5 عد", "دع 12.5% غب"),
            ("he said בא today", "he said אב today"),
        ],
    )
    def test_what_is_seen_is_put_in_the_order_of_reading(self, seen: str, read: str) -> None:
        assert [text_of(one.glyphs) for one in with_joined_lines([line(seen)])] == [read]

    def test_pieces_of_one_line_are_joined_and_columns_are_not(self) -> None:
        pieces = [line("50 בא", 100), line("גד", 84), line("וה", 0), line("Latin", 200, 130)]
        read = [text_of(one.glyphs) for one in with_joined_lines(pieces)]
        assert read == ["Latin", "אב 50 דג", "הו"]

    def test_the_alef_of_a_ligature_follows_its_lam(self) -> None:
        narrow = Glyph("ا", 20.0, 92.0, 20.0, 102.0, (20.0, 100.0), 10.0, "F", False, 0, True)
        glyphs = [glyph("س", 25.0), glyph("ا", 20.0), narrow, glyph("ل", 15.0), glyph("م", 10.0)]
        (joined,) = with_joined_lines([GlyphLine(glyphs, UP)])
        assert text_of(joined.glyphs) == "سالام"

    def test_letters_in_the_shape_of_a_word_are_plain_letters(self) -> None:
        assert text_of([glyph(c, 10.0 * n) for n, c in enumerate("\ufedf\ufe8e\ufb01n")]) == "لاfin"


class TestRaisedMarks:
    @pytest.mark.parametrize(
        ("before", "mark", "text"),
        [
            ("4,500", "2", "4,500 ²"),
            ("612", "1,3", "612 ¹˒³"),
            ("(2,310)", "(4)", "(2,310) ⁽⁴⁾"),
            ("250 m", "2", "250 m²"),
            ("kg/cm", "3", "kg/cm³"),
            ("the 5", "th", "the 5th"),
            ("1,250", "b", "1,250 [b]"),
            ("Revenue", "2", "Revenue ²"),
            ("Revenue", "c", "Revenue [c]"),
            ("1.40", "*", "1.40*"),
            ("y = 3t", "2", "y = 3t²"),
        ],
    )
    def test_they_are_no_digits_of_the_number(self, before: str, mark: str, text: str) -> None:
        full = line(before)
        small = [glyph(c, full.bounds[2] + 3.0 * n, 96.0, 6.0) for n, c in enumerate(mark)]
        assert text_of([*full.glyphs, *small]) == text

    def test_a_mark_that_stands_alone_goes_back_to_its_number(self) -> None:
        number = line("4,500")
        mark = line("2", number.bounds[2] + 1, 95.0, 6.0)
        (joined,) = with_marks_attached([number, mark])
        assert text_of(joined.glyphs) == "4,500 ²"

    def test_small_type_on_the_baseline_is_no_mark(self) -> None:
        assert text_of([*line("H").glyphs, glyph("2", 5.0, 101.0, 6.0), *line("O", 9.0).glyphs]) == "H2O"


def test_copies_count_once_and_letters_beside_each_other_twice() -> None:
    bold = [line("Balance", 0), line("Balance", 0.4), line("lllll", 0, 130, 4.0)]
    assert [one.text for one in without_copies(bold)] == ["Balance", "lllll"]
    assert [one.text for one in without_copies([line("Total", 0), line("Total", 60)])] == ["Total", "Total"]


def test_a_copy_that_is_not_drawn_does_not_stand_for_one_that_is() -> None:
    hidden = line("Balance")
    for one in hidden.glyphs:
        one.drawn = False
    assert len(list(without_copies([hidden, line("Balance")]))) == 2


@pytest.mark.parametrize(
    ("letters", "gap", "words"),
    [("QUOTE", 10.0, "QUOTE"), ("ABCD", 10.0, "A B C D"), ("RECEIPT", 40.0, "R E C E I P T"), ("QUO", 10.0, "Q U O")],
)
def test_spread_letters_are_joined(letters: str, gap: float, words: str) -> None:
    pieces = [line(letter, (5 + gap) * number) for number, letter in enumerate(letters)]
    assert " ".join(text_of(one.glyphs) for one in with_spread_words_joined(pieces)) == words


def test_watermarks_are_parted_from_text() -> None:
    body = [line("The tenant keeps the garden.", 0, 100 + 20 * row) for row in range(9)]
    slanting = GlyphLine(line("DRAFT", 10, 150, 40, 0xC0C0C0).glyphs, (0.7, 0.7))
    pale = line("COPY", 20, 210, 60, 0xE0E0E0)
    label = GlyphLine(line("axis", 400, 500).glyphs, (0.7, -0.7))
    heading = line("Grey heading", 0, 60, 24, 0x909090)
    text, marks = part_watermarks([heading, *body, slanting, pale, label])
    assert marks == [slanting, pale]
    assert text == [heading, *body, label]


@pytest.mark.parametrize(
    ("character", "font", "sign"),
    [
        ("\uf0fc", "ABCDEF+Wingdings-Regular", "✓"),
        ("\uf0a8", "Wingdings", "☐"),
        ("R", "Wingdings 2", "☑"),
        ("4", "ZapfDingbats", "✔"),
        ("\uf0b7", "Symbol", "•"),
        ("\uf0fe", "Carlito", "☑"),
        ("o", "Helvetica", "o"),
    ],
)
def test_signs_of_symbol_fonts(character: str, font: str, sign: str) -> None:
    assert shown_sign(character, font) == sign


def test_words_begin_and_end_at_spaces() -> None:
    assert words_of(line(" ab  c ").glyphs) == [(1, 3), (5, 6)]
