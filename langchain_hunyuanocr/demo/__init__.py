"""A realistic scanned archive, made from a seed, and the tour over it."""
