"""How a second reader's lines are compared with a model's text: folding, items, places, doubts, boxes."""

from __future__ import annotations

import pytest

from langchain_hunyuanocr.reading.content import Content
from langchain_hunyuanocr.reading.tables.html import parse_html_tables
from langchain_hunyuanocr.reading.verification.alignment import carry_spans, place_lines
from langchain_hunyuanocr.reading.verification.checked_items import canonical, items_of
from langchain_hunyuanocr.reading.verification.comparison import Comparison
from langchain_hunyuanocr.reading.verification.grounding import ground
from langchain_hunyuanocr.reading.verification.plain_text import hidden_in, plain_of
from langchain_hunyuanocr.results import Block, Box, Doubt, Line, Unsure


def lines(*texts: str, score: float = 0.98) -> list[Line]:
    """Lines one under the other; ` | ` parts a line into pieces beside each other."""
    found = []
    for row, text in enumerate(texts):
        pieces = text.split(" | ")
        for column, piece in enumerate(pieces):
            x0 = 0.1 + 0.8 * column / len(pieces)
            box = Box(x0, 0.1 + 0.04 * row, x0 + min(0.011 * len(piece), 0.75 / len(pieces)), 0.12 + 0.04 * row)
            found.append(Line(text=piece, box=box, score=score))
    return found


def doubts(markdown: str, *texts: str, whole: bool = True) -> list[Doubt]:
    return list(Comparison(markdown, lines(*texts), whole=whole).settle(())[1])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Total: １２３", "TOTAL 123"),
        ("ﬁnal café", "final cafe"),
        ("hyphen-\nated", "hyphenated"),
        ("**bold** and | cells |", "bold and cells"),
        ("# 合　计", "合计"),
    ],
)
def test_readers_that_read_the_same_are_folded_alike(one: str, other: str) -> None:
    assert plain_of(one).text == plain_of(other).text


def test_folded_characters_lead_back_to_where_they_stand() -> None:
    text = plain_of("A ﬁ-12")
    assert text.text == "afi12"
    assert text.at == (0, 2, 2, 4, 5)
    assert text.within(4, 6) == (3, 5)
    assert text.origin(1, 4) == (2, 5)


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("a $x^2$ b", "ab"),
        ("from $5 to $7", "from5to7"),
        ("a\n$$\nE = mc^2\n$$\nb", "ab"),
        ("one<br>two <sup>3</sup>", "onetwo3"),
        ("```mermaid\ngraph TD\n```\nend", "end"),
        ("[link](http://a.b/c) ![pic](x.png)", "linkpic"),
    ],
)
def test_formulas_markup_and_diagrams_are_no_text_of_the_page(markdown: str, shown: str) -> None:
    assert plain_of(markdown, hidden_in(markdown)).text == shown


def test_repeats_of_merged_cells_count_once() -> None:
    (table,) = parse_html_tables("<table><tr><td colspan=2>Sum</td></tr><tr><td>1</td><td>2</td></tr></table>")
    block = Block(kind="table", start=0, end=len(table.markdown))
    assert plain_of(table.markdown, hidden_in(table.markdown, [block], [table])).text == "sum12"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("£1,234.50 due", [("number", "1234.50")]),
        ("2 000,50 and 1'000", [("number", "2000.50"), ("number", "1000")]),
        ("on 12 February 2021", [("date", "12february2021")]),
        ("2023年08月25日", [("date", "2023年08月25日")]),
        ("INV-2041, B12", [("identifier", "inv2041"), ("identifier", "b12")]),
        ("3-5 or -7", [("number", "3"), ("number", "5"), ("number", "-7")]),
        ("95% CI 0.95-1.46", [("number", "95"), ("number", "0.95"), ("number", "1.46")]),
        ("3,115E-02", [("identifier", "3115e02")]),
        ("23002000000642632601", [("identifier", "23002000000642632601")]),
        ("姓名：王小明 先生", [("name", "王小明")]),
        ("Mr. John Smith of Acme Trading Ltd", [("name", "mrjohnsmith"), ("name", "acmetradingltd")]),
        ("no digits here", []),
    ],
)
def test_what_must_not_be_wrong_is_found(text: str, found: list[tuple[str, str]]) -> None:
    assert [(item.kind, item.canonical) for item in items_of(text)] == found


def test_numbers_are_the_same_by_digits_and_decimal_point() -> None:
    assert canonical("1,234.50", "number") == canonical("1 234.50", "number") == canonical("１２３４.50", "number")
    assert canonical("12.50", "number") != canonical("1250", "number")
    assert canonical("½", "number") == canonical("1/2", "number")


def test_every_line_finds_its_place_whatever_the_order() -> None:
    text = plain_of("Alpha beta gamma. Second column here. Third part of the text.")
    placed = place_lines(text, lines("Second column here.", "Third part of the text.", "Alpha beta gamma."))
    spans = {number: text.text[place.start : place.end] for number, place in placed.places.items()}
    assert spans == {0: "secondcolumnhere", 1: "thirdpartofthetext", 2: "alphabetagamma"}
    assert len(placed.owner) == len(text.text)


def test_short_cells_go_where_their_neighbours_are() -> None:
    text = plain_of("| Apples | 5 | 7 |\n| Pears | 7 | 5 |")
    placed = place_lines(text, lines("Apples | 5 | 7", "Pears | 7 | 5"))
    order = [text.text[placed.places[n].start : placed.places[n].end] for n in range(6)]
    assert order == ["apples", "5", "7", "pears", "7", "5"]
    assert [placed.places[n].start for n in range(6)] == sorted(placed.places[n].start for n in range(6))


def test_a_text_that_both_have_raises_no_doubt() -> None:
    text = "# Invoice INV-2041\n\nDate: 12 February 2021\n\n| Item | Price |\n| --- | --- |\n| Pen | 1,250.00 |"
    seen = ("INVOICE INV-2041", "Date: 12 February 2021", "Item | Price", "Pen | 1 250.00")
    comparison = Comparison(text, lines(*seen))
    assert comparison.settle(()) == (1.0, ())


@pytest.mark.parametrize(
    ("said", "seen", "text", "other", "kind"),
    [
        ("Total 1,284.50 due", "Total 1,234.50 due", "1,284.50", "1,234.50", "number"),
        ("Total 12.50 due now", "Total 1250 due now", "12.50", "1250", "number"),
        ("Total 123 due today", "Total 1234 due today", "123", "1234", "number"),
        ("Invoice INV-2041 sent", "Invoice INV-2047 sent", "INV-2041", "INV-2047", "identifier"),
        ("Signed on 12 March 2021 here", "Signed on 12 May 2021 here", "12 March 2021", "12 May 2021", "date"),
        ("应付金额：1284元整", "应付金额：1234元整", "1284", "1234", "number"),
        ("开票人：王晓明 复核无误", "开票人：王小明 复核无误", "王晓明", "王小明", "name"),
    ],
)
def test_a_difference_is_a_doubt_with_both_readings(said: str, seen: str, text: str, other: str, kind: str) -> None:
    (doubt,) = doubts(said, seen)
    assert (doubt.text, doubt.other, doubt.kind) == (text, other, kind)
    assert doubt.start == said.index(text)
    assert doubt.box is not None
    assert doubts(said, seen, whole=False) == [doubt]


def test_words_that_differ_lower_the_agreement_and_raise_no_doubt() -> None:
    share, found = Comparison("the quick brown fox", lines("the quick brawn fox")).settle(())
    assert found == ()
    assert share == pytest.approx(15 / 16, abs=0.001)


def test_an_invented_line_is_a_doubt() -> None:
    said = "The first line of text.\nNobody ever wrote this sentence.\nThe last line of text."
    (doubt,) = doubts(said, "The first line of text.", "The last line of text.")
    assert (doubt.kind, doubt.other) == ("line", None)
    assert doubt.text == "Nobody ever wrote this sentence"


def test_a_dropped_line_is_a_doubt_and_a_running_head_is_none() -> None:
    said = "First line of the page.\nSecond line of it.\nFourth line of it.\nFifth line."
    seen = (
        "First line of the page.",
        "Second line of it.",
        "Third line of it all.",
        "Fourth line of it.",
        "Fifth line.",
    )
    (doubt,) = doubts(said, *seen)
    assert (doubt.text, doubt.other, doubt.kind) == ("", seen[2], "line")
    head = [Line(text=f"Chapter {n}: running head", box=Box(0.1, 0.01 * n, 0.4, 0.01 * n + 0.005)) for n in range(4)]
    assert Comparison(said, [*head, *lines(*seen[:2], *seen[3:])]).settle(())[1] == ()


def test_labels_of_a_figure_are_not_dropped() -> None:
    said = "First line of the page.\nSecond line of it."
    seen = lines("First line of the page.", "Second line of it.", "Label in a figure")
    assert Comparison(said, seen).settle(())[1] != ()
    assert Comparison(said, seen, figures=[Box(0.0, 0.16, 1.0, 0.9)]).settle(())[1] == ()


def test_looking_again_settles_what_the_second_reader_misread() -> None:
    comparison = Comparison("Total 1,234.50 due", lines("Total 1,284.50 due"))
    assert len(comparison.looks) == 1
    assert comparison.settle([("Total 1,284.50 due", "Total 1,234.50 due")]) == (1.0, ())
    assert len(comparison.settle([("Total 1,284.50 due", "Total 11,234.50 due")])[1]) == 1


def test_what_no_line_holds_is_looked_for_between_its_neighbours() -> None:
    comparison = Comparison("| Apples | 35 | 3 | red ones |", lines("Apples | gap | gap | red ones")[::3])
    (look,) = comparison.looks
    assert look.x0 < 0.4
    assert look.x1 > 0.6
    assert comparison.settle([("353",)])[1] == ()
    assert len(comparison.settle([("358",)])[1]) == 2


def test_a_model_that_was_sure_outweighs_a_line_that_is_hardly_legible() -> None:
    weak = lines("Total 1,284.50 due", score=0.6)
    assert len(Comparison("Total 1,234.50 due", weak).settle(())[1]) == 1
    assert Comparison("Total 1,234.50 due", weak, unsure=()).settle(())[1] == ()
    assert len(Comparison("Total 1,234.50 due", weak, unsure=[Unsure(6, 8, 0.4)]).settle(())[1]) == 1


def test_nothing_to_compare() -> None:
    assert Comparison("", lines("text")).settle(()) == (None, ())
    assert Comparison("no numbers", [], whole=False).settle(()) == (None, ())
    share, found = Comparison("A number: 5, and a long sentence without any line.", []).settle(())
    assert (share, [doubt.kind for doubt in found]) == (0.0, ["line"])


def test_blocks_tables_and_lines_get_their_boxes() -> None:
    markdown = "# Heading one\n\nA paragraph that runs over two lines.\n\n| a | b |\n| --- | --- |\n| cell | 12% |"
    (table,) = parse_html_tables("<table><tr><td>a</td><td>b</td></tr><tr><td>cell</td><td>12%</td></tr></table>")
    starts = [markdown.index(text) for text in ("# Heading", "A paragraph", "| a")]
    ends = [13, markdown.index("\n\n| a"), len(markdown)]
    kinds = ("heading", "paragraph", "table")
    blocks = tuple(Block(kind=k, start=s, end=e) for k, s, e in zip(kinds, starts, ends, strict=True))
    content = Content(markdown, blocks, tables=(table,))
    seen = lines("Heading one", "A paragraph that runs", "over two lines.", "a | b", "cell | 12%")
    grounded = ground(content, place_lines(plain_of(markdown, hidden_in(markdown, blocks, (table,))), seen))
    heading, paragraph, cells = grounded.blocks
    assert heading.box == seen[0].box
    assert paragraph.box == Box.around(line.box for line in seen[1:3])
    assert cells.box == grounded.tables[0].box == Box.around(line.box for line in seen[3:])
    assert [line.text for line in grounded.lines] == [
        "Heading one", "A paragraph that runs", "over two lines.", "a", "b", "cell", "12%",
    ]  # fmt: skip


def test_stretches_of_an_answer_are_carried_to_its_markdown() -> None:
    answer = "<table><tr><td>Total</td><td>12.50</td></tr></table>"
    (found,) = carry_spans([Unsure(answer.index("12"), answer.index("12") + 2, 0.3)], answer, "| Total | 12.50 |")
    assert found == Unsure(10, 12, 0.3)
    assert carry_spans([Unsure(1, 4, 0.2)], answer, "| Total | 12.50 |") == ()
