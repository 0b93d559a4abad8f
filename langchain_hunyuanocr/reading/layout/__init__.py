"""Lines with boxes become reading order, paragraphs and tables.

`read_lines` leads. `segments` are its values; `text_lines` sees to what lines need before they are joined;
`reading_order` finds columns, `paragraphs` joins lines; `ruling_lines` and `ruled_tables`, `column_alignment` and
`borderless_tables` find tables, `cell_assignment` fills them; `subtitle` picks the subtitle of a video frame.
"""
