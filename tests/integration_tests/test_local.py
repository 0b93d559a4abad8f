"""The local engine over a real, tiny HunyuanVL checkpoint."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.local import LocalEngine
from langchain_hunyuanocr.results import Generation
from langchain_hunyuanocr.tasks import Task, TaskKind
from tests import tiny_checkpoint

WHITE = Image.new("RGB", (100, 80), "white")


def drawing() -> Image.Image:
    picture = Image.new("RGB", (100, 80), "white")
    ImageDraw.Draw(picture).rectangle((10, 10, 60, 40), fill="black")
    return picture


def ask(picture: Image.Image = WHITE, kind: TaskKind = TaskKind.TEXT) -> Request:
    return Request(picture, Task(kind=kind))


@pytest.fixture(scope="module")
def engine(tiny: Path) -> LocalEngine:
    return LocalEngine(str(tiny), device="cpu", max_new_tokens=12)


def test_it_answers_and_answers_the_same_again(engine: LocalEngine) -> None:
    first, second = engine.generate([ask(drawing()), ask(drawing())])
    assert first.text
    assert first == second
    assert engine.model.endswith("tiny")
    assert engine.revision == ""


def test_the_picture_and_the_task_change_the_answer(engine: LocalEngine) -> None:
    answers = engine.generate([ask(WHITE), ask(drawing()), ask(WHITE, TaskKind.TABLE)])
    assert len({answer.text for answer in answers}) == 3


def test_order_and_company_change_nothing(engine: LocalEngine) -> None:
    alone = [engine.generate([ask(picture)])[0] for picture in (WHITE, drawing())]
    assert engine.generate([ask(drawing()), ask(WHITE), ask(drawing())]) == [alone[1], alone[0], alone[1]]


def test_the_prompt_has_the_trained_form(engine: LocalEngine) -> None:
    prompt = engine.prompt(ask(WHITE, TaskKind.TEXT))
    tokens = tiny_checkpoint
    picture = tokens.IMAGE_START + tokens.IMAGE + tokens.IMAGE_END
    # The empty system message leaves its end mark, the picture comes before the words.
    assert prompt == f"{tokens.BOS}{tokens.SYSTEM_END}{picture}提取图中的文字。{tokens.USER}"


def test_the_limit_is_told(engine: LocalEngine, tiny: Path) -> None:
    assert engine.generate([ask()])[0].finish == "length"
    short = LocalEngine(str(tiny), device="cpu", max_new_tokens=3).generate([ask()])[0]
    assert engine.generate([ask()])[0].text.startswith(short.text.rstrip("\ufffd"))


def test_an_endless_loop_is_stopped_and_one_copy_kept(tiny: Path, tmp_path: Path) -> None:
    folder = tiny_checkpoint.build_looping(tiny, tmp_path / "looping")
    looping = LocalEngine(str(folder), device="cpu", max_new_tokens=4000, repetition_penalty=1.0)
    assert looping.generate([ask()]) == [Generation(text="A", finish="repetition")]


@pytest.mark.parametrize("mode", ["L", "1", "RGBA", "P", "CMYK", "I;16"])
def test_pictures_of_other_modes_are_taken(engine: LocalEngine, mode: str) -> None:
    picture = Image.new("I;16", (64, 64)) if mode == "I;16" else drawing().convert(mode)
    assert engine.generate([ask(picture)])[0].text


def test_a_picture_that_cannot_be_read_costs_no_other(engine: LocalEngine) -> None:
    thin, fine = engine.generate([ask(Image.new("RGB", (4000, 10))), ask()])
    assert thin.finish == "error"
    assert "aspect ratio" in (thin.error or "")
    assert fine.text


def test_pixels_are_capped(tiny: Path) -> None:
    small, large = (LocalEngine(str(tiny), device="cpu", max_pixels=n, max_new_tokens=1) for n in (64 * 64, 256 * 256))
    picture = Image.new("RGB", (250, 250), "white")
    for engine in (small, large):
        engine.generate([ask(picture)])
    sizes = [engine._loaded.processor.image_processor.size for engine in (small, large) if engine._loaded]
    assert [size["longest_edge"] for size in sizes] == [64 * 64, 256 * 256]


def test_memory_that_runs_out_is_tried_smaller_and_then_said(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    engine = LocalEngine(str(tiny), device="cpu", max_new_tokens=2)
    generate, seen = engine._generate, []

    def scarce(loaded: object, request: Request) -> object:
        seen.append(request.picture.width * request.picture.height)
        if seen[-1] > limit:
            raise torch.OutOfMemoryError("no memory")
        return generate(loaded, request)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "_generate", scarce)
    limit = 9000
    assert engine.generate([ask(Image.new("RGB", (128, 128)))])[0].finish == "length"
    assert seen == [128 * 128, 91 * 91]
    limit = 10
    failed = engine.generate([ask(Image.new("RGB", (128, 128)))])[0]
    assert failed.error == "out of memory on cpu at 64 x 64 pixels"
    assert "max_pixels" in (failed.remedy or "")


def test_closing_frees_the_model_and_it_loads_anew(tiny: Path) -> None:
    engine = LocalEngine(str(tiny), device="cpu", max_new_tokens=4)
    before = engine.generate([ask()])
    engine.close()
    assert engine._loaded is None
    assert engine.generate([ask()]) == before
    engine.close()
    engine.close()


def test_engines_are_imported_without_what_they_need() -> None:
    named = "import sys, langchain_hunyuanocr.engines as e; e.resolve_engine, e.LocalEngine, e.ServerEngine; "
    heavy = "print({'torch', 'transformers', 'openai', 'rapidocr', 'PIL'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", named + heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
