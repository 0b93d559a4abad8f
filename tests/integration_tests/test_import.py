from __future__ import annotations

import subprocess
import sys

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
