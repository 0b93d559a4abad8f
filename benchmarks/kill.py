"""Is an archive the same, however often its ingest is killed?

    python benchmarks/kill.py [--quick] [--runs 60] [--pages 24] [--seed 7]

Each run is an ingest of the generated archive in a process of its own, killed with SIGKILL at a random moment and
started again until one ends by itself; every second run keeps its vectors behind a Chroma server. Ledger, chunks,
full-text index and vectors are then compared, value for value, with those of an undisturbed run. The engine is the
scripted one: what it says follows from the picture, each page takes it 30 ms, and one page always fails. Embeddings are
made from a hash of the text, so that the time goes into the archive and not into an encoder.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from langchain_core.embeddings import Embeddings

from langchain_hunyuanocr.archive import Archive
from langchain_hunyuanocr.archive.storage import readings
from langchain_hunyuanocr.demo import make_archive
from langchain_hunyuanocr.engines import Request, ScriptedEngine
from langchain_hunyuanocr.results import Generation

DELAY_S = 0.03
WORKERS = 3
LONGEST_S = 300.0
BAD = "0"
"""First digit of the digest of a page that always fails."""


class Hashed(Embeddings):
    """Vectors that follow from the text alone, at no cost."""

    name = "hashed"

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text."""
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """32 numbers between 0 and 1."""
        return [byte / 255 for byte in hashlib.sha256(text.encode()).digest()]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few runs, under a minute")
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--pages", type=int, default=24)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--ingest", nargs=4, metavar=("SCANS", "ARCHIVE", "LOG", "URL"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ingest:
        ingest(*given.ingest)
        return
    runs, pages = (2, 8) if given.quick else (given.runs, given.pages)
    with tempfile.TemporaryDirectory() as place, chroma(Path(place) / "chroma") as url:
        result = compare(Path(place), url, runs, pages, random.Random(given.seed))
    print("RESULT", json.dumps(result))


def compare(place: Path, url: str, runs: int, pages: int, dice: random.Random) -> dict[str, int]:
    """How many runs there were, how many came out equal, and how many pages a kill cost at most."""
    scans = place / "scans"
    make_archive(scans, pages=pages, seed=2026, questions=0)
    begun = time.monotonic()
    expected = {}
    for address in ("", url):
        ended(start(scans, place / f"whole{bool(address)}", place / "whole.log", address))
        expected[address] = contents(place / f"whole{bool(address)}", address)
    took = (time.monotonic() - begun) / 2
    once = Counter((place / "whole.log").read_text().split())
    print(f"undisturbed: {took:.1f} s, {sum(once.values()) // 2} pages asked, {len(expected['']['chunks'])} chunks")
    equal = reread_max = 0
    for run in range(runs):
        address = url if run % 2 else ""
        archive, log = place / f"run{run}", place / f"run{run}.log"
        kills, worst, read = 0, 0, 0
        while True:
            child = start(scans, archive, log, address)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(dice.uniform(0.3 * took, 1.2 * took))
            finished = child.poll() is not None
            if not finished:
                child.kill()
                kills += 1
            ended(child, killed=not finished)
            asked = Counter(log.read_text().split()) if log.exists() else Counter()
            again = sum(max(0, count - once[page] // 2) for page, count in asked.items())
            worst, read = max(worst, again - read), again
            if finished:
                break
        same = contents(archive, address) == expected[address]
        equal += same
        reread_max = max(reread_max, worst)
        where = "server" if address else "disk"
        outcome = "equal" if same else "NOT EQUAL"
        print(f"run {run:2} {where:6} {kills} kills, at most {worst} pages again a kill, {outcome}")
        shutil.rmtree(archive, ignore_errors=True)
    return {"runs": runs, "equal": equal, "reread_max": reread_max}


def start(scans: Path, archive: Path, log: Path, url: str) -> subprocess.Popen[bytes]:
    """An ingest in a process of its own."""
    command = [sys.executable, __file__, "--ingest", str(scans), str(archive), str(log), url]
    return subprocess.Popen(command, stderr=subprocess.PIPE)


def ended(child: subprocess.Popen[bytes], *, killed: bool = False) -> None:
    """Wait for the end; one that was not killed must end well."""
    _, said = child.communicate(timeout=LONGEST_S)
    if child.returncode and not killed:
        raise SystemExit(f"an ingest failed: {said.decode()[-2000:]}")


def ingest(scans: str, archive: str, log: str, url: str) -> None:
    """What each process does."""

    def answer(request: Request) -> Generation:
        digest = hashlib.sha256(request.picture.tobytes()).hexdigest()
        with Path(log).open("a") as asked:
            asked.write(digest + "\n")
        if digest.startswith(BAD):
            return Generation(finish="error", error="this page always fails")
        parts = [
            f"## Part {part} of {digest[:8]}\n\n" + f"{digest[part : part + 9]} was said. " * 30 for part in range(4)
        ]
        return Generation(text="\n\n".join(parts))

    engine = ScriptedEngine(answer, delay_s=DELAY_S)
    with Archive(archive, engine=engine, embeddings=Hashed(), chroma_url=url or None, create=True) as store:
        store.ingest(scans, workers=WORKERS)


def contents(archive: Path, url: str) -> dict[str, Any]:
    """All that an archive holds, in an order of its own; row numbers and numbers of runs are left out."""
    with Archive(archive, embeddings=Hashed(), chroma_url=url or None) as store:
        connection = store._parts.ledger.connection
        held: dict[str, Any] = {
            name: connection.execute(query).fetchall()
            for name, query in {
                "files": "SELECT source, path, sha256, size, mtime_ns, error FROM files ORDER BY 1",
                "contents": "SELECT * FROM contents ORDER BY 1",
                "pages": "SELECT * FROM pages ORDER BY 1, 2",
                "readings": "SELECT content, fingerprint, length(reading) > 0 FROM readings ORDER BY 1, 2",
                "chunks": "SELECT id, sha256, page, text, head, metadata, pending FROM chunks ORDER BY 1",
                "words": "SELECT c.id, t.* FROM chunk_terms t JOIN chunks c ON c.number = t.rowid ORDER BY 1",
                "gone": "SELECT * FROM gone",
            }.items()
        }
        held["read"] = [
            reading.model_dump(mode="json")
            for sha256, page, *_ in held["pages"]
            if (reading := readings.load(connection, sha256, page)) is not None
        ]
        found = store._parts.vectors._collection().get(include=["embeddings", "metadatas", "documents"])
        rows = zip(found["ids"], found["metadatas"], found["documents"], found["embeddings"].tolist(), strict=True)
        held["vectors"] = sorted(rows, key=lambda row: row[0])
    return held


@contextlib.contextmanager
def chroma(folder: Path) -> Iterator[str]:
    """A Chroma server on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).parent / "chroma"), "run", "--path", str(folder), "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
