"""The HTML of a page: every place known on both sides, and nothing of a document that is more than text."""

from __future__ import annotations

import asyncio
from string import Formatter

import lxml.html
import pytest
from starlette.types import Message, Receive, Scope, Send

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.results import Block, Box, Doubt, Field, FieldState, Line, PageReading, Table
from tests.unit_tests.readings import reading

pytest.importorskip("mdit_py_plugins")
pytest.importorskip("latex2mathml")
from langchain_hunyuanocr.ui.i18n.messages import Messages, language_of, translations
from langchain_hunyuanocr.ui.middleware.stream_shutdown import StreamShutdown
from langchain_hunyuanocr.ui.viewer.markdown_html import MarkdownHtml
from langchain_hunyuanocr.ui.viewer.marked_spans import spans_of, tagged, untagged
from langchain_hunyuanocr.ui.viewer.page_view import page_html

EVIL = "<img src=x onerror=alert(1)>"
ROW = Box(0.1, 0.1, 0.9, 0.2)


def shown(thing: PageReading | SourceError, language: str = "en") -> lxml.html.HtmlElement:
    words = Messages("en" if language == "en" else "zh")
    return lxml.html.fromstring(page_html(words, thing, session="session", number=1, count=3))


def rendered(markdown: str, **changes: object) -> str:
    whole = reading(markdown, **changes)
    return MarkdownHtml(whole, (), "table").block(Block(kind="paragraph", start=0, end=len(markdown)))


def test_both_languages_have_the_same_words_and_places_for_values() -> None:
    english, chinese = translations()["en"], translations()["zh-CN"]
    for key, words in english.items():
        fields = [sorted(name for _, name, _, _ in Formatter().parse(one) if name) for one in (words, chinese[key])]
        assert fields[0] == fields[1], key
        assert words, key
        assert chinese[key], key


@pytest.mark.parametrize(
    ("cookies", "accepted", "language"),
    [
        ({"hunyuanocr_language": "zh"}, "en-US", "zh"),
        ({"hunyuanocr_language": "en"}, "zh-CN", "en"),
        ({"hunyuanocr_language": "<script>"}, "zh-TW,en;q=0.5", "zh"),
        ({}, "de", "en"),
        ({}, None, "en"),
    ],
)
def test_the_language_is_the_chosen_one_or_the_browsers(
    cookies: dict[str, str], accepted: str | None, language: str
) -> None:
    assert language_of(cookies, accepted) == language


@pytest.mark.parametrize(
    "markdown",
    [
        EVIL,
        f"# {EVIL}",
        f"- {EVIL}\n- two",
        f"[a](javascript:alert(1)) ![b](https://attacker.example/) <{EVIL}>",
        f"$\\text{{{EVIL}}}$",
        f"$$\\frac{{1}}{{\\text{{&lt;img src=x&gt;{EVIL}}}}}$$",
        f"$\\begin{{x}} {EVIL}$",
        "$\\href{javascript:alert(1)}{x}$",
        f'| {EVIL} | b |\n| --- | --- |\n| c | "{EVIL} |',
        "\U000f0000\U00100000" + EVIL,
    ],
)
def test_a_document_makes_no_elements_of_its_own(markdown: str) -> None:
    made = lxml.html.fragment_fromstring(rendered(markdown), create_parent="div")
    assert [node.tag for node in made.iter("img", "a", "script", "svg", "b", "style", "iframe")] == []
    assert not [name for node in made.iter() for name in node.attrib if name.startswith("on") or name == "href"]


def test_formulas_are_drawn_and_what_is_none_stays_as_it_stands() -> None:
    assert "<mfrac>" in rendered("$\\frac{a}{b}$")
    assert "<mo>&lt;</mo>" in rendered("$a < b$")
    assert "<code>\\frac{</code>" in rendered("$\\frac{$")
    assert 'display="block"' in rendered("$$x^2$$")


def test_lines_and_doubts_are_marked_where_they_stand() -> None:
    text = "Total due: 1,284.50\nThank you"
    whole = reading(
        text,
        blocks=(Block(kind="paragraph", start=0, end=len(text), box=Box(0, 0, 1, 1)),),
        lines=(Line(text="Total due: 1,284.50", box=ROW), Line(text="Thank you", box=Box(0.1, 0.3, 0.9, 0.4))),
        doubts=(Doubt(text="1,284.50", other=f"1,234.50{EVIL}", start=11, box=ROW),),
    )
    page = shown(whole)
    doubt = page.find_class("hv-doubt")[0]
    assert (doubt.text_content(), doubt.get("data-doubt"), doubt.get("data-line")) == ("1,284.50", "0", "0")
    assert doubt.get("title") == f"first reader: 1,284.50; second reader: 1,234.50{EVIL}"
    assert "".join(mark.text_content() for mark in page.xpath("//mark[@data-line='0']")) == "Total due: 1,284.50"
    parts = [rect.get("data-part") for rect in page.iter("rect")]
    assert parts == ["b0", "l0", "l1", "d0"]
    assert not page.xpath("//img[@onerror]")


def test_tags_are_put_around_a_stretch_and_not_around_what_markdown_needs() -> None:
    text = "# Title\n| a | b |"
    whole = reading(
        text,
        blocks=(Block(kind="paragraph", start=0, end=len(text), box=Box(0, 0, 1, 1)),),
        lines=(Line(text="# Title", box=ROW), Line(text="a | b", box=ROW)),
    )
    made = untagged(tagged(text, 0, spans_of(whole)), lambda number: f"<{number}>", "</>")
    assert made.startswith("# <")
    assert made.count("</>") == made.count("<0>") + made.count("<1>")
    assert "<1>a </>|<1> b</>" in made


def test_a_table_keeps_its_merged_cells() -> None:
    grid = "| Item | Price |\n| --- | --- |\n| Tea | 3 |"
    table = Table(rows=(("Item", "Price"), ("Tea", "3")), html="", markdown=grid, box=ROW)
    whole = reading(grid, tables=(table,), blocks=(Block(kind="table", start=0, end=len(grid), box=ROW),))
    cells = [cell.text_content() for cell in shown(whole).xpath("//table//*[self::td or self::th]")]
    assert cells == ["Item", "Price", "Tea", "3"]


@pytest.mark.parametrize(
    ("field", "state", "words"),
    [
        (Field(name="total", value="3", state=FieldState.CONFIRMED, box=ROW), "confirmed", "✓ confirmed"),
        (Field(name=EVIL, value=f'"{EVIL}', state=FieldState.UNCONFIRMED), "unconfirmed", "? unconfirmed"),
        (Field(name="total", value=None, state=FieldState.MISSING), "missing", "– missing"),
        (
            Field(name="total", value="3", state=FieldState.CONFIRMED).corrected_to("4"),
            "corrected",
            "✎ corrected by hand",
        ),
    ],
)
def test_a_field_says_how_far_it_can_be_relied_on(field: Field, state: str, words: str) -> None:
    page = shown(reading("text", fields=(field,)))
    (row,) = page.find_class("hv-row")
    (box,) = row.iter("input")
    assert (row.get("data-state"), row.find_class("hv-state")[0].text_content()) == (state, words)
    assert (row.find("label").text_content(), box.get("value")) == (field.name, field.value or "")
    assert row.find("label").get("for") == box.get("id")
    assert len(page.xpath("//rect[@data-part='f0']")) == (field.box is not None)


def test_a_file_that_cannot_be_opened_says_why() -> None:
    error = SourceError("is encrypted", source=f"{EVIL}.pdf", remedy="give its password")
    page = shown(error, "zh")
    assert page.find_class("hv-alert")[0].text_content() == f"{EVIL}.pdf: is encrypted (give its password)"
    assert page.get_element_by_id("hv-title").text_content() == f"{EVIL}.pdf：无法打开"
    assert page.get("lang") == "zh-CN"


async def test_an_answer_without_end_ends_with_the_service() -> None:
    ending = asyncio.Event()
    sent: list[Message] = []

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"on", "more_body": True})
        ending.set()
        assert await receive() == {"type": "http.disconnect"}

    async def never() -> Message:
        await asyncio.Event().wait()
        return {}

    async def keep(message: Message) -> None:
        sent.append(message)

    await StreamShutdown(endless, ending)({"type": "http", "method": "GET"}, never, keep)
    assert sent[-1] == {"type": "http.response.body", "body": b""}
