"""The archive: ledger, vectors, text index; ingest, search and ask."""
