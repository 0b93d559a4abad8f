"""A realistic scanned archive, made from a seed, and the tour over it."""

from langchain_hunyuanocr.demo.make import make_archive
from langchain_hunyuanocr.demo.truth import Truth, TruthFile, TruthPage, TruthQuestion

__all__ = ["Truth", "TruthFile", "TruthPage", "TruthQuestion", "make_archive"]
