"""Registry of engines: those of this package, those of installed packages, and which one `auto` takes.

A package offers an engine by an entry point of the group `langchain_hunyuanocr.engines`, as `name = module:Class`. The
names of this package come first; of two packages with one name, the first on the path is taken.
"""

from __future__ import annotations

import inspect
import logging
import os
import threading
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version
from importlib.util import find_spec
from typing import NamedTuple

from langchain_hunyuanocr.engines.base import (
    API_KEY_VARIABLE,
    BASE_URL_VARIABLE,
    HUB_VARIABLE,
    MODEL_VARIABLE,
    MODELS_VARIABLE,
    Engine,
)
from langchain_hunyuanocr.errors import EngineError, require
from langchain_hunyuanocr.tasks import TaskKind

_log = logging.getLogger(__name__)


class EngineEntry(NamedTuple):
    """An engine of this package.

    Attributes:
        module: Imported when the engine is asked for.
        class_name: Of the engine in it.
        extra: Of this package, installs what the engine needs; empty where it needs nothing.
        variables: Of the environment, decide something for it: an engine is not shared across a change of them.
    """

    module: str
    class_name: str
    extra: str = ""
    variables: tuple[str, ...] = ()


_ROOM = "langchain_hunyuanocr.engines"
ENGINES = {
    "local": EngineEntry(f"{_ROOM}.local", "LocalEngine", "local", (MODEL_VARIABLE, HUB_VARIABLE)),
    "server": EngineEntry(f"{_ROOM}.server", "ServerEngine", "server", (BASE_URL_VARIABLE, API_KEY_VARIABLE)),
    "rapid": EngineEntry(f"{_ROOM}.rapid", "RapidEngine", "rapid", (MODELS_VARIABLE,)),
    "scripted": EngineEntry(f"{_ROOM}.scripted", "ScriptedEngine"),
}
"""The engines of this package, by the name that `engine=` takes."""
ENTRY_POINTS = "langchain_hunyuanocr.engines"
"""Group of entry points by which installed packages offer engines."""

_shared: dict[tuple[object, ...], Engine] = {}
_told: set[Choice] = set()
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
        return Choice("local", "HunyuanOCR on the CUDA GPU of this machine")
    if os.environ.get(BASE_URL_VARIABLE):
        return Choice("server", f"HunyuanOCR at the address in {BASE_URL_VARIABLE}")
    if _installed("rapidocr") and _installed("onnxruntime"):
        return Choice("rapid", f"RapidOCR on the CPU; {why_not}")
    raise EngineError(
        f"no engine can run: {why_not}, {BASE_URL_VARIABLE} is not set, and RapidOCR is not installed",
        remedy='pip install "langchain-hunyuanocr[rapid]"',
    )


def resolve_engine(engine: str | Engine = "auto", **options: object) -> Engine:
    """The engine of that name; the same settings give the same engine, so that a model is loaded once.

    An engine that `auto` took has the attribute `choice`, which says why.

    Args:
        engine: `auto`, `local`, `server`, `rapid`, the name of an engine that an installed package offers, or an
            engine, which is given back as it is.
        options: Settings of the engine.

    Raises:
        EngineError: There is no such engine or setting, it cannot be imported, or `auto` finds none that can run.
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
        _tell(choice)
        found = _share(choice.name, options)
        vars(found)["choice"] = choice
        return found
    return _share(engine, options)


def asks_pictures(engine: str | Engine) -> bool:
    """Whether an engine is HunyuanOCR, or another language model that answers free questions about a picture.

    An engine that is only named is not made: what cannot run at all is none.
    """
    if isinstance(engine, str):
        try:
            engine_kind = engine_class(choose_engine().name if engine == "auto" else engine)
        except EngineError:
            return False
        return engine_kind.prompted and TaskKind.QUESTION in engine_kind.tasks
    return engine.prompted and TaskKind.QUESTION in engine.tasks


def engine_class(name: str) -> type[Engine]:
    """The class of the engine of that name, imported now.

    Raises:
        EngineError: There is no such engine, or it cannot be imported.
    """
    entry = ENGINES.get(name)
    if entry is not None:
        kind: type[Engine] = getattr(require(entry.module, extra=entry.extra), entry.class_name)
        return kind
    offered = entry_points(group=ENTRY_POINTS)
    point = next(iter(offered.select(name=name)), None)
    if point is None:
        names = dict.fromkeys(("auto", *ENGINES, *sorted(offered.names)))
        raise EngineError(f"there is no engine {name!r}", remedy=f"choose one of {', '.join(names)}")
    return _load(point)


def engine_settings(name: str) -> tuple[str, ...]:
    """What the engine of that name can be set to: the parameters of its class.

    Raises:
        EngineError: There is no such engine, or it cannot be imported.
    """
    return tuple(setting for setting in inspect.signature(engine_class(name)).parameters if setting != "self")


def _load(point: EntryPoint) -> type[Engine]:
    """The engine of another package."""
    package = point.dist.name if point.dist is not None else point.module
    offer = f"the engine {point.name!r} of the package {package}"
    try:
        kind = point.load()
    except Exception as exc:  # what a package raises while it is imported is its own
        why = " ".join(str(exc).split())[:300] or type(exc).__name__
        raise EngineError(
            f"{offer} cannot be imported: {why}", remedy=f"pip install --upgrade {package}, or take another engine"
        ) from exc
    if not (isinstance(kind, type) and issubclass(kind, Engine)) or inspect.isabstract(kind):
        raise EngineError(
            f"{offer} is none: {point.value} is no class that does all an Engine must",
            remedy=f"pip install --upgrade {package}, or take another engine",
        )
    return kind


def _tell(choice: Choice) -> None:
    """Log what was taken, once a process."""
    with _lock:
        if choice in _told:
            return
        _told.add(choice)
    _log.info("engine: %s (%s)", choice.name, choice.why)


def _share(name: str, options: dict[str, object]) -> Engine:
    environment = tuple(os.environ.get(variable) for variable in ENGINES[name].variables) if name in ENGINES else ()
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
    known = engine_settings(name)
    if unknown := sorted(set(options) - set(known)):
        raise EngineError(
            f"the {name} engine has no setting {', '.join(unknown)}", remedy=f"it has {', '.join(known) or 'none'}"
        )
    return engine_class(name)(**options)


def _cuda() -> tuple[bool, str]:
    """Whether the local engine can run on CUDA, and otherwise why not."""
    if not _installed("torch") or not _installed("transformers"):
        return False, "without the extra `local`, no CUDA GPU is used"
    try:
        # Importing torch takes seconds; a build for CPUs says so in its version.
        if version("torch").endswith("+cpu"):
            return False, "this installation has no CUDA"
    except PackageNotFoundError:
        pass
    try:
        import torch
    except Exception as exc:  # a library of the system that is missing, or a broken installation: any kind
        return False, f"torch cannot be imported: {' '.join(str(exc).split())[:200] or type(exc).__name__}"
    return (True, "") if torch.cuda.is_available() else (False, "no CUDA GPU here")


def _installed(module: str) -> bool:
    return find_spec(module) is not None
