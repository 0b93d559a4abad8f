"""Marks on pictures: where they are drawn, where they are not, and what stands beside them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from langchain_hunyuanocr.display.draw import Mark, draw_marks

GREEN, RED = (20, 130, 60), (200, 30, 40)


def paper(size: tuple[int, int] = (400, 300), mode: str = "RGB") -> Image.Image:
    return Image.new(mode, size, "white")


def changed(before: Image.Image, after: Image.Image) -> np.ndarray:
    """Whether each pixel differs, (height, width)."""
    return (np.asarray(before.convert("RGB")) != np.asarray(after)).any(axis=2)


def box_of(mask: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def test_a_mark_changes_its_box_and_nothing_else() -> None:
    page = paper()
    drawn = draw_marks(page, [Mark((0.25, 0.5, 0.75, 0.9), GREEN, opacity=0.2, margin=0)])
    touched = changed(page, drawn)
    assert box_of(touched) == (100, 150, 300, 270)
    assert touched[150:270, 100:300].all()
    assert drawn.getpixel((100, 150)) == GREEN
    assert drawn.getpixel((200, 200)) == (208, 230, 216)  # a fifth of the colour on white
    assert not changed(page, paper()).any()  # the picture that was given is not drawn on


def test_a_frame_without_a_filling_leaves_what_it_holds() -> None:
    drawn = draw_marks(paper(), [Mark((0.25, 0.25, 0.75, 0.75), GREEN)])
    assert drawn.getpixel((200, 150)) == (255, 255, 255)
    assert drawn.getpixel((100, 74)) == GREEN  # the frame keeps its margin of 0.002 * 400


def test_a_broken_frame_has_gaps() -> None:
    whole, broken = (draw_marks(paper(), [Mark((0.1, 0.1, 0.9, 0.9), RED, dashed=dashed)]) for dashed in (False, True))
    counts = [changed(paper(), drawn).sum() for drawn in (whole, broken)]
    assert 0.3 < counts[1] / counts[0] < 0.7
    assert box_of(changed(paper(), broken)) == box_of(changed(paper(), whole))


@pytest.mark.parametrize(
    ("box", "place"),
    [
        ((-0.5, -0.5, 0.25, 0.5), (0, 0, 100, 150)),
        ((0.75, 0.5, 1.5, 2.0), (300, 150, 400, 300)),
        ((0.5, 0.5, 0.5, 0.5), (200, 150, 201, 151)),
        ((1.2, 1.2, 1.4, 1.4), (399, 299, 400, 300)),
    ],
)
def test_what_lies_outside_is_cut_off(box: tuple[float, float, float, float], place: tuple[int, int, int, int]) -> None:
    drawn = draw_marks(paper(), [Mark(box, GREEN, opacity=0.5, margin=0)])
    assert box_of(changed(paper(), drawn)) == place


@pytest.mark.parametrize("label", ["total", "发票号码：2041", "номер №"])
def test_a_label_stands_beside_its_box(label: str) -> None:
    page, box = paper((1200, 900)), (0.4, 0.4, 0.6, 0.5)
    plain, drawn = (draw_marks(page, [Mark(box, GREEN, label=words, margin=0)]) for words in ("", label))
    added = changed(plain, drawn)
    assert not added[360:450, 480:720].any()
    left, top, right, bottom = box_of(added)
    chip = np.asarray(drawn)[top:bottom, left:right]
    glyphs = (chip > 240).all(axis=2).sum()
    assert 0.03 < glyphs / (chip.shape[0] * chip.shape[1]) < 0.5


def test_chinese_is_drawn_glyph_by_glyph() -> None:
    def chip(label: str) -> bytes:
        return draw_marks(paper(), [Mark((0.4, 0.4, 0.6, 0.5), GREEN, label=label)]).tobytes()

    assert len({chip("发票"), chip("合计"), chip("金额")}) == 3  # boxes for missing glyphs would be alike


def test_labels_keep_off_print_and_off_each_other() -> None:
    page, box = paper((1200, 900)), (0.4, 0.4, 0.6, 0.5)
    ImageDraw.Draw(page).rectangle((450, 300, 780, 350), fill="black")  # print above the box
    drawn = draw_marks(page, [Mark(box, colour, label="field") for colour in (GREEN, RED)])
    assert not changed(page, drawn)[300:350].any()
    alone = draw_marks(page, [Mark(box, GREEN, label="field")])
    chips = [(np.asarray(one) == GREEN).all(axis=2)[:, 722:] for one in (drawn, alone)]
    assert chips[0].sum() > 200
    assert (chips[0] == chips[1]).all()  # the second label hides nothing of the first
    assert (np.asarray(drawn) == RED).all(axis=2)[:, :478].sum() > 200


def test_a_label_at_the_edge_stays_on_the_picture() -> None:
    drawn = draw_marks(paper(), [Mark((0.9, 0.0, 1.0, 0.05), RED, label="a long name of a field " * 9)])
    right = changed(paper(), drawn)[:, 399]
    assert right.any()
    assert drawn.size == (400, 300)


def test_nothing_to_draw_gives_the_picture_itself() -> None:
    page = paper()
    ImageDraw.Draw(page).line((0, 0, 400, 300), fill="black")
    drawn = draw_marks(page, [])
    assert drawn.tobytes() == page.tobytes()
    assert drawn is not page


@pytest.mark.parametrize("mode", ["1", "L", "RGBA", "P", "CMYK"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    drawn = draw_marks(paper(mode=mode), [Mark((0.2, 0.2, 0.8, 0.8), GREEN, label="x")])
    assert (drawn.mode, drawn.size) == ("RGB", (400, 300))


def test_a_large_picture_is_made_smaller_before_it_is_drawn_on() -> None:
    drawn = draw_marks(paper((2000, 1000)), [Mark((0.5, 0.5, 1, 1), GREEN, margin=0)], max_side=200)
    assert drawn.size == (200, 100)
    assert drawn.getpixel((100, 50)) == GREEN
    assert draw_marks(paper(), [], max_side=5000).size == (400, 300)
    with pytest.raises(ValueError, match="at least 1 pixel"):
        draw_marks(paper(), [], max_side=0)


def test_a_picture_of_one_pixel() -> None:
    assert draw_marks(paper((1, 1)), [Mark((0, 0, 1, 1), RED, label="x", opacity=0.5)]).size == (1, 1)
