"""The text index, coverage, fusion and filters, on a ledger without vectors."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from langchain_hunyuanocr.archive.ledger import Ledger
from langchain_hunyuanocr.archive.searching import facts, textindex
from langchain_hunyuanocr.archive.searching.filters import Filter, make_filter
from langchain_hunyuanocr.archive.searching.fusion import Candidate, coverage, fuse
from langchain_hunyuanocr.archive.searching.grouping import best_of_each_page
from langchain_hunyuanocr.archive.searching.question import understand
from langchain_hunyuanocr.errors import ArchiveError

TEXTS = [
    "Invoice INV-2024-017\nAmount due 1,234.00",
    "Invoice INV-2024-018\nAmount due 99.00",
    "会议纪要：会议由董事长李明主持，决议批准采购设备。",
    "The lease ends on 3 May 2024 and may be terminated with three months' notice.",
]


@pytest.fixture
def connection(tmp_path: Path) -> sqlite3.Connection:
    ledger = Ledger(tmp_path / "archive", create=True)
    connection = ledger.connection
    for page, text in enumerate(TEXTS):
        metadata = {"source": "a.pdf", "page": page, "sha256": "s", "tags": ["x", str(page)], "field_total": page * 1.5}
        connection.execute(
            "INSERT INTO chunks VALUES (?, ?, 's', ?, ?, '', ?, 0)",
            (page, f"id{page}", page, text, json.dumps(metadata)),
        )
        textindex.add(connection, page, text, "Acme papers" if page == 3 else "")
    pages = {page: json.loads(metadata) for page, metadata in connection.execute("SELECT page, metadata FROM chunks")}
    facts.note(connection, "s", pages, {key for metadata in pages.values() for key in metadata})
    connection.execute("INSERT INTO files VALUES ('in/a.pdf', '/in/a.pdf', 's', 1, 1, NULL, 1)")
    return connection


def found(connection: sqlite3.Connection, query: str) -> list[int]:
    words = [term.text for term in understand(query).terms]
    return textindex.propose(connection, textindex.count(connection, words), limit=9, chosen=Filter())


def test_an_identifier_is_found_exactly(connection: sqlite3.Connection) -> None:
    assert found(connection, "INV-2024-018")[0] == 1


@pytest.mark.parametrize("number", ["1234", "１２３４", "1,234.00"])
def test_a_number_is_found_however_it_is_written(connection: sqlite3.Connection, number: str) -> None:
    assert found(connection, number) == [0]


def test_chinese_and_dates_are_found(connection: sqlite3.Connection) -> None:
    assert found(connection, "谁主持了会议？") == [2]
    assert found(connection, "2024年5月3日")[0] == 3


def test_the_context_counts_less_than_the_text(connection: sqlite3.Connection) -> None:
    textindex.add(connection, 9, "Acme papers", "")
    connection.execute("INSERT INTO chunks VALUES (9, 'id9', 's', 9, 'Acme papers', '', '{}', 0)")
    assert found(connection, "acme") == [9, 3]


def test_a_removed_chunk_is_not_found(connection: sqlite3.Connection) -> None:
    textindex.remove(connection, 1)
    assert 1 not in found(connection, "INV-2024-018")


def test_words_that_mean_something_to_fts5_are_only_words(connection: sqlite3.Connection) -> None:
    assert found(connection, 'lease AND "NOT" OR NEAR(') == [3]


def test_nothing_is_found_for_no_terms(connection: sqlite3.Connection) -> None:
    assert textindex.propose(connection, {}, limit=5, chosen=Filter()) == []


def test_coverage_takes_translations_for_the_word() -> None:
    question = understand("Who chaired the meeting?")
    rarity = {term.text: 1.0 for term in question.terms}
    body = {"会议", "主持"}
    assert coverage(question, body, set(), rarity) == 1.0
    assert coverage(question, {"会议"}, {"主持"}, rarity) == pytest.approx(0.85)
    assert coverage(question, set(), set(), rarity) == 0.0


def candidate(number: int, **values: float) -> Candidate:
    return Candidate(number, "s", number, f"id{number}", **values)


def test_where_words_tell_the_vectors_cannot_overrule_them() -> None:
    exact = candidate(1, bm25=8.0, cosine=0.1, coverage=1.0)
    near = candidate(2, bm25=2.0, cosine=0.6, coverage=0.3)
    fuse([exact, near], highest=20.0)
    assert exact.score > near.score


def test_where_no_page_holds_the_words_the_vectors_decide() -> None:
    stray = candidate(1, bm25=0.5, cosine=0.05, coverage=0.05)
    meant = candidate(2, cosine=0.5)
    fuse([stray, meant], highest=20.0)
    assert meant.score > stray.score


def test_each_page_is_given_once() -> None:
    first, second = candidate(1), candidate(1)
    assert best_of_each_page([first, second, candidate(2)]) == [first, candidate(2)]


@pytest.mark.parametrize(
    ("where", "pages"),
    [
        ({"page": 2}, [2]),
        ({"page": "2"}, [2]),
        ({"field_total": "1.5"}, [1]),
        ({"tags": "3"}, [3]),
        ({"tags": "x", "page": 0}, [0]),
        ({"source": "in/a.pdf"}, [0, 1, 2, 3]),
        ({"file_name": "a.pdf"}, [0, 1, 2, 3]),
        ({"source": "other.pdf"}, []),
    ],
)
def test_filters_of_the_text_half(
    connection: sqlite3.Connection, where: dict[str, str | int], pages: list[int]
) -> None:
    chosen = make_filter(connection, where)
    rows = connection.execute(f"SELECT page FROM chunks c WHERE {chosen.sql} ORDER BY page", chosen.values)
    assert [page for (page,) in rows] == pages


def test_a_filter_on_an_unknown_key_names_the_known_ones(connection: sqlite3.Connection) -> None:
    with pytest.raises(ArchiveError, match="field_total"):
        make_filter(connection, {"colour": "red"})


def test_no_filter_is_empty(connection: sqlite3.Connection) -> None:
    assert make_filter(connection, {}).sql == ""
