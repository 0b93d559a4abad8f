"""Authentication: the callers of the API may see the page, by keys and tokens, or a browser's cookie."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from langchain_hunyuanocr.service.auth import Caller
from langchain_hunyuanocr.service.auth.authenticator import Authenticator
from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.ui.i18n.messages import Messages, language_of
from langchain_hunyuanocr.ui.middleware.login_form import login_page, sent_credential

COOKIE = "hunyuanocr_session"
LOG_IN = "/login"
LOG_OUT = "/logout"
_SESSION_S = 12 * 3600
_MOST_SESSIONS = 10_000
_HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class _LoginSession:
    credential: str
    ends: float


class Authentication:
    """Stands before the page and whatever it loads.

    A session knows the credential that it was begun with, in memory alone, and the authenticator is asked about it
    at every request: a key that is revoked or a token that has ended ends the session.

    Args:
        app: The page.
        authenticator: Of the service.
        timeout_s: Longest that the form of a login may take to come.
    """

    def __init__(self, app: ASGIApp, authenticator: Authenticator, *, timeout_s: float) -> None:
        self._app = app
        self._timeout_s = timeout_s
        self._authenticator = authenticator
        self._sessions: dict[str, _LoginSession] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        answer = await self._own(request)
        if answer is None:
            try:
                scope.setdefault("state", {})["caller"] = await self.caller(request)
            except Problem as problem:
                if problem.status_code != 401 or "text/html" not in request.headers.get("accept", ""):
                    raise
                answer = RedirectResponse(LOG_IN, 303)
        if answer is not None:
            answer.headers.update(_HEADERS)
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, _with_headers(send))

    async def caller(self, connection: HTTPConnection) -> Caller:
        """Who sent a request, by its cookie or, for programs, as the API takes it.

        Raises:
            Problem: 401 or 403.
        """
        session = self._sessions.get(connection.cookies.get(COOKIE, ""))
        if session is not None and session.ends > time.monotonic():
            return await self._authenticator.authenticate(session.credential)
        return await self._authenticator.caller(connection)

    async def _own(self, request: Request) -> Response | None:
        path = request.url.path
        if path == LOG_IN and self._authenticator.closed:
            return await self._log_in(request) if request.method == "POST" else self._asking(request)
        if path == LOG_OUT and request.method == "POST":
            self._sessions.pop(request.cookies.get(COOKIE, ""), None)
            answer = RedirectResponse(LOG_IN if self._authenticator.closed else "/", 303)
            answer.delete_cookie(COOKIE)
            return answer
        if path in (LOG_IN, LOG_OUT):
            return RedirectResponse("/", 303)
        return None

    async def _log_in(self, request: Request) -> Response:
        credential = await sent_credential(request, self._timeout_s)
        try:
            await self._authenticator.authenticate(credential, request)
        except Problem as problem:
            return self._asking(request, problem)
        token = secrets.token_urlsafe(32)
        self._forget_old()
        self._sessions[token] = _LoginSession(credential, time.monotonic() + _SESSION_S)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(
            COOKIE, token, max_age=_SESSION_S, httponly=True, samesite="strict", secure=request.url.scheme == "https"
        )
        return answer

    def _asking(self, request: Request, problem: Problem | None = None) -> Response:
        words = Messages(language_of(request.cookies, request.headers.get("accept-language")))
        html = login_page(words, "" if problem is None else problem.detail)
        return HTMLResponse(html, 200 if problem is None else problem.status_code)

    def _forget_old(self) -> None:
        now = time.monotonic()
        self._sessions = {token: one for token, one in self._sessions.items() if one.ends > now}
        while len(self._sessions) >= _MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]


def caller_of(connection: HTTPConnection) -> Caller:
    """Who sent a request that was let in."""
    caller: Caller = connection.state.caller
    return caller


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(_HEADERS)
        await send(message)

    return sending
