"""Who calls, and what they may do."""

from langchain_hunyuanocr.service.auth.api_keys import KeyFile
from langchain_hunyuanocr.service.auth.caller import SCOPES, Caller, Scope

__all__ = ["SCOPES", "Caller", "KeyFile", "Scope"]
