"""What a page offers as an answer, where it stands, and how it is weighed."""

from __future__ import annotations

import pytest

from langchain_hunyuanocr.archive.answer.extractive.answer_type import fits, value_fits
from langchain_hunyuanocr.archive.answer.extractive.candidates import CandidateAnswer
from langchain_hunyuanocr.archive.answer.extractive.collect import evidence_of
from langchain_hunyuanocr.archive.answer.extractive.labelled_values import rows_of_lines, splits
from langchain_hunyuanocr.archive.answer.extractive.scoring import ScoredCandidate, Scorer
from langchain_hunyuanocr.archive.answer.extractive.several import asked_of_each
from langchain_hunyuanocr.archive.answer.locate import box_of_row, box_of_text
from langchain_hunyuanocr.archive.search.query import parse_query
from langchain_hunyuanocr.archive.text.names import companies_in
from langchain_hunyuanocr.results import Block, Box, Field, FieldState, Line, PageReading, Table
from tests.unit_tests.readings import reading

TABLE = Table(
    rows=(("Region", "Q1", "Q2"), ("East", "10", "20"), ("West", "30", "40"), ("Total", "40", "60")),
    html="",
    markdown="| Region | Q1 | Q2 |\n|---|---|---|\n| East | 10 | 20 |\n| West | 30 | 40 |\n| Total | 40 | 60 |",
    caption="Table 1. Revenue",
    box=Box(0.1, 0.5, 0.9, 0.7),
)


def invoice() -> PageReading:
    lines = [
        Line(text="INVOICE INV-7 of Acme Ltd", box=Box(0.1, 0.05, 0.9, 0.08)),
        Line(text="Date: 3 May 2024", box=Box(0.1, 0.1, 0.4, 0.12)),
        Line(text="Amount due", box=Box(0.1, 0.2, 0.3, 0.22)),
        Line(text="$1,234.00", box=Box(0.6, 0.2, 0.8, 0.22)),
        Line(text="Please pay to the bank of the", box=Box(0.1, 0.3, 0.9, 0.32)),
        Line(text="seller within 30 days.", box=Box(0.1, 0.33, 0.5, 0.35)),
    ]
    for number, row in enumerate(TABLE.rows):
        top = 0.5 + 0.05 * number
        lines += [
            Line(text=cell, box=Box((1 + 3 * column) / 10, top, (3 + 3 * column) / 10, top + 0.03))
            for column, cell in enumerate(row)
        ]
    title, pay = "INVOICE INV-7 of Acme Ltd", "Please pay to the bank of the seller within 30 days."
    markdown = f"# {title}\n\nDate: 3 May 2024\n\nAmount due $1,234.00\n\n{pay}\n\n{TABLE.markdown}"
    at = markdown.index(pay)
    return reading(
        markdown,
        lines=tuple(lines),
        tables=(TABLE,),
        blocks=(
            Block(kind="heading", start=0, end=len(title) + 2, box=Box(0.1, 0.05, 0.9, 0.08), level=1),
            Block(kind="paragraph", start=at, end=at + len(pay), box=Box(0.1, 0.3, 0.9, 0.35)),
        ),
    )


def best(asked: str, page: PageReading) -> ScoredCandidate:
    question = parse_query(asked)
    idf = {term.text: 1.0 for term in question.terms}
    judge = Scorer(question, idf, frozenset(idf))
    return max(judge.weigh(list(evidence_of(page)), page, frozenset()), key=lambda weighed: weighed.score)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("What is the amount due on invoice INV-7?", "$1,234.00"),
        ("发票INV-7的应付总额是多少？", "$1,234.00"),
        ("What is the date of invoice INV-7?", "3 May 2024"),
        ("What was the revenue of West in the second quarter?", "40"),
        ("What was the total revenue in Q2?", "60"),
        ("What is paid to the bank of the seller of Acme Ltd?", "Please pay to the bank of the seller within 30 days."),
    ],
)
def test_the_right_piece_wins(asked: str, answer: str) -> None:
    assert best(asked, invoice()).evidence.answer == answer


def test_what_the_question_says_is_no_answer() -> None:
    question = parse_query("What is INV-7?")
    judge = Scorer(question, {}, frozenset())
    answers = {
        w.evidence.answer
        for w in judge.weigh([CandidateAnswer("cell", "INV-7", "INV-7", "", "", lambda: None)], invoice(), frozenset())
    }
    assert answers == set()


def test_another_documents_number_takes_confidence_away() -> None:
    page = invoice()
    right, wrong = (best(f"What is the amount due on invoice {number}?", page) for number in ("INV-7", "INV-8"))
    assert right.confidence > 0.8
    assert wrong.confidence < 0.5


def test_what_the_right_document_does_not_say_takes_confidence_away() -> None:
    page = invoice()
    assert best("What is the warranty period on invoice INV-7?", page).confidence < 0.5
    assert best("发票INV-7的毛重是多少？", page).confidence < 0.5


def test_a_question_by_which_date_does_not_ask_for_the_date_of_the_page() -> None:
    page = reading("Dated 3 May 2024", lines=(Line(text="Dated: 3 May 2024", box=Box(0, 0, 1, 0.1)),))
    assert (
        best("By which date must the works be finished?", page).label
        < best("What is the date of the letter?", page).label
    )


def test_meaning_is_compared_without_names_and_numbers() -> None:
    question = parse_query("What is the deposit that Acme Tools Ltd pays under SA/2021/B3289?")
    said = Scorer(question, {}, frozenset()).target_text
    assert "Acme" not in said
    assert "SA/2021" not in said
    assert "deposit" in said


def test_a_field_that_was_not_confirmed_is_not_sure() -> None:
    states = (FieldState.CONFIRMED, FieldState.UNCONFIRMED)
    fields = tuple(Field(name=f"{state}", value="DE123", state=state, box=Box(0, 0, 1, 0.1)) for state in states)
    assert [found.sure for found in evidence_of(reading("", fields=fields))] == [True, False]


@pytest.mark.parametrize(
    ("asked", "each"),
    [
        ("Compare the revenue of Acme Ltd, Bolt plc and Cran Group in Q2", ["Acme Ltd", "Bolt plc", "Cran Group"]),
        (
            "苏州恒远机械有限公司和无锡中信食品有限公司的总额分别是多少？",
            ["苏州恒远机械有限公司", "无锡中信食品有限公司"],
        ),
        ("When did Acme Ltd bill Bolt plc?", []),
        ("What do both parties of Acme Ltd agree?", []),
    ],
)
def test_several_companies_are_asked_about_one_by_one(asked: str, each: list[str]) -> None:
    found = asked_of_each(asked)
    assert list(found) == each
    assert all(
        name in text and not any(other in text for other in each if other != name) for name, text in found.items()
    )


def test_a_field_that_was_asked_for_is_evidence() -> None:
    field = Field(name="tax_id", value="DE123", state=FieldState.CONFIRMED, box=Box(0, 0, 1, 0.1))
    missing = Field(name="vat", value=None, state=FieldState.MISSING)
    (found,) = evidence_of(reading("", fields=(field, missing)))
    assert (found.answer, found.label, found.locate()) == ("DE123", "tax id", field.box)


def test_the_box_of_a_sentence_is_that_of_its_lines() -> None:
    assert box_of_text(invoice(), "bank of the seller within") == Box(0.1, 0.3, 0.9, 0.35)
    assert box_of_text(invoice(), "Date: 3 May 2024") == Box(0.1, 0.1, 0.4, 0.12)
    assert box_of_text(invoice(), "not on the page") is None


def test_the_box_of_a_row_is_that_of_its_cells() -> None:
    assert box_of_row(invoice(), TABLE, TABLE.rows[2]) == Box(0.1, 0.6, 0.9, 0.63)


def test_a_row_without_lines_has_its_tables_box() -> None:
    assert box_of_row(reading(""), TABLE, TABLE.rows[1]) == TABLE.box


def test_lines_side_by_side_are_one_row() -> None:
    rows = rows_of_lines(invoice().lines)
    assert [line.text for line in rows[2]] == ["Amount due", "$1,234.00"]


@pytest.mark.parametrize(
    ("answer", "wants", "exact", "fits"),
    [
        ("3 May 2024", "date", True, 1.0),
        ("soon", "date", True, 0.0),
        ("$1,234.00", "amount", True, 1.0),
        ("壹佰元整", "amount", True, 1.0),
        ("see page 3", "amount", True, 0.3),
        ("no figure", "number", False, 0.0),
        ("It runs for nine years.", "duration", False, 1.0),
        ("租期为三年", "duration", False, 1.0),
        ("for ever", "duration", False, 0.0),
        ("Leeds", "place", True, 1.0),
        ("1,234", "place", True, 0.0),
        ("anything", "any", True, 0.5),
    ],
)
def test_values_fit_the_kind_asked_for(answer: str, wants: str, exact: bool, fits: float) -> None:
    assert value_fits(answer, wants, exact=exact) == fits


FORM = Table(
    rows=(
        ("购买方", "名称：甲公司\n税号：91A", "销售方", "名称：乙公司\n税号：92B"),
        ("项目名称", "数量", "单价", "金额"),
        ("螺丝", "3", "2.00", "6.00"),
        ("价税合计（大写） 陆元整", "价税合计（大写） 陆元整", "价税合计（大写） 陆元整", "价税合计（大写） 陆元整"),
    ),
    html="",
    markdown="",
)


def form_evidence() -> dict[tuple[str, str], str]:
    wide = FORM.model_copy(update={"rows": tuple((row[0], *row) for row in FORM.rows)})
    return {(found.kind, found.label): found.answer for found in evidence_of(reading("", tables=(wide,)))}


def test_a_form_gives_values_under_their_labels() -> None:
    found = form_evidence()
    assert found["pair", "销售方 名称"] == "乙公司"
    assert found["pair", "购买方 税号"] == "91A"
    assert found["pair", "价税合计（大写）"] == "陆元整"


def test_a_list_inside_a_form_has_its_own_head() -> None:
    seen = [
        (found.label, found.answer)
        for found in evidence_of(
            reading(
                "",
                tables=(FORM.model_copy(update={"rows": (("To", "Acme", "Acme", "Acme"), *FORM.rows[1:3])}),),
            )
        )
        if found.kind == "cell"
    ]
    assert seen == [("项目名称", "螺丝"), ("数量", "3"), ("单价", "2.00"), ("金额", "6.00")]


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        ("In favour: 5. Against: 1. Carried.", [("In favour", "5."), ("Against", "1.")]),
        ("同意5票，反对1票，弃权0票。", [("同意", "5票"), ("反对", "1票"), ("弃权", "0票")]),
        ("表决结果：同意5票", [("同意", "5票")]),
        ("director) Minutes taken by: Ann Lee", []),
    ],
)
def test_several_labelled_values_in_one_line_are_told_apart(line: str, pairs: list[tuple[str, str]]) -> None:
    assert list(splits(line)) == pairs


@pytest.mark.parametrize(
    ("asked", "answer", "exact", "fit"),
    [
        ("Who leads the work?", "Ann B. Lee will lead the work.", False, 0.8),
        ("Who leads the work?", "1,234", True, 0.0),
        ("Who leads the work?", "The work begins in spring.", False, 0.1),
        ("谁负责此事？", "会议同意实施，由蒋德林牵头负责。", False, 0.8),
        ("Which company delivers?", "Party B: Bolt Tools Ltd of Leeds", False, 0.8),
        ("甲方的哪位收货人？", "西安嘉丰光学有限公司", True, 0.1),
        ("建议在哪个城市开会？", "建议于近日在南昌召开会议。", False, 0.8),
        ("建议在哪个城市开会？", "专此函达。", False, 0.0),
        ("What budget was approved?", "6票", True, 0.3),
        ("When was it delivered?", "Interest is due within 30 days.", False, 0.0),
        ("By when must it be paid?", "It is payable within 30 days.", False, 0.5),
        ("目的港是哪里？", "数量 Qty", True, 0.0),
    ],
)
def test_an_answer_must_be_what_is_asked_for(asked: str, answer: str, exact: bool, fit: float) -> None:
    assert fits(parse_query(asked), answer, exact=exact) == fit


def test_a_name_may_hold_the_word_that_joins_two() -> None:
    assert list(companies_in("厦门翰和食品股份有限公司")) == ["厦门翰和食品股份有限公司"]
    assert list(companies_in("甲方有限公司和乙方有限公司")) == ["甲方有限公司", "乙方有限公司"]


def test_a_pair_knows_the_heading_over_its_block() -> None:
    title, vote = "## 2. Boiler, Jinan", "In favour: 5."
    page = reading(
        f"{title}\n\n{vote}",
        lines=(Line(text=vote, box=Box(0.1, 0.3, 0.4, 0.32)),),
        blocks=(
            Block(kind="heading", start=0, end=len(title), box=Box(0.1, 0.1, 0.9, 0.12), level=2),
            Block(kind="paragraph", start=len(title) + 2, end=len(title) + 2 + len(vote), box=Box(0.1, 0.3, 0.4, 0.32)),
        ),
    )
    near = [found.near for found in evidence_of(page) if found.kind == "pair"]
    assert near
    assert all("Boiler, Jinan" in text for text in near)
