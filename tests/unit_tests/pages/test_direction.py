"""Which way a page stands: the weights are the ones that their notice names, and reading goes on without them."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from importlib.resources import files

import numpy as np
import pytest
from PIL import Image, ImageDraw

from langchain_hunyuanocr.pages.orientation import quarter_turn
from langchain_hunyuanocr.pages.orientation.ink_mask import ink_mask

WEIGHTS = files("langchain_hunyuanocr.pages").joinpath("orientation", "PP-LCNet_x1_0_doc_ori")


@pytest.fixture
def anew() -> Iterator[None]:
    """The model is loaded anew in the test, and for the test after it."""
    quarter_turn._network.cache_clear()
    yield
    quarter_turn._network.cache_clear()


def sideways() -> Image.Image:
    page = Image.new("L", (600, 800), "white")
    for row in range(16):
        ImageDraw.Draw(page).text((40, 40 + 45 * row), "The rent is due on the first day.", fill="black", font_size=30)
    return page.transpose(Image.Transpose.ROTATE_90)


def test_the_weights_are_those_that_their_notice_names() -> None:
    weights = WEIGHTS.joinpath("model.onnx").read_bytes()
    notice = WEIGHTS.joinpath("NOTICE.md").read_text(encoding="utf-8")
    assert f"{len(weights):,} bytes" in notice
    assert hashlib.sha256(weights).hexdigest() in notice
    assert "Apache License" in WEIGHTS.joinpath("LICENSE").read_text(encoding="utf-8")


@pytest.mark.usefixtures("anew")
def test_a_page_on_its_side_is_turned_back() -> None:
    pytest.importorskip("onnxruntime")
    page = sideways()
    assert quarter_turn.find_turn(page, ink_mask(page)) == 90


@pytest.mark.usefixtures("anew")
def test_a_broken_onnxruntime_leaves_pages_as_they_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    page = sideways()
    assert np.any(ink_mask(page))
    assert quarter_turn.find_turn(page, ink_mask(page)) == 0
