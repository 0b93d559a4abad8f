"""Sources: what a caller can name, and the single files that it stands for."""

from __future__ import annotations

import base64
import binascii
import glob
import hashlib
import io
import os
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from langchain_hunyuanocr.errors import SourceError, printable, words_of_os
from langchain_hunyuanocr.pages import arrays, file_objects
from langchain_hunyuanocr.pages.file_types import HEAD_BYTES, is_film_head

SUFFIXES = frozenset(
    {
        ".pdf", ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".webp", ".bmp", ".gif", ".heic", ".heif",
        ".avif", ".jp2", ".pbm", ".pgm", ".ppm",
    }
)  # fmt: skip
"""What is taken from folders and patterns; a file that is named is opened whatever its suffix."""

_URL = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]+)://")
_KINDS = "a path, a pattern, a folder, an http or https URL, bytes, an open file, a Blob, a picture, or a list of these"


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read: a path, a URL, or bytes that are held.

    Attributes:
        name: What `source` in the metadata says: the path as given, the URL, the name of an open file, or `blob:` and
            a hash for bytes.
        path: Where the file lies, if it does.
        url: Where it is fetched, if it is.
        data: Its bytes, if they are held.
    """

    name: str
    path: Path | None = None
    url: str | None = None
    data: bytes | None = field(default=None, repr=False)

    @property
    def file_name(self) -> str:
        """The last part of the name."""
        if self.url is not None:
            return unquote(urlsplit(self.url).path.rstrip("/").rpartition("/")[2]) or urlsplit(self.url).netloc
        return re.split(r"[\\/]" if os.sep == "\\" else "/", self.name.rstrip("/"))[-1] or self.name

    @property
    def identity(self) -> str:
        """Equal for two sources that are the same file."""
        if self.data is not None:
            return f"{self.name}\0{hashlib.sha256(self.data).hexdigest()}"
        return self.url if self.url is not None else os.path.realpath(self.path or self.name)

    @classmethod
    def of(cls, given: object) -> Source:
        """The one source that a path, URL, bytes, data URL, open file, Blob, picture or array stands for.

        Raises:
            SourceError: It is missing, or stands for no single file.
        """
        found = list(find_sources(given))
        if len(found) != 1:
            raise SourceError(f"stands for {len(found)} files", source=_show(given), remedy="name a single file")
        return found[0]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is taken from folders."""

    recursive: bool
    suffixes: Collection[str]


def find_sources(inputs: Any, *, recursive: bool = True) -> Iterator[Source]:
    """The files that inputs stand for, found lazily, each once.

    Args:
        inputs: A path, a glob pattern, a folder, an http(s) or `data:` URL, bytes, a file object opened for bytes, a
            LangChain `Blob`, a Pillow picture, a numpy array (height x width, or x 3 for RGB, or x 4), a `Source`, or
            an iterable of these. A path that exists is that file, whatever characters it holds. A file object is read
            from its start, where it can go back there, and stays open.
        recursive: Whether folders are walked with the folders in them.

    Yields:
        Sources in the order given; what a folder or a pattern holds in the order of its names.

    Raises:
        SourceError: An input is missing or stands for nothing; the inputs after it are not looked at.
    """
    for found in try_sources(inputs, recursive=recursive):
        if isinstance(found, SourceError):
            raise found
        yield found


def try_sources(
    inputs: Any, *, recursive: bool = True, suffixes: Collection[str] = SUFFIXES
) -> Iterator[Source | SourceError]:
    """`find_sources` that gives an error in the place of an input that fails, and goes on.

    Args:
        inputs: As for `find_sources`.
        recursive: As for `find_sources`.
        suffixes: In lower case with their dot, of the files that are taken from folders and patterns.
    """
    want = _Wanted(recursive, suffixes)
    seen: set[bytes] = set()  # digests: of a million files, 80 MB in the place of 200
    for given in _each(inputs):
        for found in _expand(given, want):
            if isinstance(found, Source):
                identity = hashlib.blake2b(os.fsencode(found.identity), digest_size=16).digest()
                if identity in seen:
                    continue
                seen.add(identity)
            yield found


def is_single(given: object) -> bool:
    """Whether an input is one thing, though Python may iterate over it."""
    return (
        isinstance(given, str | os.PathLike | bytes | bytearray | memoryview)
        or _is_blob(given)
        or file_objects.is_file_object(given)
        or arrays.is_array(given)
        or not isinstance(given, Iterable)
    )


def _each(inputs: Any) -> Iterator[object]:
    if is_single(inputs):
        yield inputs
        return
    for given in inputs:
        yield from _each(given)


def _expand(given: object, want: _Wanted) -> Iterator[Source | SourceError]:
    try:
        if isinstance(given, bytes | bytearray | memoryview):
            yield _from_bytes(bytes(given))
        elif isinstance(given, str | os.PathLike):
            yield from _from_text(os.fspath(given), want)
        elif _is_blob(given):
            yield _from_blob(given)
        elif isinstance(given, Source):
            yield given
        elif _is_picture(given):
            yield _from_bytes(_encode(given))
        elif arrays.is_array(given):
            yield _from_bytes(_encode(arrays.to_picture(given)))
        elif file_objects.is_file_object(given):
            yield _from_file(given)
        else:
            raise SourceError(f"{type(given).__name__} cannot be read as a document", remedy=f"give {_KINDS}")
    except SourceError as error:
        yield error


def _from_text(text: str | bytes, want: _Wanted) -> Iterator[Source | SourceError]:
    text = os.fsdecode(text)
    if not text.strip() or "\0" in text:
        raise SourceError(f"{text!r} is not a path", remedy=f"give {_KINDS}")
    if text.startswith("data:"):
        yield _from_bytes(_decode_data_url(text))
        return
    url = _URL.match(text)
    if url is not None:
        yield from _from_url(text, url[1].lower(), want)
        return
    path = _expanded(text)
    if path.is_dir():
        yield from _from_folder(text, path, want)
    elif os.path.lexists(path):
        yield _named(text, path)
    elif glob.has_magic(text):
        yield from _from_pattern(text, path, want)
    else:
        raise SourceError("there is no such file or folder", source=text, remedy="check the path")


def place_of(text: str | os.PathLike[str]) -> Path | None:
    """The path that a text spells, with its home folder; `None` where that is of a user who is not there."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return None


def _expanded(text: str) -> Path:
    path = place_of(text)
    if path is None:
        raise SourceError("there is no such user", source=text, remedy="check the path")
    try:
        path.is_dir()
    except OSError as exc:  # a name that is too long
        raise SourceError(words_of_os(exc), source=text, remedy="check the path") from exc
    return path


def _named(name: str, path: Path) -> Source | SourceError:
    """A file; its name goes into texts, so that it has to be one."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return SourceError("its name is no valid UTF-8", source=printable(name), remedy="rename it")
    return Source(name=name, path=path)


def _from_url(text: str, scheme: str, want: _Wanted) -> Iterator[Source | SourceError]:
    if scheme == "file":
        yield from _from_text(unquote(urlsplit(text).path), want)
    elif scheme in ("http", "https"):
        yield Source(name=text, url=text)
    else:
        raise SourceError(f"{scheme}:// addresses cannot be fetched", source=text, remedy="use http or https")


def _from_folder(text: str, path: Path, want: _Wanted) -> Iterator[Source | SourceError]:
    empty = True
    for found in _walk(path, want):
        empty = False
        yield _named(str(found), found) if isinstance(found, Path) else found
    if empty:
        raise SourceError("the folder holds no file that can be read", source=text, remedy="name a folder of scans")


def _walk(folder: Path, want: _Wanted) -> Iterator[Path | SourceError]:
    """Files of a folder and those in it, in the order of their names; each folder once, however links lead to it.

    Without recursion: folders may lie in each other more deeply than Python's limit of it.
    """
    seen: set[str] = set()
    under_way: list[tuple[Path, Iterator[str]]] = []
    here: Path | None = folder
    while here is not None or under_way:
        if here is not None:
            real = os.path.realpath(here)
            if real not in seen:  # a link to a folder above
                seen.add(real)
                try:
                    under_way.append((here, iter(_entries(here, want))))
                except OSError as exc:
                    yield SourceError(words_of_os(exc), source=printable(str(here)), remedy="check its permissions")
            here = None
            continue
        above, names = under_way[-1]
        name = next(names, None)
        if name is None:
            under_way.pop()
        elif not name.endswith("/"):
            yield above / name
        elif want.recursive:
            here = above / name


def _entries(folder: Path, want: _Wanted) -> list[str]:
    """Names of folders, which end in a slash, and of files that can be read, in order."""
    names = []
    with os.scandir(folder) as listing:
        for entry in listing:
            if entry.name.startswith("."):
                continue
            if _is_folder(entry):
                names.append(entry.name + "/")
            elif Path(entry.name).suffix.lower() in want.suffixes:
                names.append(entry.name)
    return sorted(names, key=lambda name: name.rstrip("/"))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, or through a file: whoever opens it says so
        return False


def _from_pattern(text: str, path: Path, want: _Wanted) -> Iterator[Source | SourceError]:
    # A pattern that spells out a suffix means it; `scans/*` means what can be read in there.
    spelled = bool(Path(text).suffix) and not glob.has_magic(Path(text).suffix)
    empty = True
    for match in sorted(glob.glob(str(path), recursive=True)):  # noqa: PTH207 - absolute patterns too
        # A link that leads nowhere is no folder: whoever opens it says so.
        if not Path(match).is_dir() and (spelled or Path(match).suffix.lower() in want.suffixes):
            empty = False
            yield _named(match, Path(match))
    if empty:
        raise SourceError("the pattern matches no file that can be read", source=text, remedy="check the pattern")


def _is_blob(given: object) -> bool:
    # By its shape: importing langchain_core here would double the import time of this package.
    return all(hasattr(given, name) for name in ("as_bytes", "as_bytes_io", "mimetype", "source"))


def _from_blob(blob: Any) -> Source:
    if blob.data is None:
        path = Path(blob.path)
        if not os.path.lexists(path):
            raise SourceError("there is no such file", source=str(blob.source), remedy="check the path")
        return Source(name=str(blob.source or blob.path), path=path)
    data = blob.as_bytes()
    named = _from_bytes(data)
    return Source(name=str(blob.source), data=data) if blob.source else named


def _from_file(file: Any) -> Source:
    name, path = file_objects.name_of(file), file_objects.path_of(file)
    if path is not None:
        return Source(name=str(name), path=path)
    data = file_objects.read_bytes(file)
    return _from_bytes(data) if name is None else Source(name=name, data=data)


def _is_picture(given: object) -> bool:
    return hasattr(given, "getbands") and hasattr(given, "save")


def _encode(picture: Any) -> bytes:
    buffer = io.BytesIO()
    # TIFF keeps every mode that Pillow has, and costs no compression.
    dpi = {"dpi": picture.info["dpi"]} if "dpi" in picture.info else {}
    try:
        from PIL import ImageOps

        ImageOps.exif_transpose(picture).save(buffer, "TIFF", **dpi)
    except (OSError, ValueError, KeyError) as exc:
        raise SourceError(f"the picture cannot be read: {exc}", remedy="give it as RGB") from exc
    return buffer.getvalue()


def _from_bytes(data: bytes) -> Source:
    return Source(name=f"blob:{hashlib.sha256(data).hexdigest()[:16]}", data=data)


def _decode_data_url(text: str) -> bytes:
    head, comma, body = text.partition(",")
    try:
        if not comma:
            raise ValueError
        return base64.b64decode(body, validate=True) if head.endswith(";base64") else unquote_to_bytes(body)
    except (ValueError, binascii.Error) as exc:
        raise SourceError("is no valid data URL", source=_show(text), remedy="use data:<type>;base64,<data>") from exc


def _show(given: object) -> str:
    text = given if isinstance(given, str) else type(given).__name__
    return text if len(text) <= 80 else f"{text[:77]}..."


FILM_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".flv", ".wmv", ".ts", ".m2ts", ".mpg", ".mpeg", ".ogv", ".3gp"}
)
"""What is taken from folders and patterns where films are wanted, and known as a film in an address."""


def is_film(source: Source) -> bool:
    """Whether a source is a film; nothing is fetched for it, so an address is known by its ending."""
    if source.url is not None:
        return PurePosixPath(urlsplit(source.url).path).suffix.lower() in FILM_SUFFIXES
    if source.data is not None:
        return is_film_head(source.data[:HEAD_BYTES])
    try:
        if source.path is None or not source.path.is_file():
            return False
        with source.path.open("rb") as file:
            return is_film_head(file.read(HEAD_BYTES))
    except OSError:  # whoever opens it next says why it cannot be read
        return False
