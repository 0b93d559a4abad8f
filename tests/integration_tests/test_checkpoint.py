"""Loading a checkpoint: what is found, and what is said where something is not as it should be."""

from __future__ import annotations

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from langchain_hunyuanocr.engines.checkpoint import MODEL, REVISION, Loaded, load
from langchain_hunyuanocr.errors import EngineError


def opened(model: str | Path, revision: str = REVISION, **settings: str) -> Loaded:
    return load(str(model), revision, **{"device": "cpu", "dtype": "auto", "max_pixels": 3_400_000, **settings})


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
        opened(**{"model": str(tiny), **settings})


def test_cuda_is_not_taken_for_granted(tiny: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("CUDA is here")
    with pytest.raises(EngineError, match="CUDA is not available here"):
        opened(tiny, device="cuda")


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
        opened(folder)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)


def test_no_network_and_no_cache_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants as hub

    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(hub, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(
        EngineError, match=r"tencent/HunyuanOCR is not in the cache and cannot be downloaded \(.*HF_ENDPOINT"
    ):
        opened(MODEL)


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
            opened(MODEL, "0123")
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
        opened(tiny)
