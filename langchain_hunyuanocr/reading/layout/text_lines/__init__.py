"""What lines of text need besides their places, before and while they become paragraphs.

`page_numbers` takes what is no text from the edges of a page, `check_boxes` and `set_letters` write what a recogniser
does not see as one; `own_lines` keeps lines apart that belong to themselves, and `line_ends` joins the others.
"""
