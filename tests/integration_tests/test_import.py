from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "torch",
    "transformers",
    "chromadb",
    "rapidocr",
    "onnxruntime",
    "pymupdf",
    "cv2",
    "langchain_core",
    "pydantic",
    "numpy",
)


NOT_FOR_HELP = (*HEAVY, "lxml", "PIL", "httpx")


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_nothing_that_reads_or_searches(option: str) -> None:
    script = (
        "import sys\nfrom langchain_hunyuanocr.cli import main\n"
        f"sys.argv = ['hunyuanocr', {option!r}]\n"
        "try:\n    main()\n"
        "except SystemExit as left:\n"
        f"    print('left', left.code, [name for name in {NOT_FOR_HELP!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "left 0 []"


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = f"import langchain_hunyuanocr, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("environment", "begun"), [({"ORT_DISABLE_TELEMETRY": "0"}, True), ({}, False)])
def test_onnxruntime_reports_its_use_only_where_it_is_asked_to(
    tmp_path: Path, environment: dict[str, str], begun: bool
) -> None:
    """Its reports begin with a file in the temporary folder; it holds them back by itself where `CI` is set."""
    runtime = pytest.importorskip("onnxruntime")
    if tuple(int(part) for part in runtime.__version__.split(".")[:2]) < (1, 29):
        pytest.skip("this version reports nothing")
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    subprocess.run(
        [sys.executable, "-c", "import langchain_hunyuanocr, onnxruntime"],
        env=kept | {"TMPDIR": str(tmp_path)} | environment,
        check=True,
    )
    assert [file.name for file in tmp_path.iterdir()] == ([".ses"] if begun else [])
