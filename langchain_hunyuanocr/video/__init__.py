"""Video: frames are looked at in steps, and what shows new text becomes pages; equal neighbours become one subtitle.

`settings` says how; `frames` leads: `decoder` decodes in the process of `worker`, `frame_change` compares, and
`subtitle_merging` merges what was read.
"""

from langchain_hunyuanocr.video.settings import FilmSettings

__all__ = ["FilmSettings"]
