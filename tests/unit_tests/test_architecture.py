"""The page on the architecture and the how-tos speak of the tree and the floors that are there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "langchain_hunyuanocr"


def _drawn(heading: str) -> list[str]:
    """The lines of the figure under a heading of the page on the architecture."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    (figure,) = re.findall(rf"^## {heading}$.*?^```text\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return figure.splitlines()


def test_the_tree_that_is_drawn_is_the_tree() -> None:
    folders: list[str] = []
    drawn = set()
    for line in _drawn("The tree")[1:]:
        name = line.split()[0]
        depth = (len(line) - len(line.lstrip())) // 2
        folders[depth - 1 :] = [name]
        drawn.add("".join(folders))
    rooms = {f"{file.parent.relative_to(PACKAGE)}/" for file in PACKAGE.rglob("*.py") if file.parent != PACKAGE}
    assert drawn == rooms | {file.name for file in PACKAGE.glob("*.py")}


def test_the_floors_that_are_drawn_are_those_that_are_held() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    contract = settings["contracts"][0]
    assert _drawn("Floors") == contract["layers"]


@pytest.mark.parametrize(
    "page",
    [ROOT / "CONTRIBUTING.md", ROOT / "docs" / "architecture.md", *(ROOT / "docs" / "how-to").glob("*.md")],
    ids=lambda page: page.stem,
)
def test_the_paths_that_contributors_are_sent_to_are_there(page: Path) -> None:
    paths = re.findall(r"`([\w./]+(?:\.py|/))`", page.read_text())
    assert [path for path in paths if not any((root / path).exists() for root in (ROOT, PACKAGE))] == []
