"""Weights in 8 and 4 bits: that they are, what they take, and that they read the same."""

from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from langchain_hunyuanocr.engines.base import Request
from langchain_hunyuanocr.engines.local import LocalEngine
from langchain_hunyuanocr.engines.local.checkpoint import Loaded
from langchain_hunyuanocr.engines.local.checkpoint_files import Weights
from langchain_hunyuanocr.engines.local.quantization import bytes_needed
from langchain_hunyuanocr.errors import EngineError
from tests.integration_tests.loading import opened, weights_of
from tests.tiny_pages import COLUMNS, ROWS, TEXT, draw, expected, picture, random_page


def kinds_of(loaded: Loaded) -> dict[str, str]:
    """The types of the tensors that the weights of linear layers are kept in."""
    import torch

    modules = loaded.model.named_modules()
    return {name: type(module.weight).__name__ for name, module in modules if isinstance(module, torch.nn.Linear)}


def bytes_of(loaded: Loaded) -> int:
    """What all weights take, those of which tensors are made up counted by what they hold."""
    parts = [getattr(weight, "qdata", weight) for weight in loaded.model.parameters()]
    return sum(part.numel() * part.element_size() for part in parts)


def first_logits(loaded: Loaded) -> Any:
    """What the model makes of the first token of an answer, of a page that it can read."""
    import torch

    content = [{"type": "image", "image": draw("Q7", "dR4 k")}, {"type": "text", "text": TEXT.prompt}]
    inputs = loaded.processor.apply_chat_template(
        [{"role": "system", "content": ""}, {"role": "user", "content": content}],
        add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt",
    )  # fmt: skip
    inputs["pixel_values"] = inputs["pixel_values"].to(loaded.model.dtype)
    with torch.inference_mode():
        return loaded.model(**inputs).logits[0, -1].float()


def error_of(loaded: Loaded, exact: Loaded) -> float:
    """How far the logits are off, as a share of their spread."""
    truth = first_logits(exact)
    return float((first_logits(loaded) - truth).std() / truth.std())


@pytest.fixture
def four_bits() -> None:
    """Skips where bitsandbytes cannot do the tiny checkpoint's width of 96 (HunyuanOCR's are multiples of 64)."""
    bitsandbytes = pytest.importorskip("bitsandbytes")
    torch = pytest.importorskip("torch")
    weights = torch.randn(32, 96, generator=torch.Generator().manual_seed(1))
    again = bitsandbytes.functional.dequantize_4bit(*bitsandbytes.functional.quantize_4bit(weights, quant_type="nf4"))
    if (again - weights).std() / weights.std() > 0.15:
        pytest.skip("bitsandbytes' kernels for CPUs with AVX512 dequantise rows of 96 wrongly")


def test_eight_bits_are_a_quarter_of_float32_and_answer_nearly_the_same(tiny: Path) -> None:
    exact, small = opened(tiny), opened(tiny, quantization="int8")
    kinds = kinds_of(small)
    assert kinds.pop("lm_head") == "Parameter"
    assert set(kinds.values()) == {"Int8Tensor"}
    assert {weight.qdata.dtype.itemsize for weight in small.model.parameters() if hasattr(weight, "qdata")} == {1}
    linear = sum(weights_of(exact)[f"{name}.weight"].numel() for name in kinds)
    assert bytes_of(exact) - bytes_of(small) == 3 * linear
    assert error_of(small, exact) < 0.05
    assert first_logits(small).argmax() == first_logits(exact).argmax()


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("quantization", [None, "int8", "int4"])
def test_what_weights_will_take_is_known_before(tiny: Path, dtype: str, quantization: str | None) -> None:
    import torch

    expected_bytes = bytes_needed(Weights.of(tiny).tensors, getattr(torch, dtype), quantization)
    found = bytes_of(opened(tiny, dtype=dtype, quantization=quantization))
    # Scales are not counted in `found`, and the vision tower is whole before it gets 8 bits.
    assert found <= expected_bytes < 1.7 * found
    assert quantization or found == expected_bytes


@pytest.mark.usefixtures("four_bits")
def test_four_bits_are_for_the_language_model(tiny: Path) -> None:
    import torch

    exact, small = opened(tiny), opened(tiny, quantization="int4")
    kinds = kinds_of(small)
    assert kinds.pop("lm_head") == "Parameter"
    assert {kind for name, kind in kinds.items() if "vision_tower" in name} == {"Int8Tensor"}
    assert {kind for name, kind in kinds.items() if "vision_tower" not in name} == {"Params4bit"}
    assert bytes_of(small) < bytes_of(opened(tiny, quantization="int8"))
    layers = [loaded.model.get_submodule("model.language_model.layers.0.mlp.up_proj") for loaded in (exact, small)]
    with torch.inference_mode():
        truth, found = (layer(torch.eye(layer.in_features)) for layer in layers)
    # What NF4 costs weights that are normally distributed.
    assert 0.05 < (found - truth).std() / truth.std() < 0.12


@pytest.mark.parametrize("quantization", [None, "int8", "int4"])
def test_fewer_bits_read_the_same(tiny: Path, quantization: Any, request: pytest.FixtureRequest) -> None:
    if quantization == "int4":
        request.getfixturevalue("four_bits")
    rng = random.Random(7)
    pages = [random_page(rng, rng.choice(ROWS), rng.choice(COLUMNS)) for _ in range(6)]
    engine = LocalEngine(str(tiny), device="cpu", quantization=quantization, repetition_penalty=1.0, max_new_tokens=200)
    answers = engine.generate([Request(picture(page), TEXT) for page in pages])
    engine.close()
    assert [answer.text for answer in answers] == [expected(page, TEXT) for page in pages]
    assert engine.revision == (f"+{quantization}" if quantization else "")


def test_eight_bits_do_not_overflow_in_float16(tiny: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(tiny, tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    # Large activations go through small weights, as in trained models: float16 holds the sums, but not 127 times them.
    weights["model.layers.1.mlp.up_proj.weight"] *= 100
    weights["model.layers.1.mlp.down_proj.weight"] /= 100
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    exact, small = opened(folder), opened(folder, dtype="float16", quantization="int8")
    assert "vision_tower" not in "".join(name for name, kind in kinds_of(small).items() if kind == "Int8Tensor")
    assert error_of(small, exact) < 0.05


def test_a_quantised_checkpoint_is_taken_as_it_is(tiny: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny, tmp_path / "model")
    small = opened(tiny, quantization="int8", dtype="bfloat16")
    small.model.save_pretrained(folder)
    again = opened(folder)
    assert kinds_of(again) == kinds_of(small)
    assert str(again.model.dtype) == "torch.bfloat16"
    assert first_logits(again).tolist() == first_logits(small).tolist()
    with pytest.raises(EngineError, match="is quantised already, by torchao"):
        opened(folder, quantization="int8")


@pytest.mark.parametrize(("quantization", "library"), [("int8", "torchao"), ("int4", "bitsandbytes")])
def test_a_missing_library_is_told(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, quantization: str, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(
        EngineError, match=rf'{library} is not installed \(pip install "langchain-hunyuanocr\[quantize\]"'
    ):
        opened(tiny, quantization=quantization)
