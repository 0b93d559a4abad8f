"""Pages and an engine become readings.

`settings` says how pages are read, and `reader` leads: `page_flow` says what is asked about one page, `batch_queue`
gathers requests for the engine, `verifier` has the second reader check; `sources` reads files of every kind.
"""

from langchain_hunyuanocr.reader.reader import Reader
from langchain_hunyuanocr.reader.settings import ReadSettings

__all__ = ["ReadSettings", "Reader"]
