"""The environment variables that decide for an engine where nothing is said in code."""

from __future__ import annotations

BASE_URL_VARIABLE = "HUNYUANOCR_BASE_URL"
"""Address of a server, or several with commas between."""
API_KEY_VARIABLE = "HUNYUANOCR_API_KEY"
"""Key for the server."""
MODEL_VARIABLE = "HUNYUANOCR_MODEL"
"""Folder or repository of the checkpoint that the local engine loads."""
HUB_VARIABLE = "HUNYUANOCR_HUB"
"""Where repositories are looked for: `huggingface` or `modelscope`."""
