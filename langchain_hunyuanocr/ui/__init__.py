"""The web page: reads scans, shows what was read beside them, and asks the archive.

`app` mounts it into the service: `middleware` lets visitors in, and `sessions` keeps what each of them has before them.
`read` and `ask` are its two tabs, in which `viewer` shows pages. `i18n` holds the texts; `theme` and `assets` say how
all of it looks.

Its modules import gradio, which takes seconds: only `mount_page` imports them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from langchain_hunyuanocr.errors import ServiceError, require

if TYPE_CHECKING:
    from fastapi import FastAPI


def mount_page(app: FastAPI) -> None:
    """Add the page to a service, at `/`.

    It is let in by the same keys and tokens as the API, which a visitor gives once. What visitors upload lies in the
    service's own folder until they read something else or close the window.

    Args:
        app: As `create_app` made it.

    Raises:
        ServiceError: gradio, or what draws formulas, is not installed.
    """
    for module in ("gradio", "mdit_py_plugins", "latex2mathml"):
        require(module, extra="ui", error=ServiceError)
    from langchain_hunyuanocr.ui.app import mount

    mount(app)


__all__ = ["mount_page"]
