"""Decoding: a picture's prefill, and the next tokens of all answers under way.

`decoder` is what the scheduler sees. `forward` is the language model over the slots of a `kv_cache`; `decoding_step`
proposes, checks and accepts tokens with what `row_state` knows of each slot, `fused_step` does so through `kernels`,
and `graphs` captures a step as one launch.
"""

from __future__ import annotations

from langchain_hunyuanocr.engines.local.decoding.decoder import Decoder, Made

__all__ = ["Decoder", "Made"]
