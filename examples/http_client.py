"""The service from a program: pages as they are read, then an answer with its place.

    pip install "langchain-hunyuanocr[rapid,chroma,service]"
    hunyuanocr ingest scans/ --archive archive/ && hunyuanocr serve --archive archive/     # in another window
    python examples/http_client.py contract.pdf --ask "How long is the lease?"

A service that asks for keys takes one from the environment: HUNYUANOCR_KEY.
"""

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx


def events(answer: httpx.Response) -> Iterator[tuple[str, Any]]:
    """The name and the JSON of each server-sent event."""
    name = ""
    for line in answer.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def main() -> None:
    """Read a file, and ask."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("file", type=Path)
    arguments.add_argument("--ask", metavar="QUESTION")
    arguments.add_argument("--service", default="http://127.0.0.1:8000")
    given = arguments.parse_args()

    key = os.environ.get("HUNYUANOCR_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with httpx.Client(base_url=given.service, headers=headers, timeout=600) as client:
        files = {"files": (given.file.name, given.file.read_bytes())}
        with client.stream("POST", "/v1/read", files=files, data={"stream": "true"}) as answer:
            if answer.is_error:
                answer.read()
                raise SystemExit(answer.json()["detail"])
            for name, data in events(answer):
                if name == "page":
                    print(f"page {data['page'] + 1}: {data['status']}: {data['markdown'][:60]!r}")
                elif name == "done":
                    print(f"{data['pages']} pages, {data['failed']} failed")
        if given.ask:
            found = client.post("/v1/ask", json={"question": given.ask}).raise_for_status().json()
            print(found["answer"] or "the archive does not say")
            for place in found["citations"]:
                print(f"  {place['source']}, page {place['page'] + 1}, box {place['box']}: {place['quote']}")


if __name__ == "__main__":
    main()
