from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.documents import Document

from langchain_hunyuanocr.documents import PageDocument, join_documents, to_document
from langchain_hunyuanocr.results import Block, Box, PageReading, Status
from langchain_hunyuanocr.splitter import HunyuanOCRSplitter, sentence_starts

HEADER = "| Item | Amount |\n| --- | ---: |\n"
ROWS = [f"| Item number {n} | {n * 100}.00 |" for n in range(30)]
TABLE = HEADER + "\n".join(ROWS)
CHINESE = "本公司成立于二〇〇一年。总收入为3.5亿元；净利润下降！“真的吗？”他问。会议到此结束……谢谢大家。"


def reading(markdown: str, blocks: tuple[Block, ...] = (), *, page: int = 0, source: str = "a.pdf") -> PageReading:
    return PageReading(
        source=source, file_name=source, sha256="0", page=page, total_pages=3, page_label=f"p{page}", engine="scripted",
        model="m", revision="", task="document", status=Status.OK, markdown=markdown, blocks=blocks,
        width=100, height=200, dpi=72,
    )  # fmt: skip


def split(text: str, size: int = 1000, overlap: int = 0, **more: bool) -> list[Document]:
    return HunyuanOCRSplitter(size, overlap, **more).split_documents([Document(page_content=text)])


def test_a_table_that_fits_stays_whole_beside_longer_text() -> None:
    text = f"# Report\n\n{'A sentence of filler. ' * 40}\n\n{TABLE}\n\nAfter the table."
    chunks = split(text, len(TABLE) + 10)
    assert sum(TABLE in chunk.page_content for chunk in chunks) == 1


def test_every_piece_of_a_long_table_repeats_header_and_caption() -> None:
    text = f"## Costs\n\nTable 3: Costs by item\n\n{TABLE}\n\nThe end."
    chunks = split(text, 300)
    pieces = [chunk for chunk in chunks if "| Item number" in chunk.page_content]
    assert len(pieces) > 3
    for piece in pieces:
        assert piece.page_content.count(HEADER) == 1
        assert "Table 3: Costs by item" in piece.page_content
        assert len(piece.page_content) <= 300
        assert piece.metadata["section"] == "Costs"
    assert [row for piece in pieces for row in piece.page_content.splitlines() if row.startswith("| Item n")] == ROWS
    assert pieces[0].page_content.startswith("## Costs")
    for piece in pieces[1:]:
        own = piece.page_content.partition(HEADER)[2]
        assert text[piece.metadata["start"] :].startswith(own)


def test_every_piece_repeats_all_header_rows() -> None:
    head = "| Region | Sales | Sales |\n| --- | --- | --- |\n| Region | net | gross |\n"
    rows = [f"| Area {n} | {n} | {n + 1} |" for n in range(20)]
    pieces = split(head + "\n".join(rows), 150)
    assert len(pieces) > 4
    assert all(piece.page_content.startswith(head) for piece in pieces)
    assert [row for piece in pieces for row in piece.page_content.removeprefix(head).split("\n")] == rows
    html = "<table><tr><td rowspan=2>Region</td><td colspan=2>Sales</td></tr><tr><td>net</td><td>gross</td></tr>"
    body = "".join(f"<tr><td>Area {n}</td><td>{n}</td><td>{n + 1}</td></tr>" for n in range(20))
    for piece in split(f"{html}{body}</table>", 300):
        assert piece.page_content.startswith(html)


def test_a_header_of_one_row_stays_one_row() -> None:
    head = "| Feature | Free | Pro |\n| --- | --- | --- |\n"
    rows = [f"| Thing {n} | Free | yes |" for n in range(20)]
    assert [piece.page_content.count(rows[0]) for piece in split(head + "\n".join(rows), 150)][:3] == [1, 0, 0]


def test_a_header_too_long_to_repeat_gives_way_to_the_rows() -> None:
    wide = "| " + " | ".join(f"a long column name {n}" for n in range(8)) + " |\n" + "|---" * 8 + "|\n"
    text = wide + "\n".join("| " + " | ".join(str(n * m) for m in range(8)) + " |" for n in range(20))
    chunks = split(text, 120)
    assert max(len(chunk.page_content) for chunk in chunks) <= 120
    assert "| 19 | 38 |" in chunks[-1].page_content


def test_a_row_longer_than_a_chunk_is_cut_with_its_header() -> None:
    text = f"{HEADER}| {'word ' * 100}| 1 |\n| b | 2 |"
    chunks = split(text, 150)
    assert all(chunk.page_content.startswith("| Item | Amount |") for chunk in chunks)
    assert max(len(chunk.page_content) for chunk in chunks) <= 150


def test_html_tables_are_cut_at_rows_and_merged_cells_kept_together() -> None:
    rows = [f'<tr><td rowspan="2">Group {n}</td><td>{n}</td></tr><tr><td>{n}b</td></tr>' for n in range(20)]
    head = "<table><caption>表1 费用</caption><tr><th>Group</th><th>Value</th></tr>"
    chunks = split(head + "".join(rows) + "</table>", 300)
    assert len(chunks) > 4
    for number, chunk in enumerate(chunks):
        assert chunk.page_content.startswith(head), number
        assert chunk.page_content.endswith("</table>")
        assert chunk.page_content.count("rowspan") == len(re.findall(r"<tr><td>\d+b</td></tr>", chunk.page_content))
        assert len(chunk.page_content) <= 300


def test_sections_are_paths_carried_over_the_pages_of_their_source() -> None:
    pages = [
        reading("# Report\n\nOpening words.\n\n## 2. Results ##\n\nWe found it.", page=0),
        reading("Another report.", page=0, source="b.pdf"),
        reading("It goes on here.\n\n## 3. **Summary**\n\nDone.", page=1),
        reading("Turned back to the start.", page=0),
    ]
    chunks = list(HunyuanOCRSplitter().split_readings(pages))
    assert [(c.metadata.get("section"), c.metadata["chunk"], c.metadata["page"]) for c in chunks] == [
        ("Report", 0, 0),
        ("Report > 2. Results", 1, 0),
        (None, 0, 0),
        ("Report > 2. Results", 2, 1),
        ("Report > 3. Summary", 3, 1),
        (None, 4, 0),
    ]
    assert chunks[1].page_content == "## 2. Results ##\n\nWe found it."
    assert chunks[0].metadata["page_label"] == "p0"


def test_a_heading_stays_with_its_text() -> None:
    text = "# Title\n\n## Part\n\n" + "One more sentence stands here. " * 20
    first = split(text, 100)[0]
    assert first.page_content.startswith("# Title\n\n## Part\n\nOne more sentence stands here.")
    assert first.metadata["section"] == "Title > Part"
    cut = split("# Title\n\n" + "字" * 300, 100)
    assert cut[0].page_content == "# Title\n\n" + "字" * 91


def test_small_sections_are_merged_where_asked() -> None:
    text = "# Report\n\n## One\n\nFirst.\n\n## Two\n\nSecond.\n\n# Other\n\nThird."
    assert [c.metadata["section"] for c in split(text)] == ["Report > One", "Report > Two", "Other"]
    merged = split(text, merge_small=True)
    assert [(c.page_content, c.metadata["section"]) for c in merged] == [(text, "Report")]
    assert [c.metadata["section"] for c in split(text, 50, merge_small=True)] == ["Report", "Other"]
    after = HunyuanOCRSplitter(merge_small=True).split_readings([reading(text), reading("More.", page=1)])
    assert [c.metadata["section"] for c in after] == ["Report", "Other"]


def test_chinese_is_cut_at_its_own_sentence_ends() -> None:
    chunks = split(CHINESE, 22)
    assert "".join(c.page_content for c in chunks) == CHINESE
    assert all(re.search(r"[。！？；…”]$", c.page_content) for c in chunks)
    assert all(len(c.page_content) <= 22 for c in chunks)


def test_english_is_cut_at_sentence_ends_not_at_abbreviations() -> None:
    text = "Mr. Smith paid $3.50 to J. R. Ewing on Jan. 5, 2020. See Fig. 3 for details. Does it work? It does."
    assert [c.page_content for c in split(text, 60)] == [
        "Mr. Smith paid $3.50 to J. R. Ewing on Jan. 5, 2020.",
        "See Fig. 3 for details. Does it work? It does.",
    ]
    assert [text[s:][:4] for s in sentence_starts(text)] == ["See ", "Does", "It d"]


def test_a_sentence_longer_than_a_chunk_is_cut_at_commas_then_words_then_characters() -> None:
    clauses = "we bought apples and pears, we sold them again, we made little money of it"
    assert split(clauses, 50)[0].page_content == "we bought apples and pears, we sold them again,"
    words = " ".join(["alpha"] * 30)
    assert {w for c in split(words, 40) for w in c.page_content.split()} == {"alpha"}
    assert [len(c.page_content) for c in split("x" * 95, 40)] == [40, 40, 15]


def test_what_looks_like_one_character_is_not_parted() -> None:
    family = "👩\u200d👩\u200d👧"
    for chunk in split(family * 20, 8):
        assert chunk.page_content == family
    assert all(not c.page_content.startswith("\u0301") for c in split("e\u0301" * 30, 7))


def test_formulas_stay_whole_where_they_fit() -> None:
    formula = "$$\na = b. Then c\n= \\frac{1}{2}; d, e f\n$$"
    text = f"{'Some words stand before it. ' * 5}\n\n{formula}\n\nAnd after."
    assert sum(formula in c.page_content for c in split(text, 60)) == 1
    inline = "We set $x = y. Next$ here and " + "so it goes on and on " * 3 + "to $$u = v, w = z$$ now"
    for chunk in split(inline, 50):
        assert chunk.page_content.count("$") % 2 == 0


def test_lengths_can_be_tokens() -> None:
    text = "One two three four. Five six seven. Eight nine ten eleven twelve."
    chunks = HunyuanOCRSplitter(7, length_function=lambda s: len(s.split())).split_text(text)
    assert chunks == ["One two three four. Five six seven.", "Eight nine ten eleven twelve."]


def test_overlap_repeats_whole_sentences() -> None:
    text = " ".join(f"This is sentence number {n:02}." for n in range(12))
    chunks = split(text, 100, 35)
    for before, after in pairwise(chunks):
        assert before.page_content.endswith(after.page_content[:27])
        assert text[after.metadata["start"] :].startswith(after.page_content)
    paragraphs = "\n\n".join(f"Paragraph {n}. It has two sentences." for n in range(6))
    for before, after in pairwise(split(paragraphs, 90, 30)):
        assert after.page_content.startswith("It has two sentences.")
        assert before.page_content.endswith("It has two sentences.")


def test_a_chunk_has_the_box_around_its_blocks() -> None:
    text = "# Head\n\nFirst paragraph.\n\nSecond paragraph, which is a little longer."
    blocks = (
        Block(kind="heading", start=0, end=6, level=1, box=Box(0.1, 0.1, 0.5, 0.15)),
        Block(kind="paragraph", start=8, end=24, box=Box(0.1, 0.2, 0.9, 0.3)),
        Block(kind="paragraph", start=26, end=len(text)),
    )
    first, second = HunyuanOCRSplitter(44).split_readings([reading(text, blocks)])
    assert first.metadata["box"] == [0.1, 0.1, 0.9, 0.3]
    assert "box" not in second.metadata
    assert second.metadata["start"] == 26
    assert type(first) is Document


def test_pages_joined_in_one_document_keep_their_page_offset_and_box() -> None:
    first = reading("# A\n\nEnd of one", (Block(kind="paragraph", start=5, end=15, box=Box(0, 0, 0.1, 0.1)),))
    second_text = "goes on here. " + "It has more to say. " * 5
    second = reading(
        second_text, (Block(kind="paragraph", start=0, end=len(second_text), box=Box(0.5, 0.5, 1, 1)),), page=1
    )
    joined = join_documents([first, second])
    over, *rest = HunyuanOCRSplitter(50).split_documents([joined])
    assert over.page_content == "# A\n\nEnd of one\n\ngoes on here. It has more to say."[: len(over.page_content)]
    assert (over.metadata["page"], over.metadata["start"], over.metadata["box"]) == (0, 0, [0, 0, 0.1, 0.1])
    assert over.metadata["page_label"] == "p0"
    assert rest
    for chunk in rest:
        assert (chunk.metadata["page"], chunk.metadata["box"]) == (1, [0.5, 0.5, 1, 1])
        assert second_text[chunk.metadata["start"] :].startswith(chunk.page_content)
        assert "page_label" not in chunk.metadata
        assert chunk.metadata["section"] == "A"


def test_blocks_that_do_not_cover_the_text_lose_nothing() -> None:
    text = "Before it.\n\n# Heading\n\nInside. Trailing words."
    document = PageDocument.placed(
        text, {}, blocks=(Block(kind="paragraph", start=23, end=30), Block(kind="list", start=25, end=999)), pages=()
    )
    chunks = HunyuanOCRSplitter(20).split_documents([document])
    assert "".join("".join(c.page_content.split()) for c in chunks) == "".join(text.split())
    assert chunks[-1].metadata["section"] == "Heading"


def test_metadata_is_kept_and_not_shared() -> None:
    document = Document(
        page_content="One.\n\n# Two\n\nThree.", metadata={"source": "s", "tables": ["| a |"], "page": 4}
    )
    first, second = HunyuanOCRSplitter().split_documents([document])
    first.metadata["tables"].append("changed")
    assert second.metadata == {"source": "s", "tables": ["| a |"], "page": 4, "start": 6, "chunk": 1, "section": "Two"}


def test_nothing_gives_no_chunk() -> None:
    assert split("") == split(" \n\u3000\n") == []
    assert list(HunyuanOCRSplitter().split_readings([reading("")])) == []


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (10, 10), (10, -1)])
def test_sizes_without_sense_are_refused(size: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="must be at least"):
        HunyuanOCRSplitter(size, overlap)


async def test_async_gives_the_same() -> None:
    splitter = HunyuanOCRSplitter(50)
    documents = [Document(page_content=CHINESE), to_document(reading(TABLE))]
    assert await splitter.atransform_documents(documents) == splitter.transform_documents(documents)


MARKDOWN = [
    HEADER,
    CHINESE,
    "# Title\n\n",
    "\n## Part\n",
    "| a | b |\n",
    "| --- | --- |\n",
    "| c | d。e |\n",
    "- item. x\n",
]
MARKDOWN += ["<table><tr><th>h</th></tr>", "<tr><td rowspan='2'>x</td></tr>", "</table>", "Table 1: caption\n\n"]
MARKDOWN += [
    "1. one\n",
    "$$a=b$$",
    "$",
    "表2 费用\n\n",
    "A sentence. ",
    "word " * 9,
    "长" * 40,
    "---\n",
    "```\n",
    "> q\n",
]
MARKDOWN += ["\n\n", "\r\n", "\t", "\x85", "\u2028", "[a]: b\n", "\ud800", "👩\u200d👧", "\u0301"]
PIECES = st.one_of(st.text(max_size=40), st.sampled_from(MARKDOWN))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(PIECES, max_size=14).map("".join),
    st.integers(1, 120),
    st.sampled_from([len, lambda s: len(s.encode("utf-8", "surrogatepass")), lambda s: len(s.split())]),
    st.booleans(),
    st.floats(0, 0.9),
)
def test_nothing_is_lost_empty_or_too_long(text: str, size: int, length: object, merge: bool, overlap: float) -> None:
    splitter = HunyuanOCRSplitter(size, int(size * overlap), length, merge_small=merge)  # type: ignore[arg-type]
    chunks = splitter.split_documents([Document(page_content=text)])
    covered = set()
    for number, chunk in enumerate(chunks):
        content, start = chunk.page_content, chunk.metadata["start"]
        assert content.strip()
        assert chunk.metadata["chunk"] == number
        assert splitter._ruler.length(content) <= size or len(content) == 1
        own = next(n for n in range(len(content)) if _starts_at(text, start, content[n:]))
        covered.update(range(start, start + len(content) - own))
    assert {n for n, char in enumerate(text) if not char.isspace()} <= covered


def _starts_at(text: str, start: int, own: str) -> bool:
    """Whether `own`, perhaps with the end tag that was added to it, stands at `start`."""
    return text.startswith(own, start) or text.startswith(own.removesuffix("</table>"), start)
