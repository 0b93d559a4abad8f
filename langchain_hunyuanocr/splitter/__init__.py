"""From Documents to chunks: tables keep their header, chunks keep their page, section and box."""

from langchain_hunyuanocr.splitter.boundaries import sentence_starts
from langchain_hunyuanocr.splitter.splitter import HunyuanOCRSplitter

__all__ = ["HunyuanOCRSplitter", "sentence_starts"]
