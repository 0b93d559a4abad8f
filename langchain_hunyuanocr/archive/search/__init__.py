"""Places for a query: by words, by meaning, and by both together."""
