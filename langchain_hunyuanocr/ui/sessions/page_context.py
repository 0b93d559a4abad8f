"""Context of an event: who acts on the page, in which language, and what is theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from langchain_hunyuanocr.service.auth import Scope
from langchain_hunyuanocr.service.container import Service
from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.ui.i18n.messages import Messages, language_of
from langchain_hunyuanocr.ui.middleware.authentication import Authentication
from langchain_hunyuanocr.ui.sessions.window_sessions import WindowSession, WindowSessions

QUIET: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": None, "api_visibility": "private"}
"""How events go: nothing of Gradio's own shows, many visitors at once, and no program may call them."""


@dataclass(frozen=True, slots=True)
class PageContext:
    """What the handlers of the tabs work with.

    Attributes:
        service: Behind the page.
        sessions: Of all visitors.
        authentication: Knows callers.
        i18n: Has a text of `words` translated in the browser.
    """

    service: Service
    sessions: WindowSessions
    authentication: Authentication
    i18n: gr.I18n

    def words(self, request: gr.Request) -> Messages:
        """The words of a visitor's language."""
        return Messages(language_of(dict(request.cookies), request.headers.get("accept-language")))

    async def session(self, request: gr.Request, scope: Scope) -> WindowSession:
        """The session of whoever acts.

        Raises:
            Problem: 401, 403 or 429.
        """
        if request.request is None:
            raise Problem(401, "this came from no browser")
        caller = await self.authentication.caller(request.request)
        self.service.authenticator.check(caller, scope)
        return self.sessions.of(request.session_hash or "", caller)
