"""Words: `tokenizer` makes terms of a text, `glossary` knows both languages, `names` companies and people."""
