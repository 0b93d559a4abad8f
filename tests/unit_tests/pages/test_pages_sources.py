from __future__ import annotations

import base64
import gzip
import hashlib
import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
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


class Upload(io.RawIOBase):
    """What a web framework hands over: can be read, not seen as a file."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._data.readinto(buffer)


def spooled(data: bytes) -> Any:
    file = tempfile.SpooledTemporaryFile()  # noqa: SIM115 - open, as a framework gives it
    file.write(data)
    return file


@pytest.mark.parametrize(
    "make",
    [io.BytesIO, spooled, Upload, lambda data: io.BufferedReader(Upload(data))],
    ids=["BytesIO", "spooled", "raw", "buffered"],
)
@pytest.mark.parametrize("within", [lambda given: given, lambda given: [given]], ids=["alone", "in a list"])
def test_a_file_object_is_read_and_not_iterated(make: Any, within: Any) -> None:
    given = make(b"a\nb\n")
    (source,) = find_sources(within(given))
    assert (source.data, source.name) == (b"a\nb\n", Source.of(b"a\nb\n").name)
    assert not given.closed
    if given.seekable():
        assert Source.of(given) == source, "from its start, again"


def test_an_open_file_is_its_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    for buffering in (-1, 0):
        with open("sub/../b.pdf", "rb", buffering) as file:  # noqa: PTH123 - the name as it was given
            file.read(3)
            found = list(find_sources([file, folder / "b.pdf"]))
            assert [(source.name, source.path) for source in found] == [("sub/../b.pdf", Path("sub/../b.pdf"))]
            assert not file.closed


def test_a_file_that_is_written_or_unpacked_or_gone_is_its_bytes(folder: Path) -> None:
    with (folder / "b.pdf").open("r+b") as file:
        assert Source.of(file) == Source(name=str(folder / "b.pdf"), data=b"b.pdf")
    with gzip.open(folder / "c.gz", "wb") as packed:
        packed.write(b"unpacked")
    with gzip.open(folder / "c.gz") as file:
        assert Source.of(file).data == b"unpacked"
    with (folder / "b.pdf").open("rb") as file:
        (folder / "b.pdf").unlink()
        assert Source.of(file).data == b"b.pdf"


class Awaited:
    async def read(self) -> bytes:
        return b""


class Says:
    def __init__(self, said: object) -> None:
        self._said = said

    def read(self) -> object:
        if isinstance(self._said, Exception):
            raise self._said
        return self._said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (io.StringIO("text"), 'opened as text .*"rb"'),
        (Awaited(), "await"),
        (Says("text"), 'gives str .*"rb"'),
        (Says(None), "gives NoneType"),
        (Says(OSError("the line\nis cut")), "cannot be read: the line is cut"),
    ],
)
def test_a_file_object_that_gives_no_bytes_is_one_line(given: Any, said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        Source.of(given)
    assert str(caught.value).count("\n") == 0


def test_a_closed_or_text_file_is_one_line(folder: Path) -> None:
    with (folder / "b.pdf").open("rb") as file:
        pass
    with pytest.raises(SourceError, match=r"b\.pdf: cannot be read: .*closed"):
        Source.of(file)
    with (folder / "b.pdf").open() as text, pytest.raises(SourceError, match=r"b\.pdf: is opened as text"):
        Source.of(text)


def pixels(source: Source) -> Any:
    assert source.data is not None
    with Image.open(io.BytesIO(source.data)) as image:
        return np.asarray(image)


GREY = np.array([[0, 51], [102, 255]], np.uint8)
RGB = np.stack([GREY, GREY // 2, GREY // 3], axis=2)


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        (GREY, GREY),
        (GREY[:, :, None], GREY),
        (RGB, RGB),
        (RGB[:, ::-1], RGB[:, ::-1]),
        (np.dstack([RGB, GREY]), np.dstack([RGB, GREY])),
        (GREY > 60, np.where(GREY > 60, 255, 0)),
        (GREY.astype(np.uint16) * 257, GREY),
        (GREY.astype(np.float64) / 255, GREY),
        (RGB.astype(np.float32), RGB),
    ],
    ids=["grey", "one channel", "RGB", "mirrored", "RGBA", "bool", "uint16", "shares", "float RGB"],
)
def test_an_array_is_a_page(given: Any, seen: Any) -> None:
    (source,) = find_sources(given)
    assert np.array_equal(pixels(source), seen)
    assert len(list(find_sources([given, given.copy()]))) == 1
    assert source.name.startswith("blob:")


@pytest.mark.parametrize(
    "given",
    [
        np.zeros(9, np.uint8),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((2, 4, 4, 3), np.uint8),
        np.zeros((0, 4), np.uint8),
        np.zeros((4, 4), np.int64),
        np.zeros((4, 4), np.complex64),
        np.full((4, 4), np.nan),
        np.float32(3),
    ],
    ids=["flat", "two channels", "many pages", "empty", "int64", "complex", "nan", "a number"],
)
def test_an_array_that_is_no_page_is_one_line(given: Any) -> None:
    (error,) = try_sources(given)
    assert isinstance(error, SourceError)
    assert str(error).count("\n") == 0
    assert "array of shape" in str(error)
    assert error.remedy


def test_an_array_of_names_is_a_list(folder: Path) -> None:
    assert names(np.array([str(folder / "b.pdf"), str(folder / "a.PNG")])) == ["b.pdf", "a.PNG"]
