"""The local engine over a real, tiny HunyuanVL checkpoint."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.local import LocalEngine
from langchain_hunyuanocr.errors import EngineError
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


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": "/no/such/folder"}, "there is no such folder"),
        ({"device": "warp"}, "there is no device 'warp'"),
        ({"dtype": "float7"}, "there is no dtype 'float7'"),
    ],
)
def test_settings_that_make_no_sense_are_told(tiny: Path, settings: dict[str, str], message: str) -> None:
    with pytest.raises(EngineError, match=message):
        LocalEngine(**{"model": str(tiny), "device": "cpu", **settings}).generate([ask()])


def test_cuda_is_not_taken_for_granted(tiny: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("CUDA is here")
    with pytest.raises(EngineError, match="CUDA is not available here"):
        LocalEngine(str(tiny), device="cuda").generate([ask()])


def _empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def _other_model(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))


def _damaged_config(folder: Path) -> None:
    (folder / "config.json").write_text("{")


def _no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _cut_weights(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])


def _some_weights(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    kept = dict(list(load_file(folder / "model.safetensors").items())[:5])
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})


def _no_tokenizer(folder: Path) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (_empty, "holds no checkpoint"),
        (_damaged_config, "holds no checkpoint"),
        (_other_model, "type 'bert'"),
        (_no_weights, "holds no weights"),
        (_cut_weights, "cannot be loaded"),
        (_some_weights, "lacks .* weights"),
        (_no_tokenizer, "cannot be loaded"),
    ],
)
def test_a_folder_that_is_no_whole_checkpoint_is_named(tiny: Path, tmp_path: Path, harm, message: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny, folder)
    harm(folder)
    with pytest.raises(EngineError, match=message) as caught:
        LocalEngine(str(folder), device="cpu").generate([ask()])
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)


def test_no_network_and_no_cache_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants as hub

    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(hub, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(
        EngineError, match=r"tencent/HunyuanOCR is not in the cache and cannot be downloaded \(.*HF_ENDPOINT"
    ):
        LocalEngine(device="cpu").generate([ask()])


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("RevisionNotFound", r"tencent/HunyuanOCR has no revision '0123' \(the revision of HunyuanOCR-1\.5 is 449e7d"),
        ("RepoNotFound", "the Hub has no model 'tencent/HunyuanOCR'"),
    ],
)
def test_what_the_hub_does_not_have_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, message: str
) -> None:
    import huggingface_hub.constants as hub

    class Refuse(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404)
            self.send_header("X-Error-Code", code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815 - the name is the standard library's

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refuse)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    monkeypatch.setattr(hub, "ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setattr(hub, "HF_HUB_CACHE", str(tmp_path))
    try:
        with pytest.raises(EngineError, match=message):
            LocalEngine(revision="0123", device="cpu").generate([ask()])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_old_transformers_is_told(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import transformers

    monkeypatch.setattr(transformers, "__version__", "5.9.1")
    with pytest.raises(
        EngineError, match=r'5\.9\.1 is too old for HunyuanOCR \(pip install --upgrade "transformers>=5\.22"'
    ):
        LocalEngine(str(tiny), device="cpu").generate([ask()])


def test_engines_are_imported_without_what_they_need() -> None:
    named = "import sys, langchain_hunyuanocr.engines as e; e.resolve_engine, e.LocalEngine, e.ServerEngine; "
    heavy = "print({'torch', 'transformers', 'openai', 'rapidocr', 'PIL'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", named + heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
