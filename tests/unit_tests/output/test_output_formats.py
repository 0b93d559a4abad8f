"""What is written of pages that are more than text."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from importlib.metadata import metadata
from pathlib import Path

import pytest

from langchain_hunyuanocr.cli.output import Sources, StdoutSink
from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.output import Format, write_readings
from langchain_hunyuanocr.pages import Source
from langchain_hunyuanocr.reading.tables.html import parse_html_tables
from langchain_hunyuanocr.results import Box, Field, FieldState, FieldValue, PageReading, Region, Status, Table
from langchain_hunyuanocr.tasks import TaskKind
from tests.unit_tests.readings import reading

SCAN = Source(name="scan.pdf", path=Path("scan.pdf"))


def table(html: str) -> Table:
    return parse_html_tables(html)[0]


MERGED = table("<table><tr><td rowspan=2>Item<td colspan=2>Price<tr><td>net<td>=1+1<tr><td>Pen<td>-1.50<td>@x</table>")
FIELDS = (
    Field(name="total", value="=SUM(A1)", state=FieldState.CONFIRMED, page=0),
    Field(name="balance", value="-96.50", state=FieldState.UNCONFIRMED, page=1, normalised="-96.50"),
    Field(name="iban\x0b", value=None, state=FieldState.MISSING),
    Field(name="name", value="+CMD|' /C calc'!A0", state=FieldState.UNCONFIRMED, others=(FieldValue(value="李雷"),)),
)


@pytest.mark.parametrize(
    ("page", "written"),
    [
        (reading("你好", translation="Hello"), "你好\n\n---\n\nHello\n\n"),
        (
            reading("", regions=(Region(kind="figure", box=Box(0.1, 0.2, 0.3, 0.4)),)),
            "- figure [0.1, 0.2, 0.3, 0.4]\n\n",
        ),
        (reading("", status=Status.FAILED, error="torn"), "<!-- page 1 failed: torn -->\n\n"),
        (reading("", status=Status.BLANK), ""),
    ],
)
def test_markdown_of_a_page(page: PageReading, written: str, capsys: pytest.CaptureFixture[str]) -> None:
    with StdoutSink(Format.MD) as sink, Sources(sink) as output:
        output.begin(SCAN)
        output.write(page)
    assert capsys.readouterr().out == written


def test_a_table_alone_is_a_plain_csv_with_merged_cells_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    with StdoutSink(Format.CSV) as sink, Sources(sink) as output:
        output.begin(SCAN)
        output.write(reading(MERGED.markdown, tables=(MERGED,)))
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows == [["Item", "Price", "Price"], ["Item", "net", "'=1+1"], ["Pen", "-1.50", "'@x"]]


def test_csv_has_fields_then_tables_and_nothing_that_a_spreadsheet_would_run(tmp_path: Path) -> None:
    out = tmp_path / "scan.csv"
    with write_readings(out, Format.CSV, SCAN) as write:
        write(reading("", fields=FIELDS, tables=(MERGED,), total_pages=2))
        write(reading("", page=1, total_pages=2))
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(out.read_text("utf-8-sig"))))
    assert rows[:5] == [
        ["file", "page", "field", "value", "state", "normalised"],
        ["scan.pdf", "1", "total", "'=SUM(A1)", "confirmed", ""],
        ["scan.pdf", "2", "balance", "-96.50", "unconfirmed", "-96.50"],
        ["scan.pdf", "", "iban\x0b", "", "missing", ""],
        ["scan.pdf", "", "name", "'+CMD|' /C calc'!A0", "unconfirmed", ""],
    ]
    assert rows[5:] == [[], ["Item", "Price", "Price"], ["Item", "net", "'=1+1"], ["Pen", "-1.50", "'@x"]]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("x;=1+1", "x;'=1+1"),
        ("x\n=1+1", "x\n'=1+1"),
        ('a;"=1+1', "a;'\"=1+1"),
        ("x\t@y;＝z", "x\t'@y;'＝z"),
        ("\t=1", "'\t'=1"),
        (" =1", "' =1"),
        ("12,50;-3,20\n+4%", "12,50;-3,20\n+4%"),
        ("3 + 4 = 7; a-b", "3 + 4 = 7; a-b"),
    ],
)
def test_no_cell_that_a_spreadsheet_could_cut_out_of_a_text_begins_a_formula(
    tmp_path: Path, text: str, written: str
) -> None:
    out = tmp_path / "scan.csv"
    with write_readings(out, Format.CSV, SCAN) as write:
        write(reading("", fields=(Field(name="name", value=text, state=FieldState.UNCONFIRMED),)))
    with out.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[1][3] == written


def test_xlsx_keeps_states_and_merged_cells_and_holds_no_formula(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    out = tmp_path / "scan.xlsx"
    with write_readings(out, Format.XLSX, SCAN) as write:
        write(reading("", fields=FIELDS, tables=(MERGED, table("<table><tr><td>one</table>"))))
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["Fields", "Table 1, page 1", "Table 2, page 1"]
    fields, first, second = book.worksheets
    assert fields["A4"].value == "iban�"
    rows = list(fields.iter_rows(values_only=True))
    assert rows[0] == ("field", "value", "state", "page", "normalised", "others")
    assert rows[1][:4] == ("total", "=SUM(A1)", "confirmed", "1")
    assert rows[4][5] == "李雷"
    assert {str(span) for span in first.merged_cells.ranges} == {"A1:A2", "B1:C1"}
    assert [[cell.value for cell in row] for row in first.iter_rows()] == [
        ["Item", "Price", None],
        [None, "net", "=1+1"],
        ["Pen", "-1.50", "@x"],
    ]
    assert second["A1"].value == "one"
    risky = [fields["B2"], fields["B5"], first["C2"], first["B3"], first["C3"]]
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in risky)


def test_a_table_over_two_pages_is_one_sheet(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    head = table("<table><tr><th>No<th>Item<tr><td>1<td>Pen<tr><td>2<td>Ink</table>")
    rest = table("<table><tr><th>No<th>Item<tr><td>3<td>Nib</table>")
    out = tmp_path / "scan.xlsx"
    with write_readings(out, Format.XLSX, SCAN) as write:
        write(reading(head.markdown, tables=(head,), total_pages=2))
        write(reading(rest.markdown, tables=(rest,), page=1, total_pages=2))
    (_, sheet) = openpyxl.load_workbook(out).worksheets
    assert [row[1] for row in sheet.iter_rows(values_only=True)] == ["Item", "Pen", "Ink", "Nib"]


def test_a_file_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    out = tmp_path / "scan.json"
    out.write_text("before")

    def torn() -> None:
        with write_readings(out, Format.JSON, SCAN) as write:
            write(reading("half"))
            raise SourceError("torn")

    with pytest.raises(SourceError, match="torn"):
        torn()
    assert [path.name for path in tmp_path.iterdir()] == ["scan.json"]
    assert out.read_text() == "before"
    with write_readings(out, Format.JSON, SCAN) as write:
        write(reading("whole"))
    assert [page["markdown"] for page in json.loads(out.read_text())] == ["whole"]


def test_what_cannot_be_written_says_so_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(SourceError, match="cannot be written"),
        write_readings(tmp_path / "file" / "scan.md", Format.MD, SCAN) as write,
    ):
        write(reading("text"))


def test_srt_numbers_what_has_text_and_times(capsys: pytest.CaptureFixture[str]) -> None:
    with StdoutSink(Format.SRT) as sink, Sources(sink) as output:
        output.begin(SCAN)
        output.write(reading("No times"))
        output.write(reading("", status=Status.BLANK, start_s=0.0, end_s=1.0))
        output.write(reading("First\n\nrow --> two", start_s=1.0, end_s=2.5))
        output.write(reading("再见", start_s=3723.0456, end_s=36000.0))
    assert capsys.readouterr().out == (
        "1\n00:00:01,000 --> 00:00:02,500\nFirst\nrow → two\n\n2\n01:02:03,046 --> 10:00:00,000\n再见\n\n"
    )


@pytest.mark.parametrize("form", Format)
def test_the_table_describes_each_format_and_finds_its_writer(form: Format, tmp_path: Path) -> None:
    info = form.info
    assert info.task is None or info.task in set(TaskKind)
    assert info.requires is None or info.requires[1] in metadata("langchain-hunyuanocr").get_all("Provides-Extra")
    assert not (info.binary and info.streams)
    out = tmp_path / f"scan{form.suffix}"
    if form is Format.PDF:
        # The one format that needs the source itself.
        with pytest.raises(SourceError, match="no page"), write_readings(out, form, SCAN):
            pass
        return
    with write_readings(out, form, SCAN) as write:
        write(reading("Total 12.00", fields=FIELDS, start_s=0.0, end_s=1.0))
    assert b"Total 12.00" in out.read_bytes() or form in (Format.CSV, Format.XLSX)
    assert out.stat().st_size


def test_a_list_of_the_formats_imports_no_writer() -> None:
    code = (
        "import sys, langchain_hunyuanocr.output as o\n"
        "list(o.Format)\n"
        "print(*(m for m in sys.modules if m.startswith(o.__name__)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert sorted(name.rpartition(".")[2] for name in shown) == ["formats", "output"]


@pytest.mark.parametrize(
    ("form", "written"),
    [
        (Format.JSON, ["one", "two", "three"]),
        (Format.JSONL, ["one", "two", "three"]),
    ],
)
def test_on_stdout_a_format_that_streams_is_one_text_of_all_sources(
    form: Format, written: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with StdoutSink(form) as sink, Sources(sink) as output:
        for texts in (["one", "two"], ["three"]):
            output.begin(SCAN)
            for text in texts:
                output.write(reading(text))
            output.end()
    shown = capsys.readouterr().out
    pages = json.loads(shown) if form is Format.JSON else [json.loads(line) for line in shown.splitlines()]
    assert [page["markdown"] for page in pages] == written


def test_a_json_list_on_stdout_is_closed_where_reading_breaks_off(capsys: pytest.CaptureFixture[str]) -> None:
    def stopped() -> None:
        with StdoutSink(Format.JSON) as sink, Sources(sink) as output:
            output.begin(SCAN)
            output.write(reading("one"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert [page["markdown"] for page in json.loads(capsys.readouterr().out)] == ["one"]


def test_on_stdout_each_source_is_a_csv_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    with StdoutSink(Format.CSV) as sink, Sources(sink) as output:
        for name in ("a.png", "b.png"):
            output.begin(Source(name=name, path=Path(name)))
            output.write(reading("", file_name=name, fields=FIELDS[:1]))
            output.end()
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert [row[0] for row in rows] == ["file", "a.png", "file", "b.png"]
