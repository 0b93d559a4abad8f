"""Is the right page found, and the right answer given? On the generated archive, read by RapidOCR.

    python benchmarks/search_quality.py [--quick] [--fresh] [--pages 200] [--questions 60] [--seed 2026]

Makes the archive, ingests it as a user would, and asks its questions. A page counts as found where any that answers
the question is among the first five; `bm25` and `dense` are the two halves alone, `fused` is what `search` gives. Scans
and readings are kept in `benchmarks/.work`, so that a second run takes seconds; `--fresh` reads anew.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import time
from collections import defaultdict
from pathlib import Path

from langchain_hunyuanocr.archive import Answer, Archive, Progress
from langchain_hunyuanocr.archive.searching.search import Half
from langchain_hunyuanocr.archive.searching.terms import fold
from langchain_hunyuanocr.demo import Truth, TruthQuestion, make_archive

WORK = Path(__file__).parent / ".work" / "search_quality"
HALVES: tuple[Half, ...] = ("bm25", "dense", "fused")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few pages, under a minute")
    parser.add_argument("--fresh", action="store_true", help="make and read everything anew")
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--seed", type=int, default=2026)
    given = parser.parse_args()
    pages, questions = (4, 6) if given.quick else (given.pages, given.questions)
    folder = WORK / f"{pages}-{questions}-{given.seed}"
    if given.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    truth = made(folder / "scans", pages, questions, given.seed)
    with Archive(folder / "archive", engine="rapid", create=True) as archive:
        read(archive, folder / "scans")
        recall = search(archive, truth)
        right, null = ask(archive, truth)
    print(f"answers right {right:.3f}, null on unanswerable {null:.3f}")
    print("RESULT", json.dumps({"recall5": recall, "right": right, "null_on_unanswerable": null}))


def made(scans: Path, pages: int, questions: int, seed: int) -> Truth:
    """The generated archive; made once."""
    if not (scans / "truth.json").exists():
        make_archive(scans, pages=pages, seed=seed, questions=questions)
    return Truth.read(scans)


def read(archive: Archive, scans: Path) -> None:
    """Ingest; what an earlier run read is kept."""
    begun, done = time.monotonic(), 0

    def tell(event: Progress) -> None:
        nonlocal done
        done += event.stage == "page"
        print(f"\r{done} pages, {time.monotonic() - begun:.0f} s", end="", file=sys.stderr)

    report = archive.ingest(scans, on_progress=tell)
    print(file=sys.stderr)
    print(f"{report.files} files, {report.pages} pages, {report.chunks} chunks, {len(report.failures)} failures")


def search(archive: Archive, truth: Truth) -> dict[str, float]:
    """Share of the questions whose page is among the first five, for each half and both."""
    found: dict[tuple[str, str], list[bool]] = defaultdict(list)
    seconds: list[float] = []
    for question in truth.questions:
        if question.kind == "unanswerable":
            continue
        pages = {(place.file, place.page) for place in question.evidence}
        for half in HALVES:
            begun = time.monotonic()
            hits = archive.search(question.question, k=5, half=half)
            seconds.append(time.monotonic() - begun)
            hit = any((Path(one.source).name, one.page) in pages for one in hits)
            found[half, question.kind].append(hit)
            found[half, "all"].append(hit)
            if not hit and half == "fused":
                print(f"  not found: {question.question}")
    for kind in sorted({kind for _, kind in found}):
        shares = "  ".join(f"{half} {mean(found[half, kind]):.3f}" for half in HALVES)
        print(f"{kind:16} n={len(found['fused', kind]):3}  {shares}")
    print(f"median search {sorted(seconds)[len(seconds) // 2] * 1000:.0f} ms")
    return {half: round(mean(found[half, "all"]), 4) for half in HALVES}


def ask(archive: Archive, truth: Truth) -> tuple[float, float]:
    """Share of the answerable questions answered right, and of the others answered with null."""
    right: dict[str, list[bool]] = defaultdict(list)
    null: list[bool] = []
    for question in truth.questions:
        answer = archive.ask(question.question)
        if question.kind == "unanswerable":
            null.append(answer.answer is None)
            if answer.answer is not None:
                print(f"  not null: {question.question} -> {answer.answer[:60]!r}")
            continue
        good = is_right(question, answer)
        right[question.kind].append(good)
        if not good:
            print(f"  {question.question} -> {(answer.answer or 'null')[:60]!r}, not {question.answer!r}")
    for kind, values in sorted(right.items()):
        print(f"{kind:16} answers right {mean(values):.3f}")
    return round(mean([good for values in right.values() for good in values]), 4), round(mean(null), 4)


def is_right(question: TruthQuestion, answer: Answer) -> bool:
    """Whether the answer, or for a sentence a part of it, is the expected one, spacing and separators aside."""
    said = bare(answer.answer or "")
    forms = [bare(form) for form in (question.answer or "", *question.alternatives)]
    return any(re.search(rf"(?<!\d){re.escape(form)}(?!\d)", said) for form in forms if form)


def bare(text: str) -> str:
    """Without case, spaces and separators of thousands."""
    return re.sub(r"[\s,，]", "", fold(text))


def mean(values: list[bool]) -> float:
    """Share of those that are true; 1 for none."""
    return sum(values) / len(values) if values else 1.0


if __name__ == "__main__":
    main()
