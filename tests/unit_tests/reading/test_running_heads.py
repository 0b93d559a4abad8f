from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from langchain_hunyuanocr.reading.running_heads import RunningHeads
from langchain_hunyuanocr.results import Block, Box, Doubt, PageReading, Status

Part = tuple[str, float]
"""A paragraph and where its top is, as a share of the page; `# ` makes it a heading."""


def page(number: int, parts: Sequence[Part], *, total: int = 3, sha256: str = "a", **more: str) -> PageReading:
    markdown = ""
    blocks = []
    for text, top in parts:
        markdown += "\n\n" if markdown else ""
        start = len(markdown)
        markdown += text
        kind, level = ("heading", 1) if text.startswith("# ") else ("paragraph", 0)
        box = Box(0.1, top, 0.6, top + 0.012)
        blocks.append(Block(kind=kind, start=start, end=len(markdown), box=box, level=level))
    return PageReading(
        source="a.pdf",
        file_name="a.pdf",
        sha256=sha256,
        page=number,
        total_pages=total,
        engine="e",
        model="m",
        revision="r",
        task="document",
        status=Status.OK,
        markdown=markdown,
        blocks=tuple(blocks),
        width=1000,
        height=1400,
        dpi=150,
        **more,
    )


def settled(pages: Iterable[PageReading]) -> list[PageReading]:
    heads = RunningHeads()
    return [reading for one in pages for reading in heads.take(one)] + list(heads.end())


def book(
    head: str = "Oosterhof estate - lease register", foot: str = "Kept by the notary of Assen"
) -> list[PageReading]:
    return [
        page(n, [(head, 0.03 + 0.002 * n), (f"Text of page {n}.", 0.2), (f"More {n}.", 0.5), (foot, 0.95)])
        for n in range(3)
    ]


def test_what_all_pages_repeat_at_their_edges_leaves_the_text() -> None:
    for n, reading in enumerate(settled(book())):
        assert reading.markdown == f"Text of page {n}.\n\nMore {n}."
        assert reading.header == "Oosterhof estate - lease register"
        assert reading.footer == "Kept by the notary of Assen"
        assert [reading.markdown[b.start : b.end] for b in reading.blocks] == [f"Text of page {n}.", f"More {n}."]


def test_a_page_is_held_only_while_the_next_one_may_say_more_of_it() -> None:
    heads = RunningHeads()
    first, second, third = book()
    assert list(heads.take(first)) == []
    assert [reading.page for reading in heads.take(second)] == [0, 1]
    assert [reading.page for reading in heads.take(third)] == [2]
    plain = page(0, [("Dear Sir,", 0.3), ("The lease ends in May.", 0.5)])
    assert list(heads.take(plain)) == [plain]


def test_a_file_of_one_page_keeps_its_letterhead_and_is_not_held() -> None:
    letter = page(0, [("Oosterhof estate, Assen", 0.03), ("Dear Sir,", 0.3)], total=1)
    assert list(RunningHeads().take(letter)) == [letter]


def test_letters_of_two_files_keep_their_letterheads() -> None:
    letters = [page(0, [("Oosterhof", 0.03), ("Dear Sir,", 0.3)], total=2, sha256=name) for name in "ab"]
    assert settled(letters) == letters


def test_a_head_with_its_page_number_and_one_with_a_number_of_its_own() -> None:
    numbered = [page(n, [(f"{n + 7} Lease register", 0.03), (f"Text {n}.", 0.2)]) for n in range(3)]
    assert [reading.header for reading in settled(numbered)] == [
        "7 Lease register",
        "8 Lease register",
        "9 Lease register",
    ]
    bills = [page(n, [(f"Bill 41{n * 7}", 0.03), (f"Text {n}.", 0.2)]) for n in range(3)]
    assert settled(bills) == bills


def test_heads_that_alternate_are_found_by_the_page_before_the_last() -> None:
    names = ["Lease register", "The north field"]
    pages = [page(n, [(names[n % 2], 0.03), (f"Text {n}.", 0.2)], total=4) for n in range(4)]
    assert [reading.header for reading in settled(pages)][2:] == names


def test_a_page_number_within_a_running_foot_goes_along() -> None:
    pages = [page(n, [(f"Text {n}.", 0.2), (f"{n + 1}", 0.92), ("Confidential", 0.95)]) for n in range(3)]
    assert [reading.footer for reading in settled(pages)] == [f"{n + 1}\nConfidential" for n in range(3)]


def test_a_letter_misread_on_one_page_does_no_harm() -> None:
    pages = book()
    pages[1] = book(head="Oosterhof estate - 1ease register".replace("1", "i"))[1]
    assert [reading.header for reading in settled(pages)][1] == "Oosterhof estate - iease register"


@pytest.mark.parametrize(
    "parts",
    [
        [("# Invoice", 0.03), ("Text.", 0.2)],  # a heading
        [("Oosterhof estate", 0.03), ("Markt 12", 0.046), ("9401 Assen", 0.062), ("Text.", 0.3)],  # an address
        [("Text of the top", 0.2), ("Text.", 0.3)],  # not at the edge
        [("Nothing but a head", 0.03)],
        [("A head", 0.03), ("and a foot", 0.95)],
    ],
)
def test_headings_addresses_and_text_stay_though_they_are_repeated(parts: list[Part]) -> None:
    pages = [page(n, parts) for n in range(3)]
    assert settled(pages) == pages


def test_doubts_move_with_the_text() -> None:
    pages = book()
    start = pages[0].markdown.index("More")
    doubts = (Doubt(text="More", start=start), Doubt(text="estate", start=10))
    pages[0] = pages[0].model_copy(update={"doubts": doubts})
    first = settled(pages)[0]
    assert first.doubts[0].start == first.markdown.index("More")
    assert first.doubts[1].start is None


def test_what_a_single_page_showed_counts_for_the_next() -> None:
    pages = [page(0, [("Text.", 0.2)], header="Lease register"), page(1, [("Lease register", 0.04), ("More.", 0.2)])]
    assert settled(pages)[1].header == "Lease register"
