"""Knowing a film when it comes: by its first bytes, or by the ending of its address."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import urlsplit

from langchain_hunyuanocr.pages.sources import Source

FILM_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".flv", ".wmv", ".ts", ".m2ts", ".mpg", ".mpeg", ".ogv", ".3gp"}
)
"""What is taken from folders and patterns where films are wanted, and known as a film in an address."""
HEAD_BYTES = 1024
_VIDEO_SIGNATURES = (b"\x1a\x45\xdf\xa3", b"FLV\x01", b"OggS", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", b"\x30\x26\xb2\x75")
_ATOMS = (b"moov", b"mdat", b"wide", b"free", b"skip")
_PICTURE_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")
_PACKET_BYTES = 188
"""Of an MPEG transport stream; each packet begins with the letter G."""


def is_film_head(head: bytes) -> bool:
    """Whether a file that starts with `head`, at best `HEAD_BYTES` long, is a film."""
    if head[4:8] == b"ftyp":
        return head[8:12] not in _PICTURE_BRANDS
    if head.startswith(_VIDEO_SIGNATURES) or head[4:8] in _ATOMS:
        return True
    if head.startswith(b"RIFF"):
        return head[8:12] == b"AVI "
    packets = head[::_PACKET_BYTES]
    return len(packets) > 4 and set(packets) == {ord("G")}


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
