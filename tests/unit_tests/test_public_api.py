"""The public API: what the `__all__` of public modules names is there, and what users are shown imports no more."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

import langchain_hunyuanocr

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "langchain_hunyuanocr"
PUBLIC = (PACKAGE, *(f"{PACKAGE}.{name}" for name in ("archive", "demo", "engines", "results", "service")))
SHOWN = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "examples").glob("*.*"),
    *(ROOT / "notebooks").glob("*.ipynb"),
]


def snippets(path: Path) -> Iterator[str]:
    """The Python that a file shows."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield text
    elif path.suffix == ".md":
        for token in MarkdownIt().parse(text):
            if token.type == "fence" and token.info.split()[:1] == ["python"]:
                yield token.content
    elif path.suffix == ".ipynb":
        yield from ("".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code")


def private_imports(code: str) -> list[str]:
    """What a piece of Python imports of the package that is not public."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if _ours(alias.name) and alias.name not in PUBLIC]
        elif isinstance(node, ast.ImportFrom) and node.module and _ours(node.module):
            found += [f"{node.module}.{alias.name}" for alias in node.names if not _is_public(node.module, alias.name)]
    return found


def _ours(module: str) -> bool:
    return module.partition(".")[0] == PACKAGE


def _is_public(module: str, name: str) -> bool:
    return f"{module}.{name}" in PUBLIC or (module in PUBLIC and name in import_module(module).__all__)


@pytest.mark.parametrize(
    ("code", "private"),
    [
        ("import langchain_hunyuanocr.archive\nfrom langchain_hunyuanocr import Archive, results", []),
        ("from langchain_core.documents import Document", []),
        ("from langchain_hunyuanocr.engines import Request, base", ["langchain_hunyuanocr.engines.base"]),
        ("def f():\n    from langchain_hunyuanocr.loader import X", ["langchain_hunyuanocr.loader.X"]),
        ("import langchain_hunyuanocr.reading as reading", ["langchain_hunyuanocr.reading"]),
    ],
)
def test_a_private_import_is_noticed(code: str, private: list[str]) -> None:
    assert private_imports(code) == private


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_users_are_shown_imports_public_names_only(path: Path) -> None:
    assert [name for code in snippets(path) for name in private_imports(code)] == []


def test_something_is_shown() -> None:
    showing = {path.suffix for path in SHOWN if any(PACKAGE in code for code in snippets(path))}
    assert showing == {".md", ".py", ".ipynb"}


@pytest.mark.parametrize("module", PUBLIC)
def test_every_public_name_is_there(module: str) -> None:
    public = import_module(module)
    assert public.__all__
    assert [name for name in public.__all__ if not hasattr(public, name)] == []


def test_the_version_is_that_of_the_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    assert langchain_hunyuanocr.__version__ == version("langchain-hunyuanocr")

    def not_installed(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", not_installed)
    assert langchain_hunyuanocr.__version__ == ""


def test_nobody_pays_for_the_version_who_does_not_ask_for_it() -> None:
    script = f"import sys, {PACKAGE}; print('importlib.metadata' in sys.modules)"
    # Without `site`, whose path files may import anything.
    done = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "False\n"
