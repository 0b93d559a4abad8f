"""What goes wrong, as RFC 9457 has it: `application/problem+json` with the one-line message of the command line."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from langchain_hunyuanocr.errors import ArchiveError, EngineError, HunyuanOCRError, ServiceError, SourceError, printable

MEDIA_TYPE = "application/problem+json"
OPENAI_PATHS = frozenset({"/v1/chat/completions", "/v1/models"})
"""Where OpenAI's clients ask; their problems have the member `error` besides."""
_OPENAI_KINDS = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}

_log = logging.getLogger(__name__)

_EXAMPLES = {
    400: "There was an error parsing the body",
    401: "the API key has expired",
    403: "this needs the scope 'read'",
    404: "there is no such job",
    408: "the rest of the request did not come in time",
    413: "more than 200 pages were asked for at once (choose some with `pages`)",
    415: "notes.txt: is text, not a PDF or a picture (convert it to PDF)",
    422: "locked.pdf: is encrypted (give its password)",
    429: "more than 600 per 1 minute were asked for",
    500: "the service failed; its log says where",
    503: "64 requests are waiting or being answered, no more are taken now (try again later)",
    504: "this took longer than 600 s (ask for fewer pages, or make it a job)",
}
"""A `detail` for the documentation of each status."""

_MOST_LISTED = 20
_PATH = re.compile(r"""(?<![\w/:.~])~?/[^\s/,;:'"()]+(?:/[^\s/,;:'"()]+)+""")
"""A path of this machine that is not a part of an address."""

_OF_SOURCES = (("not a PDF or a picture", 415), ("is larger than", 413))
"""Words of `SourceError` that HTTP has a status of its own for; the others are 422."""


class ProblemDetail(BaseModel):
    """A problem as it is sent."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str


class Problem(HTTPException):
    """An answer that is a problem.

    Attributes:
        status_code: Of HTTP.
        detail: One line for the caller.
        headers: That go with the answer.
        more: Further members of the JSON object.
    """

    def __init__(self, status_code: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(status_code, detail, headers)
        self.more = more

    @property
    def record(self) -> dict[str, Any]:
        """The JSON object that is sent."""
        return {
            "type": "about:blank",
            "title": HTTPStatus(self.status_code).phrase,
            "status": self.status_code,
            "detail": self.detail,
            **self.more,
        }

    @property
    def record_for_openai(self) -> dict[str, Any]:
        """The same with the member `error` that OpenAI's clients look for."""
        other = "server_error" if self.status_code >= 500 else "invalid_request_error"
        kind = _OPENAI_KINDS.get(self.status_code, other)
        return {**self.record, "error": {"message": self.detail, "type": kind, "param": None, "code": None}}

    def response(self, path: str) -> JSONResponse:
        """The answer to a request for a path."""
        record = self.record_for_openai if path in OPENAI_PATHS else self.record
        return JSONResponse(record, self.status_code, headers=self.headers, media_type=MEDIA_TYPE)


def problem_of(error: HunyuanOCRError, **more: Any) -> Problem:
    """The problem that an error of this package is over HTTP."""
    status = _status(error)
    if status == 503 and isinstance(error, ArchiveError):
        _log.error("the archive cannot be used: %s", error)  # where, which the caller is not told
    return Problem(status, detail_of(error), **more)


def detail_of(error: HunyuanOCRError) -> str:
    """What a caller is told of an error: its line, in which a path of this machine is no more than its last part."""
    words = str(error)
    if error.source and not isinstance(error, SourceError):
        words = words.replace(printable(error.source), printable(Path(error.source).name or "it"))
    return _PATH.sub(lambda path: path[0].rpartition("/")[2], words)


def _status(error: HunyuanOCRError) -> int:
    if isinstance(error, SourceError):
        return next((status for words, status in _OF_SOURCES if words in error.message), 422)
    if isinstance(error, EngineError | ServiceError):
        return 503
    if isinstance(error, ArchiveError) and error.__cause__ is not None:
        # Something below the archive failed: the disk, SQLite or the server of the vectors, not the question.
        return 503
    return 422


def install(app: FastAPI) -> None:
    """Have an application answer with problems."""
    app.add_exception_handler(HunyuanOCRError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI is told of the problems that an endpoint may answer with."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {
                MEDIA_TYPE: {
                    "schema": ProblemDetail.model_json_schema(),
                    "example": Problem(status, _EXAMPLES[status]).record,
                }
            },
        }
        for status in statuses
    }


async def _known(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HunyuanOCRError)  # noqa: S101 - registered for it
    return problem_of(error).response(request.url.path)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    return invalid(error.errors()).response(request.url.path)


def invalid(errors: Sequence[Any]) -> Problem:
    """What pydantic has against a request, without the values that it holds."""
    found = [{"where": _in_a_line(one["loc"]), "what": str(one["msg"])} for one in errors[:_MOST_LISTED]]
    detail = "; ".join(f"{one['where']}: {one['what']}" for one in found[:3]) or "the request is not understood"
    return Problem(422, detail, errors=found)


def _in_a_line(place: Sequence[Any]) -> str:
    """Where in a request something is; callers name members as they like."""
    return ".".join("".join(one if one.isprintable() else "?" for one in str(part)[:100]) for part in place)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    if not isinstance(error, Problem):
        error = Problem(error.status_code, str(error.detail), headers=error.headers)
    return error.response(request.url.path)


def unforeseen(error: Exception) -> Problem:
    """The problem of what nobody foresaw, whose kind and place are logged."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    place = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    _log.error("%s at %s", type(error).__name__, place)
    return Problem(500, "the service failed; its log says where")


class LastResort:
    """Answers 500 for what nobody foresaw, and logs its kind and place but not its words, which may be a document's."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def noticing(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noticing)
        except Problem as problem:  # raised outside of the routes
            if not started:
                await problem.response(scope["path"])(scope, receive, send)
        except Exception as exc:
            answer = unforeseen(exc).response(scope["path"])
            if not started:
                await answer(scope, receive, send)
