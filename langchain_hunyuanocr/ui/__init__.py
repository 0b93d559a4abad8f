"""The web page: reads scans, shows what was read beside them, and asks the archive."""

from langchain_hunyuanocr.ui.page import mount_page

__all__ = ["mount_page"]
