"""Viewer: a page's scan beside its text, each place known on both sides.

`page_view` puts the two together; `markdown_html` renders the text, in which `marked_spans` marks lines and doubts.
`progress` says how far something is.
"""
