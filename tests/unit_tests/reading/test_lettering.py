"""Lettering in photographs and watermarks makes no headings; headings on paper, in boxes and in grey stay."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from langchain_hunyuanocr.reading.layout.read_lines import read_lines
from langchain_hunyuanocr.results import Box, Line

WIDE, HIGH = 600, 800
TITLE = (100, 120, 420, 156)
"""Of the large line, in pixels."""
BODY = [(60, 400 + 30 * row, 540, 416 + 30 * row) for row in range(8)]


def page(background: str, ink: int) -> Image.Image:
    grey = np.full((HIGH, WIDE), 250, dtype=np.uint8)
    if background == "photograph":
        rows, columns = np.mgrid[60:220, 40:560]
        grey[60:220, 40:560] = 110 + 70 * np.sin(rows / 9) * np.cos(columns / 13)
    elif background == "box":
        grey[60:220, 40:560] = 180
    picture = Image.fromarray(grey).convert("RGB")
    draw = ImageDraw.Draw(picture)
    draw.text((TITLE[0], TITLE[1] - 6), "Opening of the mill", fill=(ink, ink, ink), font=ImageFont.load_default(36))
    for x0, y0, _, _ in BODY:
        draw.text((x0, y0), "the water came down the valley in the spring of that year", fill="black")
    return picture


def lines() -> list[Line]:
    texts = ["Opening of the mill", *["the water came down the valley in the spring of that year"] * len(BODY)]
    return [
        Line(text=text, box=Box.from_pixels(*box, width=WIDE, height=HIGH))
        for text, box in zip(texts, [TITLE, *BODY], strict=True)
    ]


@pytest.mark.parametrize(
    ("background", "ink", "heading"),
    [("paper", 0, True), ("paper", 130, True), ("box", 0, True), ("photograph", 255, False), ("paper", 238, False)],
)
def test_only_text_on_paper_makes_headings(background: str, ink: int, heading: bool) -> None:
    content = read_lines(lines(), page(background, ink))
    assert "Opening of the mill" in content.markdown
    assert any(block.kind == "heading" for block in content.blocks) is heading
