"""A realistic scanned archive, made from a seed, single papers with their values, and the tour over it.

`build_archive` leads: `templates` fill a `text_flow` with `random_data` and words of two languages; `page_canvas`
draws, `scan_effects` spoil, `scan_files` write; `ground_truth` and `questions` say what is right, `field_samples` are
single papers.
"""

from langchain_hunyuanocr.demo.build_archive import make_archive
from langchain_hunyuanocr.demo.field_samples import FIELD_KINDS, Sample, make_fields_set
from langchain_hunyuanocr.demo.ground_truth import Truth, TruthFile, TruthPage, TruthQuestion

__all__ = [
    "FIELD_KINDS",
    "Sample",
    "Truth",
    "TruthFile",
    "TruthPage",
    "TruthQuestion",
    "make_archive",
    "make_fields_set",
]
