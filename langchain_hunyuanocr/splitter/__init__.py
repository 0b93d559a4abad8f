"""From Documents to chunks: tables keep their header, chunks keep their page, section and box.

`splitter` leads: `units` are the blocks of a text, `packer` fills chunks with them, `cutter` and `long_tables` cut what
is longer than a chunk, at the `boundaries` of sentences and words.
"""

from langchain_hunyuanocr.splitter.boundaries import sentence_starts
from langchain_hunyuanocr.splitter.splitter import HunyuanOCRSplitter

__all__ = ["HunyuanOCRSplitter", "sentence_starts"]
