"""The tab that asks the archive.

`ask_tab` puts it together: `ask_task` asks, and `answer_view` shows the answer and the places that prove it.
"""
