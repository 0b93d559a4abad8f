"""Hostile files: damaged by chance, by seed, and made by hand to exhaust whoever opens them."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Iterator

import pymupdf
from PIL import Image, ImageDraw

_FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP")


def hostile_files(count: int) -> Iterator[tuple[str, bytes]]:
    """Names and bytes: those made by hand, then damaged ones of each format in turn.

    Args:
        count: How many of them; each seed damages a file in the same way in every run.
    """
    made = list(_by_hand())
    whole = [("pdf", _pdf()), *((form.lower(), _picture(form)) for form in _FORMATS)]
    yield from made[:count]
    for seed in range(count - len(made)):
        suffix, data = whole[seed % len(whole)]
        yield f"damaged{seed:04}.{suffix}", _damaged(data, random.Random(seed))


def _pdf() -> bytes:
    document = pymupdf.open()
    for number in range(2):
        page = document.new_page(width=300, height=200)
        page.insert_text((20, 60), f"Sheet {number} of the register", fontsize=12)
        page.insert_image(pymupdf.Rect(20, 80, 120, 160), stream=_picture("PNG"))
    data: bytes = document.tobytes()
    return data


def _picture(form: str) -> bytes:
    picture = Image.new("RGB", (160, 60), "white")
    ImageDraw.Draw(picture).text((10, 20), "Register", fill="black")
    out = io.BytesIO()
    picture.save(out, form)
    return out.getvalue()


def _damaged(data: bytes, chance: random.Random) -> bytes:
    spoilt = bytearray(data)
    for _ in range(chance.choice((1, 3, 20))):
        at, long = chance.randrange(len(spoilt)), chance.choice((1, 4, 64))
        kind = chance.randrange(5)
        if kind == 0:
            spoilt[at : at + long] = chance.randbytes(long)
        elif kind == 1:
            del spoilt[at:]
        elif kind == 2:
            spoilt[at : at + long] = bytes(long)
        elif kind == 3:
            spoilt[at:at] = spoilt[at : at + long] * 3
        else:
            spoilt[at : at + long] = b"\xff" * long
        if len(spoilt) < 2:
            return data[:8]
    return bytes(spoilt)


def _by_hand() -> Iterator[tuple[str, bytes]]:
    yield "empty.pdf", b""
    yield "head.pdf", b"%PDF-1.7\n"
    yield "text.png", b"no picture"
    yield "page.tiff", _pdf()
    yield "loop.pdf", _objects(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>")
    yield (
        "parents.pdf",
        _objects(
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2/Parent 3 0 R>>",
            b"<</Type/Pages/Kids[2 0 R]/Count 1/Parent 2 0 R>>",
        ),
    )
    yield "count.pdf", _objects(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 999999999>>")
    for name, box in (
        ("huge", b"0 0 9e9 9e9"),
        ("none", b"0 0 0 0"),
        ("negative", b"100 100 0 0"),
        ("nan", b"0 0 x y"),
    ):
        yield f"{name}.pdf", _page(b"<</Length 0>>stream\n\nendstream", box)
    bomb = zlib.compress(bytes(60_000_000), 9)
    yield "bomb.pdf", _page(b"<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(bomb), bomb), b"0 0 99 99")
    nested = zlib.compress(zlib.compress(bytes(30_000_000), 9), 9)
    yield (
        "nested.pdf",
        _page(
            b"<</Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%b\nendstream" % (len(nested), nested),
            b"0 0 99 99",
        ),
    )
    yield "deep.pdf", _objects(b"[" * 100_000 + b"]" * 100_000)
    yield "itself.pdf", _page(b"<</Length 5 0 R/Filter 4 0 R>>stream\nq\nendstream", b"0 0 99 99")
    yield "wide.png", _png(2_000_000_000, 1)
    yield "large.png", _png(100_000, 100_000)
    yield "flat.png", _png(0, 0)
    yield "ifd.tiff", b"II*\0\x08\0\0\0" + struct.pack("<H", 0) + struct.pack("<I", 8)
    yield "frames.gif", _frames()
    yield "side.webp", b"RIFF\xff\xff\xff\x7fWEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff"


def _objects(*objects: bytes) -> bytes:
    """A PDF of objects, the first of which is the catalogue."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, data in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, data)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))


def _page(contents: bytes, box: bytes) -> bytes:
    return _objects(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Contents 4 0 R>>" % box,
        contents,
    )


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def _frames() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("P", (8, 8), number % 2) for number in range(300)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()
