"""Options that several commands take, and what they come to."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Annotated, cast, get_args

import typer
from pydantic import BaseModel

from langchain_hunyuanocr.archive import Mode
from langchain_hunyuanocr.errors import ArchiveError, FieldError
from langchain_hunyuanocr.reading.agreement import Verify

EngineOption = Annotated[
    str, typer.Option("--engine", "-e", help="auto, local, server or rapid; auto takes the best this machine has.")
]
TaskOption = Annotated[str, typer.Option("--task", "-t", help="What each page is asked, e.g. document, text, table.")]
FieldsOption = Annotated[
    str | None, typer.Option("--fields", help="Values to find on each page, e.g. 'invoice_number,total' or '合计'.")
]
SchemaOption = Annotated[
    str | None, typer.Option("--schema", help="A pydantic model that names the values, as module:Class.")
]
PresetOption = Annotated[str | None, typer.Option("--preset", help="A ready set of fields, e.g. invoice or receipt.")]
PasswordOption = Annotated[str | None, typer.Option("--password", help="Opens encrypted files.")]
ForceOption = Annotated[
    bool, typer.Option("--force-ocr", help="Read every page from its picture, even where the PDF has good text.")
]
VerifyOption = Annotated[
    str | None,
    typer.Option("--verify", help="How RapidOCR checks what a language model reads: numbers, all or off."),
]
GroundOption = Annotated[bool, typer.Option("--ground", help="Give what a language model reads its boxes on the page.")]
ArchiveOption = Annotated[Path, typer.Option("--archive", "-a", help="Folder of the archive.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value on stdout, and nothing else there.")]

WhereOption = Annotated[list[str] | None, typer.Option("--where", metavar="KEY=VALUE", help="Only where so.")]
LlmOption = Annotated[
    str | None,
    typer.Option("--llm", metavar="PROVIDER:MODEL", help="Chat model that writes answers, e.g. ollama:qwen3."),
]
ModeOption = Annotated[
    str,
    typer.Option("--mode", help="auto, extractive, visual or llm; auto is llm where --llm is given, else extractive."),
]


def mode_from(mode: str) -> Mode:
    """What `--mode` asks for.

    Raises:
        typer.BadParameter: There is no such mode.
    """
    for known in get_args(Mode):
        if mode == known:
            return cast(Mode, known)
    raise typer.BadParameter(f"{mode!r} is none of {', '.join(get_args(Mode))}", param_hint="--mode")


def conditions_from(pairs: list[str]) -> dict[str, str]:
    """What `--where` asks for.

    Raises:
        ArchiveError: One is not written as key=value.
    """
    conditions = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key.strip():
            raise ArchiveError(f"the filter {pair!r} is not understood", remedy="write it as key=value")
        conditions[key.strip()] = value.strip()
    return conditions


def verify_from(verify: str | None) -> Verify | None:
    """What `--verify` asks for.

    Raises:
        typer.BadParameter: It is none of the three.
    """
    for known in get_args(Verify):
        if verify == known:
            return cast(Verify, known)
    if verify is not None:
        raise typer.BadParameter(f"{verify!r} is none of {', '.join(get_args(Verify))}", param_hint="--verify")
    return None


def fields_from(fields: str | None, schema: str | None) -> list[str] | type[BaseModel] | None:
    """What `--fields` and `--schema` ask for.

    Raises:
        FieldError: Both are given, or the schema cannot be imported or is no pydantic model.
    """
    if fields is not None and schema is not None:
        raise FieldError("--fields and --schema were both given", remedy="give one of them")
    if schema is not None:
        return _load_schema(schema)
    if fields is None:
        return None
    return [name.strip() for name in fields.replace("，", ",").split(",")]


def _load_schema(name: str) -> type[BaseModel]:
    module_name, _, class_name = name.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        schema = getattr(importlib.import_module(module_name), class_name)
    except (ImportError, AttributeError, ValueError) as exc:
        remedy = "write it as module:Class, importable from the current folder"
        raise FieldError(f"the schema {name!r} cannot be imported: {exc}", remedy=remedy) from exc
    if not (isinstance(schema, type) and issubclass(schema, BaseModel)):
        raise FieldError(f"the schema {name!r} is no pydantic model", remedy="name a subclass of pydantic.BaseModel")
    return schema
