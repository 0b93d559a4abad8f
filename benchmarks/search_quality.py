"""Is the right page found, and the right answer given? On the generated archive, read by RapidOCR.

    python benchmarks/search_quality.py [--quick] [--fresh] [--pages 500] [--questions 300] [--seed 2026]

Makes the archive, ingests it as a user would, and asks its questions. A page counts as found where any that answers
the question is among the first five; `bm25` and `dense` are the two halves alone, `fused` is what `search` gives.
Questions for text are told apart by their language, `zh` and `en`; `cross_language` asks in the other language than
the page's. Search was developed on seed 11; the misses of the reported seed 2026 were not looked at (`--misses` shows
them). Scans and readings are kept in `benchmarks/.work`, so that a second run takes minutes; `--fresh` reads anew.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import time
from collections import defaultdict
from pathlib import Path

from benchmarks.cached_reader import CachedReader
from benchmarks.ingested import read
from langchain_hunyuanocr.archive import Answer, Archive
from langchain_hunyuanocr.archive.search.search import Half
from langchain_hunyuanocr.archive.text.tokenizer import fold
from langchain_hunyuanocr.demo import Truth, TruthQuestion, make_archive

WORK = Path(__file__).parent / ".work" / "search_quality"
HALVES: tuple[Half, ...] = ("bm25", "dense", "fused")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few pages, under a minute")
    parser.add_argument("--fresh", action="store_true", help="make and read everything anew")
    parser.add_argument("--misses", action="store_true", help="show what was not found and not answered")
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--seed", type=int, default=2026)
    given = parser.parse_args()
    pages, questions = (4, 6) if given.quick else (given.pages, given.questions)
    folder = WORK / f"{pages}-{questions}-{given.seed}"
    if given.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    # The archive is made anew, so that it shows the search of now; its pages are not read again.
    shutil.rmtree(folder / "archive", ignore_errors=True)
    truth = made(folder / "scans", pages, questions, given.seed)
    reader = CachedReader(folder / "readings")
    with Archive(folder / "archive", reader=reader, create=True) as archive:
        read(archive, folder / "scans")
        recall = search(archive, truth, misses=given.misses)
        right, null = ask(archive, truth, misses=given.misses)
    print(f"answers right {right:.3f}, null on unanswerable {null:.3f}")
    print("RESULT", json.dumps({"recall5": recall, "right": right, "null_on_unanswerable": null}))


def made(scans: Path, pages: int, questions: int, seed: int) -> Truth:
    """The generated archive; made once."""
    if not (scans / "truth.json").exists():
        make_archive(scans, pages=pages, seed=seed, questions=questions)
    return Truth.read(scans)


def search(archive: Archive, truth: Truth, *, misses: bool) -> dict[str, dict[str, float]]:
    """Share of the questions whose page is among the first five, by kind of question, for each half and both."""
    places: dict[tuple[str, Half], list[int | None]] = defaultdict(list)
    seconds: list[float] = []
    for question in truth.questions:
        if question.kind == "unanswerable":
            continue
        pages = {(place.file, place.page) for place in question.evidence}
        for half in HALVES:
            begun = time.monotonic()
            hits = archive.search(question.question, k=5, half=half)
            if half == "fused":
                seconds.append(time.monotonic() - begun)
            at = next((at for at, hit in enumerate(hits, 1) if (Path(hit.source).name, hit.page) in pages), None)
            places[kind_of(question), half].append(at)
            places["all", half].append(at)
            if misses and at is None and half == "fused":
                print(f"  not found: {question.question}")
    print(f"{'':16} {'':5}  {'page in five':24}  mean reciprocal rank")
    recall: dict[str, dict[str, float]] = {}
    for kind in dict.fromkeys(kind for kind, _ in places):
        recall[kind] = {half: round(mean([at is not None for at in places[kind, half]]), 4) for half in HALVES}
        ranks = [sum(1 / at for at in places[kind, half] if at) / len(places[kind, half]) for half in HALVES]
        print(
            f"{kind:16} n={len(places[kind, 'fused']):3}",
            *(f"{half} {recall[kind][half]:.3f}" for half in HALVES),
            *(f"{half} {rank:.3f}" for half, rank in zip(HALVES, ranks, strict=True)),
            sep="  ",
        )
    print(f"median search {sorted(seconds)[len(seconds) // 2] * 1000:.0f} ms")
    return recall


def kind_of(question: TruthQuestion) -> str:
    """A question's kind; for text, its language."""
    return question.language if question.kind == "text" else question.kind


def ask(archive: Archive, truth: Truth, *, misses: bool) -> tuple[float, float]:
    """Share of the answerable questions answered right, and of the others answered with null."""
    right: dict[str, list[bool]] = defaultdict(list)
    null: list[bool] = []
    for question in truth.questions:
        answer = archive.ask(question.question)
        if question.kind == "unanswerable":
            null.append(answer.answer is None)
            if misses and answer.answer is not None:
                print(f"  not null: {question.question} -> {answer.answer[:60]!r}")
            continue
        good = is_right(question, answer)
        right[question.kind].append(good)
        if misses and not good:
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
