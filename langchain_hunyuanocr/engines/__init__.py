"""Engines: a file or a folder each, one small protocol; each is imported, with whatever it needs, on first use."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_hunyuanocr.engines.base import Engine, Request
    from langchain_hunyuanocr.engines.local import LocalEngine
    from langchain_hunyuanocr.engines.rapid import RapidEngine
    from langchain_hunyuanocr.engines.registry import resolve_engine
    from langchain_hunyuanocr.engines.scripted import ScriptedEngine
    from langchain_hunyuanocr.engines.server import ServerEngine

__all__ = ["Engine", "LocalEngine", "RapidEngine", "Request", "ScriptedEngine", "ServerEngine", "resolve_engine"]

_HOMES = {
    "Engine": "base",
    "LocalEngine": "local",
    "RapidEngine": "rapid",
    "Request": "base",
    "ScriptedEngine": "scripted",
    "ServerEngine": "server",
    "resolve_engine": "registry",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
