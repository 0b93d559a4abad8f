"""HunyuanOCR on this machine, through transformers.

`hub`, `weights`, `quantize` and `checkpoint` load it; `prompting` makes its input, `decoding` runs it over `slots`, and
`scheduler` lets many pages share it; `engine` is what the rest of the package sees.
"""

from __future__ import annotations

from langchain_hunyuanocr.engines.local.engine import LocalEngine

__all__ = ["LocalEngine"]
