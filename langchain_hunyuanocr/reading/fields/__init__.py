"""Fields: named values, found and confirmed.

`spec`, `plan`, `schema` and `presets` say what is wanted. `find` leads: `label_index` and `label_search` look around
labels, `value_kinds` and `normalize` know values, `table_rows` reads rows, `from_answer` takes a model's answer.
`confirmation`, `check_digits` and `rereading` prove a value; `merge_pages` joins those of several pages.
"""
