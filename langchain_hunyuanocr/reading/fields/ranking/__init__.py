"""Ranking: which of a page's values is the one, by a small fitted model.

`page_rows` puts the lines in rows; `sums`, `dates` and `letterhead` describe the candidates of a field by numbers;
`model` weighs them with the weights of `weights.json`, which `training/fields.py` fits.
"""
