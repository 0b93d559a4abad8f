"""Invisible (glyphless) font: widths and no ink, for text that is only there to be found and copied.

After the "GlyphLessFont" of Tesseract's PDF renderer, with a width for each letter where that has one for all: words
then stand where they are seen in their line. It is a few hundred bytes in a file of any length and any script.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Callable

EM = 1000
ASCENT, DESCENT = 800, 200
"""Shares of the height of a line above and below its base, in 1/1000: together all of it."""
_STEP = 50
"""Widths are multiples of this, one glyph for each."""
_WIDE = 1000
_NAME = "HunyuanOCRInvisible"
_MOST_CODES = 65_535
_IN_A_BLOCK = 100
"""Most entries in a block of a CMap."""


class Glyphless:
    """The letters that were used so far, each with its code.

    Args:
        advance: Width of a letter of a narrow script, in shares of the type's size.
    """

    def __init__(self, advance: Callable[[int], float]) -> None:
        self._advance = advance
        self._codes: dict[str, int] = {}
        self._widths: list[int] = []

    def encode(self, text: str) -> tuple[bytes, float]:
        """A text as a PDF string, and its width in shares of the type's size; letters beyond 65,534 are left out."""
        codes = [code for char in text if (code := self._code(char))]
        width = sum(self._widths[code - 1] for code in codes) / EM
        return b"<" + b"".join(b"%04X" % code for code in codes) + b">", width

    def _code(self, char: str) -> int:
        code = self._codes.get(char, 0)
        if not code and len(self._codes) < _MOST_CODES - 1:
            code = self._codes[char] = len(self._codes) + 1
            self._widths.append(max(_STEP, round(self._width(char) / _STEP) * _STEP))
        return code

    def _width(self, char: str) -> float:
        if unicodedata.combining(char):
            return 0
        if unicodedata.east_asian_width(char) in "WF":
            return _WIDE
        return min(_WIDE, self._advance(ord(char)) * EM)

    @property
    def empty(self) -> bool:
        """Whether no letter was used."""
        return not self._codes

    @property
    def widths(self) -> str:
        """The `W` array of the font."""
        return "[1 [" + " ".join(map(str, self._widths)) + "]]"

    @property
    def glyph_of_code(self) -> bytes:
        """The `CIDToGIDMap`: the glyph of a code is the one of its width."""
        return b"\0\0" + b"".join(struct.pack(">H", width // _STEP) for width in self._widths)

    @property
    def to_unicode(self) -> bytes:
        """The CMap from codes to letters."""
        entries = [f"<{code:04X}> <{char.encode('utf-16-be').hex()}>" for char, code in self._codes.items()]
        blocks = (entries[start : start + _IN_A_BLOCK] for start in range(0, len(entries), _IN_A_BLOCK))
        middle = "".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in blocks)
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{middle}"
            "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
        ).encode()

    def objects(self, program: int, glyphs: int, unicode: int, descriptor: int, descendant: int) -> tuple[str, ...]:
        """The dictionaries of the descriptor, the descendant and the font itself, given the numbers of their parts.

        Args:
            program: Object number of `font_program()`.
            glyphs: Of `glyph_of_code`.
            unicode: Of `to_unicode`.
            descriptor: That the first dictionary will have.
            descendant: That the second one will have.
        """
        return (
            f"<</Type/FontDescriptor/FontName/{_NAME}/Flags 4/FontBBox[0 -{DESCENT} {EM} {ASCENT}]/ItalicAngle 0"
            f"/Ascent {ASCENT}/Descent -{DESCENT}/CapHeight {ASCENT}/StemV 80/FontFile2 {program} 0 R>>",
            f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{_NAME}/CIDSystemInfo"
            "<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
            f"/FontDescriptor {descriptor} 0 R/DW {EM}/W{self.widths}/CIDToGIDMap {glyphs} 0 R>>",
            f"<</Type/Font/Subtype/Type0/BaseFont/{_NAME}/Encoding/Identity-H/DescendantFonts[{descendant} 0 R]"
            f"/ToUnicode {unicode} 0 R>>",
        )


def font_program() -> bytes:
    """A TrueType font of empty glyphs, one for each width from 0 to an em."""
    advances = range(0, _WIDE + 1, _STEP)
    count = len(advances)
    tables = {
        b"glyf": b"\0\0",
        b"head": struct.pack(
            ">IIIIHHQQhhhhHHhhh", 1 << 16, 1 << 16, 0, 0x5F0F3CF5, 0, EM, 0, 0, 0, -DESCENT, EM, ASCENT, 0, 8, 2, 0, 0
        ),
        b"hhea": struct.pack(
            ">IhhhHhhhhhhhhhhhH", 1 << 16, ASCENT, -DESCENT, 0, EM, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, count
        ),
        b"hmtx": b"".join(struct.pack(">Hh", advance, 0) for advance in advances),
        b"loca": b"\0\0" * (count + 1),
        b"maxp": struct.pack(">IH13H", 1 << 16, count, *[0] * 13),
    }
    power = len(tables).bit_length() - 1
    search = 16 << power
    directory = struct.pack(">IHHHH", 1 << 16, len(tables), search, power, 16 * len(tables) - search)
    body = b""
    begins = len(directory) + 16 * len(tables)
    for tag, data in tables.items():
        padded = data + b"\0" * (-len(data) % 4)
        checksum = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        directory += tag + struct.pack(">III", checksum, begins + len(body), len(data))
        body += padded
    return directory + body
