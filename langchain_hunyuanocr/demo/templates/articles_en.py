"""Articles of an English company newsletter."""

# ruff: noqa: E501 - running prose reads better unbroken
from __future__ import annotations

from langchain_hunyuanocr.demo.random_data import RandomData, date_en
from langchain_hunyuanocr.demo.text_flow import Article, QuestionSpec


def _opening(stock: RandomData, brand: str) -> Article:  # noqa: ARG001 - all articles are called alike
    (project, city), rng = stock.undertaking(), stock.rng
    cost, months, chief = rng.randint(12, 98) * 10, rng.randint(7, 26), stock.person("en")
    return (
        f"{project.en[0].upper() + project.en[1:]} opens in {city.en}",
        [
            f"After {months} months of building and £{cost},000 spent, the {project.en} in {city.en} went into service last week. {chief}, who headed the "
            f"project, thanked the crews for a year without a single accident.",
            f"{rng.choice(('Guests from the city council were shown round before lunch.', 'The first customers came the same afternoon.', 'A short film about the work can be borrowed from the library.'))} "
            f"It is expected to save about £{rng.randint(40, 700)},000 a year, {rng.choice(('and leaves room to grow.', 'and to shorten delivery by a third.', 'most of it on energy.'))}",
        ],
        (
            QuestionSpec("text", f"{city.zh}的{project.zh}建了多少个月？", f"How many months went into building the {project.en} in {city.en}?", f"{months} months", (str(months), f"{months}个月")),
            QuestionSpec("text", f"是谁负责{city.zh}的{project.zh}项目并感谢了施工人员？", f"Who thanked the crews of the {project.en} in {city.en}?", chief),
        ),
    )  # fmt: skip


def _person(stock: RandomData, brand: str) -> Article:
    rng = stock.rng
    worker, years = stock.person("en"), rng.randint(18, 42)
    hobby = rng.choice(
        (
            "repairs clocks",
            "breeds pigeons",
            "plays the cello",
            "photographs migrating birds",
            "collects matchboxes",
            "runs marathons",
            "builds dry stone walls",
            "keeps bees",
        )
    )
    return (
        f"{years} years at the same bench",
        [
            f"{worker} retired this spring after {years} years with {brand}, having begun as an apprentice and trained {rng.randint(9, 60)} others since. "
            f"Colleagues know that in spare hours {worker.split()[0]} {hobby}.",
            rng.choice((
                "Asked for advice to beginners, the answer came at once: listen to the machine before you touch it.",
                "The toolbox, handed down twice already, stays in the shop.",
                "A bench in the yard now carries a small brass plate with the name.")),
        ],
        (
            QuestionSpec("text", f"{worker} 在公司工作了多少年后退休？", f"After how many years did {worker} retire?", f"{years} years", (str(years), f"{years}年")),
            QuestionSpec("text", f"{brand} 公司哪位老员工退休了？", f"Which long-serving member of staff left {brand} this spring?", worker),
        ),
    )  # fmt: skip


def _contest(stock: RandomData, brand: str) -> Article:
    rng = stock.rng
    winner, points = stock.person("en"), rng.randint(180, 298)
    trade = rng.choice(("welding", "forklift driving", "inspection", "electrical work", "turning", "packing"))
    return (
        f"Winner of the {trade} contest",
        [
            f"{winner} took first prize in the {brand} {trade} contest with {points} points out of 300, ahead of {rng.randint(20, 140)} others. The contest ran "
            f"over three days and tested both theory and practice.",
            rng.choice((
                "The judges found the general standard higher than last year, but were stern about goggles left on the shelf.",
                "Next year the contest will be open to the staff of suppliers as well.",
                "The prize is a week in the training centre of a customer abroad.")),
        ],
        (
            QuestionSpec("text", f"{brand} 的技能竞赛冠军是谁？", f"Who came first in the skills contest at {brand}?", winner),
            QuestionSpec("text", f"{winner} 在比赛中得了多少分？", f"With how many points did {winner} win?", f"{points} points", (str(points), f"{points}分")),
        ),
    )  # fmt: skip


def _outing(stock: RandomData, brand: str) -> Article:
    rng = stock.rng
    day, fare = stock.day(), rng.randint(9, 38)
    place = rng.choice(
        (
            "the lighthouse",
            "the botanical garden",
            "the old silver mine",
            "the railway museum",
            "the castle ruins",
            "the lake islands",
        )
    )
    return (
        "Summer outing",
        [
            f"This year's outing of the {brand} staff goes to {place} on {date_en(day)}. Tickets cost £{fare}, children travel free, and the coaches leave "
            f"the main gate at half past seven.",
            rng.choice((
                "Those who came last time will remember the rain; umbrellas are advised, and the picnic can be moved under a roof.",
                "Lunch is in the hands of the canteen, which promises to bring the large kettle.",
                "Please give your name to the porter no later than a week before.")),
        ],
        (
            QuestionSpec("text", f"{brand} 的员工出游去哪里？", f"Where does the staff outing of {brand} go?", place),
            QuestionSpec("text", f"{brand} 员工出游的票价是多少？", f"What is the price of a ticket for the {brand} outing?", f"£{fare}", (str(fare), f"{fare} pounds")),
        ),
    )  # fmt: skip


def _safety(stock: RandomData, brand: str) -> Article:
    rng = stock.rng
    days, officer = rng.randint(120, 990), stock.person("en")
    return (
        f"{days} days without an accident",
        [
            f"On Friday {brand} counted {days} days without a lost-time accident, the longest run since records began. The safety officer, {officer}, puts it "
            f"down to the short talk that now opens every shift.",
            rng.choice((
                "Near misses are still too often kept quiet, the officer adds, and asks everyone to use the yellow cards.",
                "New guards have been fitted to the four oldest presses, and the floor of the loading bay has been marked afresh.",
                "A drill without warning is planned before the winter.")),
        ],
        (
            QuestionSpec("text", f"{brand} 连续多少天没有发生事故？", f"How many days in a row has {brand} been free of accidents?", f"{days} days", (str(days), f"{days}天")),
            QuestionSpec("text", f"{brand} 的安全员是谁？", f"Who is the safety officer of {brand}?", officer),
        ),
    )  # fmt: skip


ARTICLES = (_opening, _person, _contest, _outing, _safety)
ASIDES = (
    "Contributions to these pages are welcome from every department. Please write on one side of the paper, name those who appear in your photographs and leave everything with the porter before the tenth.",
    "Several readers have asked whether the evening bus could wait for the late shift. The matter has been put to the operator, who promises an answer before the leaves fall.",
    "Those who were there speak of a cheerful afternoon, and of a cake that fed more people than anyone would have thought possible.",
    "The managing director, who came in from abroad the same morning, shook many hands and kept his own remarks to less than three minutes.",
    "A short account with photographs hangs beside the time clock until the end of the month, after which it goes to the archive.",
    "The library corner has taken in two hundred books, most of them on engineering and gardening; three may be borrowed at a time.",
    "It is not the first success of its kind, and to judge by the faces in the yard it will not be the last.",
    "The football team still lacks a goalkeeper. Training is on Thursdays behind the boiler house, whatever the weather may bring.",
)
