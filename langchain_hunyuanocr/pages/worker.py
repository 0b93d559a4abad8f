"""The process in which files are opened: `python -m langchain_hunyuanocr.pages.worker`.

Whatever a hostile file does to it, the parent has lost one request: memory is limited here, time by the parent.
Requests stand alone; the last file stays open only to save the opening of the next page.
"""

from __future__ import annotations

from typing import Any

from langchain_hunyuanocr.pages.backends import open_file
from langchain_hunyuanocr.pages.backends.base import OpenFile
from langchain_hunyuanocr.pages.local_file import state_of
from langchain_hunyuanocr.pages.orientation.upright import inspect
from langchain_hunyuanocr.results import Box, Line
from langchain_hunyuanocr.worker_pool import answer_within_limits, serve


class _Server:
    """Answers requests; keeps the last file open."""

    def __init__(self) -> None:
        self._key: tuple[Any, ...] | None = None
        self._file: OpenFile | None = None

    def answer(self, request: dict[str, Any], _: bytearray) -> tuple[dict[str, Any], bytes]:
        return answer_within_limits(request, lambda: self._answer(request), self.close)

    def _answer(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        if request["ask"] == "open":
            return {"total": self._open(request).total, "state": self._state}, b""
        return self._page(request)

    def _open(self, request: dict[str, Any]) -> OpenFile:
        path, password = request["path"], request["password"]
        key = (path, password, *state_of(path))
        if self._file is None or key != self._key:
            self.close()
            self._file = open_file(path, password=password, max_memory_mb=request["max_memory_mb"])
            # Replaced between the two, it would pass for what lay there before.
            self._key = key if state_of(path) == key[2:] else (path, password)
        return self._file

    @property
    def _state(self) -> tuple[Any, ...]:
        """Of the file that is open, as `state_of` gives it; empty where it changed while it was opened."""
        return self._key[2:] if self._key is not None else ()

    def _page(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        rendered = self._open(request).render(request["index"], dpi=request["dpi"], max_pixels=request["max_pixels"])
        rendered = inspect(rendered, upright=request["upright"], max_pixels=request["max_pixels"])
        picture, layer = rendered.picture, rendered.layer
        reply = {
            "state": self._state,
            "size": picture.size,
            "dpi": round(rendered.dpi),
            "rotation": rendered.rotation,
            "warp": rendered.warp.model_dump() if rendered.warp is not None else None,
            "label": rendered.label,
            "blank": rendered.blank,
            "good": layer.good,
            "why": layer.why,
            "lines": [_packed(line) for line in layer.lines],
            "fonts": layer.fonts,
            "watermarks": [_packed(line) for line in layer.watermarks],
            "comments": [_packed(line) for line in layer.comments],
            "pictures": layer.pictures,
            "unseen": layer.unseen,
            "notes": rendered.notes,
        }
        return reply, picture.tobytes()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = self._key = None


def _packed(line: Line) -> tuple[str, Box, float | None, bool]:
    return line.text, line.box, line.size, line.bold


def main() -> None:
    """Serve until the parent is gone."""
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    pymupdf.TOOLS.set_subset_fontnames(True)  # two subsets of one font are two fonts
    serve(_Server().answer)


if __name__ == "__main__":
    main()
