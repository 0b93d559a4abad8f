"""RapidOCR: the engine that runs on a CPU, and the second reader beside a language model."""

from langchain_hunyuanocr.engines.rapid.engine import RapidEngine

__all__ = ["RapidEngine"]
