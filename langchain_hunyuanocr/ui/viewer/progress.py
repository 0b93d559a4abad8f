"""Progress: how far something is, and why the service does not do it, as HTML."""

from __future__ import annotations

from html import escape

from langchain_hunyuanocr.service.auth import Scope
from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.ui.i18n.messages import Messages


def progress_html(words: Messages, said: str, *, done: int = 0, total: int = 0, alert: bool = False) -> str:
    """A line, and a bar where there is something to wait for.

    Args:
        words: Of the visitor.
        said: The line.
        done: Pages that have come.
        total: Pages that are wanted; no bar where it is 0.
        alert: Whether something went wrong.
    """
    bar = f'<progress max="{total}" value="{done}" aria-label="{words("progress")}"></progress>' if total else ""
    kind = ' class="hv-alert" role="alert"' if alert else ""
    return f'<div class="hv-progress"><p{kind}>{escape(said)}</p>{bar}</div>'


def refused_html(words: Messages, problem: Problem, scope: Scope) -> str:
    """Why the service does not do it.

    Args:
        words: Of the visitor.
        problem: As the service tells it.
        scope: What the visitor needs for it.
    """
    said = words(f"not_allowed_{scope}") if problem.status_code == 403 else problem.detail
    return progress_html(words, said, alert=True)
