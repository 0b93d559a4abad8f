"""What is on disk: the ledger in SQLite with its full-text index, and vectors in Chroma.

`ledger` is the connection and the schema; `readings`, `chunks`, `field_values` and `fulltext` its tables, `filters`
asks them by metadata; `chroma` and `vectors` keep the vectors.
"""
