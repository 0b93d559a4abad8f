"""The process in which films are decoded: `python -m langchain_hunyuanocr.video.worker`.

As with pages, whatever a hostile film does to it, the parent has lost one request. Requests stand alone; the last film
stays open only to save seeking.
"""

from __future__ import annotations

from typing import Any

from langchain_hunyuanocr.pages.local_file import state_of
from langchain_hunyuanocr.results import Box
from langchain_hunyuanocr.video.decoder import FilmFile
from langchain_hunyuanocr.worker_pool import answer_within_limits, serve


class _Server:
    """Answers requests; keeps the last film open."""

    def __init__(self) -> None:
        self._key: tuple[Any, ...] | None = None
        self._film: FilmFile | None = None

    def answer(self, request: dict[str, Any], _: bytearray) -> tuple[dict[str, Any], bytes]:
        return answer_within_limits(request, lambda: self._answer(request), self._close)

    def _answer(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        shown = self._open(request["path"]).next_change(
            request["number"],
            step_s=request["step_s"],
            region=Box(*request["region"]),
            max_pixels=request["max_pixels"],
            budget_s=request["budget_s"],
        )
        picture = shown.picture
        reply = {
            "number": shown.number,
            "size": picture.size if picture else None,
            "blank": shown.blank,
            "end_s": shown.end_s,
            "damage": shown.damage,
        }
        return reply, picture.tobytes() if picture else b""

    def _open(self, path: str) -> FilmFile:
        key = (path, *state_of(path))
        if self._film is None or key != self._key:
            self._close()
            self._film, self._key = FilmFile(path), key
        return self._film

    def _close(self) -> None:
        if self._film is not None:
            self._film.close()
        self._film = self._key = None


if __name__ == "__main__":
    serve(_Server().answer)
