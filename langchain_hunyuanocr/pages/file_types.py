"""File types: PDF, image or video, by the first bytes of a file or the ending of an address."""

from __future__ import annotations

HEAD_BYTES = 1024
_VIDEO_SIGNATURES = (
    b"\x1a\x45\xdf\xa3",
    b"FLV\x01",
    b"OggS",
    b"\x00\x00\x01\xba",
    b"\x00\x00\x01\xb3",
    b"\x30\x26\xb2\x75",
)
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


_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")


_SIGNATURES = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"MM\0+",
    b"BM",
    b"GIF8",
    b"\0\0\0\x0cjP  ",
    b"\xff\x4f\xff\x51",
    *(b"P%d" % kind for kind in range(1, 7)),
)


def is_picture(head: bytes) -> bool:
    """Whether a file that starts with `head` is of a kind that this module opens."""
    if head[4:8] == b"ftyp":
        return head[8:12] in (*_HEIF_BRANDS, b"avif", b"avis")
    return head.startswith(_SIGNATURES) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP")


def _what(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype html")):
        return "a web page"
    if start.startswith(b"pk\x03\x04"):
        return "a ZIP archive or an office document"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return "an old office document"
    if start.startswith(b"%!ps"):
        return "PostScript"
    try:
        head.decode()
    except UnicodeDecodeError as exc:
        if exc.start < len(head) - 3:
            return "an unknown kind of file"
    return "text"
