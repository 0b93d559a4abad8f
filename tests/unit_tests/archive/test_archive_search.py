"""The text index, coverage, fusion and filters, on a ledger without vectors."""

from __future__ import annotations

import json
import math
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from langchain_hunyuanocr.archive.search.query import parse_query
from langchain_hunyuanocr.archive.search.ranking import RankedChunk, best_of_each_page, coverage, fuse, with_neighbours
from langchain_hunyuanocr.archive.search.search import checked_query
from langchain_hunyuanocr.archive.storage import field_values, fulltext
from langchain_hunyuanocr.archive.storage.filters import Filter, make_filter
from langchain_hunyuanocr.archive.storage.ledger import Ledger
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
        fulltext.add(connection, page, text, "Acme papers" if page == 3 else "")
    pages = {page: json.loads(metadata) for page, metadata in connection.execute("SELECT page, metadata FROM chunks")}
    field_values.store(connection, "s", pages, {key for metadata in pages.values() for key in metadata})
    connection.execute("INSERT INTO files VALUES ('in/a.pdf', '/in/a.pdf', 's', 1, 1, NULL, 1)")
    return connection


def found(connection: sqlite3.Connection, query: str) -> list[int]:
    words = [term.text for term in parse_query(query).terms]
    return fulltext.propose(connection, fulltext.count(connection, words), limit=9, chosen=Filter())


def test_an_identifier_is_found_exactly(connection: sqlite3.Connection) -> None:
    assert found(connection, "INV-2024-018")[0] == 1


@pytest.mark.parametrize("number", ["1234", "１２３４", "1,234.00"])
def test_a_number_is_found_however_it_is_written(connection: sqlite3.Connection, number: str) -> None:
    assert found(connection, number) == [0]


def test_chinese_and_dates_are_found(connection: sqlite3.Connection) -> None:
    assert found(connection, "谁主持了会议？") == [2]
    assert found(connection, "2024年5月3日")[0] == 3


def test_the_context_counts_less_than_the_text(connection: sqlite3.Connection) -> None:
    fulltext.add(connection, 9, "Acme papers", "")
    connection.execute("INSERT INTO chunks VALUES (9, 'id9', 's', 9, 'Acme papers', '', '{}', 0)")
    assert found(connection, "acme") == [9, 3]


def test_a_removed_chunk_is_not_found(connection: sqlite3.Connection) -> None:
    fulltext.remove(connection, 1)
    assert 1 not in found(connection, "INV-2024-018")


def test_words_that_mean_something_to_fts5_are_only_words(connection: sqlite3.Connection) -> None:
    assert found(connection, 'lease AND "NOT" OR NEAR(') == [3]


def test_nothing_is_found_for_no_terms(connection: sqlite3.Connection) -> None:
    assert fulltext.propose(connection, {}, limit=5, chosen=Filter()) == []


def test_coverage_takes_translations_for_the_word() -> None:
    question = parse_query("Who chaired the meeting?")
    idf = {term.text: 1.0 for term in question.terms}
    body = {"会议", "主持"}
    assert coverage(question, body, set(), idf) == 1.0
    assert coverage(question, {"会议"}, {"主持"}, idf) == pytest.approx(0.85)
    assert coverage(question, set(), set(), idf) == 0.0


def candidate(number: int, **values: float) -> RankedChunk:
    return RankedChunk(number, "s", number, f"id{number}", **values)


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


def invoices(connection: sqlite3.Connection) -> None:
    """A document whose total stands on its last page, and a file of two invoices."""
    fields = {
        ("d", 0): {"field_total_state": "missing"},
        ("d", 1): {"field_total": "￥1,234.50", "field_date": "2024年5月3日", "field_seller": "Acme “Ltd”"},
        ("e", 0): {"field_total": "980,00 €", "field_total_normalised": "980.00", "field_date": "3 June 2025"},
        ("e", 1): {"field_total": "99999999999999999999", "field_date": "unknown"},
    }
    for number, ((sha256, page), metadata) in enumerate(fields.items(), 20):
        connection.execute(
            "INSERT INTO chunks VALUES (?, ?, ?, ?, 'text', '', ?, 0)",
            (number, f"id{number}", sha256, page, json.dumps(metadata)),
        )
    for sha256 in "de":
        pages = {page: metadata for (of, page), metadata in fields.items() if of == sha256}
        field_values.store(connection, sha256, pages, {key for metadata in pages.values() for key in metadata})


@pytest.mark.parametrize(
    ("where", "places"),
    [
        ({"field_total": (">=", 1000)}, ["d0", "d1", "e1"]),
        ({"field_total": [(">=", 900), ("<", "1,500")]}, ["d0", "d1", "e0"]),
        ({"field_total": 1234.5}, ["d0", "d1"]),
        ({"field_total": "1,234.50"}, ["d0", "d1"]),
        ({"field_total": ("!=", "980")}, ["d0", "d1", "e1"]),
        ({"field_total": ("in", ["980", "1234.5"])}, ["d0", "d1", "e0"]),
        ({"field_total": (">", 10**30)}, []),
        ({"field_date": ("<=", "2024")}, ["d0", "d1"]),
        ({"field_date": (">", "2024-05")}, ["e0"]),
        ({"field_date": "3 May 2024"}, ["d0", "d1"]),
        ({"field_date": "UNKNOWN"}, ["e1"]),
        ({"field_seller": ("~", "ACME")}, ["d0", "d1"]),
        ({"field_seller": 'Acme "Ltd"'}, []),
        ({"field_seller": "'; DROP TABLE chunks; --"}, []),
        ({"field_total_state": ("!=", "confirmed")}, ["d0"]),
        ({"field_total": (">", 1000), "page": 1}, ["d1", "e1"]),
        ({"page": ("<", 1), "field_total": (">", 0)}, ["d0", "e0"]),
        ({"field_total": ("<", "much")}, None),
        ({"field_total": float("nan")}, None),
        ({"field_total": []}, None),
        ({"field_total": ("<", [1, 2])}, None),
        ({"field_total": None}, None),
        ({"field_total": 10**400}, None),
        ({"field_total": "\ud800"}, None),
        ({'field_"; DROP': 1}, None),
        ({"": 1}, None),
        ({"source": ("<", "a")}, None),
    ],
)
def test_fields_are_compared_by_number_and_day(
    connection: sqlite3.Connection, where: dict[str, object], places: list[str] | None
) -> None:
    invoices(connection)
    if places is None:
        with pytest.raises(ArchiveError):
            make_filter(connection, where)  # type: ignore[arg-type]
        return
    chosen = make_filter(connection, where)  # type: ignore[arg-type]
    rows = connection.execute(
        f"SELECT sha256 || page FROM chunks c WHERE number >= 20 AND {chosen.sql} ORDER BY 1", chosen.values
    )
    assert [place for (place,) in rows] == places


def test_contains_takes_wildcards_as_they_are(connection: sqlite3.Connection) -> None:
    for part, expected in (("A.PDF", 4), ("%", 0), ("_", 0)):
        chosen = make_filter(connection, {"source": ("~", part)})
        count = connection.execute(f"SELECT count(*) FROM chunks c WHERE {chosen.sql}", chosen.values).fetchone()[0]
        assert count == expected


def test_names_and_values_of_fields_are_told_to_the_index() -> None:
    said = field_values.as_text(
        {"field_合计": "1,234.50", "field_seller": "Acme", "field_seller_state": "confirmed", "page": 1}
    )
    assert said == "合计 1,234.50\nseller Acme"


@pytest.mark.parametrize("how", ["perfect", "random"])
def test_fused_is_as_good_as_the_better_half(how: str) -> None:
    """300 questions whose page the words put first in 6 of 10 cases; the vectors know it always, or nothing."""
    rng = random.Random(5)
    first = {"words": 0, "vectors": 0, "fused": 0}
    for _ in range(300):
        right = rng.randrange(60)
        found = [candidate(n, bm25=rng.uniform(0, 6), coverage=rng.uniform(0, 0.6)) for n in range(60)]
        for one in found:
            one.cosine = rng.gauss(0, 0.045)
        if rng.random() < 0.6:
            found[right].bm25, found[right].coverage = 9.0, 0.9
        if how == "perfect":
            found[right].cosine = 0.9
        fuse(found, highest=20.0)
        for name, value in (
            ("words", lambda c: c.bm25),
            ("vectors", lambda c: c.cosine),
            ("fused", lambda c: c.score),
        ):
            best = sorted(found, key=value, reverse=True)[:5]
            first[name] += found[right] in best
    assert first["fused"] >= max(first["words"], first["vectors"]) - 6


def test_bm25_agrees_with_sqlite(connection: sqlite3.Connection) -> None:
    terms = ["invoic", "amount", "1234", "lease"]
    chunks, usual_length = fulltext.size(connection)
    assert chunks == len(TEXTS)
    query = " OR ".join(f'"{term}"' for term in terms)
    theirs = dict(
        connection.execute(
            "SELECT rowid, -bm25(chunk_terms, 1.0, 0.4) FROM chunk_terms WHERE chunk_terms MATCH ?", (query,)
        )
    )
    counts = fulltext.count(connection, terms)
    # FTS5 takes the idf without the 1 that keeps it above nought.
    idf = {term: max(math.log((chunks - held + 0.5) / (held + 0.5)), 1e-6) for term, held in counts.items()}
    ours = {
        number: fulltext.bm25(stored, idf, usual_length)
        for number, stored in fulltext.stored(connection, sorted(theirs)).items()
    }
    assert ours == pytest.approx(theirs)


def counted(connection: sqlite3.Connection) -> tuple[int, int]:
    """Chunks and terms in the index, as FTS5 counts them."""
    (chunks,) = connection.execute("SELECT count(*) FROM chunk_terms").fetchone()
    (terms,) = connection.execute("SELECT coalesce(sum(cnt), 0) FROM chunk_vocabulary").fetchone()
    return chunks, terms


def test_the_size_of_the_index_is_that_which_fts5_counts_after_any_change(connection: sqlite3.Connection) -> None:
    rng = random.Random(7)
    words = [
        "Total 1,234.00", "INV-2024-018", "3 May 2024", "O'Neil's", "naïve", "ราคารวมทั้งสิ้น", "कुल राशि",
        "合計金額", "ジョン・スミス", "・", "・・・", "x ゛ y", "ｶﾞ", "한국어 계약", "👩‍👩‍👧", "_ # /", "10.5.3/a",
        "ﬁnal", "𝄞", "İstanbul", "ß", "—", "２０２４年５月３日",
    ]  # fmt: skip
    held = set(range(len(TEXTS)))
    for number in range(100, 220):
        fulltext.add(connection, number, " ".join(rng.choices(words, k=rng.randrange(9))), rng.choice(words))
        held.add(number)
        if rng.random() < 0.4:
            gone = rng.choice(sorted(held))
            held.remove(gone)
            fulltext.remove(connection, gone)
            fulltext.remove(connection, gone)
        chunks, terms = counted(connection)
        assert fulltext.size(connection) == (chunks, terms / chunks)
    assert chunks == len(held)
    for number in held:
        fulltext.remove(connection, number)
    assert fulltext.size(connection) == (0, 0.0)


def test_what_is_not_committed_does_not_count(connection: sqlite3.Connection) -> None:
    before = fulltext.size(connection)
    connection.execute("BEGIN IMMEDIATE")
    fulltext.add(connection, 100, "never seen", "")
    assert fulltext.size(connection)[0] == before[0] + 1
    connection.execute("ROLLBACK")
    assert fulltext.size(connection) == before


def test_an_archive_of_an_earlier_version_is_counted_once_when_it_is_opened(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    before = fulltext.size(connection)
    connection.execute("DROP TABLE index_size")
    for _ in range(2):
        ledger = Ledger(tmp_path / "archive")
        assert fulltext.size(ledger.connection) == before
        ledger.close()
    fulltext.remove(connection, 0)
    chunks, terms = counted(connection)
    assert fulltext.size(connection) == (chunks, terms / chunks)


def test_a_frequent_word_is_counted_anew_when_the_index_changes(connection: sqlite3.Connection) -> None:
    for number in range(1000, 2000):
        fulltext.add(connection, number, "zebra", "")
    assert fulltext.count(connection, ["zebra"]) == {"zebra": 1000}
    fulltext.remove(connection, 1500)
    fulltext.add(connection, 1500, "lion", "")
    assert fulltext.count(connection, ["zebra"]) == {"zebra": 999}


def test_equal_chunks_at_the_limit_are_all_proposed(connection: sqlite3.Connection) -> None:
    for number in range(40, 52):
        connection.execute("INSERT INTO chunks VALUES (?, ?, 's', 1, '', '', '{}', 0)", (number, f"id{number}"))
        fulltext.add(connection, number, "the same zebra", "")
    counts = fulltext.count(connection, ["zebra"])
    assert len(fulltext.propose(connection, counts, limit=5, chosen=Filter())) == 12


def test_neighbours_are_joined_without_what_they_repeat(connection: sqlite3.Connection) -> None:
    texts = ["First sentence. Second one.", "Second one. Third one.", "| A |\n| --- |\n| 1 |", "| A |\n| --- |\n| 2 |"]
    for number, text in enumerate(texts):
        metadata = json.dumps({"chunk": number})
        connection.execute(
            "INSERT INTO chunks VALUES (?, ?, 'doc', 0, ?, '', ?, 0)", (60 + number, f"n{number}", text, metadata)
        )
    middle = RankedChunk(61, "doc", 0, "n1")
    assert with_neighbours(connection, middle, 1) == ("First sentence. Second one. Third one.\n\n| A |\n| --- |\n| 1 |")
    assert with_neighbours(connection, RankedChunk(63, "doc", 0, "n3"), 1) == "| A |\n| --- |\n| 1 |\n| 2 |"
    assert with_neighbours(connection, RankedChunk(60, "doc", 0, "n0"), 9).startswith(
        "First sentence. Second one. Third"
    )


@pytest.mark.parametrize("query", ["", " \n", "?!…。", "😀🎉"])
def test_a_question_without_a_word_is_refused(query: str) -> None:
    with pytest.raises(ArchiveError, match="question"):
        checked_query(query)


def test_a_question_as_long_as_a_book_is_cut() -> None:
    assert len(checked_query("lease of the harbour " * 5000).text) == 2000


@pytest.mark.parametrize(
    "where",
    [
        {"page": [str(number) for number in range(1000)]},
        {"source": [f"{number}.pdf" for number in range(1000)]},
        {"file_name": [f"{number}.pdf" for number in range(1000)]},
        {"field_total": [f"2024-01-{number}" for number in range(1000)]},
        {"field_total": ("!=", list(range(1000)))},
        {"tags": ("!=", [f"t{number}" for number in range(1000)])},
        {"field_total": [(">=", number) for number in range(100)]},
        {"source": ("~", "%" * 4000)},
    ],
)
def test_sqlite_takes_the_largest_filters_that_are_let_through(
    connection: sqlite3.Connection, where: dict[str, Any]
) -> None:
    chosen = make_filter(connection, where)
    assert connection.execute(f"SELECT count(*) FROM chunks c WHERE {chosen.sql}", chosen.values).fetchone()[0] >= 0


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"field_total": [(">=", number) for number in range(101)]}, "too many conditions"),
        ({"page": [(">=", number) for number in range(60)], "tags": [("!=", "x")] * 60}, "too many conditions"),
        ({"page": list(range(600)), "tags": list(range(600))}, "too many conditions"),
        ({"page": list(range(1001))}, "1001 values"),
        ({"source": ("~", "a" * 60_000)}, "too long"),
    ],
)
def test_a_filter_that_asks_too_much_is_told_so(
    connection: sqlite3.Connection, where: dict[str, Any], words: str
) -> None:
    with pytest.raises(ArchiveError, match=words):
        make_filter(connection, where)
