"""The tab that asks the archive."""

from __future__ import annotations

from langchain_hunyuanocr.ui.visits import PageVisits


def asking_tab(visits: PageVisits) -> None:
    """Put the tab together, inside of `gradio.Blocks`."""
    import gradio as gr

    gr.HTML("<p>…</p>")
