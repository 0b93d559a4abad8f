from __future__ import annotations

from collections.abc import Callable

from langchain_hunyuanocr.cli.progress import EVERY_S, Lines


def told(*steps: Callable[[Lines], object] | None, repeat: bool = True) -> list[str]:
    """What is said while in each interval a step is taken, or nothing happens."""
    said: list[str] = []
    left = list(steps)
    waited: list[float] = []

    def ends(seconds: float) -> bool:
        waited.append(seconds)
        if not left:
            return True
        if (step := left.pop(0)) is not None:
            step(lines)
        return False

    lines = Lines(said.append, ends, repeat=repeat)
    lines.run()
    assert set(waited) == {EVERY_S}
    return said


def test_a_line_is_said_every_half_minute_also_where_nothing_moves() -> None:
    assert told(None, lambda lines: lines.show("scan.pdf", 2, 9), None, lambda lines: lines.show("b.png", 1, None)) == [
        "after 30 s: starting",
        "after 60 s: scan.pdf: 2 of 9",
        "after 90 s: scan.pdf: 2 of 9",
        "after 120 s: b.png: 1",
    ]


def test_folders_that_are_watched_are_silent_while_nothing_moves() -> None:
    moved = told(None, None, lambda lines: lines.show("", 3, 3), None, None, repeat=False)
    assert moved == ["after 30 s: starting", "after 90 s: 3 of 3"]


def test_work_that_ends_at_once_says_nothing() -> None:
    assert told() == []
