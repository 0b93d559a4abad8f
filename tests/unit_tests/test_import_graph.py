"""The tree of the package: no circle of files, no crowded folder, and no path made of the words that were home-made."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "langchain_hunyuanocr"
MOST_FILES = 17

HOME_MADE = """
    address addresses aligned answering ask_words asker asking attempts beside bodies borderless card checking choosing
    claims columns comma comparing computed continuing cutting desks door drawing entrance equations errand evidence
    facts fences filling film films finding fitting follow fusion gathered given glyphless ingesting ink judge kinds
    limit look looks made_with manner merging normal opened opening page_edges papers picture_pages piece pipeline
    places placing plain planning processes published ranges rates read_ahead read_pages reads_with repetition ruled
    rules searching sent sheet stage steps stock stored stream strips surroundings textindex tries truth unsure values
    visitor visits walk wire words work writers writing written
"""
"""What files and folders were called before they got the field's words.

It is the whole name that must not come back: a word that is right beside another (`stream_parser`, `page_ranges`) may
stand there.
"""


def circles(imports: Mapping[str, Iterable[str]]) -> list[set[str]]:
    """Groups of modules that import each other, by whatever way round."""
    reached = {module: _reachable(module, imports) for module in imports}
    groups = {frozenset(other for other in found if module in reached[other]) for module, found in reached.items()}
    return sorted((set(group) for group in groups if group), key=min)


def _reachable(module: str, imports: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    left = [module]
    while left:
        new = set(imports[left.pop()]) - found
        found |= new
        left += new
    return found


def test_a_circle_is_found() -> None:
    imports = {"a": ["b"], "b": ["c"], "c": ["a", "d"], "d": [], "e": ["e"]}
    assert circles(imports) == [{"a", "b", "c"}, {"e"}]


def test_no_files_import_each_other_in_a_circle() -> None:
    """Whatever imports are written within functions, or for type checkers alone, count as well."""
    grimp = pytest.importorskip("grimp", reason="comes with import-linter, of the group `lint`")
    graph = grimp.build_graph("langchain_hunyuanocr", cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) > 300
    assert circles(imports) == []


def test_no_folder_is_crowded() -> None:
    crowded = {}
    for folder in {file.parent for file in PACKAGE.rglob("*.py")}:
        files = [file.name for file in folder.glob("*.py") if file.name != "__init__.py"]
        if len(files) > MOST_FILES:
            crowded[str(folder.relative_to(PACKAGE))] = len(files)
    assert crowded == {}


def test_every_folder_says_what_it_holds() -> None:
    silent = []
    for folder in {file.parent for file in PACKAGE.rglob("*.py")}:
        init = folder / "__init__.py"
        if not init.exists() or not ast.get_docstring(ast.parse(init.read_text("utf-8"))):
            silent.append(str(folder.relative_to(ROOT)))
    assert silent == []


def test_no_path_is_made_of_home_made_words() -> None:
    paths = [file.relative_to(PACKAGE).with_suffix("") for file in PACKAGE.rglob("*.py")]
    assert [str(path) for path in paths if set(HOME_MADE.split()).intersection(path.parts)] == []


def test_no_test_is_named_by_them_either() -> None:
    modules = {file.stem for file in PACKAGE.rglob("*.py")}
    named = []
    for file in (ROOT / "tests").rglob("*.py"):
        words = file.stem.removeprefix("test_").split("_")
        # A room may stand before the word: `test_server_addresses`.
        ends = {"_".join(words[at:]) for at in range(len(words))}
        if ends.intersection(HOME_MADE.split()) and not ends & modules:
            named.append(str(file.relative_to(ROOT)))
    assert named == []
