"""What the tab that asks says, as HTML."""

from __future__ import annotations

import io
from base64 import b64decode
from string import Formatter

import lxml.html
import pytest
from PIL import Image

from langchain_hunyuanocr.archive import Answer, Citation, Struck
from langchain_hunyuanocr.report import Failure, Report
from langchain_hunyuanocr.results import Box
from langchain_hunyuanocr.ui.ask.answer_view import account_html, answer_html, cited_html, places_html
from langchain_hunyuanocr.ui.i18n.messages import _MESSAGES, Messages

EN, ZH = Messages("en"), Messages("zh")
LINE = Box(0.1, 0.2, 0.5, 0.25)
EVIL = '<img src=x onerror="alert(1)">'


def place(quote: str = "nine years", box: Box | None = LINE, source: str = "a/lease.pdf") -> Citation:
    return Citation(source=source, page=1, quote=quote, box=box)


def test_a_place_is_named_by_file_and_page_as_people_count() -> None:
    tree = lxml.html.fromstring(places_html(EN, Answer(answer="nine", citations=(place(),)), [place("## Notice")]))
    assert [button.text_content().strip() for button in tree.iter("button")] == [
        "nine years lease.pdf, page 2",
        "Notice lease.pdf, page 2",
    ]
    assert [button.get("data-go") for button in tree.iter("button")] == ["0", "1"]
    assert [one.get("data-kind") for one in tree.iter("ol")] == ["proof", "others"]


def test_many_places_are_counted_but_not_all_listed() -> None:
    tree = lxml.html.fromstring(places_html(ZH, Answer(answer="nine", citations=(place(),) * 60), []))
    assert len(list(tree.iter("button"))) == 50
    assert "另有 10 处" in tree.text_content()
    assert places_html(EN, Answer(answer=None), []) == ""


def test_how_far_to_trust_an_answer_is_said() -> None:
    for confident, sure in ((True, "certain"), (False, "uncertain")):
        tree = lxml.html.fromstring(answer_html(EN, Answer(answer="nine", confident=confident), ""))
        (said,) = tree.find_class("hv-sure")
        assert said.get("data-sure") == sure
    struck = Answer(answer="nine", mode="llm", struck=(Struck(sentence="It ends.", why="no quote"),))
    assert "It ends. (no quote)" in lxml.html.fromstring(answer_html(EN, struck, "")).text_content()


def test_words_of_documents_are_no_markup() -> None:
    cited = place(EVIL, source=f"{EVIL}.pdf")
    answer = Answer(answer=EVIL, mode="llm", citations=(cited,), struck=(Struck(sentence=EVIL, why=EVIL),))
    report = Report(failures=(Failure(source=EVIL, error=EVIL),))
    made = (
        answer_html(EN, answer, ""),
        answer_html(EN, Answer(answer=None), EVIL),
        places_html(EN, answer, [cited]),
        account_html(EN, report),
        cited_html(EN, place(EVIL, None, EVIL), Image.new("RGB", (20, 20))),
    )
    for html in made:
        assert "alert(1)" in html
        assert not lxml.html.fromstring(f"<div>{html}</div>").xpath("//*[@onerror]")


def test_every_failure_is_counted() -> None:
    failures = (
        *[Failure(source="a.pdf", page=page, error="cut") for page in range(250)],
        Failure(source="b", error="x"),
    )
    report = Report(files=1, pages=252, done=1, blank=1, failed=250, failures=failures)
    tree = lxml.html.fromstring(account_html(EN, report))
    said = tree.text_content()
    assert "Pages: 252, of which 1 read, 1 blank, 250 failed." in said
    assert "Files that could not be opened: 1." in said
    assert "a.pdf, page 1: cut" in said
    assert (len(list(tree.iter("li"))), "And 51 more" in said) == (200, True)
    assert "nothing failed" in account_html(EN, Report(files=1, pages=1, done=1))


@pytest.mark.parametrize("box", [Box(0, 0, 1, 1), Box(0.5, 0.5, 0.5, 0.5), Box(0.99, 0.99, 1, 1)])
def test_any_place_can_be_enlarged(box: Box) -> None:
    tree = lxml.html.fromstring(cited_html(EN, place(box=box), Image.new("L", (300, 200))))
    near, page = (Image.open(io.BytesIO(b64decode(img.get("src").partition(",")[2]))) for img in tree.iter("img"))
    assert page.size == (300, 200)
    assert min(near.size) >= 1
    (mark,) = tree.iter("rect")
    assert all(0 <= float(mark.get(side)) <= 1 for side in ("x", "y"))


def test_every_word_is_there_in_both_languages() -> None:
    for key, (english, chinese) in _MESSAGES.items():
        assert english, key
        assert chinese, key
        assert names_in(english) == names_in(chinese), key


def names_in(words: str) -> set[str]:
    """Of the values that are put in."""
    return {name for _, name, _, _ in Formatter().parse(words) if name}
