"""Scanned papers in, LangChain Documents out, in five lines.

    python examples/five_line_loader.py scans/ contract.pdf

HunyuanOCR reads where CUDA or a server is there, else RapidOCR on the CPU. Without a name, a few papers are made.
"""

import sys

from papers import papers

from langchain_hunyuanocr import HunyuanOCRLoader

loader = HunyuanOCRLoader(papers(sys.argv[1:]), on_error="skip")
for document in loader.lazy_load():
    page = document.metadata
    print(f"{page['file_name']}, page {page['page'] + 1} of {page['total_pages']}: {page['status']}")
    print(document.page_content[:200], end="\n\n")

for failure in loader.report().failures:
    print("could not be read:", failure.source, failure.error)
