from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from langchain_hunyuanocr.reading.answers.parse import read_answer
from langchain_hunyuanocr.reading.content import Content
from langchain_hunyuanocr.results import Generation, Status
from langchain_hunyuanocr.tasks import Task, TaskKind


def read(text: str, kind: str = "document", finish: str = "stop") -> Content:
    task = Task(
        kind=TaskKind(kind), question="What?" if kind == "question" else None, fields=("a",) if kind == "fields" else ()
    )
    return read_answer(Generation.model_validate({"text": text, "finish": finish}), task)


def blocks(content: Content) -> list[tuple[str, str]]:
    return [(block.kind, content.markdown[block.start : block.end]) for block in content.blocks]


def check(content: Content) -> None:
    """What holds for every content."""
    done = 0
    for block in content.blocks:
        assert done <= block.start < block.end <= len(content.markdown)
        assert not content.markdown[done : block.start].strip()
        said = content.markdown[block.start : block.end]
        assert said.strip("\r\n") == said
        done = block.end
    assert not content.markdown[done:].strip()
    shown = [said for kind, said in blocks(content) if kind == "table"]
    assert shown == [table.markdown for table in content.tables]


PAGE = """以下是图片中的文字内容：
```markdown
#Report

We have \\(x_1 < 2\\) and $ y^2 $.
\\[
E = mc^2
\\]
<table><caption>Prices</caption><tr><td>Item</td><td>Price</td></tr><tr><td>tea</td><td>3</td></tr></table>
<pFig>Figure 1: a cup</pFig><quad>(204,50),(325,111)</quad>
| a | b |
|---|---|
| 1 | 2 |

- one
- two

See `\\(code\\)` at the end.
```"""


def test_a_page_becomes_clean_markdown_in_blocks() -> None:
    content = read(PAGE)
    check(content)
    assert blocks(content) == [
        ("heading", "# Report"),
        ("paragraph", "We have $x_1 < 2$ and $y^2$."),
        ("formula", "$$\nE = mc^2\n$$"),
        ("paragraph", "Prices"),
        ("table", "| Item | Price |\n| --- | --- |\n| tea | 3 |"),
        ("figure", "Figure 1: a cup"),
        ("table", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("list", "- one\n- two"),
        ("paragraph", "See `\\(code\\)` at the end."),
    ]
    assert content.blocks[0].level == 1
    (region,) = content.regions
    assert (region.kind, region.text, region.box) == ("figure", "Figure 1: a cup", (0.204, 0.05, 0.325, 0.111))
    assert content.blocks[5].box == region.box
    assert content.status is Status.OK


@pytest.mark.parametrize(
    ("answer", "caption", "rest"),
    [
        ("A\n\n图1 结构(204,50),(325,111)\n\nB", "图1 结构", "A\n\n图1 结构\n\nB"),
        ("A\nFig. 2 (204,50),(325,50),(325,111),(204,111)\nB", "Fig. 2", "A\n\nFig. 2\n\nB"),
        ("A\n(204,50),(325,111)\nB", "", "A\n\nB"),
        ("<pFig></pFig><quad>(204,50),(325,111)</quad>", "", ""),
        ("A <quad>(204, 50), (325, 111)</quad>", "", "A"),
        ("<pFig>Cut off\nB", "Cut off", "Cut off\n\nB"),
    ],
)
def test_figures_are_kept_apart(answer: str, caption: str, rest: str) -> None:
    content = read(answer)
    check(content)
    assert [region.text for region in content.regions] == [caption]
    assert (content.regions[0].box is None) == ("quad" not in answer and "204" not in answer)
    assert content.markdown == rest


@pytest.mark.parametrize(
    "text",
    [
        "Let g be f(300,400),(500,600)",
        "The rectangle (20,30),(100,200)",
        "through the points(20,30),(100,200)",
        "intervals (0,1),(1,2)",
        "其中点(20,30),(100,200)",
        "the set A = (20,30),(100,200)",
        "(1,2),(3,4)",
        "(100,200),(50,600)",
        "(10,20),(2000,3000)",
        "(100,200),(300,400),(500,600)",
        "as shown (100,200),(300,400) below",
        "- item(100,200),(300,400)",
    ],
)
def test_coordinates_that_the_page_prints_stay(text: str) -> None:
    content = read(text)
    assert (content.markdown, content.regions) == (text, ())


@pytest.mark.parametrize(
    ("answer", "markdown"),
    [
        (r"a \( x \) b", "a $x$ b"),
        (r"a \[x\] b", "a $$x$$ b"),
        (r"\[x\]", "$$x$$"),
        ("a\n$$\nx\n\\\\[2pt] y\n- z\n$$\nb", "a\n\n$$\nx\n\\\\[2pt] y\n- z\n$$\n\nb"),
        (r"as in \[1\], \[2, 3\]", r"as in \[1\], \[2, 3\]"),
        (r"open \( only", r"open \( only"),
        ("open \\(\n\nclosed \\)", "open \\(\n\nclosed \\)"),
        (r"`\(x\)` and \(x\)", r"`\(x\)` and $x$"),
        (r"a ` tick and \(x\)", r"a ` tick and $x$"),
        ("```tex\n\\(x\\)\n```", "```tex\n\\(x\\)\n```"),
        (r"\(x\ \)", r"$x\ $"),
        (r"\\(x\\)", r"\\(x\\)"),
        ("from $ 5 to $ 6, $ 7", "from $ 5 to $ 6, $ 7"),
        ("$a$ = $b$ where c=1 and $d$", "$a$ = $b$ where c=1 and $d$"),
        ("$5 to $ x = 1 $ 6", "$5 to $ x = 1 $ 6"),
        ("so $ x $ and $ a=b $ hold", "so $x$ and $a=b$ hold"),
        (r"<table><tr><td>\(x\)</td><td>\(</td><td>\)</td></tr></table>", "| $x$ | \\( | \\) |\n| --- | --- | --- |"),
    ],
)
def test_formulas_stand_between_dollars(answer: str, markdown: str) -> None:
    content = read(answer)
    check(content)
    assert content.markdown == markdown


@pytest.mark.parametrize(
    ("answer", "markdown"),
    [
        ("#Title", "# Title"),
        ("##第一章", "## 第一章"),
        ("######## Deep", "###### Deep"),
        ("#1 of 3", "#1 of 3"),
        ("see #this", "see #this"),
        ("#tea #cake", "#tea #cake"),
        ("#include <stdio.h>", "#include <stdio.h>"),
        ("##########", "##########"),
        ("text\n---\nmore", "text\n\n---\nmore"),
        ("Title\n===", "Title\n==="),
        ("a\n\n\n\nb", "a\n\nb"),
        ("```\n#Title\n\n\n\n---\n```", "```\n#Title\n\n\n\n---\n```"),
    ],
)
def test_headings_are_sane(answer: str, markdown: str) -> None:
    content = read(answer)
    check(content)
    assert content.markdown == markdown


def test_a_line_of_dashes_makes_no_heading() -> None:
    assert blocks(read("text\n---")) == [("paragraph", "text"), ("paragraph", "---")]
    (block,) = read("Title\n===").blocks
    assert (block.kind, block.level) == ("heading", 1)


@pytest.mark.parametrize(
    ("answer", "markdown"),
    [
        ("| a | b |\n|---|---|\n| 1 |\nSource: x", "| a | b |\n| --- | --- |\n| 1 |  |\n\nSource: x"),
        ("| a | b |\n|---|---|\n| 1 | 2 | 3 |", "| a | b |  |\n| --- | --- | --- |\n| 1 | 2 | 3 |"),
        ("a | b\n:-- | --\n1 | 2", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
    ],
)
def test_markdown_tables_are_read(answer: str, markdown: str) -> None:
    content = read(answer)
    check(content)
    assert content.markdown == markdown
    assert len(content.tables) == 1


def test_what_is_no_table_is_a_paragraph() -> None:
    for text in ("<table></table>", "<table", "a | b"):
        assert blocks(read(text)) == [("paragraph", text)]


@pytest.mark.parametrize(
    ("answer", "markdown"),
    [
        ("```markdown\na\n```", "a"),
        ("```md\na\n\n```python\nb\n```\n```", "a\n\n```python\nb\n```"),
        ("```markdown\na", "a"),
        ("```markdown\na\n```\nb", "```markdown\na\n```\n\nb"),
        ("```python\na\n```", "```python\na\n```"),
    ],
)
def test_a_fence_round_the_whole_answer_is_taken_off(answer: str, markdown: str) -> None:
    content = read(answer)
    check(content)
    assert content.markdown == markdown


@pytest.mark.parametrize(
    ("answer", "markdown"),
    [
        ("```mermaid\ngraph TD\nA-->B\n```", "```mermaid\ngraph TD\nA-->B\n```"),
        ("```mermaid\ngraph TD\nA-->B", "```mermaid\ngraph TD\nA-->B\n```"),
        ("```\nflowchart LR\n  A-->B\n```", "```mermaid\nflowchart LR\n  A-->B\n```"),
        ('pie title Pets\n"Dogs" : 3', '```mermaid\npie title Pets\n"Dogs" : 3\n```'),
        ("Sales\n\ngraph TD\nA-->B\n\nB-->C", "Sales\n\n```mermaid\ngraph TD\nA-->B\n\nB-->C\n```"),
        ("```chart\n| a |\n|---|\n| 1 |\n```", "| a |\n| --- |\n| 1 |"),
        ("```markdown\nT\n\n| a |\n|---|\n| 1 |\n```", "T\n\n| a |\n| --- |\n| 1 |"),
        ("pie chart of sales", "pie chart of sales"),
    ],
)
def test_charts_are_diagrams_or_tables(answer: str, markdown: str) -> None:
    content = read(answer, "chart")
    check(content)
    assert content.markdown == markdown


@pytest.mark.parametrize(
    ("answer", "formulas"),
    [
        ("E=mc^2", ["E=mc^2"]),
        (r"\( E=mc^2 \)", ["E=mc^2"]),
        ("$$\nE=mc^2\n$$", ["E=mc^2"]),
        ("$a$, $b$.", ["a,", "b."]),
        ("```latex\nE=mc^2\n```", ["E=mc^2"]),
        (r"\begin{equation*}E=mc^2\end{equation*}", ["E=mc^2"]),
        ("$$a=1$$\n$$b=2$$", ["a=1", "b=2"]),
        ("a=1\nb=2", ["a=1", "b=2"]),
        ("a^2\n\nb^2", ["a^2", "b^2"]),
        ("\\begin{aligned}\na&=1\\\\\nb&=2\n\\end{aligned}", ["\\begin{aligned}\na&=1\\\\\nb&=2\n\\end{aligned}"]),
        ("$$\na\n\n=b\n$$", ["a\n=b"]),
        (r"\[a\\[2pt]b\]", [r"a\\[2pt]b"]),
    ],
)
def test_each_formula_is_one_block(answer: str, formulas: list[str]) -> None:
    content = read(answer, "formula")
    check(content)
    assert blocks(content) == [("formula", f"$${formula}$$") for formula in formulas]


def test_words_among_formulas_stay_words() -> None:
    content = read("以下是图片中的文字内容：\n$$a=1$$\n\nwhere \\(a\\) is large", "formula")
    check(content)
    assert blocks(content) == [("formula", "$$a=1$$"), ("paragraph", "where $a$ is large")]


LAYOUT = (
    '[{"layout_type":"title","bbox":"(10,20),(500,40)","text":"About "tea""},'
    '{"layout_type":"table","bbox":"(10,50),(500,90)","text":"<table><tr><td>a</td></tr></table>"},'
    '{"layout_type":"figure","bbox":"(10,100),(500,200)"}]'
)


def test_a_layout_is_regions_alone() -> None:
    content = read(LAYOUT, "layout")
    assert (content.markdown, content.blocks) == ("", ())
    assert [region.kind for region in content.regions] == ["title", "table", "figure"]


def test_a_layout_with_text_is_markdown_whose_blocks_have_boxes() -> None:
    content = read(LAYOUT, "layout_document")
    check(content)
    assert blocks(content) == [("heading", '# About "tea"'), ("table", "| a |\n| --- |")]
    assert [block.box for block in content.blocks] == [(0.01, 0.02, 0.5, 0.04), (0.01, 0.05, 0.5, 0.09)]
    assert content.tables[0].box == content.blocks[1].box
    assert len(content.regions) == 3


def test_a_figure_of_a_layout_keeps_its_caption_or_its_table() -> None:
    content = read(
        '[{"layout_type":"figure","bbox":"(10,100),(500,200)","text":"Sales"},'
        '{"layout_type":"chart","bbox":"(10,300),(500,400)","text":"<table><tr><td>a</td></tr></table>"}]',
        "layout_document",
    )
    check(content)
    assert blocks(content) == [("figure", "Sales"), ("table", "| a |\n| --- |")]
    assert [region.kind for region in content.regions] == ["figure", "chart"]


def test_text_beside_a_layout_is_kept() -> None:
    regions = '[{"layout_type":"figure","bbox":"(10,100),(500,200)"}]'
    content = read(f"#Tea\n\n{regions}\n\nIt is hot.", "layout_document")
    assert content.markdown == "# Tea\n\nIt is hot."
    assert [region.kind for region in content.regions] == ["figure"]
    assert read("# Tea", "layout_document").markdown == "# Tea"


def test_a_translation_stands_apart_and_both_halves_are_clean() -> None:
    source = "#Annual report\n\nThe energy is \\(E\\), and it grew in every year since the company was founded."
    target = "#年度报告\n\n能量为\\(E\\)，自公司成立以来每年都在增长。"
    for kind in ("translate_zh", "translate_document_zh"):
        content = read(f"{source}\n\n{target}", kind)
        check(content)
        assert content.markdown == source.replace("#", "# ").replace("\\(E\\)", "$E$")
        assert content.translation == target.replace("#", "# ").replace("\\(E\\)", "$E$")
    cut_off = read(source, "translate_zh", "length")
    assert (cut_off.translation, cut_off.status) == (None, Status.TRUNCATED)


def test_preambles_are_taken_off_and_blank_pages_told() -> None:
    assert read("以下是图片中的文字内容：\nHello", "text").markdown == "Hello"
    for kind in ("text", "subtitle", "document", "spotting", "layout"):
        assert read("图片中没有文字。", kind) == Content(status=Status.BLANK)


def test_the_answer_to_a_question_is_only_stripped() -> None:
    for said in ("没有文字", "#1\n---\n\\(x\\)\n\n\n\n| a |\n|---|", "以下是图片中的文字内容：\nHello"):
        content = read(f"\n{said}\n", "question")
        check(content)
        assert (content.markdown, content.status) == (said, Status.OK)


@pytest.mark.parametrize(
    ("finish", "status"),
    [("length", Status.TRUNCATED), ("repetition", Status.REPETITION_TRIMMED), ("error", Status.FAILED)],
)
def test_the_status_tells_how_the_answer_ended(finish: str, status: Status) -> None:
    for kind in TaskKind:
        assert read("Hello", kind.value, finish).status is status


WORDS = st.text("aeiou 茶,;.", min_size=1, max_size=12).filter(lambda text: text.strip(" ,;."))
PIECES = WORDS.flatmap(
    lambda words: st.sampled_from(
        [
            (words, words),
            (f"#x{words}", f"x{words}"),
            (f"x{words}\n---", f"x{words}"),
            (f"\\({words}\\)", words),
            (f"\\[\n{words}\n\\]", words),
            (f"<pFig>{words}</pFig><quad>(20,30),(400,500)</quad>", words),
            (f"\nx{words.strip()}xx(20,30),(400,500)\n", f"x{words.strip()}xx"),
            (f"<table><tr><td>{words}</td></tr><tr><td>x</td></tr></table>", f"{words}x"),
            (f"\n\n| {words} |\n|---|\n| x |\n\n", f"{words}x"),
            (f"\n```\n{words}\n```\n", words),
            (f"costs $5 and {words} (1,2),(3,4) [1]", f"costs5and{words}(1,2),(3,4)[1]"),
        ]
    )
)


@given(st.lists(st.tuples(PIECES, st.sampled_from(["\n", "\n\n"])), max_size=8))
@settings(max_examples=200, deadline=None)
def test_nothing_else_is_lost(pieces: list[tuple[tuple[str, str], str]]) -> None:
    content = read("".join(raw + gap for (raw, _), gap in pieces))
    check(content)

    def bare(text: str) -> str:
        return re.sub(r"[\s$#|`-]", "", text)

    assert bare(content.markdown) == bare("".join(kept for (_, kept), _ in pieces))


@given(st.text("ab1茶 ()[]{}$#\\|-`*_>:.!<\n", max_size=60), st.sampled_from(["document", "chart", "formula", "text"]))
@settings(max_examples=300, deadline=None)
def test_no_letter_is_lost_from_any_text(text: str, kind: str) -> None:
    content = read(text, kind)
    check(content)
    said = [char for char in unescape(content.markdown.replace("```mermaid", "")) if char.isalnum()]
    assert said == [char for char in text if char.isalnum()]


@pytest.mark.parametrize("kind", [kind.value for kind in TaskKind])
def test_an_answer_may_be_cut_off_anywhere(kind: str) -> None:
    for whole in (PAGE, LAYOUT):
        for end in range(len(whole)):
            check(read(whole[:end], kind, "length")) if kind != "spotting" and kind != "fields" else read(
                whole[:end], kind
            )


@pytest.mark.parametrize("unit", ["(1,2),", "(30,40),(99,200) ", "<table", "<pFig", "$", "#", r"\(", r"\$", "`", "|"])
@pytest.mark.parametrize("kind", ["document", "formula", "chart", "layout_document"])
def test_long_nonsense_is_read_to_its_end(unit: str, kind: str) -> None:
    text = unit * (200_000 // len(unit))
    check(read(text, kind))
