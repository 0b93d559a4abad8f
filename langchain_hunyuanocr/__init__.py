"""HunyuanOCR as a LangChain document loader and RAG ingestion plugin.

The public names below are imported on first use, so that importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langchain_hunyuanocr.archive import Archive
    from langchain_hunyuanocr.chat import ChatHunyuanOCR
    from langchain_hunyuanocr.engines import Engine, LocalEngine, RapidEngine, ScriptedEngine, ServerEngine
    from langchain_hunyuanocr.errors import (
        ArchiveError,
        EngineError,
        FieldError,
        HunyuanOCRError,
        PageError,
        ServiceError,
        SourceError,
        TaskError,
    )
    from langchain_hunyuanocr.loader import HunyuanOCRLoader
    from langchain_hunyuanocr.pages import PageSettings
    from langchain_hunyuanocr.parser import HunyuanOCRParser
    from langchain_hunyuanocr.reading.html_tables import parse_html_tables
    from langchain_hunyuanocr.report import Report
    from langchain_hunyuanocr.results import PageReading
    from langchain_hunyuanocr.runnable import HunyuanOCR
    from langchain_hunyuanocr.splitter import HunyuanOCRSplitter
    from langchain_hunyuanocr.tasks import Task, TaskKind
    from langchain_hunyuanocr.video import FilmSettings

    __version__: str

# onnxruntime, which PyMuPDF and RapidOCR load, reports its use to Microsoft from 1.29 on unless it is told not to
# before it is loaded. Whoever sets the variable to 0 keeps the reports.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__all__ = [
    "Archive",
    "ArchiveError",
    "ChatHunyuanOCR",
    "Engine",
    "EngineError",
    "FieldError",
    "FilmSettings",
    "HunyuanOCR",
    "HunyuanOCRError",
    "HunyuanOCRLoader",
    "HunyuanOCRParser",
    "HunyuanOCRSplitter",
    "LocalEngine",
    "PageError",
    "PageReading",
    "PageSettings",
    "RapidEngine",
    "Report",
    "ScriptedEngine",
    "ServerEngine",
    "ServiceError",
    "SourceError",
    "Task",
    "TaskError",
    "TaskKind",
    "parse_html_tables",
]

_HOMES = {
    "Archive": "archive",
    "ChatHunyuanOCR": "chat",
    "FilmSettings": "video",
    "HunyuanOCR": "runnable",
    "HunyuanOCRLoader": "loader",
    "HunyuanOCRParser": "parser",
    "HunyuanOCRSplitter": "splitter",
    "PageSettings": "pages",
    "PageReading": "results",
    "Report": "report",
    "parse_html_tables": "reading.tables.html",
    **dict.fromkeys(("Task", "TaskKind"), "tasks"),
}
"""Rooms by name; errors and engines are told by their names."""


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    room = "engines" if name.endswith("Engine") else "errors"
    home = importlib.import_module(f"{__name__}.{_HOMES.get(name, room)}")
    value = getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])


def _version() -> str:
    """Of the installed distribution; empty where the code is run from a folder that was never installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("langchain-hunyuanocr")
    except PackageNotFoundError:
        return ""
