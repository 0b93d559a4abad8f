"""Ink, skew, turns and modes, on pictures made here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from langchain_hunyuanocr.errors import PageError, SourceError
from langchain_hunyuanocr.pages import TextLayer
from langchain_hunyuanocr.pages.backends import open_file
from langchain_hunyuanocr.pages.backends.base import Rendered
from langchain_hunyuanocr.pages.orientation.ink_mask import ink_mask, is_blank, small_copy
from langchain_hunyuanocr.pages.orientation.skew import find_skew
from langchain_hunyuanocr.pages.orientation.upright import _straightened, _turned, inspect
from langchain_hunyuanocr.results import Box, Line

MAX_PIXELS = 3_400_000


def letter(size: tuple[int, int] = (850, 1100), lines: int = 30) -> Image.Image:
    page = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=18)
    for row in range(lines):
        draw.text(
            (80, 80 + 30 * row), f"{row}. The minutes of the board were read and agreed upon", fill="black", font=font
        )
    return page


def blank(picture: Image.Image) -> bool:
    return is_blank(ink_mask(small_copy(picture)))


def noisy(value: int, sigma: float) -> Image.Image:
    noise = np.random.default_rng(5).normal(value, sigma, (1100, 850))
    return Image.fromarray(noise.clip(0, 255).astype(np.uint8)).convert("RGB")


class TestBlank:
    @pytest.mark.parametrize(("value", "sigma"), [(255, 0), (250, 3), (225, 12), (180, 25), (0, 0)])
    def test_paper_with_and_without_noise(self, value: int, sigma: float) -> None:
        assert blank(noisy(value, sigma))

    def test_specks_and_shadows_of_the_edges(self) -> None:
        page = noisy(240, 6)
        draw = ImageDraw.Draw(page)
        draw.rectangle((0, 0, 15, 1100), fill=(40, 40, 40))
        for x, y in ((300, 500), (700, 200), (440, 900)):
            draw.ellipse((x, y, x + 2, y + 2), fill=(60, 60, 60))
        assert blank(page)

    def test_uneven_light(self) -> None:
        ramp = np.tile(np.linspace(150, 250, 850), (1100, 1)).astype(np.uint8)
        assert blank(Image.fromarray(ramp).convert("RGB"))

    @pytest.mark.parametrize("text", ["17", "Page left blank", "合计"])
    def test_a_few_characters_are_something(self, text: str) -> None:
        page = noisy(245, 5)
        font = ImageFont.load_default(size=20)
        ImageDraw.Draw(page).text((400, 1000), text, fill=(30, 30, 30), font=font)
        assert not blank(page)

    def test_a_page_full_of_text_is_not_noise(self) -> None:
        page = Image.new("L", (850, 1100), 255)
        page.paste(0, mask=Image.effect_noise((850, 1100), 120).point(lambda v: 255 * (v > 150)).resize((850, 1100)))
        assert not blank(page.convert("RGB"))

    def test_a_line_that_was_cut_out(self) -> None:
        strip = Image.new("RGB", (65, 14), "white")
        ImageDraw.Draw(strip).text((3, 1), "No. 7", fill="black")
        assert not blank(strip)


@pytest.mark.parametrize("angle", [-13.0, -4.0, -0.6, 0.8, 2.5, 9.0])
def test_skew_is_found_and_undone(angle: float) -> None:
    crooked = letter().rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    done = inspect(Rendered(crooked, dpi=100), upright=True, max_pixels=MAX_PIXELS)
    assert done.rotation == pytest.approx(angle, abs=0.2)
    assert find_skew(ink_mask(small_copy(done.picture))) == 0


@pytest.mark.parametrize(
    "picture",
    [letter(), letter(lines=1), noisy(200, 30), Image.linear_gradient("L").convert("RGB")],
)
def test_what_is_not_skewed_is_left_alone(picture: Image.Image) -> None:
    assert find_skew(ink_mask(small_copy(picture))) == 0


def test_straightening_keeps_to_the_cap_and_loses_no_corner() -> None:
    page = Image.new("RGB", (1000, 1000), "white")
    ImageDraw.Draw(page).rectangle((0, 0, 40, 40), fill="red")
    done = _straightened(Rendered(page, dpi=200), 10.0, max_pixels=1_000_000)
    assert done.picture.width * done.picture.height <= 1_000_000
    assert done.dpi < 200
    values = np.asarray(done.picture)
    assert ((values[..., 0] > 200) & (values[..., 1] < 60)).sum() > 1000
    assert tuple(values[2, 2]) == (255, 255, 255), "the corners are of the colour of the paper"


LINES = (Line(text="top", box=Box(0.1, 0.2, 0.3, 0.25), size=0.02),)


@pytest.mark.parametrize(
    ("turn", "box", "size"),
    [
        (90, Box(0.75, 0.1, 0.8, 0.3), 0.04),
        (180, Box(0.7, 0.75, 0.9, 0.8), 0.02),
        (270, Box(0.2, 0.7, 0.25, 0.9), 0.04),
    ],
)
def test_boxes_turn_with_the_page(turn: int, box: Box, size: float) -> None:
    page = Image.new("RGB", (100, 200), "white")
    ImageDraw.Draw(page).rectangle((10, 40, 29, 49), fill="black")
    done = _turned(Rendered(page, dpi=72, layer=TextLayer(LINES)), turn)  # type: ignore[arg-type]
    line = done.layer.lines[0]
    assert line.box == pytest.approx(box)
    assert line.size == pytest.approx(size)
    width, height = done.picture.size
    inside = done.picture.crop(
        (round(box.x0 * width), round(box.y0 * height), round(box.x1 * width), round(box.y1 * height))
    )
    assert np.asarray(inside).max() == 0
    assert done.rotation == turn


def test_boxes_move_with_a_straightened_page() -> None:
    page = Image.new("RGB", (400, 600), "white")
    ImageDraw.Draw(page).rectangle((40, 120, 119, 149), fill="black")
    done = _straightened(Rendered(page, dpi=72, layer=TextLayer(LINES)), 6.0, MAX_PIXELS)
    box = done.layer.lines[0].box
    dark = np.argwhere(np.asarray(done.picture.convert("L")) < 128)
    height, width = done.picture.height, done.picture.width
    expected = dark[:, 1].min() / width, dark[:, 0].min() / height, dark[:, 1].max() / width, dark[:, 0].max() / height
    assert box == pytest.approx(expected, abs=0.006)


def test_text_of_its_own_says_which_way_a_page_stands() -> None:
    page = Rendered(letter(), dpi=72, layer=TextLayer(LINES, good=True, why="good"), text_turn=90)
    assert inspect(page, upright=True, max_pixels=MAX_PIXELS).rotation == 90
    assert inspect(page, upright=False, max_pixels=MAX_PIXELS).rotation == 0


def test_damage_is_not_blank() -> None:
    empty = Rendered(Image.new("RGB", (300, 400), "white"), dpi=72)
    assert inspect(empty, upright=True, max_pixels=MAX_PIXELS).blank
    with pytest.raises(PageError, match="damaged and shows nothing: syntax error"):
        inspect(replace(empty, damage="syntax error"), upright=True, max_pixels=MAX_PIXELS)


class TestModes:
    """A dark square on light ground comes out dark on light, whatever the picture's mode."""

    def check(self, path: Path, *, max_pixels: int = MAX_PIXELS, memory: int = 4096) -> Rendered:
        file = open_file(str(path), password=None, max_memory_mb=memory)
        done = file.render(0, dpi=200, max_pixels=max_pixels)
        file.close()
        assert done.picture.mode == "RGB"
        values = np.asarray(done.picture.convert("L"))
        rows, columns = values.shape
        assert values[rows // 2, columns // 2] < 60
        assert values[2, 2] > 200
        return done

    @pytest.mark.parametrize(
        ("mode", "suffix"),
        [
            ("1", "tif"),
            ("L", "png"),
            ("P", "gif"),
            ("RGB", "bmp"),
            ("RGB", "webp"),
            ("RGB", "jp2"),
            ("YCbCr", "jpg"),
            ("CMYK", "jpg"),
            ("CMYK", "tif"),
        ],
    )
    def test_plain(self, mode: str, suffix: str, tmp_path: Path) -> None:
        page = Image.new("RGB", (120, 90), "white")
        ImageDraw.Draw(page).rectangle((40, 30, 80, 60), fill="black")
        page.convert(mode).save(tmp_path / f"x.{suffix}")
        self.check(tmp_path / f"x.{suffix}")

    @pytest.mark.parametrize(
        ("top", "dtype"),
        [
            (65535, np.uint16),
            (4280, np.uint16),
            (4095, np.uint16),
            (1000, np.uint16),
            (255, np.uint16),
            (1.0, np.float32),
            (60000, np.int32),
            (900000, np.int32),
        ],
    )
    def test_deep_grey(self, top: float, dtype: type, tmp_path: Path) -> None:
        values = np.full((90, 120), top, dtype)
        values[30:60, 40:80] = 0
        Image.fromarray(values).save(tmp_path / "x.tif")
        self.check(tmp_path / "x.tif")

    def test_a_pixel_that_burns_does_not_darken_the_paper(self, tmp_path: Path) -> None:
        values = np.full((900, 1200), 4100, np.uint16)
        values[300:600, 400:800] = 0
        values[10, 10] = 65535
        Image.fromarray(values).save(tmp_path / "x.tif")
        picture = self.check(tmp_path / "x.tif").picture.convert("L")
        assert picture.getpixel((100, 100)) == 255
        assert picture.getpixel((600, 450)) == 0

    @pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
    def test_transparency_is_paper(self, mode: str, tmp_path: Path) -> None:
        page = Image.new("RGBA", (120, 90), (0, 0, 0, 0))
        ImageDraw.Draw(page).rectangle((40, 30, 80, 60), fill=(0, 0, 0, 255))
        if mode == "PA":
            palette = Image.new("P", page.size, 0)
            palette.putpalette([255, 0, 0, 0, 0, 0])
            palette.paste(1, (40, 30, 81, 61))
            palette.save(tmp_path / "x.png", transparency=0)
        else:
            page.convert(mode).save(tmp_path / "x.png")
        self.check(tmp_path / "x.png")

    def test_white_letters_on_nothing_stay_readable(self, tmp_path: Path) -> None:
        page = Image.new("RGBA", (120, 90), (0, 0, 0, 0))
        ImageDraw.Draw(page).rectangle((40, 30, 80, 60), fill=(255, 255, 255, 255))
        page.save(tmp_path / "x.png")
        picture = (
            open_file(str(tmp_path / "x.png"), password=None, max_memory_mb=64)
            .render(0, dpi=200, max_pixels=10**6)
            .picture
        )
        assert (picture.getpixel((60, 45)), picture.getpixel((2, 2))) == ((255, 255, 255), (0, 0, 0))

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_exif(self, orientation: int, tmp_path: Path) -> None:
        page = Image.new("RGB", (120, 80), "white")
        ImageDraw.Draw(page).rectangle((0, 0, 40, 20), fill="red")
        back = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
        exif = Image.Exif()
        exif[0x0112] = orientation
        (page if back is None else page.transpose(Image.Transpose(back))).save(tmp_path / "x.png", exif=exif)
        picture = (
            open_file(str(tmp_path / "x.png"), password=None, max_memory_mb=64)
            .render(0, dpi=200, max_pixels=10**6)
            .picture
        )
        assert picture.size == (120, 80)
        assert picture.getpixel((5, 5)) == (255, 0, 0)

    def test_fax_pixels_become_square(self, tmp_path: Path) -> None:
        page = Image.new("1", (1728, 1100), 1)
        page.paste(0, (800, 500, 928, 600))
        page.save(tmp_path / "x.tif", dpi=(204, 98), compression="group4")
        done = self.check(tmp_path / "x.tif", max_pixels=10**7)
        assert done.picture.size == (1728, round(1100 * 204 / 98))
        assert done.dpi == pytest.approx(204)

    @pytest.mark.parametrize("suffix", ["jpg", "png"])
    def test_large_pictures_are_capped(self, suffix: str, tmp_path: Path) -> None:
        page = Image.new("L", (3000, 2000), 255)
        page.paste(0, (1000, 700, 2000, 1300))
        page.save(tmp_path / f"x.{suffix}", dpi=(300, 300))
        done = self.check(tmp_path / f"x.{suffix}", max_pixels=500_000)
        assert 480_000 < done.picture.width * done.picture.height <= 500_000
        assert done.dpi == pytest.approx(300 * done.picture.width / 3000, abs=0.5)

    def test_a_bomb_is_refused_with_a_remedy(self, tmp_path: Path) -> None:
        Image.new("1", (9000, 9000)).save(tmp_path / "x.png")
        with pytest.raises(PageError, match=r"9000 x 9000 pixels is too large .* max_memory_mb"):
            self.check(tmp_path / "x.png", memory=256)

    def test_the_pages_of_a_tiff(self, tmp_path: Path) -> None:
        frames = [Image.new("L", (30, 40), value) for value in (0, 100, 200)]
        frames[0].encoderinfo = {"dpi": (150, 150)}
        frames[0].save(tmp_path / "x.tif", save_all=True, append_images=frames[1:])
        file = open_file(str(tmp_path / "x.tif"), password=None, max_memory_mb=512)
        seen = [file.render(index, dpi=200, max_pixels=10**6) for index in (2, 0, 1, 1, 0)]
        assert file.total == 3
        assert [page.picture.getpixel((5, 5))[0] for page in seen] == [200, 0, 100, 100, 0]
        assert [page.dpi for page in seen] == [0, 150, 0, 0, 150]

    def test_the_thousandth_page_of_a_tiff_costs_what_the_first_does(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        frames = [Image.new("1", (30, 40), number % 2) for number in range(50)]
        frames[0].save(tmp_path / "x.tif", save_all=True, append_images=frames[1:])
        file = open_file(str(tmp_path / "x.tif"), password=None, max_memory_mb=512)
        loaded = []
        load = ImageFileDirectory_v2.load
        monkeypatch.setattr(ImageFileDirectory_v2, "load", lambda *given: loaded.append(1) or load(*given))
        for index in range(file.total):
            file.render(index, dpi=200, max_pixels=10**6)
        assert len(loaded) <= 2 * file.total  # once more for its EXIF


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"PK\x03\x04rest", "an office document"),
        ("Protokoll über".encode(), "is text"),
        (b"\x00\x01\xff\xfe\x80 nothing known", "an unknown kind"),
        (b"%!PS-Adobe-3.0", "PostScript"),
    ],
)
def test_foreign_files_are_named_for_what_they_are(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(content)
    with pytest.raises(SourceError, match=words):
        open_file(str(tmp_path / "x.pdf"), password=None, max_memory_mb=512)
