"""Each install line of the README, with all hidden that this line would not have installed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.closure import closure
from tests.integration_tests.files import picture

OURS = "langchain-hunyuanocr"
README = Path(__file__).resolve().parents[2] / "README.md"
LINE = re.compile(rf'pip install "?{OURS}(?:\[([\w,-]+)\])?')
LINES = sorted({match[1] or "" for match in LINE.finditer(README.read_text("utf-8"))} | {""})

HIDE = '''
"""What is hidden can neither be imported, nor found, nor asked for its version."""
import json, os, sys
from importlib.machinery import PathFinder

with open(os.environ["HIDDEN"]) as file:
    modules, names = map(set, json.load(file))


class Finder(PathFinder):
    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if path is None and fullname in modules:
            return None
        return PathFinder.find_spec(fullname, path, target)

    @classmethod
    def find_distributions(cls, *context):
        for found in PathFinder.find_distributions(*context):
            if found.name.lower().replace("_", "-").replace(".", "-") not in names:
                yield found


sys.meta_path[:] = [Finder if finder is PathFinder else finder for finder in sys.meta_path]
'''


@pytest.fixture(scope="module", params=LINES, ids=lambda line: f"[{line}]")
def extras(request: pytest.FixtureRequest) -> frozenset[str]:
    return frozenset(request.param.split(",")) if request.param else frozenset()


@pytest.fixture(scope="module")
def environment(extras: frozenset[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    kept = closure([f"{OURS}[{','.join(sorted(extras))}]" if extras else OURS])
    folder = tmp_path_factory.mktemp("hidden")
    names = sorted({canonicalize_name(found.name) for found in distributions()} - kept)
    modules = sorted(
        module
        for module, owners in packages_distributions().items()
        if not kept.intersection(map(canonicalize_name, owners))
    )
    (folder / "hidden.json").write_text(json.dumps([modules, names]))
    (folder / "sitecustomize.py").write_text(HIDE)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HUNYUANOCR_", "PYTEST"))}
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **inherited,
        "PYTHONPATH": os.pathsep.join(paths),
        "HIDDEN": str(folder / "hidden.json"),
        "HF_HUB_OFFLINE": "1",
        "COLUMNS": "80",
    }


def run(environment: dict[str, str], *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-c", "from langchain_hunyuanocr.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        cwd=cwd,
        timeout=180,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done


def test_the_readme_has_install_lines() -> None:
    assert {"", "local", "server", "rapid,chroma"} <= set(LINES)


def test_what_a_line_does_not_install_is_hidden(extras: frozenset[str], environment: dict[str, str]) -> None:
    """Otherwise the tests below would show nothing."""
    seek = "import sys, importlib.util as u; print([bool(u.find_spec(name)) for name in sys.argv[1:]])"
    names = ("pytest", "typer", "chromadb", "rapidocr", "torch")
    done = subprocess.run(
        [sys.executable, "-c", seek, *names], capture_output=True, text=True, env=environment, check=True
    )
    expected = [False, True, "chroma" in extras, "rapid" in extras, "local" in extras]
    assert done.stdout.strip() == str(expected)


def test_nothing_is_reckoned_at_import(extras: frozenset[str], environment: dict[str, str]) -> None:
    """Every module can be imported without the extras; but for those of the service and its page, which are theirs.

    The kernels are Triton's, which comes with torch for CUDA.
    """
    script = (
        "import importlib, pkgutil, langchain_hunyuanocr as ours\n"
        "found = pkgutil.walk_packages(ours.__path__, 'langchain_hunyuanocr.', lambda _: None)\n"
        "names = [module.name for module in found]\n"
        "names = [name for name in names if name.split('.')[1] not in ('service', 'ui')]\n"
        "names = [name for name in names if not name.endswith('.decoding.kernels')]\n"
        "for name in names: importlib.import_module(name)\n"
        "print(len(names))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100


def test_help_and_version(environment: dict[str, str]) -> None:
    shown = run(environment, "--help")
    assert shown.returncode == 0, shown.stderr
    assert "doctor" in shown.stdout
    assert "--install-completion" in shown.stdout
    assert re.fullmatch(r"hunyuanocr \d+\.\d+\S*\n", run(environment, "--version").stdout)


def test_doctor_says_what_reads(extras: frozenset[str], environment: dict[str, str]) -> None:
    done = run(environment, "doctor", "--json")
    checks = {check["name"]: check for check in json.loads(done.stdout)}
    assert checks["rapid engine"]["ok"] == ("rapid" in extras)
    assert done.returncode == (0 if "rapid" in extras else 1)
    assert all(check["ok"] or check["fix"] for check in checks.values())
    assert checks["archive"]["ok"] == ("chroma" in extras)


def test_read_reads_or_says_in_one_line_what_to_do(
    extras: frozenset[str], environment: dict[str, str], tmp_path: Path
) -> None:
    picture("Invoice No: INV-2041").save(tmp_path / "scan.png")
    done = run(environment, "read", "scan.png", cwd=tmp_path)
    if "rapid" in extras:
        assert done.returncode == 0, done.stderr
        assert "INV-2041" in done.stdout
        return
    assert done.returncode == 2
    assert re.fullmatch(r"hunyuanocr: no engine can run: .*pip install .*\n", done.stderr)
    assert done.stdout == ""


@pytest.mark.parametrize("extras", [""], indirect=True, ids=["[]"])
@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (("serve",), "service"),
        (("keys", "list", "--keys", "keys.json"), "service"),
        (("read", "scan.png", "-f", "xlsx", "-o", "out"), "xlsx"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_command_without_its_extra_says_in_one_line_what_to_do(
    command: tuple[str, ...], extra: str, environment: dict[str, str], tmp_path: Path
) -> None:
    done = run(environment, *command, cwd=tmp_path)
    assert done.returncode == 2
    assert re.fullmatch(
        rf'hunyuanocr: .* is not installed \(pip install "langchain-hunyuanocr\[{extra}\]"\)\n', done.stderr
    )


def test_an_archive_opens_or_says_in_one_line_what_to_do(
    extras: frozenset[str], environment: dict[str, str], tmp_path: Path
) -> None:
    done = run(environment, "ingest", ".", "--archive", "archive", "--json", cwd=tmp_path)
    if "chroma" in extras:
        assert json.loads(done.stdout)["files"] == 0
        return
    assert done.returncode == 2
    assert re.fullmatch(r'hunyuanocr: .* is not installed \(pip install "langchain-hunyuanocr\[.*\]"\)\n', done.stderr)
