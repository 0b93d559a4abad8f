"""HunyuanOCR on this machine, through transformers.

`hub`, `checkpoint_files`, `quantization` and `checkpoint` load it, `device_memory` says what fits; `prompting` and
`wording` make its input, `decoding` runs it, and `scheduler` lets many pages share it; `engine` is what the rest of the
package sees, and is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_hunyuanocr.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from langchain_hunyuanocr.engines.local.engine import LocalEngine

__all__ = ["LocalEngine"]

__getattr__ = lazy_exports(__name__, {"LocalEngine": "engine"})
