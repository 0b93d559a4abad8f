"""Names and places that cost themselves and nothing else."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding
from PIL import Image

from langchain_hunyuanocr import HunyuanOCRLoader
from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.cli.main import main
from langchain_hunyuanocr.engines import ScriptedEngine
from langchain_hunyuanocr.errors import SourceError, printable
from langchain_hunyuanocr.pages import Source, try_sources

pytest.importorskip("chromadb")

_DEEP = 1000
_LONG = "x" * 251 + ".png"


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of odd entries, among which three pictures can be read."""
    place = tmp_path / "in"
    place.mkdir()
    Image.new("RGB", (60, 30), "white").save(place / "good.png")
    picture = (place / "good.png").read_bytes()
    Path(os.fsdecode(bytes(place) + b"/bad\xff\xfe.png")).write_bytes(picture)
    (place / "self.png").symlink_to("self.png")
    (place / "through.png").symlink_to("good.png/inner.png")
    (place / "selfish").symlink_to("selfish")
    (place / _LONG).write_bytes(picture)
    (place / "red \x1b[31m\n.png").write_bytes(picture)
    monkeypatch.chdir(place)
    for _ in range(_DEEP):
        Path("d").mkdir()
        os.chdir("d")
    os.chdir(tmp_path)
    yield place
    # Deeper than pytest's own clearing up can go.
    subprocess.run(["rm", "-rf", str(place)], check=True)


UNREADABLE = {"bad\\xff\\xfe.png", "self.png", "through.png"}
READABLE = {"good.png", _LONG, "red \x1b[31m\n.png"}


@pytest.mark.parametrize("given", ["{}", "{}/*.png", "{}/*"])
def test_each_costs_itself(odd: Path, tmp_path: Path, given: str) -> None:
    failing = {"~nosuchuser/a.png", str(tmp_path / ("y" * 256))}
    inputs = [given.format(odd), *failing]
    with Archive(
        tmp_path / "archive", engine=ScriptedEngine("scan"), embeddings=DeterministicFakeEmbedding(size=4)
    ) as archive:
        report = archive.ingest(inputs)
        assert report.files == 3
        failed = {one.source for one in report.failures}
        assert failed == failing | {f"{odd}/{name}" for name in UNREADABLE}
        assert archive.status().failures == report.failures


def test_the_loader_skips_what_cannot_be_read(odd: Path) -> None:
    loader = HunyuanOCRLoader([odd, "~nosuchuser"], engine=ScriptedEngine("scan"), on_error="skip")
    assert {Path(document.metadata["source"]).name for document in loader.lazy_load()} == READABLE
    assert len(loader.report().failures) == 4


def test_a_file_is_written_for_each_however_long_its_name(
    odd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["hunyuanocr", "read", f"{odd}/*.png", "--format", "json", "-o", "out"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    names = [path.name for path in (tmp_path / "out").iterdir()]
    assert len(names) == 3
    assert all(len(os.fsencode(name)) < 255 for name in names)
    said = capsys.readouterr().err
    assert "bad\\xff\\xfe.png: its name is no valid UTF-8" in said
    assert "\x1b[31m" not in said


def test_a_folder_within_a_thousand_others_is_walked(odd: Path) -> None:
    deepest = odd.joinpath(*["d"] * _DEEP)
    here = Path.cwd()
    os.chdir(odd)
    for _ in range(_DEEP):
        os.chdir("d")
    Path("last.png").write_bytes((odd / "good.png").read_bytes())
    os.chdir(here)
    found = [one for one in try_sources(odd) if isinstance(one, Source)]
    assert deepest / "last.png" in [one.path for one in found]


def test_a_name_is_printed_with_what_it_holds_shown() -> None:
    assert printable("a\x1b[31m\nb\udcff 甲.png") == "a\\x1b[31m\\nb\\xff 甲.png"
    assert str(SourceError("is empty", source="a\r.png")) == "a\\r.png: is empty"


def test_a_folder_that_can_be_read_again_has_not_failed(tmp_path: Path) -> None:
    place = tmp_path / "in"
    place.mkdir()
    with Archive(
        tmp_path / "archive", engine=ScriptedEngine("scan"), embeddings=DeterministicFakeEmbedding(size=4)
    ) as archive:
        assert archive.ingest(place).failures[0].source == str(place)
        Image.new("RGB", (60, 30), "white").save(place / "good.png")
        archive.ingest(place)
        assert archive.status().failures == ()
