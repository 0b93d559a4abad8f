"""Places for a query: by words, by meaning, and by both together.

`query` takes a question apart, `search` asks both halves, `ranking` fuses them, `hits` are what comes out.
"""
