"""A second reading is held against the first.

`plain_text` and `checked_items` say what is compared, `alignment` lays the second reader's lines against the text,
`comparison` gives agreement and doubts, `grounding` boxes.
"""
