from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from langchain_core.documents.base import Blob
from PIL import Image

from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages import Source, find_sources, try_sources


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.pdf", "a.PNG", "notes.txt", ".hidden.pdf", "sub/c.tif", "sub/.cache/d.pdf", "扫描 件 1.jpg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path


def names(inputs: object, **options: bool) -> list[str]:
    return [source.file_name for source in find_sources(inputs, **options)]


def test_a_folder_is_walked_in_order_without_hidden_and_foreign_files(folder: Path) -> None:
    assert names(folder) == ["a.PNG", "b.pdf", "c.tif", "扫描 件 1.jpg"]
    assert names(folder, recursive=False) == ["a.PNG", "b.pdf", "扫描 件 1.jpg"]


def test_the_name_is_the_path_as_given(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert [source.name for source in find_sources(["sub", "./b.pdf"])] == [str(Path("sub") / "c.tif"), "./b.pdf"]


def test_patterns(folder: Path) -> None:
    assert names(str(folder / "*")) == ["a.PNG", "b.pdf", "扫描 件 1.jpg"]
    assert names(str(folder / "**/*.tif")) == ["c.tif"]
    assert names(str(folder / "*.txt")) == ["notes.txt"]


def test_a_file_that_exists_is_no_pattern(folder: Path) -> None:
    path = folder / "page[1].pdf"
    path.write_bytes(b"x")
    assert names(str(path)) == ["page[1].pdf"]


def test_the_same_file_comes_once(folder: Path) -> None:
    (folder / "link.pdf").symlink_to(folder / "b.pdf")
    assert names([folder / "b.pdf", str(folder / "sub/../b.pdf"), folder / "link.pdf", b"data", b"data"]) == [
        "b.pdf",
        f"blob:{hashlib.sha256(b'data').hexdigest()[:16]}",
    ]


def test_a_folder_that_holds_itself_ends(folder: Path) -> None:
    (folder / "sub" / "loop").symlink_to(folder)
    assert names(folder) == ["a.PNG", "b.pdf", "c.tif", "扫描 件 1.jpg"]


def test_every_input_is_accounted_for(folder: Path) -> None:
    (folder / "empty").mkdir()
    inputs = [folder / "missing.pdf", folder / "b.pdf", folder / "empty", str(folder / "*.bmp"), 7, "ftp://x/y.pdf", ""]
    found = list(try_sources(inputs))
    assert [type(each).__name__ for each in found] == ["SourceError", "Source", *["SourceError"] * 5]
    words = [str(each) for each in found if isinstance(each, SourceError)]
    expectations = [
        "missing.pdf: there is no such",
        "empty: the folder holds",
        "*.bmp: the pattern",
        "int",
        "ftp://",
        "''",
    ]
    for text, expected in zip(words, expectations, strict=True):
        assert expected in text
        assert text.count("\n") == 0
        assert text.endswith(")"), "a remedy is given"


def test_finding_stops_at_the_first_missing_input(folder: Path) -> None:
    found = find_sources([folder / "b.pdf", folder / "missing.pdf"])
    assert next(found).file_name == "b.pdf"
    with pytest.raises(SourceError, match=r"missing\.pdf"):
        next(found)


def test_inputs_are_taken_lazily(folder: Path) -> None:
    def endless():
        while True:
            yield folder / "b.pdf"
            yield b"data"

    assert next(find_sources(endless())).file_name == "b.pdf"


def test_blobs(folder: Path) -> None:
    by_path = Source.of(Blob.from_path(folder / "b.pdf"))
    assert (by_path.path, by_path.name) == (folder / "b.pdf", str(folder / "b.pdf"))
    named = Source.of(Blob.from_data(b"bytes", metadata={"source": "box/7.pdf"}))
    assert (named.data, named.name, named.file_name) == (b"bytes", "box/7.pdf", "7.pdf")
    assert Source.of(Blob.from_data(b"bytes")).name == Source.of(b"bytes").name
    with pytest.raises(SourceError, match=r"gone\.pdf: there is no such file"):
        Source.of(Blob(path=folder / "gone.pdf"))


def test_data_urls() -> None:
    assert Source.of("data:image/png;base64," + base64.b64encode(b"x").decode()).data == b"x"
    assert Source.of("data:text/plain,a%20b").data == b"a b"
    with pytest.raises(SourceError, match="no valid data URL"):
        Source.of("data:image/png;base64,???")


def test_a_url_is_named_by_its_last_part() -> None:
    source = Source.of("https://example.org/scans/M%C3%A4rz.pdf?x=1")
    assert (source.url, source.file_name) == ("https://example.org/scans/M%C3%A4rz.pdf?x=1", "März.pdf")


def test_a_picture_is_held_as_bytes() -> None:
    picture = Image.new("I;16", (4, 4), 3000)
    assert Source.of(picture).data == Source.of(picture.copy()).data


def test_one_source_is_one(folder: Path) -> None:
    with pytest.raises(SourceError, match="stands for 4 files"):
        Source.of(str(folder))
