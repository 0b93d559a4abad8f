"""Video: frames are looked at in steps, and what shows new text becomes pages; equal neighbours become one subtitle."""

from langchain_hunyuanocr.video.settings import FilmSettings

__all__ = ["FilmSettings"]
