"""What a contributor relies on besides the code: targets of `make`, the workflow, hooks, issue forms, the changelog."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def _yaml(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text())


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_help_tells_every_target() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    told = subprocess.run(["make", "help"], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert re.findall(r"^make (\w+) +\S", told, re.MULTILINE) == phony.split()


def test_the_workflow_runs_what_must_hold_before_a_change_lands() -> None:
    steps = _yaml(".github/workflows/ci.yml")["jobs"]["run"]["steps"]
    (command,) = (step["run"] for step in steps if "run" in step)
    assert (ROOT / command).is_file()


def test_hooks_run_what_the_environment_for_development_installs() -> None:
    (repository,) = _yaml(".pre-commit-config.yaml")["repos"]
    programs = {hook["entry"].split()[0] for hook in repository["hooks"]}
    assert programs == {".venv/bin/ruff", ".venv/bin/lint-imports"}
    installed = {re.split(r"[<>=]", package)[0] for package in PROJECT["dependency-groups"]["lint"]}
    assert {"ruff", "import-linter", "pre-commit"} <= installed


@pytest.mark.parametrize("name", ["bug_report", "feature_request"])
def test_an_issue_form_has_what_github_asks_for(name: str) -> None:
    form = _yaml(f".github/ISSUE_TEMPLATE/{name}.yml")
    assert form["name"]
    assert form["description"]
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert all(field["attributes"]["label"] for field in fields)
    assert len({field["id"] for field in fields}) == len(fields)
    assert any(field.get("validations", {}).get("required") for field in fields)


def test_the_changelog_begins_with_what_is_not_released_and_tells_of_this_version() -> None:
    versions = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert versions[0] == "Unreleased"
    assert PROJECT["project"]["version"] in versions


def _wanted() -> list[Requirement]:
    """All that an environment for development is asked to hold."""
    texts = [*PROJECT["project"]["dependencies"]]
    for group in (PROJECT["project"]["optional-dependencies"], PROJECT["dependency-groups"]):
        texts += [text for texts in group.values() for text in texts]
    return [one for one in map(Requirement, texts) if one.name != PROJECT["project"]["name"]]


@pytest.mark.parametrize(
    "name",
    ["fastapi", "onnxruntime", "pillow", "pymupdf", "pymupdf4llm", "torch", "torchao", "transformers", "uvicorn"],
)
def test_what_is_used_from_inside_is_bounded(name: str) -> None:
    """The extras decide; the group of tests only asks for what a server of its own needs."""
    bounds = [one.specifier for one in _wanted() if one.name == name]
    assert any(spec.operator == "<" for specifiers in bounds for spec in specifiers)


def test_the_versions_that_are_pinned_are_within_what_is_asked_for() -> None:
    lines = (ROOT / "requirements" / "constraints.txt").read_text().splitlines()
    pinned = [Requirement(line) for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"==[^,*+]+", str(one.specifier)) for one in pinned)
    versions = {canonicalize_name(one.name): str(one.specifier)[2:] for one in pinned}
    for one in _wanted():
        assert one.specifier.contains(versions[canonicalize_name(one.name)], prereleases=True), one


def test_every_workflow_runs_what_is_there() -> None:
    for path in (ROOT / ".github" / "workflows").iterdir():
        jobs = yaml.safe_load(path.read_text())["jobs"].values()
        commands = [step["run"].split()[0] for job in jobs for step in job["steps"] if "run" in step]
        assert all((ROOT / command).is_file() for command in commands if command.startswith(".")), path
    assert _yaml(".github/workflows/newest.yml")["jobs"]["run"]["env"]["CONSTRAINTS"] == ""
