"""The process in which files are opened: `python -m langchain_hunyuanocr.pages.worker`.

Whatever a hostile file does to it, the parent has lost one request: memory is limited here, time by the parent.
Requests stand alone; the last file stays open only to save the opening of the next page.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
from typing import Any

from langchain_hunyuanocr.errors import HunyuanOCRError
from langchain_hunyuanocr.pages.opened import OpenFile, open_file
from langchain_hunyuanocr.pages.upright import inspect
from langchain_hunyuanocr.processes import serve

_ORPHAN_GRACE_S = 10.0


class _Server:
    """Answers requests; keeps the last file open."""

    def __init__(self) -> None:
        self._key: tuple[Any, ...] | None = None
        self._file: OpenFile | None = None

    def answer(self, request: dict[str, Any], _: bytearray) -> tuple[dict[str, Any], bytes]:
        # Should the parent be killed while a file holds this process in an endless loop, nobody else ends it.
        faulthandler.dump_traceback_later(request["timeout_s"] + _ORPHAN_GRACE_S, exit=True)
        try:
            return self._answer(request)
        except Exception as exc:  # whatever the libraries raise on a broken file
            self.close()
            return _explain(exc, request), b""
        finally:
            faulthandler.cancel_dump_traceback_later()

    def _answer(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        _limit_memory(request["max_memory_mb"])
        if request["ask"] == "open":
            return {"total": self._open(request).total}, b""
        return self._page(request)

    def _open(self, request: dict[str, Any]) -> OpenFile:
        path, password = request["path"], request["password"]
        state = os.stat(path)  # noqa: PTH116
        key = (path, password, state.st_mtime_ns, state.st_size)
        if self._file is None or key != self._key:
            self.close()
            self._file = open_file(path, password=password, max_memory_mb=request["max_memory_mb"])
            self._key = key
        return self._file

    def _page(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        rendered = self._open(request).render(request["index"], dpi=request["dpi"], max_pixels=request["max_pixels"])
        rendered = inspect(rendered, upright=request["upright"], max_pixels=request["max_pixels"])
        picture, layer = rendered.picture, rendered.layer
        reply = {
            "size": picture.size,
            "dpi": round(rendered.dpi),
            "rotation": rendered.rotation,
            "label": rendered.label,
            "blank": rendered.blank,
            "good": layer.good,
            "why": layer.why,
            "lines": [(line.text, line.box, line.size, line.bold) for line in layer.lines],
        }
        return reply, picture.tobytes()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = self._key = None


def _limit_memory(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    wanted = megabytes * 1024 * 1024
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    with contextlib.suppress(ValueError, OSError):  # macOS refuses some values
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


def _explain(exc: Exception, request: dict[str, Any]) -> dict[str, Any]:
    if isinstance(exc, HunyuanOCRError):
        return {"error": exc.message, "remedy": exc.remedy}
    words = " ".join(str(exc).split()) or type(exc).__name__
    if isinstance(exc, MemoryError) or "malloc" in words or "out of memory" in words.lower():
        limit = request["max_memory_mb"]
        return {
            "error": f"needs more than {limit} MB of memory to be opened",
            "remedy": "raise max_memory_mb, or make the page smaller",
            "retire": True,
        }
    return {"error": f"is damaged: {words[:200]}", "remedy": None}


def main() -> None:
    """Serve until the parent is gone."""
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    serve(_Server().answer)


if __name__ == "__main__":
    main()
