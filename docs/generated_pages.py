"""Pages that the code itself writes: the API reference, the command line, and the endpoints of the service.

MkDocs calls the two functions named `on_...` while it builds; see `hooks` in `mkdocs.yml`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from inspect import getdoc
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typer.cli
import typer.main
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

import langchain_hunyuanocr as package
from langchain_hunyuanocr import ScriptedEngine
from langchain_hunyuanocr.cli.main import app
from langchain_hunyuanocr.service import ServiceSettings, create_app

_VALUES = {
    "langchain_hunyuanocr.archive": ("Answer", "Citation", "SearchHit", "Sentence"),
    "langchain_hunyuanocr.archive.retriever": ("ArchiveRetriever",),
    "langchain_hunyuanocr.archive.chain": ("ArchiveChain",),
    "langchain_hunyuanocr.engines": ("Request",),
    "langchain_hunyuanocr.results": ("Block", "Doubt", "Field", "Generation", "Line", "Region", "Status", "Table"),
    "langchain_hunyuanocr.reader": ("Reader", "ReadSettings"),
    "langchain_hunyuanocr.report": ("Failure",),
    "langchain_hunyuanocr.service": ("Access", "Bounds", "ServiceSettings", "create_app"),
}
"""What the public names take and give, for the reader of their signatures."""


_PLAIN_VALUES = ("report", "results")
"""Homes whose classes tell of their attributes one by one, and of some by the name alone."""
_PLAIN_OPTIONS = """
    options:
      filters: ["!^_", "!^model_config$"]
      show_bases: false
      show_if_no_docstring: true
      show_labels: false
"""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the reference last into the navigation."""
    pages = ["reference/index.md", *({title: f"reference/{title}.md"} for title in _reference())]
    config.nav = [*(config.nav or ()), {"API reference": pages}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages."""
    pages = {f"reference/{title}.md": text for title, text in _reference().items()}
    pages["reference/index.md"] = _overview()
    pages["command-line.md"] = _command_line()
    described = _openapi()
    pages["http-reference.md"] = _endpoints(described)
    pages["openapi.json"] = json.dumps(described, ensure_ascii=False, indent=1)
    for place, text in pages.items():
        files.append(File.generated(config, place, content=text))
    return files


def _homes() -> dict[str, list[str]]:
    """The public names by the module below the package that is their home, and the values that go with them."""
    homes = defaultdict(list)
    for name in package.__all__:
        home = getattr(package, name).__module__.split(".")[1]
        homes[home].append(f"{package.__name__}.{name}")
    for module, names in _VALUES.items():
        homes[module.split(".")[1]] += [f"{module}.{name}" for name in names]
    return dict(sorted(homes.items()))


def _reference() -> dict[str, str]:
    """A page for each home."""
    pages = {}
    for home, paths in _homes().items():
        options = _PLAIN_OPTIONS if home in _PLAIN_VALUES else ""
        pages[home] = "\n\n".join([f"# {home}", *(f"::: {path}{options}" for path in paths)])
    return pages


def _overview() -> str:
    paths = chain(*_homes().values())
    rows = [f"| [`{path.rpartition('.')[2]}`][{path}] | {_first_sentence(path)} |" for path in paths]
    return "\n".join(["# API reference", "", "| name | what it is |", "|---|---|", *rows])


def _first_sentence(path: str) -> str:
    module, _, name = path.rpartition(".")
    return (getdoc(getattr(import_module(module), name)) or "").partition("\n")[0]


def _command_line() -> str:
    command = typer.main.get_command(app)
    text = typer.cli.get_docs_for_click(obj=command, ctx=typer.Context(command), name="hunyuanocr")
    return text.replace("# `hunyuanocr`", "# Command line", 1)


def _openapi() -> dict[str, Any]:
    with TemporaryDirectory() as state:
        return create_app(ServiceSettings(state=Path(state)), ScriptedEngine("")).openapi()


def _endpoints(described: dict[str, Any]) -> str:
    parts = ["# HTTP reference", "Every endpoint, as the running service describes them itself at `/docs`."]
    for path, methods in described["paths"].items():
        for method, endpoint in methods.items():
            parts += [f"## {method.upper()} {path}", endpoint["description"], *_asked(endpoint, described)]
    return "\n\n".join(parts)


def _asked(endpoint: dict[str, Any], described: dict[str, Any]) -> Iterator[str]:
    """Who may ask, with what, and what may be answered."""
    scopes = [scope for way in endpoint.get("security", [])[:1] for names in way.values() for scope in names]
    yield f"Scope: `{scopes[0]}`." if scopes else "Open to all."
    rows = [
        (parameter["name"], parameter["schema"], parameter.get("description", ""), parameter.get("required", False))
        for parameter in endpoint.get("parameters", [])
    ]
    for kind, body in endpoint.get("requestBody", {}).get("content", {}).items():
        yield f"Body: `{kind}`."
        schema = described["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
        required = schema.get("required", [])
        rows += [
            (name, value, value.get("description", ""), name in required)
            for name, value in schema["properties"].items()
        ]
    if rows:
        lines = [
            f"| `{name}` | {_type(schema)} | {_default(schema, required)} | {what} |"
            for name, schema, what, required in rows
        ]
        yield "\n".join(["| name | type | default | meaning |", "|---|---|---|---|", *lines])
    for status, answer in endpoint["responses"].items():
        if status < "400":
            yield f"`{status}`: {answer['description']}"
    problems = [f"`{status}`" for status in endpoint["responses"] if status >= "400"]
    if problems:
        yield f"Problems ([what they mean](failures.md#over-http)): {', '.join(sorted(problems))}."


def _type(schema: dict[str, Any]) -> str:
    kinds = [kind for kind in schema.get("anyOf", [schema]) if kind.get("type") != "null"]
    return " or ".join(dict.fromkeys(_kind(kind) for kind in kinds))


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("contentMediaType"):
        return "file"
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    return str(schema.get("type", "any"))


def _default(schema: dict[str, Any], required: bool) -> str:
    if required:
        return "required"
    default = schema.get("default")
    return "" if default is None else f"`{json.dumps(default)}`"
