"""Value binding: whether a figure or a name belongs, on its page, to what a sentence says it is of.

The figures of a row belong to its label and to their column, those of a line to the label before them, and words of
running text stand in one clause and in the order in which the page has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from langchain_hunyuanocr.archive.answer.proof import Proof
from langchain_hunyuanocr.archive.answer.sentence_claims import (
    Figure,
    alike,
    figures_in,
    figures_of_quote,
    han_in_order,
    is_common,
    plain_of,
    tokens_in,
    words_in,
)
from langchain_hunyuanocr.archive.answer.table_row import TableRow

_BORDER = re.compile(
    r"(:(?!\d)|：|[|\n]|(?<=[\u3400-\u9fff\d])[ \u3000]+(?=[\u3400-\u9fff])"
    r"|(?<!\d),|,(?!\d)|[;，；、。]|(?<=[^\W\d]{3})\.(?=\s)|(?<!\w)(?:and|while|but)(?!\w)"
    r"|(?<=[\u3400-\u9fff])[和与及而](?=[\u3400-\u9fff]))"
)
_WHOLE = 8
"""Words, or Chinese characters, from which on words in a row are a sentence."""
_CELL = re.compile(r"[:：|\n \u3000]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_PASSIVE = frozenset({"by", "from", "由", "被", "从"})
_DIRECTIONS = _PASSIVE | {"to", "向", "给"}
"""Words that tell who does something to whom."""


def unbound(question: str, sentence: str, main: Proof, scales: Iterable[int]) -> str | None:
    """Why a value may belong to another label of its line, or a name to another deed; `None` where none may.

    Args:
        question: What was asked.
        sentence: What is said.
        main: The quote that holds its figures.
        scales: By how many zeros the quotes say that their figures are short.
    """
    if main.row is None and _is_part(sentence, main.around):
        return None
    if main.row is not None:
        return _column_unclear(question, sentence, main.row, scales)
    if not (_in_order(sentence, main.around) and han_in_order(sentence, main.around)):
        return "its words stand in another order on the page"
    coded = _coded(question, sentence, main.around, scales)
    clauses = list(_clauses(coded))
    # `Water is paid by the tenant, heating by the landlord`: the clause that speaks most of what was asked counts.
    most = max(map(_asked_in, clauses))
    bound = {text for clause in clauses if _asked_in(clause) == most for text in _bound(clause)}
    wanted = {text for mark, text in coded if mark in "VF"}
    return None if wanted <= bound else "its words may belong to something else in their line"


def _column_unclear(question: str, sentence: str, row: TableRow, scales: Iterable[int]) -> str | None:
    """Whether a figure may stand under another header than is meant, or behind another label."""
    said = {*_keys(question), *_keys(sentence)}
    if not words_in(row.label) and not _pairs(row.label):
        return "its row has no name"
    called = _keys(f"{row.label}\n{row.section}")
    if not called <= said:
        return "its row is called otherwise"
    if any(len(_keys(other) & said) > len(called & said) for other in row.other_labels):
        return "another row is called more like it"
    columns = said - _keys(row.label)
    telling = {key for header, _ in row.cells for key in _keys(header) if key in columns}
    asked = figures_in(question)
    for figure in figures_in(sentence):
        if figure in asked or any(figure.text in _keys(header) for header, _ in row.cells):
            continue
        # Where nothing tells the column, all cells with figures are meant.
        meant = {cell for header, cell in row.cells if figures_of_quote(cell) and telling <= _keys(header)}
        held = {cell for _, cell in row.cells if alike(figure, figures_of_quote(cell), scales)}
        if held and (len(meant) != 1 or not meant <= held):
            return "its column may be another one"
    return None


def _keys(text: str) -> set[str]:
    """Words, pairs of characters and figures of a text, days by their year as well."""
    figures = figures_of_quote(text)
    return {*words_in(text), *_pairs(text), *(figure.text for figure in figures)}


def _clauses(coded: Sequence[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    clause: list[tuple[str, str]] = []
    for mark, text in coded:
        if mark == "&":
            yield clause
            clause = []
        else:
            clause.append((mark, text))
    yield clause


def _asked_in(clause: Sequence[tuple[str, str]]) -> int:
    return len({text for mark, text in clause if mark == "L"})


def _bound(clause: Sequence[tuple[str, str]]) -> set[str]:
    """The words and figures of a clause that belong to what was asked, see `_coded` for its marks.

    In running text they stand in one clause with it. Where there are borders, or other figures, what was asked must
    stand before them with no words between, or right behind a word: `Ida Holt (chair)`.
    """
    marks = {mark for mark, _ in clause}
    if "|" not in marks and not {"R", "F"} <= marks:
        return {text for mark, text in clause if mark in "VF"} if "L" in marks else set()
    bound: set[str] = set()
    waiting: list[str] = []
    reach = strange = False
    for mark, text in clause:
        if mark == "L":
            bound.update(waiting)
        # A label with other words is another label: `Net total` is no total.
        reach = mark == "L" or (reach and mark not in "RX" and not (mark == "|" and strange))
        strange = mark == "X" or (strange and mark != "|")
        waiting = [*waiting, text] if mark == "V" and not reach else []
        if reach and mark in "VF":
            bound.add(text)
    return bound


def _is_part(sentence: str, around: str) -> bool:
    """Whether a sentence stands on the page as it is, and is long enough to be one."""
    said, there = tokens_in(sentence), tokens_in(around)
    return len(said) >= _WHOLE and any(said == there[at : at + len(said)] for at in range(len(there) - len(said) + 1))


def _in_order(sentence: str, around: str) -> bool:
    """Whether what a sentence shares with the page stands there in the same order, and who does it to whom."""
    there = [text for _, text in tokens_in(around)]
    content = {*words_in(around), *(figure.text for figure in figures_of_quote(around))}
    said = [text for _, text in tokens_in(sentence) if text in _DIRECTIONS or (text in content and text in there)]
    at, first = 0, None
    for text in said:
        if text not in there[at:]:
            return False
        at = there.index(text, at) + 1
        first = at - 1 if first is None else first
    return not (_PASSIVE & set(there[first or 0 : at])) - set(said)


def _coded(question: str, sentence: str, around: str, scales: Iterable[int]) -> list[tuple[str, str]]:
    """A line as marks.

    L is a word or figure of the question, V another word of the sentence, F another figure of it, X a word and R a
    figure that neither has, | a border like that of a cell, & one of a clause.
    """
    asked, said = {*words_in(question)} | _pairs(question), {*words_in(sentence)} | _pairs(sentence)
    figures_asked, figures_said = figures_in(question), figures_in(sentence)
    content = set(words_in(around))
    coded: list[tuple[str, str]] = []
    for number, piece in enumerate(_BORDER.split(around)):
        if number % 2:  # what stands between two pieces
            coded.append(("|" if _CELL.fullmatch(piece) else "&", ""))
            continue
        tokens = tokens_in(piece)
        for at, (kind, text) in enumerate(tokens):
            if kind == "han":
                near = {"".join(two for _, two in tokens[max(0, start) : start + 2]) for start in (at - 1, at)}
                if near & (asked | said) or not is_common(text):
                    coded.append(("L" if near & asked else "V" if near & said else "X", text))
            elif kind == "word":
                if text in content:
                    coded.append(("L" if text in asked else "V" if text in said else "X", text))
            else:
                figure = [Figure(text, kind)]
                there = any(alike(one, figure, scales) for one in figures_said)
                coded.append(
                    ("L" if any(alike(one, figure, ()) for one in figures_asked) else "F" if there else "R", text)
                )
    return coded


def _pairs(text: str) -> set[str]:
    plain = plain_of(text)
    return {plain[at : at + 2] for at in range(len(plain) - 1) if all(map(_HAN.match, plain[at : at + 2]))}
