"""Who calls, and what they may do."""

from langchain_hunyuanocr.service.auth.api_keys import ApiKeyFile
from langchain_hunyuanocr.service.auth.caller import SCOPES, Caller, Scope

__all__ = ["SCOPES", "ApiKeyFile", "Caller", "Scope"]
