"""The answer as it stands on a page, without a language model.

`extract` leads: `collect` gathers `candidates` from sentences, `labelled_values` and `table_cells`, `scoring` weighs
them, `answer_type` asks whether a value is of the kind asked for.
"""
