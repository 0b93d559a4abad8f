"""Labels: the words under which papers print each value, by role, a file a language.

A translator edits the `.toml` files; `lexicon` reads them and says which role a label has.
"""

from langchain_hunyuanocr.reading.fields.labels.lexicon import (
    LabelMatch,
    has_address_word,
    labels_of,
    leading_label,
    match_label,
)

__all__ = ["LabelMatch", "has_address_word", "labels_of", "leading_label", "match_label"]
