"""A caller: a name and what it may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Scope = Literal["read", "ask", "admin"]
"""`read` has pages read, `ask` searches and asks the archive, `admin` does all and sees everybody's jobs and the
metrics."""
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    Attributes:
        name: Tells callers apart: the id of a key, the subject of a token, `local` without authentication.
        scopes: What it may do.
        rate: How often it may ask, where it has a limit of its own.
    """

    name: str
    scopes: frozenset[Scope]
    rate: str | None = None

    def may(self, scope: Scope) -> bool:
        """Whether it may do what the scope stands for."""
        return scope in self.scopes or "admin" in self.scopes


LOCAL = Caller("local", frozenset(SCOPES))
"""Anybody on this machine, where nobody must prove who they are."""


def known_scopes(names: Iterable[object]) -> frozenset[Scope]:
    """Those of the names that are scopes; providers put others beside them."""
    given = set(names)
    return frozenset(scope for scope in SCOPES if scope in given)
