"""HunyuanOCR over HTTP: reading, jobs, chat completions, and the archive's search and answers.

`create_app` makes the application of `ServiceSettings` and an engine; nothing is let in from other machines before
`Access` says how callers prove who they are.
"""

from langchain_hunyuanocr.service.app import create_app
from langchain_hunyuanocr.service.settings import Access, Bounds, ServiceSettings

__all__ = ["Access", "Bounds", "ServiceSettings", "create_app"]
