"""The generated archive, over its real files."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image, ImageSequence

from langchain_hunyuanocr.demo import Truth, make_archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("archive")
    return folder, make_archive(folder, pages=24, seed=7, questions=6)


def _pictures(path: Path) -> Iterator[Image.Image]:
    if path.suffix != ".pdf":
        with Image.open(path) as picture:
            yield from (frame.convert("L") for frame in ImageSequence.Iterator(picture))
        return
    with pymupdf.open(path) as document:
        for page in document:
            assert not page.get_text().strip()
            (image,) = page.get_images()
            yield Image.open(BytesIO(document.extract_image(image[0])["image"])).convert("L")


def test_every_kind_of_page_occurs(archive: tuple[Path, Truth]) -> None:
    folder, truth = archive
    assert truth.page_count == 24
    kinds = Counter((file.kind, file.language) for file in truth.files if not file.damaged)
    assert {kind for kind, _ in kinds} == {
        "invoice", "contract", "minutes", "report", "letter", "newsletter", "packing_list", "receipt"}  # fmt: skip
    assert {language for _, language in kinds} == {"zh", "en", "mixed"}
    assert max(len(file.pages) for file in truth.files if file.kind == "contract") >= 3
    pages = [page for file in truth.files for page in file.pages]
    assert {page.rotation for page in pages} == {0, 90, 180, 270}
    assert sum(page.blank for page in pages) == 1
    assert all(bool(page.text) != page.blank for page in pages)
    assert any(page.tables for page in pages)
    assert {Path(file.file).suffix for file in truth.files} == {".pdf", ".jpg", ".png", ".tif"}
    assert {path.name for path in folder.iterdir()} == {file.file for file in truth.files} | {"truth.json"}
    assert Truth.read(folder) == truth


def test_the_files_hold_the_pages_that_the_truth_says(archive: tuple[Path, Truth]) -> None:
    folder, truth = archive
    for file in truth.files:
        if file.damaged:
            with pymupdf.open(folder / file.file) as document:
                assert document.page_count == 0
            continue
        pictures = list(_pictures(folder / file.file))
        assert len(pictures) == len(file.pages)
        for page, picture in zip(file.pages, pictures, strict=True):
            ink = float((np.asarray(picture.reduce(3)) < 110).mean())
            assert (ink < 0.0005) == page.blank, (file.file, page.page, ink)


def test_questions_are_answered_by_the_text_of_their_evidence(archive: tuple[Path, Truth]) -> None:
    _, truth = archive
    texts = {(file.file, page.page): page.text for file in truth.files for page in file.pages}
    assert len(truth.questions) == 6
    for question in truth.questions:
        if question.answer is None:
            assert not question.evidence
            continue
        forms = (question.answer, *question.alternatives)
        for place in question.evidence:
            assert any(form in texts[place.file, place.page] for form in forms), question
        assert (question.file, question.page) == (question.evidence[0].file, question.evidence[0].page)


def test_equal_seeds_give_equal_bytes(tmp_path: Path) -> None:
    def sums(name: str, seed: int) -> dict[str, str]:
        make_archive(tmp_path / name, pages=3, seed=seed)
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / name).iterdir()}

    first = sums("a", 5)
    assert first == sums("b", 5)
    assert first != sums("c", 6)


@pytest.mark.parametrize("pages", [1, 6])
def test_small_archives_have_the_pages_asked_for(tmp_path: Path, pages: int) -> None:
    assert make_archive(tmp_path, pages=pages, questions=0).page_count == pages


def test_an_archive_needs_a_page(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1 page"):
        make_archive(tmp_path, pages=0)
