"""Searchable PDF: a scan over its text.

`document` leads; `images_to_pdf` makes pages of images, `invisible_text` and `invisible_font` write what is found by
a search, `worker` runs it in a process of its own.
"""
