"""What the command line writes of pages that are more than text."""

from __future__ import annotations

import pytest

from langchain_hunyuanocr.cli.writers import Format, Sources, StdoutSink
from langchain_hunyuanocr.results import Box, PageReading, Region, Status
from tests.unit_tests.readings import reading

FIGURE = Region(kind="figure", box=Box(0.1, 0.2, 0.3, 0.4))


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
        output.begin("scan.pdf")
        output.write(page)
    assert capsys.readouterr().out == written
