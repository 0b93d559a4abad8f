"""HunyuanOCR behind one server or many of the OpenAI chat protocol: vLLM, llama.cpp, SGLang, `transformers serve`."""

from __future__ import annotations

from langchain_hunyuanocr.engines.server.engine import ServerEngine

__all__ = ["ServerEngine"]
