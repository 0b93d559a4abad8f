from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest
from PIL import Image

from langchain_hunyuanocr import engines
from langchain_hunyuanocr.engines import (
    Engine,
    LocalEngine,
    RapidEngine,
    Request,
    ScriptedEngine,
    ServerEngine,
    registry,
    resolve_engine,
)
from langchain_hunyuanocr.errors import EngineError
from langchain_hunyuanocr.tasks import Task, TaskKind


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_shared", {})
    monkeypatch.setattr(registry, "_told", set())
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
        assert resolve_engine() is engine
    assert isinstance(engine, LocalEngine)
    assert vars(engine)["choice"] == ("local", "HunyuanOCR on the CUDA GPU of this machine")
    assert caplog.messages == ["engine: local (HunyuanOCR on the CUDA GPU of this machine)"]  # told once


def test_auto_takes_the_server_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, "rapidocr", "onnxruntime")
    monkeypatch.setenv("HUNYUANOCR_BASE_URL", "http://there:8000")
    engine = resolve_engine("auto")
    assert isinstance(engine, ServerEngine)
    assert engine.base_url == "http://there:8000/v1"
    assert vars(engine)["choice"].why == "HunyuanOCR at the address in HUNYUANOCR_BASE_URL"


def test_auto_falls_back_to_rapid_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, "rapidocr", "onnxruntime", cuda=(False, "no CUDA GPU here"))
    assert registry.choose_engine() == ("rapid", "RapidOCR on the CPU; no CUDA GPU here")


def test_auto_with_nothing_there_gives_the_pip_line(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, "rapidocr")
    with pytest.raises(EngineError, match=r'no engine can run: .*pip install "langchain-hunyuanocr\[rapid\]"'):
        resolve_engine()


def test_torch_is_not_imported_to_find_that_it_has_no_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "version", lambda name: "2.13.0+cpu")
    monkeypatch.setattr(registry, "_installed", lambda name: True)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert registry._cuda() == (False, "this installation has no CUDA")
    monkeypatch.setattr(registry, "_installed", lambda name: name != "torch")
    assert registry._cuda() == (False, "without the extra `local`, no CUDA GPU is used")


def test_a_torch_that_is_broken_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "version", lambda name: "2.13.0")
    monkeypatch.setattr(registry, "_installed", lambda name: True)
    monkeypatch.setitem(sys.modules, "torch", None)
    cuda, why = registry._cuda()
    assert not cuda
    assert why.startswith("torch cannot be imported: ")


def test_an_unknown_name_lists_the_known_ones() -> None:
    known = ", ".join(("auto", *registry.ENGINES))
    with pytest.raises(EngineError, match=rf"there is no engine 'tesseract' \(choose one of {known}\)"):
        resolve_engine("tesseract")


def test_the_table_names_the_engines_as_they_name_themselves() -> None:
    for name, entry in registry.ENGINES.items():
        kind = getattr(engines, entry.class_name)
        assert issubclass(kind, Engine)
        assert (kind.__name__, kind.name) == (entry.class_name, name)
    exported = {name for name in engines.__all__ if name.endswith("Engine")}
    assert exported - {"Engine"} <= {entry.class_name for entry in registry.ENGINES.values()}


ECHO = """
from langchain_hunyuanocr import Engine
from langchain_hunyuanocr.results import Generation


class EchoEngine(Engine):
    name = "echo"
    model = "echo-1"
    revision = ""

    def __init__(self, *, word: str = "echo") -> None:
        self.word = word

    def generate(self, requests):
        return [Generation(text=self.word) for _ in requests]


class Half(Engine):
    name = "half"
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that offers engines, as an installer leaves it."""
    info = tmp_path / "echo_ocr-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: echo-ocr\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[langchain_hunyuanocr.engines]\n"
        "echo = echo_ocr_engine:EchoEngine\n"
        "half = echo_ocr_engine:Half\n"
        "nowhere = echo_ocr_elsewhere:Engine\n"
        "number = math:pi\n"
        "rapid = echo_ocr_engine:EchoEngine\n"
    )
    (tmp_path / "echo_ocr_engine.py").write_text(ECHO)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "echo_ocr_engine", raising=False)


@pytest.mark.usefixtures("installed")
def test_an_installed_package_offers_an_engine() -> None:
    engine = resolve_engine("echo", word="hello")
    assert (engine.name, engine.model) == ("echo", "echo-1")
    assert engine.generate([Request(Image.new("RGB", (8, 8)), Task(kind=TaskKind.TEXT))])[0].text == "hello"
    assert resolve_engine("echo", word="hello") is engine
    with pytest.raises(EngineError, match=r"the echo engine has no setting loud \(it has word\)"):
        resolve_engine("echo", loud=True)


@pytest.mark.usefixtures("installed")
def test_engines_of_this_package_come_first() -> None:
    assert registry.engine_class("rapid") is RapidEngine


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nowhere", "cannot be imported: No module named 'echo_ocr_elsewhere'"),
        ("half", "is none: echo_ocr_engine:Half is no class that does all an Engine must"),
        ("number", "is none: math:pi is no class that does all an Engine must"),
    ],
)
def test_an_engine_of_a_package_that_cannot_be_had_is_one_line(name: str, why: str) -> None:
    with pytest.raises(EngineError) as raised:
        resolve_engine(name)
    remedy = "(pip install --upgrade echo-ocr, or take another engine)"
    assert str(raised.value) == f"the engine {name!r} of the package echo-ocr {why} {remedy}"


@pytest.mark.usefixtures("installed")
def test_names_of_packages_are_listed() -> None:
    known = ", ".join(("auto", *registry.ENGINES, "echo", "half", "nowhere", "number"))
    with pytest.raises(EngineError, match=rf"there is no engine 'tesseract' \(choose one of {known}\)"):
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
