"""Confirmation: is a value found by its label read right, and is it the one asked for.

Both must be shown. That a value was read right is shown by its check digits, by a sum that it is a part of, by another
value of the page that says the same, or by further looks at its ink that all give the same characters. That it is the
one asked for is shown by its label, read without an error and without a rival, by a sum, or by a shape that nothing
else on the page has.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from langchain_hunyuanocr.reading.fields.check_digits import CHECKS
from langchain_hunyuanocr.reading.fields.dates import DATE
from langchain_hunyuanocr.reading.fields.from_answer import SearchableText
from langchain_hunyuanocr.reading.fields.label_index import LabelledPage
from langchain_hunyuanocr.reading.fields.label_search import LOOSE, FieldValueCandidate, ValuePart
from langchain_hunyuanocr.reading.fields.normalize import decimal_of, normalise
from langchain_hunyuanocr.reading.fields.ranking.rank import Ranked
from langchain_hunyuanocr.reading.fields.rereading import Reread
from langchain_hunyuanocr.reading.fields.spec import FieldSpec
from langchain_hunyuanocr.reading.fields.value_kinds import ValueKind, company_name, every, extract, flat, fold, narrow
from langchain_hunyuanocr.results import Box, Line

_LEAST_SCORE = 0.9
"""Of the recogniser, for each line that a value stands on."""
_LEAST_NAME_SCORE = 0.98
"""The same for a name without a label, which has no form that a misreading would break."""
_SPEAKING = frozenset(
    {ValueKind.EMAIL, ValueKind.URL, ValueKind.CARD_NUMBER, ValueKind.BANK, ValueKind.CURRENCY, ValueKind.MONTH}
)
"""Kinds that say what they are: a value needs no label where it is the only one of the page."""
_NORMAL = frozenset({ValueKind.DATE, ValueKind.TIME, ValueKind.AMOUNT, ValueKind.MEASURE, ValueKind.CAPITALS})
"""Kinds whose values are only believed where they have a normal form."""
_LONG = frozenset({ValueKind.TEXT, ValueKind.NAME, ValueKind.ADDRESS})
"""Kinds whose values may go on over several lines."""
_VAGUE = frozenset(map(fold, ("invoice", "amount", "from", "agreement", "term", "order", "编号", "单号", "金额")))
"""Labels that head, begin or name many things: they say enough only with a colon, before a value on their line."""
_ONLY_IN_SUMS = frozenset({"subtotal", "tax"})
"""Parts of a total: rates, numbers and sums of other things stand under the same labels."""
_LEAST_LABEL = 2
"""Characters of a label that says enough."""
_CLOSE = 1.0
"""Room between the lines of one value, in heights of a line."""
_PHONE_DIGITS = range(7, 16)
_UNCLEAR = re.compile(r"\.|[OIlo](?=\d)|(?<=\d)[OIlo]|[a-z]I|I[a-z]|(?<![a-z])l(?![a-z])")
"""In identifiers: characters that have a twin in most faces, or among specks; no look can tell them apart."""
_OPEN = frozenset(
    {
        ValueKind.TEXT,
        ValueKind.NAME,
        ValueKind.PERSON,
        ValueKind.ADDRESS,
        ValueKind.POST,
        ValueKind.BANK,
        ValueKind.AUTHORITY,
        ValueKind.ETHNICITY,
        ValueKind.EMAIL,
        ValueKind.URL,
    }
)
"""Kinds of free wording. Nothing in them tells what cannot be: a speck is a point, 太 is as good as 大, and the same
reader sees it alike at every look. They are proven only by a second reader, or by the file's own text."""
_SITE = re.compile(r"^(?:https?://)?(?:www\.)?")
"""What stands before the domain of a website."""
_SAME_EDGE = 0.03
"""Of sums under each other, as a share of the page's width."""
_BY_MODEL = 6
"""The relation of a value that a model chose, see `FieldValueCandidate`."""
_BY_RELATION = {0: 0.73, 1: 0.73, 2: 0.64, 3: 0.5, 4: 0.5, 5: 0.5}
"""By relation, see `FieldValueCandidate`, how likely a value that was found by its label alone is the one: of the real
invoices and forms 10 of 13 behind or beside it were right and 6 of 9 under it, to each of which one right and one wrong
are added (Laplace). Of the other relations too few are known: as likely as not."""
_MISREAD = 0.5
"""The same where the label was misread, or a word before it makes it another."""
_MOST_ITEMS = 60
_TWO_DECIMALS = re.compile(r"\d[.,]\d{2}(?!\d)")


@dataclass(frozen=True, slots=True)
class FieldCandidate:
    """What was found for one field.

    Attributes:
        spec: What was looked for.
        found: The value.
        rivals: Whatever else may be it.
        normalised: The value in one form, where its kind has one.
        by_model: What a model says of it; `None` where it was found by its label alone.
    """

    spec: FieldSpec
    found: FieldValueCandidate
    rivals: tuple[FieldValueCandidate, ...]
    normalised: str | None
    by_model: Ranked | None = None

    @property
    def confidence(self) -> float | None:
        """How likely it is the one, 0 to 1: by the model, else by where such values stand to their labels."""
        if self.by_model is not None:
            return round(self.by_model.confidence, 4)
        return _BY_RELATION.get(self.found.relation) if self.found.rank == int(self.found.rank) else _MISREAD

    @classmethod
    def ranked(cls, spec: FieldSpec, best: Ranked) -> FieldCandidate:
        """A value that a model chose."""
        pieces = tuple(ValuePart(line, text) for line, text in best.pieces)
        found = FieldValueCandidate(0.0, _BY_MODEL, 0.0, best.value, best.box, pieces)
        return cls(spec, found, (), best.normalised, best)


def confirmed(
    claims: Sequence[FieldCandidate], page: LabelledPage, *, again: Reread | None = None, exact: bool = False
) -> set[str]:
    """The names of the fields whose value is proven.

    Args:
        claims: All that was found on the page.
        page: Its lines.
        again: Looks once more at places of the page; without it only what proves itself is proven.
        exact: Whether the lines are the file's own text, which cannot be misread.

    Returns:
        Their names; the others may be right, too.
    """
    summed, doubted = _by_sums(claims, page)
    said = _by_each_other(claims)
    open_claims = []
    done = set(summed)
    for claim in claims:
        name = claim.spec.name
        if claim.by_model is not None:
            if not claim.by_model.bound:
                continue
            if exact or claim.by_model.proven:
                done.add(name)
            elif claim.spec.kind not in _OPEN or claim.spec.choices or _is_plain_name(claim, page):
                open_claims.append(claim)
            continue
        if name in done or name in doubted or not _has_its_shape(claim, page) or not _is_the_one(claim, page):
            continue
        if exact or name in said or (claim.spec.check and CHECKS[claim.spec.check](claim.found.value)):
            done.add(name)
        elif claim.found.pieces and not _is_unclear(claim):
            open_claims.append(claim)
    done.update(_seen_again(open_claims, page, again))
    return done - _wanted_twice([claim for claim in claims if claim.spec.name in done])


def _is_plain_name(claim: FieldCandidate, page: LabelledPage) -> bool:
    """Whether a name is of plain letters that were all read surely, so that looks that agree can be believed.

    Of 28 such names of real receipts none was wrong; of 12 with digits, accents or a less sure line three were.
    """
    sure = all((page.lines[piece.line].score or 0.0) >= _LEAST_NAME_SCORE for piece in claim.found.pieces)
    value = claim.found.value
    plain = value.isascii() and re.search(r"\d|(?<!\S)[a-z](?!\S)", value) is None
    return sure and plain and claim.spec.kind is ValueKind.NAME


def _has_its_shape(claim: FieldCandidate, page: LabelledPage) -> bool:
    """Whether the value passes the check of its kind."""
    spec, value = claim.spec, claim.found.value
    if not claim.found.whole or (spec.kind in _NORMAL and claim.normalised is None):
        return False
    if spec.check is not None and not CHECKS[spec.check](value):
        return False
    if spec.shape is not None and re.fullmatch(spec.shape, value) is None:
        return False
    if spec.kind is ValueKind.PHONE:
        return len(re.sub(r"\D", "", value)) in _PHONE_DIGITS
    if spec.kind is ValueKind.AMOUNT:
        if (spec.role or spec.name) in _ONLY_IN_SUMS:
            return False
        # What lacks its cents on a page where sums have them was cut.
        return _TWO_DECIMALS.search(value) is not None or not any(_is_sum(line.text) for line in page.lines)
    return True


def _is_sum(text: str) -> bool:
    return _TWO_DECIMALS.search(text) is not None and extract(narrow(text), ValueKind.AMOUNT) is not None


def _is_the_one(claim: FieldCandidate, page: LabelledPage) -> bool:
    """Whether nothing else on the page could be the value as well."""
    found, spec = claim.found, claim.spec
    if found.relation > 3 and spec.kind not in _SPEAKING:
        return False
    if found.rank != int(found.rank) or (found.relation in (1, 2) and len(fold(found.label)) < _LEAST_LABEL):
        return False
    company = spec.kind is ValueKind.NAME and company_name(found.value) == found.value
    if found.relation == 2 and not company and (spec.kind in LOOSE or _heads_a_column(found, spec, page)):
        return False
    if spec.kind in _LONG and not company and _goes_on(found, page):
        return False
    if spec.kind is ValueKind.TEXT and not spec.choices and ":" not in found.label:
        return False
    if fold(found.label) in _VAGUE and (found.relation != 1 or ":" not in found.label):
        return False
    if spec.kind is ValueKind.CURRENCY and _currencies(page) - {normalise(found.value, spec.kind)}:
        return False
    same = _comparable(found, spec)
    everywhere = spec.kind in _SPEAKING or spec.kind is ValueKind.AMOUNT
    return all(
        _comparable(other, spec) == same
        for other in claim.rivals
        if _says_more(other, spec) and (other.rank <= found.rank or (everywhere and fold(other.label) not in _VAGUE))
    )


def _currencies(page: LabelledPage) -> set[str | None]:
    """The currencies that a page names, those left out that a sign does not tell."""
    texts = (narrow(line.text) for line in page.lines)
    return {
        form
        for text in texts
        for code in every(text, ValueKind.CURRENCY)
        if (form := normalise(code, ValueKind.CURRENCY))
    }


def _wanted_twice(claims: Sequence[FieldCandidate]) -> set[str]:
    """Names of fields of different roles that took the same characters of the page: at most one of them is right."""
    places: dict[tuple[ValuePart, ...], set[str]] = defaultdict(set)
    for claim in claims:
        places[claim.found.pieces].add(claim.spec.role or claim.spec.name)
    return {claim.spec.name for claim in claims if claim.found.pieces and len(places[claim.found.pieces]) > 1}


def _says_more(rival: FieldValueCandidate, spec: FieldSpec) -> bool:
    """Whether a rival is one at all: a sign of many currencies goes with the code of each."""
    return spec.kind is not ValueKind.CURRENCY or _comparable(rival, spec).isalpha()


def _heads_a_column(found: FieldValueCandidate, spec: FieldSpec, page: LabelledPage) -> bool:
    """Whether more values of its kind stand under one that stands under its label: that is the head of a table."""
    if found.box is None:
        return False
    lines = (page.lines[number] for number in page.under(found.pieces[-1].line)) if found.pieces else ()
    return any(extract(narrow(line.text), spec.kind) for line in lines)


def _goes_on(found: FieldValueCandidate, page: LabelledPage) -> bool:
    """Whether a line right under the value may be its end."""
    if found.box is None or not found.pieces:
        return True
    last = page.lines[found.pieces[-1].line].box
    under = (number for number in page.under(found.pieces[-1].line) if not page.is_label(number))
    return any(page.lines[number].box.y0 - last.y1 < _CLOSE * last.height for number in under)


def _comparable(found: FieldValueCandidate, spec: FieldSpec) -> str:
    return normalise(found.value, spec.kind) or re.sub(r"\s", "", flat(found.value))


def _is_unclear(claim: FieldCandidate) -> bool:
    """Whether looking again could not tell: free wording, and twins of characters."""
    spec, value = claim.spec, claim.found.value
    if spec.kind in _OPEN and not spec.choices:
        return True
    return spec.kind is ValueKind.IDENTIFIER and _UNCLEAR.search(value) is not None


def _by_sums(claims: Sequence[FieldCandidate], page: LabelledPage) -> tuple[set[str], set[str]]:
    """Names of sums that others bear out, and of those that contradict each other."""
    sums = {
        claim.spec.role or claim.spec.name: claim
        for claim in claims
        if claim.spec.kind is ValueKind.AMOUNT and claim.by_model is None
    }
    value = {role: Decimal(claim.normalised) for role, claim in sums.items() if claim.normalised is not None}
    parts = [role for role in ("subtotal", "tax", "total") if role in sums]
    proof: set[str] = set()
    doubt: set[str] = set()
    if len(parts) == 3:
        if all(role in value for role in parts) and value["subtotal"] + value["tax"] == value["total"] != 0:
            proof.update(sums[role].spec.name for role in parts)
        else:
            doubt.update(sums[role].spec.name for role in parts)
    for claim in claims:
        if claim.spec.kind is ValueKind.CAPITALS and claim.normalised is not None and "total" in value:
            same = Decimal(claim.normalised) == value["total"]
            (proof if same else doubt).update((claim.spec.name, sums["total"].spec.name))
    for role in ("subtotal", "total"):
        if role in value and sums[role].spec.name not in doubt and _sums_up(value[role], sums[role].found, page):
            proof.add(sums[role].spec.name)
    return proof - doubt, doubt


def _sums_up(total: Decimal, found: FieldValueCandidate, page: LabelledPage) -> bool:
    """Whether it is the sum of two or more numbers that stand above it, at the same right edge."""
    if found.box is None or not found.whole:
        return False
    above = [
        (line.box.y0, number)
        for line in page.lines
        if abs(line.box.x1 - found.box.x1) < _SAME_EDGE and line.box.y1 <= found.box.y0 + 0.3 * found.box.height
        for number in _numbers(line.text)
    ]
    nearest = [number for _, number in sorted(above, reverse=True)[:_MOST_ITEMS]]
    return any(total == value for value in list(accumulate(nearest))[1:])


def _numbers(text: str) -> Iterator[Decimal]:
    span = extract(narrow(text), ValueKind.AMOUNT) if _TWO_DECIMALS.search(text) else None
    number = decimal_of(text[span[0] : span[1]]) if span else None
    if number is not None:
        yield number


def _by_each_other(claims: Sequence[FieldCandidate]) -> set[str]:
    """Names of values that another place of the page says again: an identity number, or the domain of an e-mail."""
    return _by_identity_number(claims) | _by_domain(claims)


def _by_identity_number(claims: Sequence[FieldCandidate]) -> set[str]:
    number = next(
        (c.found.value for c in claims if c.spec.check == "id_number" and CHECKS["id_number"](c.found.value)), None
    )
    if number is None:
        return set()
    born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    words = ("男", "male", "m") if int(number[16]) % 2 else ("女", "female", "f")
    tests: Mapping[ValueKind, Callable[[FieldCandidate], bool]] = {
        ValueKind.DATE: lambda claim: claim.normalised == born,
        ValueKind.SEX: lambda claim: flat(claim.found.value) in words,
    }
    return {c.spec.name for c in claims if c.spec.kind in tests and tests[c.spec.kind](c)}


def _by_domain(claims: Sequence[FieldCandidate]) -> set[str]:
    domains = {flat(c.found.value).rpartition("@")[2] for c in claims if c.spec.kind is ValueKind.EMAIL}
    return {
        c.spec.name
        for c in claims
        if c.spec.kind is ValueKind.URL and _SITE.sub("", flat(c.found.value)).rstrip("/") in domains
    }


def _seen_again(claims: Sequence[FieldCandidate], page: LabelledPage, again: Reread | None) -> Iterator[str]:
    """Names of the values that every further look reads alike."""
    clear = [
        claim
        for claim in claims
        if all((page.lines[piece.line].score or 0.0) >= _LEAST_SCORE for piece in claim.found.pieces)
    ]
    if again is None or not clear:
        return
    numbers = sorted({piece.line for claim in clear for piece in claim.found.pieces})
    looks = dict(zip(numbers, again([page.lines[number].box for number in numbers]), strict=True))
    for claim in clear:
        seen = (
            (look, piece.text, page.lines[piece.line].text)
            for piece in claim.found.pieces
            for look in looks[piece.line]
        )
        if all(_says_again(look, text, line, claim.spec.kind) for look, text, line in seen):
            yield claim.spec.name


def _says_again(look: str, text: str, line: str, kind: ValueKind) -> bool:
    """Whether a look shows a text as it stands on its line; a time may be read without the space behind a date."""
    if kind is ValueKind.DATE and any(found.group() == text for found in DATE.finditer(narrow(look))):
        return True
    return _stands_in(look, text) and not _goes_beyond(look, text, line)


def _goes_beyond(look: str, text: str, line: str) -> bool:
    """Whether a text that ends its line goes on in a look, which shows some paper more: then the line was cut."""
    if not line.rstrip().endswith(text.rstrip()):
        return False
    words = r"\s*".join(re.escape(char) for char in flat(text) if not char.isspace())
    return re.search(rf"{words}(?!\w)", flat(look)) is None


def _stands_in(look: str, text: str) -> bool:
    return SearchableText([Line(text=look, box=Box(0.0, 0.0, 1.0, 1.0))]).find(text) is not None
