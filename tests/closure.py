"""What an install brings with it, from the metadata of the packages that are installed."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def closure(requirements: Iterable[str]) -> set[str]:
    """The canonical names of all packages that these requirements install here, dependencies of dependencies included.

    A package that is not installed counts by its name, for its own dependencies are not known.

    Args:
        requirements: As `pip install` takes them, such as `langchain-hunyuanocr[rapid]`.
    """
    found: set[tuple[str, str]] = set()
    waiting = [Requirement(requirement) for requirement in requirements]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        # An extra adds to what the package needs without it.
        asked = {(name, extra) for extra in ("", *requirement.extras)} - found
        found |= asked
        try:
            needed = [Requirement(line) for line in requires(name) or ()]
        except PackageNotFoundError:
            continue
        for _, extra in asked:
            waiting += [other for other in needed if other.marker is None or other.marker.evaluate({"extra": extra})]
    return {name for name, _ in found}
