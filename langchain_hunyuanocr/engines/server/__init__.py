"""HunyuanOCR behind one server or many of the OpenAI chat protocol: vLLM, llama.cpp, SGLang, `transformers serve`.

`engine` leads: `client` sends a `chat_request` and reads its `chat_stream`; `faults` says what an error means,
`retry` how often and how long, `load_balancer` which endpoint is next, and `loop_thread` runs it all beside a
synchronous caller.
"""

from __future__ import annotations

from langchain_hunyuanocr.engines.server.engine import ServerEngine

__all__ = ["ServerEngine"]
