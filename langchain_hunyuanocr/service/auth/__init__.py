"""Authentication and authorisation.

`authenticator` leads: `api_keys` and `jwt_tokens` know callers, `caller` says what they may do, `rate_limit` how often.
"""

from langchain_hunyuanocr.service.auth.api_keys import ApiKeyFile
from langchain_hunyuanocr.service.auth.caller import SCOPES, Caller, Scope

__all__ = ["SCOPES", "ApiKeyFile", "Caller", "Scope"]
