"""Engines: a file or a folder each, one small protocol; each is imported, with whatever it needs, on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_hunyuanocr.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from langchain_hunyuanocr.engines.base import Engine, Request
    from langchain_hunyuanocr.engines.local import LocalEngine
    from langchain_hunyuanocr.engines.rapid import RapidEngine
    from langchain_hunyuanocr.engines.registry import resolve_engine
    from langchain_hunyuanocr.engines.scripted import ScriptedEngine
    from langchain_hunyuanocr.engines.server import ServerEngine

__all__ = ["Engine", "LocalEngine", "RapidEngine", "Request", "ScriptedEngine", "ServerEngine", "resolve_engine"]

_HOMES = {"Engine": "base", "Request": "base", "resolve_engine": "registry"}
"""What is no engine; the registry knows where those are."""


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return lazy_exports(__name__, _HOMES)(name)
    from langchain_hunyuanocr.engines.registry import ENGINES, engine_class

    for engine, entry in ENGINES.items():
        if entry.class_name == name:
            return engine_class(engine)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
