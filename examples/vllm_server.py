"""Many pages through HunyuanOCR behind vLLM: one server or several, as many pages at once as they take.

On each machine with a GPU:

    pip install vllm "langchain-hunyuanocr[server]"
    hunyuanocr serve-model --run               # starts the `vllm serve` line for that machine; else prints it

Here:

    python examples/vllm_server.py scans/ --server http://gpu-1:8000/v1 --server http://gpu-2:8000/v1

Each page goes to the least busy server. What one fails is tried at another; a page that all of them fail is
listed, and costs no other page.
"""

import argparse
import sys
import time

from papers import papers

from langchain_hunyuanocr import HunyuanOCRLoader
from langchain_hunyuanocr.engines import ServerEngine


def main() -> None:
    """Read, and say how fast."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("paths", nargs="*")
    arguments.add_argument("--server", action="append", required=True, help="address of one, ending in /v1")
    arguments.add_argument("--model", help="as the server names it; what it has where it has one")
    arguments.add_argument("--task", default="document")
    arguments.add_argument("--at-once", type=int, default=16, help="pages under way at each server")
    given = arguments.parse_args()

    engine = ServerEngine(given.server, model=given.model, max_concurrency=given.at_once)
    loader = HunyuanOCRLoader(papers(given.paths), engine=engine, task=given.task, on_error="skip")
    began, count = time.perf_counter(), 0
    for document in loader.lazy_load():
        count += 1
        page = document.metadata
        print(f"{page['file_name']}, page {page['page'] + 1}: {page['status']}: {document.page_content[:60]!r}")
    print(f"{count} pages, {count / (time.perf_counter() - began):.1f} a second", file=sys.stderr)
    for failure in loader.report().failures:
        print("could not be read:", failure.source, failure.error, file=sys.stderr)


if __name__ == "__main__":
    main()
