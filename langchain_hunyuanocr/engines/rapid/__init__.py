"""RapidOCR: the engine that runs on a CPU, and the second reader beside a language model.

`recognition` detects and reads lines, in the processes of `worker`; `engine` is the engine, `second_reader` the other.
"""

from langchain_hunyuanocr.engines.rapid.engine import RapidEngine

__all__ = ["RapidEngine"]
