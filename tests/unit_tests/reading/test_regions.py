from __future__ import annotations

import pytest

from langchain_hunyuanocr.reading.answers.layout_regions import layout_parts, read_regions
from langchain_hunyuanocr.results import Region


def found(answer: str) -> list[tuple[str, str, tuple[float, ...] | None]]:
    return [(region.kind, region.text, region.box and tuple(region.box)) for region in read_regions(answer)]


FIGURE = ("figure", "", (0.45, 0.347, 0.698, 0.631))


@pytest.mark.parametrize(
    "item",
    [
        '{"layout_type":"figure","bbox":"(450,347),(698,347),(698,631),(450,631)"}',
        '{ "bbox" : "(450,347),(698,347),(698,631),(450,631)" , "layout_type" : "figure" }',
        '{"type": "figure", "bbox": [[450,347],[698,347],[698,631],[450,631]]}',
        '{"label": "figure", "box": [450, 347, 698, 631]}',
        '{"category": "figure", "bbox": "[450, 347, 698, 631]"}',
        '{"id": 7, "layout_type": "figure", "bbox": [[450.0, 347.0], [698.0, 631.0]], "text": ""}',
        '{"layout_type": "figure", "text": null, "bbox": "(450,347),(698,631)"}',
    ],
)
@pytest.mark.parametrize("frame", ["[{0}]", "```json\n[{0},\n{0}]\n```", "版式如下：[{0}, {0}, {{", "{0}"])
def test_every_form_gives_the_same_regions(item: str, frame: str) -> None:
    assert found(frame.format(item)) == [FIGURE] * frame.count("{0}")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('He said "yes", and left.', 'He said "yes", and left.'),
        ('"quoted"', '"quoted"'),
        ("two\nlines", "two\nlines"),
        (r"two\nlines \"here\"", 'two\nlines "here"'),
        (r"$\nabla f \neq 0$\n$\theta$", "$\\nabla f \\neq 0$\n$\\theta$"),
        (r"a \\\\ b \\frac{1}{2}", r"a \\ b \frac{1}{2}"),
        (r"\begin{array}a \\ b\end{array}", r"\begin{array}a \\ b\end{array}"),
        ('<table><tr><td colspan="2">a</td></tr></table>', '<table><tr><td colspan="2">a</td></tr></table>'),
        (r"\u4e2d\u6587", "中文"),
        (r"\ud83d", r"\ud83d"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("order", ["last", "first"])
def test_a_text_need_not_be_json(written: str, text: str, order: str) -> None:
    rest = '"layout_type":"text","bbox":"(0,0),(500,500)"'
    item = f'{{{rest},"text":"{written}"}}' if order == "last" else f'{{"text":"{written}",{rest}}}'
    assert found(f"[{item}, {item}]") == [("text", text, (0.0, 0.0, 0.5, 0.5))] * 2


def test_json_on_the_page_is_not_taken_for_the_answer() -> None:
    code = 'the answer is {"type": "a"}, {"name": "b"}'
    item = f'{{"layout_type":"text","bbox":"(0,0),(500,500)","text":"{code}"}}'
    assert found(f"[{item}, {item}]") == [("text", code, (0.0, 0.0, 0.5, 0.5))] * 2


WHOLE = (
    '[{"layout_type":"title","bbox":"(0,0),(9,9)","text":"One"},'
    '{"layout_type":"text","bbox":"(0,0),(500,500)","text":"Two words"}]'
)


def test_what_is_cut_off_keeps_what_came_before() -> None:
    whole = found(WHOLE)
    for length in range(len(WHOLE)):
        cut = found(WHOLE[:length])
        assert len(cut) <= 2
        for given, wanted in zip(cut, whole, strict=False):
            assert given[0] == wanted[0]
            assert given[2] == wanted[2]
            assert wanted[1].startswith(given[1])
    assert found(WHOLE[: WHOLE.index("words")]) == [whole[0], ("text", "Two", (0.0, 0.0, 0.5, 0.5))]


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "[]",
        "no layout here",
        '{"layout_type":"figure"}',
        '{"bbox":"(1,2),(3,4)"}',
        '{"layout_type":"figure","bbox":"(1,2),(3"}',
        '{"layout_type":"figure","bbox":"(1,2),(3000,4)"}',
        '{"layout_type":"figure","bbox":"(-1,2),(3,4)"}',
        '{"layout_type":"figure","bbox":"(1,2),(3,4',
        '{"layout_type":{"a":1},"bbox":[]}',
        '[{"layout_type":5,"bbox":[1,2,3,4]}]',
    ],
)
def test_what_is_no_region_is_left_out(answer: str) -> None:
    assert found(answer) == []


def test_broken_objects_do_not_take_others_with_them() -> None:
    good = '{"layout_type":"figure","bbox":"(450,347),(698,631)"}'
    assert found(f'[{good}, {{"layout_type": "x", "bbox": oops}}, {good}') == [FIGURE, FIGURE]
    unclosed = '{"bbox":"(0,0),(500,500)","layout_type":"text","text":"no quote}'
    assert found(f"[{unclosed}, {good}]") == [("text", "no quote", (0.0, 0.0, 0.5, 0.5)), FIGURE]
    assert found('{"layout_type":"text","bbox":"oops","text":"kept"}') == [("text", "kept", None)]
    assert found('{"text":"kept"}') == [("text", "kept", None)]
    talk = '[{"layout_type":"text","bbox":"(0,0),(500,500)","text":"said"}]\nThat is all.'
    assert found(talk) == [("text", "said", (0.0, 0.0, 0.5, 0.5))]


@pytest.mark.parametrize(
    "answer",
    [
        '{"text":"' * 20_000,
        '{"layout_type":"text","text":"a" , ' * 6_000,
        '{"text":"' + '"}' + " " * 200_000,
        '{"text":"' + '" ' * 100_000,
        "{" * 200_000,
        '{"bbox":' + "[" * 200_000,
        '{"text":"' + "\\" * 200_000,
        '{"text":"' + '"}] ' * 50_000,
        '{"layout_type":"text","bbox":"(0,0),(9,9)","text":"a \\"b\\" "c""},' * 3_000,
    ],
    ids=range(9),
)
def test_hostile_answers_are_read_to_their_end(answer: str) -> None:
    assert all(region.box is not None or region.text for region in read_regions(answer))


def test_regions_make_up_the_page() -> None:
    kinds = [
        ("page_header", "Annual report", None),
        ("doc_title", "Results\nof 2024", "# Results of 2024"),
        ("title", "Sales", "## Sales"),
        ("Paragraph-Title", "### North", "### North"),
        ("section", "South", "## South"),
        ("text", "Sales grew.", "Sales grew."),
        ("table", "<table><tr><td>1</td></tr></table>", "<table><tr><td>1</td></tr></table>"),
        ("figure", "Fig. 1", "Fig. 1"),
        ("figure", "", None),
        ("formula", "a = b", "$$a = b$$"),
        ("formula", "$$a = b$$", "$$a = b$$"),
        ("formula", "\\[a = b\\]", "$$a = b$$"),
        ("page number", "12", None),
        ("footer", "Confidential", None),
    ]
    regions = [Region(kind=kind, text=text) for kind, text, _ in kinds]
    assert [text for _, text in layout_parts(regions)] == [text for *_, text in kinds if text is not None]
    assert [region for region, _ in layout_parts(regions)] == [
        region for region, (*_, text) in zip(regions, kinds, strict=True) if text is not None
    ]


def test_a_title_is_the_first_heading_only_where_none_came_before() -> None:
    regions = [Region(kind="section", text="One"), Region(kind="title", text="Two")]
    assert [text for _, text in layout_parts(regions)] == ["## One", "## Two"]
