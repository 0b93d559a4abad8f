"""Questions to the whole archive, chosen from what its pages can answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from langchain_hunyuanocr.demo.ground_truth import Evidence, Language, QuestionKind, TruthQuestion
from langchain_hunyuanocr.demo.random_data import RandomData, Tongue
from langchain_hunyuanocr.demo.text_flow import QuestionSpec

# The first six: two in Chinese, one each over a table, for a field, across languages and without an answer.
_TURNS: tuple[tuple[QuestionKind, Tongue], ...] = (
    ("text", "zh"),
    ("table", "en"),
    ("field", "zh"),
    ("cross_language", "en"),
    ("unanswerable", "en"),
    ("text", "en"),
    ("table", "zh"),
    ("field", "en"),
    ("cross_language", "zh"),
    ("unanswerable", "zh"),
)


@dataclass(slots=True)
class Known:
    """What a document answers: an ask, its language, and every page it stands on."""

    ask: QuestionSpec
    language: Language
    places: list[Evidence] = field(default_factory=list)


class Catalogue:
    """Collects what pages answer and puts questions together."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Known] = {}

    def add(self, asks: list[QuestionSpec], language: Language, file: str, page: int) -> None:
        """Note what a page answers; the same ask on another page of its file becomes further evidence."""
        for ask in asks:
            known = self._known.setdefault((file, ask.en), Known(ask, language))
            place = Evidence(file=file, page=page)
            if place not in known.places:
                known.places.append(place)

    def questions(self, stock: RandomData, count: int) -> tuple[TruthQuestion, ...]:
        """`count` questions, even over kinds and languages; fewer where the archive cannot answer so many.

        Args:
            stock: Chance, and the names that the archive does not use.
            count: How many.

        Returns:
            Questions in an order in which any first six show every kind.
        """
        pool = list(self._known.values())
        stock.rng.shuffle(pool)
        asked: dict[str, int] = {}
        taken: set[int] = set()
        questions: list[TruthQuestion] = []
        for turn in range(count):
            kind, tongue = _TURNS[turn % len(_TURNS)]
            if kind == "unanswerable":
                questions.append(_unanswerable(stock, tongue))
                continue
            fits = [k for k in range(len(pool)) if k not in taken and _fits(pool[k], kind, tongue)]
            if not fits:
                continue
            best = min(fits, key=lambda k: asked.get(pool[k].places[0].file, 0))
            taken.add(best)
            asked[pool[best].places[0].file] = asked.get(pool[best].places[0].file, 0) + 1
            questions.append(_question(pool[best], kind, tongue))
        return tuple(questions)


def _fits(known: Known, kind: QuestionKind, tongue: Tongue) -> bool:
    if kind == "cross_language":
        return known.language not in ("mixed", tongue)
    return known.ask.kind == kind and known.language in ("mixed", tongue)


def _question(known: Known, kind: QuestionKind, tongue: Tongue) -> TruthQuestion:
    ask = known.ask
    others = tuple(dict.fromkeys(form for form in ask.alternatives if form != ask.answer))
    return TruthQuestion(
        question=ask.zh if tongue == "zh" else ask.en,
        language=tongue,
        kind=kind,
        answer=ask.answer,
        alternatives=others,
        file=known.places[0].file,
        page=known.places[0].page,
        evidence=tuple(known.places),
    )


def _unanswerable(stock: RandomData, tongue: Tongue) -> TruthQuestion:
    """A question of the usual sort about a company, number or project that no page names."""
    company = stock.company(tongue)
    year = stock.rng.randint(2019, 2025)
    sale, deal = (
        stock.code(f"INV-{year}-#####"),
        stock.code(f"HT-{year}-@@####" if tongue == "zh" else f"SA/{year}/@####"),
    )
    project, city = stock.undertaking()
    if tongue == "zh":
        text = stock.rng.choice((
            f"{company.name}的发票含税总额是多少？",
            f"合同{deal}规定的质保期有多长？",
            f"董事会给{city.zh}的{project.zh}项目批了多少预算？",
            f"{company.name}的董事会由谁主持？",
            f"发票{sale}最迟哪天付款？",
        ))  # fmt: skip
    else:
        text = stock.rng.choice((
            f"How much do we owe {company.name} in total?",
            f"By when does invoice {sale} have to be paid?",
            f"What notice is needed to terminate agreement {deal}?",
            f"Who is responsible for the {project.en} in {city.en}?",
            f"How large must {company.name}'s public liability insurance be?",
        ))  # fmt: skip
    return TruthQuestion(question=text, language=tongue, kind="unanswerable", answer=None)
