"""Options that several commands take, and what they come to."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from langchain_hunyuanocr.errors import ArchiveError, FieldError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from langchain_hunyuanocr.archive import Mode
    from langchain_hunyuanocr.archive.search.ranking import Group
    from langchain_hunyuanocr.archive.storage.filters import Wanted
    from langchain_hunyuanocr.engines import Engine
    from langchain_hunyuanocr.reading.verification.comparison import Verify

_CONDITION = re.compile(r"(?P<key>[^=!<>~]+?)(?P<sign>>=|<=|!=|=|>|<|~|\s+in\s+)(?P<value>.*\S.*)", re.DOTALL)
EngineOption = Annotated[
    str, typer.Option("--engine", "-e", help="auto, local, server or rapid; auto takes the best this machine has.")
]
LanguageOption = Annotated[
    str | None,
    typer.Option(
        "--language",
        metavar="CODE",
        help="Language of the pages for the engine rapid, e.g. ru, el, th, ko, hi, ar; without it Chinese, English, "
        "Japanese and the Latin alphabet are read.",
    ),
]
TaskOption = Annotated[str, typer.Option("--task", "-t", help="What each page is asked, e.g. document, text, table.")]
FieldsOption = Annotated[
    str | None, typer.Option("--fields", help="Values to find on each page, e.g. 'invoice_number,total' or '合计'.")
]
SchemaOption = Annotated[
    str | None, typer.Option("--schema", help="A pydantic model that names the values, as module:Class.")
]
PresetOption = Annotated[str | None, typer.Option("--preset", help="A ready set of fields, e.g. invoice or receipt.")]
PasswordOption = Annotated[
    str | None,
    typer.Option(
        "--password",
        envvar="HUNYUANOCR_PASSWORD",
        show_envvar=True,
        help="Opens encrypted files; in the environment no other user of the machine sees it.",
    ),
]
ForceOption = Annotated[
    bool, typer.Option("--force-ocr", help="Read every page from its picture, even where the PDF has good text.")
]
VerifyOption = Annotated[
    str | None,
    typer.Option("--verify", help="How RapidOCR checks what a language model reads: numbers, all or off."),
]
GroundOption = Annotated[bool, typer.Option("--ground", help="Give what a language model reads its boxes on the page.")]
ArchiveOption = Annotated[Path, typer.Option("--archive", "-a", help="Folder of the archive.")]
ChromaOption = Annotated[
    str | None,
    typer.Option(
        "--chroma-url",
        envvar="HUNYUANOCR_CHROMA_URL",
        help="Chroma server that keeps the vectors, or 'disk'; what the archive notes where not given. "
        "Its token is read from HUNYUANOCR_CHROMA_TOKEN.",
    ),
]
EmbeddingsOption = Annotated[
    str | None,
    typer.Option(
        "--embeddings", help="Embeddings as provider:model; what the archive was made with, or the embedded default."
    ),
]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="CONDITION",
        help="Only where so: 'page=3', 'field_total>=1000', 'field_seller~acme', 'file_name in a.pdf,b.pdf'; "
        "operators are = != > >= < <= ~ in. All of several must hold.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value on stdout, and nothing else there.")]

LlmOption = Annotated[
    str | None,
    typer.Option(
        "--llm",
        metavar="PROVIDER:MODEL",
        help="Chat model that writes answers, e.g. ollama:qwen3, or llama.cpp:/path/model.gguf for one that is started "
        "on this machine.",
    ),
]
ModeOption = Annotated[
    str,
    typer.Option(
        "--mode",
        help="auto, extractive, visual or llm; auto is llm where --llm is given, else visual where HunyuanOCR is the "
        "engine, else extractive.",
    ),
]


def engine_from(engine: str, language: str | None) -> Engine | str:
    """What `--engine` and `--language` ask for.

    Raises:
        EngineError: The engine knows no languages, or none such.
    """
    if language is None:
        return engine
    from langchain_hunyuanocr.engines import resolve_engine

    return resolve_engine(engine, language=language)


def mode_from(mode: str) -> Mode:
    """What `--mode` asks for.

    Raises:
        typer.BadParameter: There is no such mode.
    """
    from langchain_hunyuanocr.archive import Mode

    known: Mode
    for known in get_args(Mode):
        if mode == known:
            return known
    raise typer.BadParameter(f"{mode!r} is none of {', '.join(get_args(Mode))}", param_hint="--mode")


def conditions_from(conditions: list[str]) -> dict[str, Wanted]:
    """What `--where` asks for, by metadata key; several conditions on one key must all hold.

    Raises:
        ArchiveError: A condition is ill-formed.
    """
    found: dict[str, list[tuple[str, str | list[str]]]] = {}
    for condition in conditions:
        match = _CONDITION.fullmatch(condition.strip())
        if match is None:
            raise ArchiveError(
                f"the filter {ascii(condition)[:80]} is not understood",
                remedy="write it as key=value, with one of = != > >= < <= ~ in; a list as 'key in a,b'",
            )
        key, sign, value = match["key"].strip(), match["sign"].strip(), match["value"].strip()
        items = [item.strip() for item in value.split(",") if item.strip()] if sign == "in" else value
        found.setdefault(key, []).append((sign, items))
    return dict(found)


def group_from(group: str) -> Group:
    """What `--group` asks for.

    Raises:
        typer.BadParameter: It is none of the four.
    """
    from langchain_hunyuanocr.archive.search.ranking import GROUPS

    for known in GROUPS:
        if group == known:
            return known
    raise typer.BadParameter(f"{group!r} is none of {', '.join(GROUPS)}", param_hint="--group")


def verify_from(verify: str | None) -> Verify | None:
    """What `--verify` asks for.

    Raises:
        typer.BadParameter: It is none of the three.
    """
    if verify is None:
        return None
    from langchain_hunyuanocr.reading.verification.comparison import Verify

    known: Verify
    for known in get_args(Verify):
        if verify == known:
            return known
    raise typer.BadParameter(f"{verify!r} is none of {', '.join(get_args(Verify))}", param_hint="--verify")


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
    from pydantic import BaseModel

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
