"""Symbol fonts: the signs that Wingdings, Webdings and Zapf Dingbats show for the codes that a PDF says.

The codes are those of Microsoft's fonts; MuPDF gives them as they are or in the private use area from U+F000, where
Word puts them. Only signs that a reader needs are named: ticks, crosses, boxes, bullets, arrows.
"""

from __future__ import annotations

_WINGDINGS = {
    0x6C: "●", 0x6D: "○", 0x6E: "■", 0x6F: "☐", 0x70: "☐", 0x71: "☐", 0x72: "☐", 0x75: "◆", 0x76: "❖",
    0x77: "◆", 0x9F: "•", 0xA0: "▪", 0xA1: "○", 0xA4: "◉", 0xA7: "▪", 0xA8: "☐", 0xAB: "★", 0xD8: "➢",
    0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
    0x21: "✏", 0x22: "✂", 0x28: "☎", 0x2A: "✉", 0x4A: "☺", 0x4C: "☹",
}  # fmt: skip
_WINGDINGS_2 = {
    0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x95: "•", 0x97: "●", 0x99: "○",
    0xA2: "■", 0xA3: "☐", 0x2A: "☐", 0x30: "☐", 0x98: "●",
}  # fmt: skip
_WEBDINGS = {0x61: "✓", 0x63: "☐", 0x67: "■", 0x6E: "●", 0x72: "✗", 0x33: "◀", 0x34: "▶"}
_ZAPF = {
    0x33: "✓", 0x34: "✔", 0x35: "✕", 0x36: "✖", 0x37: "✗", 0x38: "✘", 0x6C: "●", 0x6D: "○", 0x6E: "■", 0x6F: "☐",
    0x70: "☐", 0x71: "☐", 0x72: "☐", 0x75: "◆",
}  # fmt: skip
_SYMBOL = {0xB7: "•", 0xA8: "♦", 0xB0: "°", 0xB1: "±", 0xD6: "√", 0xA3: "≤", 0xB3: "≥", 0xB4: "×", 0xB9: "≠", 0xAE: "→"}
_FONTS: tuple[tuple[str, dict[int, str]], ...] = (
    ("wingdings2", _WINGDINGS_2),
    ("wingdings3", {}),
    ("wingdings", _WINGDINGS),
    ("webdings", _WEBDINGS),
    ("dingbats", _ZAPF),
)
_PRIVATE = 0xF000
_BOXES = str.maketrans("❏❐❑❒□◻◽▢", "☐☐☐☐☐☐☐☐")
"""Signs of forms that look alike; a reader asks for one of them."""


def shown_sign(character: str, font: str) -> str:
    """What a character of a font shows; itself in all but symbol fonts.

    Args:
        character: As MuPDF gives it.
        font: Its name, with or without the tag of a subset.
    """
    code = ord(character[:1] or "\0")
    name = font.rpartition("+")[2].replace(" ", "").replace("-", "").lower()
    own = code - _PRIVATE if _PRIVATE <= code < _PRIVATE + 0x100 else code
    for part, signs in _FONTS:
        if part in name:
            return signs.get(own, character).translate(_BOXES)
    if own != code:
        # Private codes without the font's name: Word writes bullets in Symbol and ticks in Wingdings.
        return _SYMBOL.get(own) or _WINGDINGS.get(own) or character
    return character
