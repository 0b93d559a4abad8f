"""HunyuanOCR on this machine, through transformers.

`hub`, `checkpoint_files`, `quantization` and `checkpoint` load it, `device_memory` says what fits; `prompting` and
`wording` make its input, `decoding` runs it over `slots`, and `scheduler` lets many pages share it; `engine` is what
the rest of the package sees.
"""

from __future__ import annotations

from langchain_hunyuanocr.engines.local.engine import LocalEngine

__all__ = ["LocalEngine"]
