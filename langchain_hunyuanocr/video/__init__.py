"""Films: their frames are looked at in steps, what changes is read, and equal neighbours become one subtitle."""

from langchain_hunyuanocr.output.text import srt_cue
from langchain_hunyuanocr.reader.sources import Read, aread_sources, read_sources
from langchain_hunyuanocr.video.settings import FilmSettings

__all__ = ["FilmSettings", "Read", "aread_sources", "read_sources", "srt_cue"]
