from __future__ import annotations

import logging
import sys

import pytest

from langchain_hunyuanocr.engines import LocalEngine, ScriptedEngine, ServerEngine, registry, resolve_engine
from langchain_hunyuanocr.errors import EngineError


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_shared", {})
    monkeypatch.delenv("HUNYUANOCR_BASE_URL", raising=False)
    monkeypatch.delenv("HUNYUANOCR_API_KEY", raising=False)


def machine(monkeypatch: pytest.MonkeyPatch, *modules: str, cuda: tuple[bool, str] = (False, "no CUDA")) -> None:
    monkeypatch.setattr(registry, "_installed", lambda name: name in modules)
    monkeypatch.setattr(registry, "_cuda", lambda: cuda)


def test_auto_takes_local_where_cuda_is(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    machine(monkeypatch, cuda=(True, ""))
    monkeypatch.setenv("HUNYUANOCR_BASE_URL", "http://there:8000")
    with caplog.at_level(logging.INFO):
        engine = resolve_engine()
    assert isinstance(engine, LocalEngine)
    assert vars(engine)["choice"] == ("local", "torch sees CUDA")
    assert "engine local: torch sees CUDA" in caplog.text


def test_auto_takes_the_server_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, "rapidocr", "onnxruntime")
    monkeypatch.setenv("HUNYUANOCR_BASE_URL", "http://there:8000")
    engine = resolve_engine("auto")
    assert isinstance(engine, ServerEngine)
    assert engine.base_url == "http://there:8000/v1"
    assert "HUNYUANOCR_BASE_URL names a server" in vars(engine)["choice"].why


def test_auto_falls_back_to_rapid_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, "rapidocr", "onnxruntime", cuda=(False, "torch sees no CUDA"))
    assert registry.choose_engine() == ("rapid", "torch sees no CUDA, and HUNYUANOCR_BASE_URL is not set")


def test_auto_with_nothing_there_gives_the_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, "rapidocr")
    with pytest.raises(EngineError, match=r'no engine can run: .*pip install "langchain-hunyuanocr\[rapid\]"'):
        resolve_engine()


def test_torch_is_not_imported_to_find_that_it_has_no_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "version", lambda name: "2.13.0+cpu")
    monkeypatch.setattr(registry, "_installed", lambda name: True)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert registry._cuda() == (False, "this torch is built for the CPU")
    monkeypatch.setattr(registry, "_installed", lambda name: name != "torch")
    assert registry._cuda() == (False, "torch and transformers are not installed")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(EngineError, match=r"there is no engine 'tesseract' .*auto, local, server, rapid, scripted"):
        resolve_engine("tesseract")


def test_an_unknown_setting_lists_the_known_ones() -> None:
    with pytest.raises(EngineError, match=r"the local engine has no setting wings .*device"):
        resolve_engine("local", wings=2)


def test_the_same_settings_give_the_same_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    first = resolve_engine("local", model="a", device="cpu")
    assert resolve_engine("local", device="cpu", model="a") is first
    assert resolve_engine("local", device="cpu", model="b") is not first
    monkeypatch.setenv("HUNYUANOCR_BASE_URL", "http://one")
    server = resolve_engine("server")
    assert resolve_engine("server") is server
    monkeypatch.setenv("HUNYUANOCR_BASE_URL", "http://two")
    assert resolve_engine("server") is not server


def test_settings_that_cannot_be_compared_are_not_shared() -> None:
    assert resolve_engine("scripted", answers=["a"]) is not resolve_engine("scripted", answers=["a"])


def test_an_engine_is_given_back_as_it_is() -> None:
    engine = ScriptedEngine("x")
    assert resolve_engine(engine) is engine
    with pytest.raises(EngineError, match="beside an engine: delay_s"):
        resolve_engine(engine, delay_s=1)


def test_a_local_folder_has_no_revision() -> None:
    assert LocalEngine("./model").revision == ""
    assert len(LocalEngine().revision) == 40
    assert LocalEngine("me/mine", revision="abc").revision == "abc"
