"""A raw answer, or the lines of a page, become what the page says, and how far it can be relied on.

* `answers`: a language model's raw answer becomes content; `layout`: lines with boxes do.
* `content` is what both give; `markdown_blocks` finds the blocks of its text.
* `running_heads`: left out of the pages that repeat them; `han_forms`: one form for each Chinese character.
* `tables`: built, read, written, joined over pages.
* `fields`: named values, found and confirmed.
* `verification`: a second reading held against the first; agreement, doubts, boxes.
"""
