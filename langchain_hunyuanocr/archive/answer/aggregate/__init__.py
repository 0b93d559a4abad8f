"""Sums, counts and lists over many documents.

`parse` understands the question, `records` are invoices, receipts and contracts, `compute` answers, `table_column`
sums the column of a table.
"""
