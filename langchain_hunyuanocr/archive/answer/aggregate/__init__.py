"""Values, sums, counts and lists over many papers.

`question` understands what is asked by the words in `wording` and the time in `period`, `choose` finds the papers that
are meant among the records, `compute` answers, `table_column` sums the column of a table.
"""
