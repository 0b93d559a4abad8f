from __future__ import annotations

import subprocess
import sys

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


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = f"import langchain_hunyuanocr, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
