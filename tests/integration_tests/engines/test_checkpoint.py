"""Loading a checkpoint: what is found, and what is said where something is not as it should be."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from langchain_hunyuanocr.engines.local.checkpoint import MODEL, REVISION, release, revision_label
from langchain_hunyuanocr.errors import EngineError
from tests.integration_tests.hub_server import HubServer, serving
from tests.integration_tests.loading import opened, weights_of

OLDER_PIXELS = 128 * 128
"""What tells the processor of the release 1.0 from that of 1.5 in these tests."""


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": "/no/such/folder"}, "there is no such folder"),
        ({"device": "warp"}, "there is no device 'warp'"),
        ({"dtype": "float7"}, "there is no dtype 'float7'"),
        ({"version": "2.0"}, "there is no HunyuanOCR '2.0'"),
        ({"quantization": "int2"}, "there is no quantization 'int2'"),
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


def _begun(folder: Path) -> None:
    (folder / ".cache/huggingface/download").mkdir(parents=True)
    (folder / "model.safetensors").rename(folder / ".cache/huggingface/download/model.safetensors.a1b2.incomplete")


def _pointer(folder: Path) -> None:
    (folder / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")


def _lost_shard(folder: Path) -> None:
    index = {"weight_map": {"model.norm.weight": "model.safetensors", "lm_head.weight": "model-2.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def _damaged_index(folder: Path) -> None:
    (folder / "model.safetensors.index.json").write_text('["model.safetensors"]')


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
        (_cut_weights, "model.safetensors is damaged, or its download did not end"),
        (_begun, "the download of the weights did not end"),
        (_pointer, "model.safetensors is a Git LFS pointer .*git lfs pull"),
        (_lost_shard, "1 of the 2 files of its weights are missing, the first is model-2.safetensors"),
        (_damaged_index, "model.safetensors.index.json is damaged"),
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


@pytest.fixture
def repository(tiny: Path, tmp_path: Path) -> Path:
    """The files of a repository like HunyuanOCR's: 1.5 in the root, 1.0 in a folder, and what nobody needs to read."""
    folder = shutil.copytree(tiny, tmp_path / "repository")
    older = shutil.copytree(tiny, folder / "v1.0")
    settings = json.loads((older / "processor_config.json").read_text())
    settings["image_processor"]["size"]["longest_edge"] = OLDER_PIXELS
    (older / "processor_config.json").write_text(json.dumps(settings))
    (folder / "dflash").mkdir()
    for name in ("README.md", "assets.png", "dflash/config.json", "dflash/model.safetensors"):
        (folder / name).write_bytes(b"not needed")
    return folder


@pytest.fixture
def hub(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub on this machine, with caches of its own."""
    import huggingface_hub.constants as settings  # read from the environment once, when it was imported
    import modelscope_hub

    with serving(repository) as server:
        monkeypatch.setattr(settings, "ENDPOINT", server.address)
        files = settings.HUGGINGFACE_CO_URL_TEMPLATE.partition("/{repo_id}")
        monkeypatch.setattr(settings, "HUGGINGFACE_CO_URL_TEMPLATE", server.address + files[1] + files[2])
        monkeypatch.setattr(settings, "HF_HUB_CACHE", str(tmp_path / "cache"))
        modelscope_hub.set_default_config(None)
        monkeypatch.setenv("MODELSCOPE_ENDPOINT", server.address)
        monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "modelscope"))
        yield server
        modelscope_hub.set_default_config(None)


def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)


@pytest.mark.parametrize("where", ["huggingface", "modelscope"])
def test_a_hub_is_asked_for_what_is_needed_and_once(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    """And before, size and licence are told, once."""
    first = opened(MODEL, hub=where)
    (told,) = [message for message in caplog.messages if "fetched" in message]
    assert "2 GB" in told
    assert "does not cover the EU, the UK and South Korea" in told
    caplog.clear()
    assert hub.sent >= {"config.json", "model.safetensors", "tokenizer.json"}
    assert not [path for path in hub.sent if "/" in path or path in ("README.md", "assets.png")]
    hub.sent.clear()
    offline(monkeypatch)
    again = opened(MODEL, hub=where)
    assert not hub.sent
    assert "fetched" not in caplog.text
    assert weights_of(again).keys() == weights_of(first).keys()


@pytest.mark.parametrize("where", ["huggingface", "modelscope"])
def test_the_older_release_lies_in_a_folder_of_its_own(hub: HubServer, where: str) -> None:
    older = opened(MODEL, hub=where, version="1.0")
    assert older.processor.image_processor.size["longest_edge"] == OLDER_PIXELS
    assert {path.split("/")[0] for path in hub.sent} == {"v1.0"}
    assert release("1.0").repetition_penalty == 1.0
    assert release("1.5").repetition_penalty == 1.08


def test_a_folder_may_hold_both_releases_or_one(repository: Path) -> None:
    older = [
        opened(folder, version=version).processor.image_processor.size["longest_edge"] == OLDER_PIXELS
        for folder, version in [(repository, "1.5"), (repository, "1.0"), (repository / "v1.0", "1.0")]
    ]
    assert older == [False, True, True]


def test_a_revision_without_the_older_release_is_told(hub: HubServer, repository: Path) -> None:
    shutil.rmtree(repository / "v1.0")
    with pytest.raises(EngineError, match=r"has no folder 'v1\.0' at revision '449e7d.*take revision="):
        opened(MODEL, version="1.0")


def test_the_environment_names_the_hub(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUNYUANOCR_HUB", "modelscope")
    opened(MODEL)
    assert Path(os.environ["MODELSCOPE_CACHE"]).is_dir()
    assert revision_label(MODEL, REVISION) == "master"
    monkeypatch.setenv("HUNYUANOCR_HUB", "elsewhere")
    with pytest.raises(EngineError, match="there is no hub 'elsewhere'"):
        opened(MODEL)


def test_what_was_loaded_has_a_name_of_its_own(tiny: Path) -> None:
    assert revision_label(MODEL, "0123") == "0123"
    assert revision_label(MODEL, "0123", version="1.0", quantization="int8") == "0123/v1.0+int8"
    assert revision_label(MODEL, REVISION, hub="modelscope") == "master"
    assert revision_label(MODEL, "0123", hub="modelscope") == "0123"
    assert revision_label(str(tiny), REVISION) == ""
    assert revision_label(str(tiny), REVISION, quantization="int4") == "+int4"


@pytest.mark.parametrize(
    ("where", "remedy"), [("huggingface", "HF_ENDPOINT=https://hf-mirror.com"), ("modelscope", 'hub="huggingface"')]
)
def test_no_network_and_no_cache_is_told(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, where: str, remedy: str
) -> None:
    offline(monkeypatch)
    with pytest.raises(EngineError, match=r"HunyuanOCR is not in the cache.* and cannot be downloaded") as caught:
        opened(MODEL, hub=where)
    assert remedy in (caught.value.remedy or "")
    assert not hub.sent


def test_a_download_that_breaks_off_is_told_and_goes_on_later(hub: HubServer) -> None:
    hub.cut = "model.safetensors"
    with pytest.raises(EngineError, match="not all of it, and cannot be downloaded") as caught:
        opened(MODEL)
    assert "\n" not in str(caught.value)
    hub.cut = None
    assert opened(MODEL).device == "cpu"


@pytest.mark.parametrize(
    ("where", "code", "message"),
    [
        ("huggingface", "RevisionNotFound", r"has no revision '0123' \(the revision of HunyuanOCR-1\.5 is 449e7d"),
        ("huggingface", "RepoNotFound", "the Hub has no model 'tencent/HunyuanOCR'"),
        ("modelscope", "NotFound", "ModelScope has no model 'Tencent-Hunyuan/HunyuanOCR', or no revision '0123' of it"),
    ],
)
def test_what_the_hub_does_not_have_is_told(hub: HubServer, where: str, code: str, message: str) -> None:
    hub.refusal = code
    with pytest.raises(EngineError, match=message):
        opened(MODEL, "0123", hub=where)


def test_an_old_transformers_is_told(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import transformers

    monkeypatch.setattr(transformers, "__version__", "5.9.1")
    with pytest.raises(
        EngineError, match=r'5\.9\.1 is too old for HunyuanOCR \(pip install --upgrade "transformers>=5\.22"'
    ):
        opened(tiny)


def test_weights_that_do_not_fit_are_told_before_they_are_loaded(tiny: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny, tmp_path / "model")
    # A file of 4 TiB that takes no room on the disk, since nothing but its head is written.
    head = json.dumps({"model.layer.weight": {"dtype": "BF16", "shape": [2**20, 2**21], "data_offsets": [0, 2**42]}})
    with (folder / "model.safetensors").open("wb") as file:
        file.write(len(head).to_bytes(8, "little") + head.encode())
        file.truncate(8 + len(head) + 2**42)
    with pytest.raises(
        EngineError, match=r"this machine has .* GiB of memory free, the weights need 8192\.0 GiB"
    ) as caught:
        opened(folder)
    assert caught.value.remedy == 'free some, or take quantization="int8" or engine="server"'
    with pytest.raises(EngineError, match=r"the weights need 2048\.0 GiB \(free some, or take engine="):
        opened(folder, quantization="int8")
