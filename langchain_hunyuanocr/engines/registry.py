"""Engine registry: the engines by name, and which one `auto` takes."""

from __future__ import annotations

import inspect
import logging
import os
import threading
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import NamedTuple

from langchain_hunyuanocr import engines
from langchain_hunyuanocr.engines.base import API_KEY_VARIABLE, BASE_URL_VARIABLE, HUB_VARIABLE, MODEL_VARIABLE, Engine
from langchain_hunyuanocr.errors import EngineError

_log = logging.getLogger(__name__)


_CLASSES = {
    "local": "LocalEngine",
    "server": "ServerEngine",
    "rapid": "RapidEngine",
    "scripted": "ScriptedEngine",
}

_VARIABLES = {"local": (MODEL_VARIABLE, HUB_VARIABLE), "server": (BASE_URL_VARIABLE, API_KEY_VARIABLE)}
"""What the environment decides for an engine, which is not shared across a change of it."""

_shared: dict[tuple[object, ...], Engine] = {}
_lock = threading.Lock()


class Choice(NamedTuple):
    """The engine that `auto` takes on this machine, and why."""

    name: str
    why: str


def choose_engine() -> Choice:
    """Find what `auto` takes: local where there is CUDA, else a server that is named, else RapidOCR.

    Raises:
        EngineError: There is none of them.
    """
    cuda, why_not = _cuda()
    if cuda:
        return Choice("local", "torch sees CUDA")
    if os.environ.get(BASE_URL_VARIABLE):
        return Choice("server", f"{why_not}, and {BASE_URL_VARIABLE} names a server")
    if _installed("rapidocr") and _installed("onnxruntime"):
        return Choice("rapid", f"{why_not}, and {BASE_URL_VARIABLE} is not set")
    raise EngineError(
        f"no engine can run: {why_not}, {BASE_URL_VARIABLE} is not set, and RapidOCR is not installed",
        remedy='pip install "langchain-hunyuanocr[rapid]"',
    )


def resolve_engine(engine: str | Engine = "auto", **options: object) -> Engine:
    """The engine of that name; the same settings give the same engine, so that a model is loaded once.

    An engine that `auto` took has the attribute `choice`, which says why.

    Args:
        engine: `auto`, `local`, `server`, `rapid`, or an engine, which is given back as it is.
        options: Settings of the engine.

    Raises:
        EngineError: There is no such engine or setting, or `auto` finds none that can run.
    """
    if isinstance(engine, Engine):
        if options:
            raise EngineError(
                f"settings were given beside an engine: {', '.join(sorted(options))}",
                remedy="give them to the engine itself",
            )
        return engine
    if engine == "auto":
        choice = choose_engine()
        _log.info("engine %s: %s", choice.name, choice.why)
        found = _share(choice.name, options)
        vars(found)["choice"] = choice
        return found
    if engine not in _CLASSES:
        raise EngineError(f"there is no engine {engine!r}", remedy=f"choose one of auto, {', '.join(_CLASSES)}")
    return _share(engine, options)


def _share(name: str, options: dict[str, object]) -> Engine:
    environment = tuple(os.environ.get(variable) for variable in _VARIABLES.get(name, ()))
    key = (name, environment, *sorted(options.items()))
    try:
        hash(key)
    except TypeError:
        # A setting like a list of answers cannot be compared safely: such an engine is not shared.
        return _make(name, options)
    with _lock:
        if key not in _shared:
            _shared[key] = _make(name, options)
        return _shared[key]


def _make(name: str, options: dict[str, object]) -> Engine:
    kind = getattr(engines, _CLASSES[name])
    known = [setting for setting in inspect.signature(kind).parameters if setting != "self"]
    if unknown := sorted(set(options) - set(known)):
        raise EngineError(
            f"the {name} engine has no setting {', '.join(unknown)}", remedy=f"it has {', '.join(known) or 'none'}"
        )
    made: Engine = kind(**options)
    return made


def _cuda() -> tuple[bool, str]:
    """Whether the local engine can run on CUDA, and otherwise why not."""
    if not _installed("torch") or not _installed("transformers"):
        return False, "torch and transformers are not installed"
    try:
        # Importing torch takes seconds; a build for CPUs says so in its version.
        if version("torch").endswith("+cpu"):
            return False, "this torch is built for the CPU"
    except PackageNotFoundError:
        pass
    import torch

    return (True, "") if torch.cuda.is_available() else (False, "torch sees no CUDA")


def _installed(module: str) -> bool:
    return find_spec(module) is not None
