"""Login form: the page that asks who comes."""

from __future__ import annotations

from html import escape

from langchain_hunyuanocr.ui.assets import asset
from langchain_hunyuanocr.ui.i18n.messages import Messages


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
