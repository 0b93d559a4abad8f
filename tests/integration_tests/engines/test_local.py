"""The local engine over a real, tiny HunyuanVL checkpoint that reads: one page after another."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.local import LocalEngine
from langchain_hunyuanocr.engines.local.decoding import Decoder
from langchain_hunyuanocr.engines.local.scheduler import Scheduler
from langchain_hunyuanocr.engines.loop_detection import TOKENS
from langchain_hunyuanocr.errors import EngineError
from langchain_hunyuanocr.results import Generation
from langchain_hunyuanocr.tasks import Task, TaskKind
from tests.tiny_pages import DOCUMENT, LOOP, SPOTTING, TABLE, TASKS, TEXT, expected, page, picture

PAGE = page("Raj 42", "bHk 7Q")
SHORT = page("G5")
LOOPING = page("Qr", "dN8", mark=LOOP)


def ask(of: Any = PAGE, task: Task = TEXT) -> Request:
    return Request(picture(of), task)


@pytest.fixture(scope="module")
def engine(tiny: Path) -> Iterator[LocalEngine]:
    engine = LocalEngine(str(tiny), device="cpu", repetition_penalty=1.0, max_new_tokens=600, batch_size=4)
    yield engine
    engine.close()


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """How each answer ended, and after how many tokens."""
    seen: list[tuple[str, int]] = []
    finish = Scheduler._finish

    def watch(self: Scheduler, slot: int, row: Any, how: Any) -> None:
        seen.append((how, len(row.tokens)))
        finish(self, slot, row, how)

    monkeypatch.setattr(Scheduler, "_finish", watch)
    return seen


def test_it_reads_the_page_as_it_was_asked(engine: LocalEngine) -> None:
    answers = engine.generate([ask(PAGE, task) for task in TASKS])
    assert [answer.text for answer in answers] == [expected(PAGE, task) for task in TASKS]
    assert {answer.finish for answer in answers} == {"stop"}
    assert (engine.model, engine.revision) == (str(engine.model), "")


def test_it_tells_how_sure_it_was(engine: LocalEngine) -> None:
    (answer,) = engine.generate([ask()])
    assert answer.mean_probability is not None
    assert answer.least_probability is not None
    assert 0 < answer.least_probability <= answer.mean_probability <= 1


def test_the_prompt_has_the_trained_form(engine: LocalEngine) -> None:
    prompt = engine.prompt(ask(SHORT))
    head, _, rest = prompt.partition("<｜hy_place▁holder▁no▁100｜>")
    tail = rest.rpartition("<｜hy_place▁holder▁no▁101｜>")[2]
    # The empty system message leaves its end mark, the picture comes before the words.
    assert head == "<｜hy_begin▁of▁sentence｜><｜hy_place▁holder▁no▁3｜>"
    assert tail == "提取图中的文字。<｜hy_User｜>"


def test_the_model_is_given_what_the_processor_gives(engine: LocalEngine) -> None:
    from langchain_hunyuanocr.engines.local.prompting import messages, patches_of, prompt_of

    engine.generate([ask()])
    loaded = engine._loaded
    assert loaded is not None
    request = ask(PAGE, TABLE)
    whole = loaded.processor.apply_chat_template(
        messages(request.picture, request.task.prompt),
        add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt",
    )  # fmt: skip
    patches = patches_of(loaded, request.picture)
    prompt = prompt_of(loaded, patches, request.task.prompt)
    assert prompt.ids.tolist() == whole["input_ids"].tolist()
    assert patches.grid.tolist() == whole["image_grid_thw"].tolist()
    assert patches.values.equal(whole["pixel_values"])
    positions, turn = loaded.model.model.get_rope_index(
        whole["input_ids"],
        mm_token_type_ids=whole["mm_token_type_ids"],
        image_grid_thw=whole["image_grid_thw"],
        attention_mask=whole["attention_mask"],
    )
    assert prompt.positions.equal(positions)
    assert prompt.turn == int(turn)


def test_the_limit_is_told(tiny: Path) -> None:
    short = LocalEngine(str(tiny), device="cpu", repetition_penalty=1.0, max_new_tokens=3)
    (answer,) = short.generate([ask()])
    assert answer.finish == "length"
    assert expected(PAGE, TEXT).startswith(answer.text)
    assert len(answer.text) == 3


@pytest.mark.parametrize("lines", [("K3",), ("AB C", "d9", "Zr5tM")])
def test_a_loop_ends_soon_after_its_eighth_copy_and_one_is_kept(
    engine: LocalEngine, ended: list[tuple[str, int]], lines: tuple[str, ...]
) -> None:
    endless = page(*lines, mark=LOOP)
    neighbours = [ask(PAGE, task) for task in (DOCUMENT, SPOTTING, TABLE)]
    looping, *others = engine.generate([ask(endless), *neighbours])
    unit = expected(endless, TEXT)
    assert (looping.finish, looping.text.strip("\n")) == ("repetition", unit.strip("\n"))
    # Where a copy begins does not matter; that no part of a second one is left does.
    assert [other.text for other in others] == [expected(PAGE, request.task) for request in neighbours]
    (tokens,) = [tokens for how, tokens in ended if how == "repetition"]
    assert 8 * len(unit) < tokens <= 8 * len(unit) + TOKENS.beyond + TOKENS.probe_every < 8 * len(unit) + 128


@pytest.mark.parametrize("mode", ["L", "1", "RGBA", "P", "CMYK"])
def test_pictures_of_other_modes_are_read(engine: LocalEngine, mode: str) -> None:
    (answer,) = engine.generate([Request(picture(PAGE).convert(mode), TEXT)])
    assert answer.text == expected(PAGE, TEXT)


def test_a_picture_that_cannot_be_read_costs_no_other(engine: LocalEngine) -> None:
    thin, fine = engine.generate([Request(Image.new("RGB", (4000, 10)), TEXT), ask()])
    assert thin.finish == "error"
    assert "aspect ratio" in (thin.error or "")
    assert fine.text == expected(PAGE, TEXT)


def test_pixels_are_capped(tiny: Path) -> None:
    small = LocalEngine(str(tiny), device="cpu", max_pixels=64 * 64, max_new_tokens=1)
    small.generate([ask()])
    assert small._loaded is not None
    assert small._loaded.processor.image_processor.size["longest_edge"] == 64 * 64


def test_text_comes_piece_by_piece(engine: LocalEngine) -> None:
    *pieces, last = engine.stream(ask(PAGE, TABLE))
    assert isinstance(last, Generation)
    assert "".join(str(piece) for piece in pieces) == last.text == expected(PAGE, TABLE)
    assert len(pieces) > 5


async def test_text_comes_piece_by_piece_without_blocking(engine: LocalEngine) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    *pieces, last = [piece async for piece in engine.astream(ask(PAGE, TABLE))]
    ticking.cancel()
    assert "".join(str(piece) for piece in pieces) == expected(PAGE, TABLE)
    assert isinstance(last, Generation)
    assert ticks > len(pieces)


def test_a_streamed_loop_is_stopped_too(engine: LocalEngine) -> None:
    *pieces, last = engine.stream(ask(LOOPING))
    assert isinstance(last, Generation)
    assert last.finish == "repetition"
    assert "".join(str(piece) for piece in pieces).startswith(last.text)


def test_who_stops_listening_gives_the_place_back(engine: LocalEngine) -> None:
    pieces = engine.stream(ask(LOOPING))
    next(pieces)
    pieces.close()
    assert engine.generate([ask()])[0].text == expected(PAGE, TEXT)
    scheduler = engine._scheduler
    assert scheduler is not None
    assert not scheduler.busy


def test_a_request_that_is_cancelled_costs_no_other(engine: LocalEngine) -> None:
    gone, kept = engine.submit([ask(LOOPING)] * 3), engine.submit([ask(PAGE, TABLE)])
    assert gone.cancel()
    assert kept.result()[0].text == expected(PAGE, TABLE)


def test_async_answers_the_same_in_every_loop(engine: LocalEngine) -> None:
    for _ in range(2):
        (answer,) = asyncio.run(engine.agenerate([ask()]))
        assert answer.text == expected(PAGE, TEXT)


def test_a_model_that_breaks_is_told_to_all_and_loaded_anew(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = LocalEngine(str(tiny), device="cpu", repetition_penalty=1.0)
    step = Decoder.step

    def broken(*_: Any) -> Any:
        raise RuntimeError("CUDA error: an illegal memory access was encountered\nand ten lines more")

    monkeypatch.setattr(Decoder, "step", broken)
    first, second = engine.submit([ask()]), engine.submit([ask()])
    for future in (first, second):
        with pytest.raises(EngineError, match="the model failed: CUDA error") as caught:
            future.result()
        assert "\n" not in str(caught.value)
    monkeypatch.setattr(Decoder, "step", step)
    assert engine.generate([ask()])[0].text == expected(PAGE, TEXT)


def test_closing_frees_the_model_and_it_loads_anew(tiny: Path) -> None:
    engine = LocalEngine(str(tiny), device="cpu", repetition_penalty=1.0)
    before = engine.generate([ask()])
    engine.close()
    assert engine._loaded is None
    assert engine.generate([ask()]) == before
    engine.close()
    engine.close()


def test_a_batch_of_nothing_is_refused() -> None:
    with pytest.raises(EngineError, match="a batch of 0 pages"):
        LocalEngine(batch_size=0)


def test_engines_are_imported_without_what_they_need() -> None:
    named = "import sys, langchain_hunyuanocr.engines as e; e.resolve_engine, e.LocalEngine, e.ServerEngine; "
    heavy = "print({'torch', 'transformers', 'openai', 'rapidocr', 'PIL'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", named + heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_free_question_is_asked_as_it_is(engine: LocalEngine) -> None:
    asked = Task(kind=TaskKind.QUESTION, question=TEXT.prompt)
    assert engine.generate([ask(PAGE, asked)])[0].text == expected(PAGE, TEXT)
