"""Pages that the code itself writes: the API reference, the presets, the command line, the endpoints of the service.

The pages of the project that stand in the root of the repository are taken over from there.

MkDocs calls the two functions named `on_...` while it builds; see `hooks` in `mkdocs.yml`.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import griffe
import typer.cli
import typer.main
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

import langchain_hunyuanocr as package
from langchain_hunyuanocr import ScriptedEngine
from langchain_hunyuanocr.cli.main import app
from langchain_hunyuanocr.reading.fields.presets import PRESETS
from langchain_hunyuanocr.service import ServiceSettings, create_app

_PUBLIC = ("archive", "demo", "engines", "results", "service")
"""Modules whose `__all__` is public, besides that of the package."""
_VALUES = {
    "langchain_hunyuanocr.archive.retriever": ("ArchiveRetriever",),
    "langchain_hunyuanocr.archive.chain": ("ArchiveChain",),
    "langchain_hunyuanocr.reader": ("Reader", "ReadSettings"),
    "langchain_hunyuanocr.report": ("Failure",),
}
"""What the public names take and give, for the reader of their signatures; not to be imported."""
_HEAD = ("| name | what it is |", "|---|---|")
_PROJECT = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")

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
    pages |= {name.lower(): _project_page(name) for name in _PROJECT}
    pages["presets.md"] = _presets()
    pages["command-line.md"] = _command_line()
    described = _openapi()
    pages["http-reference.md"] = _endpoints(described)
    pages["openapi.json"] = json.dumps(described, ensure_ascii=False, indent=1)
    for place, text in pages.items():
        files.append(File.generated(config, place, content=text))
    return files


def _public() -> dict[str, list[str]]:
    """The public names by the module from which they are imported; one that the package has is named there only."""
    names = {package.__name__: list(package.__all__)}
    for module in (f"{package.__name__}.{name}" for name in _PUBLIC):
        names[module] = [name for name in import_module(module).__all__ if name not in package.__all__]
    return names


def _homes() -> dict[str, list[str]]:
    """The public names by the module below the package that is their home, and the values that go with them."""
    homes = defaultdict(list)
    for name in package.__all__:
        home = getattr(package, name).__module__.split(".")[1]
        homes[home].append(f"{package.__name__}.{name}")
    for module, names in chain(_public().items(), _VALUES.items()):
        if module != package.__name__:
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
    code = griffe.load(package.__name__, resolve_aliases=True)
    parts = ["# Public API", "What may change in them, and when, is in the [version policy](../version-policy.md)."]
    for module, names in _public().items():
        parts += [f"## `{module}`", _table(module, names, code)]
    parts += ["## What they take and give", "Objects of these classes are given to you; do not import them."]
    rows = [_row(module, name, code) for module, names in _VALUES.items() for name in names]
    return "\n\n".join([*parts, "\n".join([*_HEAD, *rows])])


def _table(module: str, names: list[str], code: Any) -> str:
    return "\n".join([*_HEAD, *(_row(module, name, code) for name in sorted(names))])


def _row(module: str, name: str, code: Any) -> str:
    described = code[f"{module}.{name}".removeprefix(f"{package.__name__}.")].docstring
    what = described.value.partition("\n\n")[0].replace("\n", " ") if described else ""
    return f"| [`{name}`][{module}.{name}] | {what} |"


def _project_page(name: str) -> str:
    """A page of the root of the repository, its links those of the documentation."""
    text = (Path(__file__).parents[1] / name).read_text(encoding="utf-8").replace("](docs/", "](")
    return re.sub(rf"\]\(({'|'.join(_PROJECT)})\)", lambda link: link[0].lower(), text)


def _presets() -> str:
    rows = []
    for name, preset in PRESETS.items():
        fields = ", ".join(f"`{spec.name}`" for spec in preset.fields)
        rows.append(f"| `{name}` | {preset.title_en} ({preset.title_zh}) | {fields} |")
    about = "Ready sets of fields, for `preset=` and `--preset`; values are found by their Chinese and English labels."
    return "\n".join(["# Presets", "", about, "", "| preset | of | fields |", "|---|---|---|", *rows])


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
