"""A language model's raw answer becomes content.

`parse` leads. `phrases`, `code_fences`, `figures`, `formulas`, `formula_task` and `markdown` clean a document,
`parts` divides it; `spotting`, `layout_regions` and `translation` take their own tasks.
"""
