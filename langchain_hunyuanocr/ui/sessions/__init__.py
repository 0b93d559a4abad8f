"""Sessions: what each window of a browser has before it.

`window_sessions` keeps them, `cancellable_task` is what runs in one, and `page_context` gives the handlers of the tabs
the session and the language of whoever acts.
"""
