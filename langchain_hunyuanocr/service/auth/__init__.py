"""Who calls, and what they may do."""

from langchain_hunyuanocr.service.auth.caller import SCOPES, Caller, Scope
from langchain_hunyuanocr.service.auth.keys import KeyFile

__all__ = ["SCOPES", "Caller", "KeyFile", "Scope"]
