"""Companies, people, numbers and dates of one archive; what must tell pages apart is never drawn twice."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Literal, TypeVar

from langchain_hunyuanocr.demo import words_en, words_zh
from langchain_hunyuanocr.demo.words_both import CITIES, CITY_PARTS, INDUSTRIES, PROJECTS, Pair

Tongue = Literal["zh", "en"]
T = TypeVar("T", bound=Hashable)

_TAX_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CITY_PROJECTS = 900
"""Projects drawn before parts of cities are named: three quarters of all pairs."""
_CAPITAL_UNITS = ("", "拾", "佰", "仟")
_CAPITAL_GROUPS = ("", "万", "亿")


@dataclass(frozen=True, slots=True)
class Company:
    """A company as its papers name it."""

    name: str
    brand: str
    city: str
    industry: Pair
    address: str
    phone: str
    tax_id: str
    bank: str
    account: str


class RandomData:
    """Draws everything an archive is made of.

    Args:
        seed: Equal seeds draw equal things in equal order.

    Attributes:
        rng: The source of all chance; the kinds of document draw from it too.
    """

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(f"langchain-hunyuanocr archive {seed}")  # noqa: S311 - not for secrets
        self._used: set[Hashable] = set()
        self._undertakings = 0

    def fresh(self, draw: Callable[[], T]) -> T:
        """Something that this archive has not seen; after 400 tries whatever comes."""
        for _ in range(400):
            thing = draw()
            if thing not in self._used:
                break
        self._used.add(thing)
        return thing

    def digits(self, count: int) -> str:
        """`count` digits, the first not 0."""
        return str(self.rng.randint(1, 9)) + "".join(str(self.rng.randint(0, 9)) for _ in range(count - 1))

    def code(self, pattern: str) -> str:
        """An identifier new to the archive: `#` in `pattern` becomes a digit, `@` a capital letter."""

        def draw() -> str:
            return "".join(
                str(self.rng.randint(0, 9))
                if c == "#"
                else self.rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ")
                if c == "@"
                else c
                for c in pattern
            )

        return self.fresh(draw)

    def company(self, tongue: Tongue) -> Company:
        """A company with a brand of its own."""
        return self._company_zh() if tongue == "zh" else self._company_en()

    def _company_zh(self) -> Company:
        rng = self.rng
        brand = self.fresh(lambda: rng.choice(words_zh.BRAND_FIRST) + rng.choice(words_zh.BRAND_SECOND))
        city, industry = rng.choice(CITIES).zh, rng.choice(INDUSTRIES)
        bank = f"{rng.choice(words_zh.BANKS)}{city}分行"
        return Company(
            name=f"{city}{brand}{industry.zh}{rng.choice(words_zh.COMPANY_FORMS)}",
            brand=brand,
            city=city,
            industry=industry,
            address=f"{city}市{rng.choice(words_zh.ROADS)}{rng.randint(1, 988)}号",
            phone=f"0{rng.randint(310, 899)}-{self.digits(8)}",
            tax_id="91" + self.digits(6) + "".join(rng.choice(_TAX_ALPHABET) for _ in range(10)),
            bank=bank,
            account=self.digits(19),
        )

    def _company_en(self) -> Company:
        rng = self.rng
        brand = self.fresh(self._brand_en)
        industry = rng.choice(INDUSTRIES)
        town, post_code = rng.choice(words_en.TOWNS)
        return Company(
            name=f"{brand} {industry.en} {rng.choice(words_en.COMPANY_FORMS)}",
            brand=brand,
            city=town,
            industry=industry,
            address=f"{rng.randint(2, 240)} {rng.choice(words_en.STREETS)}, {town} {post_code}",
            phone=f"+44 {self.digits(3)} {self.digits(3)} {self.digits(4)}",
            tax_id=f"GB {self.digits(3)} {self.digits(4)} {self.digits(2)}",
            bank=f"{rng.choice(words_en.LAST_NAMES)} & {rng.choice(words_en.LAST_NAMES)} Bank",
            account=f"GB{self.digits(2)} {rng.choice(words_en.LAST_NAMES)[:4].upper()} "
            + " ".join((self.digits(4), self.digits(4), self.digits(4), self.digits(2))),
        )

    def _brand_en(self) -> str:
        first, second = self.rng.choice(words_en.BRAND_FIRST), self.rng.choice(words_en.BRAND_SECOND)
        return first + (second[1:] if first.endswith(second[0]) else second)

    def person(self, tongue: Tongue) -> str:
        """A full name, new to the archive."""
        choose = self.rng.choice
        if tongue == "en":
            return self.fresh(
                lambda: f"{choose(words_en.FIRST_NAMES)} {choose('ABCDEFGHJKLMPRSTW')}. {choose(words_en.LAST_NAMES)}"
            )
        return self.fresh(
            lambda: choose(words_zh.SURNAMES) + choose(words_zh.GIVEN_FIRST) + choose(words_zh.GIVEN_SECOND)
        )

    def people(self, tongue: Tongue, count: int) -> list[str]:
        """Several people."""
        return [self.person(tongue) for _ in range(count)]

    def undertaking(self) -> tuple[Pair, Pair]:
        """A project and the place where it is done, no two alike: a city, in large archives a part of one."""
        self._undertakings += 1
        parts = (Pair("", ""),) if self._undertakings <= _CITY_PROJECTS else CITY_PARTS

        def draw() -> tuple[Pair, Pair]:
            city, part = self.rng.choice(CITIES), self.rng.choice(parts)
            return self.rng.choice(PROJECTS), Pair(city.zh + part.zh, f"{city.en} {part.en}".strip())

        return self.fresh(draw)

    def day(self, first_year: int = 2019, last_year: int = 2025) -> dt.date:
        """A working day."""
        day = dt.date(first_year, 1, 1) + dt.timedelta(days=self.rng.randrange(365 * (last_year - first_year + 1)))
        return day - dt.timedelta(days=max(0, day.weekday() - 4))

    def cents(self, low: float, high: float) -> int:
        """An amount of money in hundredths."""
        return int(self.rng.uniform(low, high) * 100)

    def round_sum(self, low: int, high: int) -> int:
        """A sum as contracts name it, in whole units: 5 or 4 leading digits and then zeros."""
        value = self.rng.randint(low, high)
        step: int = 10 ** max(len(str(value)) - 4, 0)
        return value // step * step


def money(cents: int) -> str:
    """`1,234.50`."""
    return f"{cents // 100:,}.{cents % 100:02d}"


def date_zh(day: dt.date) -> str:
    """`2024年3月5日`."""
    return f"{day.year}年{day.month}月{day.day}日"


def date_en(day: dt.date) -> str:
    """`5 March 2024`."""
    return f"{day.day} {words_en.MONTHS[day.month - 1]} {day.year}"


def date_forms(day: dt.date) -> tuple[str, ...]:
    """The ways in which an answer may give a day."""
    month = words_en.MONTHS[day.month - 1]
    return (
        day.isoformat(),
        date_zh(day),
        f"{day.year}年{day.month:02d}月{day.day:02d}日",
        date_en(day),
        f"{month} {day.day}, {day.year}",
    )


def capital_amount(cents: int) -> str:
    """An amount in the capital numerals of Chinese accounts: `壹仟贰佰叁拾肆元伍角整`."""
    yuan, rest = divmod(cents, 100)
    text = _capital_integer(yuan) + "元"
    if not rest:
        return text + "整"
    jiao, fen = divmod(rest, 10)
    text += f"{words_zh.DIGITS[jiao]}角" if jiao else "零"
    return text + (f"{words_zh.DIGITS[fen]}分" if fen else "整")


def _capital_integer(number: int) -> str:
    if number == 0:
        return "零"
    text, group, gap = "", 0, False
    while number:
        number, part = divmod(number, 10000)
        if part:
            block = _capital_block(part)
            text = block + _CAPITAL_GROUPS[group] + ("零" if gap and text else "") + text
            gap = part < 1000
        elif text:
            gap = True
        group += 1
    return text


def _capital_block(part: int) -> str:
    text, zero = "", False
    for place in range(3, -1, -1):
        digit = part // 10**place % 10
        if digit:
            text += ("零" if zero and text else "") + words_zh.DIGITS[digit] + _CAPITAL_UNITS[place]
            zero = False
        else:
            zero = True
    return text
