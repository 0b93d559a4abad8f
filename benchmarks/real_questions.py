"""Are questions about papers that nobody here made answered right, and only the right ones called confident?

    python -m benchmarks.real_questions [--quick] [--data ../shared/data/real] [--cache FOLDER] [-v]

Ingests the receipts and reports of `--data` with `rapid`, once (the archive stays in `--cache`), and asks what came
with them, and the questions of `real_questions.json` beside this file: look-ups, paraphrases, slips of spelling, sums,
counts, extremes, another year or company than the papers have, and what no paper says, in English and Chinese. They
were written from the true values before the code that answers them, and are not edited. Those of
`real_questions_second.json` were written later in the same way, when the code had been made with the first in view, and
are reported apart (`second`).

`right` is the share of questions with an answer whose answer holds the true figure, day or words; `null` the share of
the others that got no answer, or one that was not called confident. Of the answers called confident (`confident_share`
of all questions with an answer), `confident_right` are right, with its 95 % interval (Wilson) in the table. `page5` is
the share of questions whose page is among the first five of the search, `bm25` the same for words alone.
"""

from __future__ import annotations

import argparse
import collections
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.ingested import read
from langchain_hunyuanocr.archive import Answer, Archive
from langchain_hunyuanocr.archive.text.tokenizer import canonical_date, fold
from langchain_hunyuanocr.reading.fields.normalize import normalise
from langchain_hunyuanocr.reading.fields.value_kinds import ValueKind

HERE = Path(__file__).parent
DATA = HERE.parent.parent / "shared" / "data" / "real"
OWN = HERE / "real_questions.json"
SECOND = HERE / "real_questions_second.json"
QUICK = {"receipts": 16, "reports": 6}
"""Papers that a quick run ingests of each folder; it asks what can be answered from one of them, or from none."""
FORMS = {"total": "amount", "sum": "amount", "highest": "amount", "unanswerable": "none", "address": "address"}
"""How the answers of the questions that came with the papers are compared."""
FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")
DAY = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ](?:\d{1,2}|[A-Za-z]{3,9})[-/., ]+\d{2,4}"
    r"|[A-Za-z]{3,9} \d{1,2}, ?\d{4}|\b\d{8}\b"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what is right, and the papers that say it."""

    text: str
    kind: str
    form: str
    answer: str | None
    files: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """What came of the questions of one kind."""

    right: list[bool] = field(default_factory=list)
    confident: list[bool] = field(default_factory=list)


def arguments(doc: str | None, verbose: str) -> argparse.Namespace:
    """Those of a benchmark over the archive of real papers.

    Args:
        doc: Of the benchmark; its first line is what the help says.
        verbose: What `--verbose` does.
    """
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few papers, about a minute")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument(
        "--cache", type=Path, default=HERE / ".work" / "real_questions", help="where the archive is kept"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help=verbose)
    return parser.parse_args()


def main() -> None:
    """Run and print."""
    given = arguments(__doc__, "print every question and its answer")
    if not (given.data / "receipts" / "questions.json").exists():
        print(f"there are no real papers in {given.data}: nothing is measured")
        return
    asked, second = list(questions(given.data)), list(own(SECOND))
    papers = [given.data / "receipts", given.data / "reports"]
    folder = given.cache / "archive"
    if given.quick:
        papers = [path for name, count in QUICK.items() for path in sorted((given.data / name).glob("*.jpg"))[:count]]
        there = {f"{path.parent.name}/{path.name}" for path in papers}
        asked, second = (
            [one for one in some if len(one.files) < 2 and there.issuperset(one.files)] for some in (asked, second)
        )
        folder = given.cache / "quick"
    with Archive(folder, engine="rapid", create=True) as archive:
        read(archive, papers)
        result = ask(archive, asked, verbose=given.verbose)
        result["second"] = ask(archive, second, verbose=given.verbose)
    print("RESULT", json.dumps(result))


def questions(data: Path) -> Iterator[Asked]:
    """Those that came with the papers, and ours."""
    for name in ("receipts", "reports"):
        for one in json.loads((data / name / "questions.json").read_text("utf-8")):
            kind = one["kind"] if name == "receipts" else "finance"
            files = tuple(one.get("files") or ([one["file"]] if one.get("file") else []))
            yield Asked(
                one["question"], kind, "finance" if name == "reports" else FORMS.get(kind, kind), one["answer"], files
            )
    yield from own(OWN)


def own(path: Path) -> Iterator[Asked]:
    """Those of ours in one file."""
    for one in json.loads(path.read_text("utf-8")):
        yield Asked(one["question"], one["kind"], one["answer_type"], one["answer"], tuple(one["files"]))


def ask(archive: Archive, asked: Sequence[Asked], *, verbose: bool) -> dict[str, object]:
    """Ask all, print a table, and give the result."""
    kinds: dict[str, Tally] = collections.defaultdict(Tally)
    pages: dict[str, list[bool]] = {"page5": [], "bm25": []}
    for one in asked:
        answer = archive.ask(one.text)
        right = is_right(one, answer)
        kinds[one.kind].right.append(right)
        if answer.confident:
            kinds[one.kind].confident.append(right)
        if one.files:
            pages["page5"].append(_found(archive, one, "fused"))
            pages["bm25"].append(_found(archive, one, "bm25"))
        if verbose:
            mark = "right" if right else "WRONG" if answer.confident else "not"
            sure = "sure" if answer.confident else ""
            print(f"{mark:6}{sure:5}{one.text} -> {answer.answer!r}; true: {one.answer!r}")
    return _told(kinds, {one.kind for one in asked if one.answer is None}, pages)


def _told(kinds: dict[str, Tally], unanswerable: set[str], pages: dict[str, list[bool]]) -> dict[str, object]:
    print("| kind | questions | right | confident | of them right |\n|---|---|---|---|---|")
    for kind, tally in sorted(kinds.items()):
        print(f"| {kind} | {len(tally.right)} | {sum(tally.right)} | {len(tally.confident)} | {sum(tally.confident)} |")
    right = [one for kind, tally in kinds.items() if kind not in unanswerable for one in tally.right]
    null = [one for kind, tally in kinds.items() if kind in unanswerable for one in tally.right]
    sure = [one for tally in kinds.values() for one in tally.confident]
    low, high = wilson(sum(sure), len(sure))
    print(f"of {len(sure)} confident answers {sum(sure)} are right (95 %: {low:.3f} to {high:.3f})")
    print("page in five:", {name: share(found) for name, found in pages.items()})
    return {
        "right": share(right),
        "confident_right": share(sure),
        "confident_share": round(len(sure) / max(len(right), 1), 4),
        "null": share(null),
        "by_kind": {kind: share(tally.right) for kind, tally in sorted(kinds.items())},
        **{name: share(found) for name, found in pages.items()},
    }


def is_right(one: Asked, answer: Answer) -> bool:
    """Whether an answer holds what is true; where nothing is, whether none was given, or none that was called sure."""
    said = answer.answer
    if one.answer is None:
        return said is None or not answer.confident
    if said is None:
        return False
    if one.form == "date":
        return _days(one.answer)[:1] == _days(said)[:1] != []
    if one.form == "count":
        return re.search(rf"(?<!\d){re.escape(one.answer)}(?!\d)", said) is not None
    if one.form in ("text", "address"):
        return letters(one.answer)[:25] in letters(said)
    true, figures = _figures(one.answer), _figures(said)
    if one.form == "finance" and not true:
        return letters(one.answer)[:25] in letters(said)
    # Of many words about a report the first figure is the one that was asked for.
    return true[0] in figures


def _figures(text: str) -> list[float]:
    return [round(float(figure.replace(",", "")), 2) for figure in FIGURE.findall(text)]


def _days(text: str) -> list[str]:
    found = (canonical_date(day) or normalise(day, ValueKind.DATE, order="dmy") for day in DAY.findall(text))
    return [day for day in found if day]


def letters(text: str) -> str:
    """Letters and digits, folded."""
    return re.sub(r"[\W_]", "", fold(text))


def _found(archive: Archive, one: Asked, half: str) -> bool:
    hits = archive.search(one.text, 5, half="bm25" if half == "bm25" else "fused")
    return any(hit.source.endswith(file) for hit in hits for file in one.files)


def share(found: Sequence[bool]) -> float | None:
    """Of those that hold; `None` of none."""
    return round(sum(found) / len(found), 4) if found else None


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share after Wilson (1927)."""
    if not count:
        return 0.0, 1.0
    z, p = 1.96, right / count
    middle, spread = p + z * z / (2 * count), z * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count))
    whole = 1 + z * z / count
    return (middle - spread) / whole, min((middle + spread) / whole, 1.0)


if __name__ == "__main__":
    main()
