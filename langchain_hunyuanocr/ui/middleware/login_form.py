"""Login form: the page that asks who comes, and the little that is taken of the answer before it is known."""

from __future__ import annotations

import asyncio
from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request

from langchain_hunyuanocr.service.body_limits import CLOSE, small_body, told_bytes
from langchain_hunyuanocr.service.problems import Problem
from langchain_hunyuanocr.ui.assets import asset
from langchain_hunyuanocr.ui.i18n.messages import Messages

_FORM = "application/x-www-form-urlencoded"
_MOST_BYTES = 16 * 1024
"""A token of an OAuth provider takes a few thousand characters."""
_MOST_FIELDS = 8
_TOO_LARGE = f"a login is not larger than {_MOST_BYTES // 1024} KB"


def login_page(words: Messages, problem: str) -> str:
    """The page as HTML.

    Args:
        words: Of the visitor.
        problem: Why the last try failed; empty for the first.
    """
    said = f'<p role="alert" class="hv-alert">{escape(problem)}</p>' if problem else ""
    return f"""<!doctype html>
<html lang="{words.tag}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{words("log_in")} · HunyuanOCR</title>
<style>{asset("page.css")}</style>
</head>
<body class="hv-login">
<main>
<h1>HunyuanOCR</h1>
<p>{words("log_in_explained")}</p>
{said}
<form method="post" action="login">
<label for="key">{words("key")}</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
<button type="submit">{words("log_in")}</button>
</form>
</main>
</body>
</html>
"""


async def sent_credential(request: Request, timeout_s: float) -> str:
    """The key or token of a form that was sent, by whoever it was.

    Args:
        request: Of which no byte has been taken.
        timeout_s: Longest that the form may take.

    Raises:
        Problem: 415, 413 or 408: it is no form of this page, too large, or does not come; 400 where it is not
            understood.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise Problem(415, f"a login is sent as {_FORM}", headers=CLOSE)
    if (told_bytes(request.headers) or 0) > _MOST_BYTES:
        raise Problem(413, _TOO_LARGE, headers=CLOSE)
    try:
        async with asyncio.timeout(timeout_s):
            body = await small_body(request, _MOST_BYTES, _TOO_LARGE)
    except TimeoutError as exc:
        raise Problem(408, "the rest of the login did not come in time", headers=CLOSE) from exc
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=_MOST_FIELDS)
    except ValueError as exc:  # UnicodeDecodeError is one
        raise Problem(400, "the login is not understood") from exc
    return fields.get("key", [""])[0].strip()
