"""The answer as it stands on a page, without a language model.

`extract` leads: `table_answer` gives the figure at the crossing of a row and a column (`figures`), or its `change` over
two years; else `collect` gathers `candidates` from sentences, `labelled_values` and `table_cells`, `scoring` weighs
them, `answer_type` asks whether a value is of the kind asked for, and `objections` whether anything speaks against it.
"""
