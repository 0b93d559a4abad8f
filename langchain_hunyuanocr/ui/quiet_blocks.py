"""Gradio's blocks without its tracebacks, which hold what visitors typed and the paths of this machine."""

from __future__ import annotations

from typing import Any

import gradio as gr

from langchain_hunyuanocr.service.problems import unforeseen


class QuietBlocks(gr.Blocks):
    """Blocks that log the kind and place of what fails, and not its words."""

    async def process_api(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Do what an event asks for.

        Raises:
            gradio.Error: It failed.
        """
        try:
            done: dict[str, Any] = await super().process_api(*args, **kwargs)
        except gr.Error as error:
            error.print_exception = False
            raise
        except Exception as exc:
            raise gr.Error(unforeseen(exc).detail, print_exception=False) from None
        return done
