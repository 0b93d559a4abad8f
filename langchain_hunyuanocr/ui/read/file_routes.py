"""File routes: uploads, pictures of pages, and what is downloaded."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import zipfile
from pathlib import Path
from urllib.parse import quote

from pydantic import BaseModel, Field, ValidationError
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from langchain_hunyuanocr.display.draw import jpeg
from langchain_hunyuanocr.errors import HunyuanOCRError
from langchain_hunyuanocr.output import Format, write_readings
from langchain_hunyuanocr.pages import PageSettings, Source
from langchain_hunyuanocr.results import PageReading
from langchain_hunyuanocr.service.body_limits import expected_bytes
from langchain_hunyuanocr.service.container import Service
from langchain_hunyuanocr.service.problems import Problem, problem_of
from langchain_hunyuanocr.ui.middleware.authentication import caller_of
from langchain_hunyuanocr.ui.sessions.window_sessions import WindowSession, WindowSessions

FORMS = tuple(form for form in Format if form.info.download is not None)
"""What can be downloaded, in this order."""
_SIDE = 1800
"""Longest side of a picture on the page, pixels."""
_QUALITY = 85


class _Value(BaseModel):
    value: str = Field(max_length=10_000)


class FileRoutes:
    """Takes uploads and corrections to a session, and gives its pictures and downloads, to its own visitor only.

    Args:
        sessions: All sessions.
        service: Whose bounds hold for uploads.
    """

    def __init__(self, sessions: WindowSessions, service: Service) -> None:
        self._sessions = sessions
        self._service = service

    async def upload(self, request: Request) -> Response:
        """Add files to those that are read next.

        Raises:
            Problem: 403, where the visitor may read no pages; 404, where the session is not theirs; 413, for too
                many files.
        """
        session = self._session(request)
        self._service.authenticator.check(session.caller, "read")
        most = self._service.bounds.max_files
        size = expected_bytes(request.headers, self._service.bounds)
        async with (
            self._service.quota.taking(session.caller.name, size),
            request.form(max_files=most, max_fields=0) as form,
        ):
            files = [file for file in form.getlist("files") if isinstance(file, UploadFile)]
            if len(session.chosen) + len(files) > most:
                raise Problem(413, f"more than {most} files were chosen (read some of them first)")
            folder = Path(tempfile.mkdtemp(dir=session.folder))
            saved = await self._service.uploads.save(folder, files, ())
        numbers = session.choose(source for source in saved if isinstance(source, Source))
        return JSONResponse([{"number": number, "name": session.chosen[number].name} for number in numbers])

    async def forget(self, request: Request) -> Response:
        """Take a file out of those that are read next.

        Raises:
            Problem: 404, where the session is not the visitor's.
        """
        await self._session(request).forget(request.path_params["number"])
        return Response(status_code=204)

    async def correct(self, request: Request) -> Response:
        """Put a person's value in the place of a field's.

        Raises:
            Problem: 404, where the visitor has no such field; 422, for what is no value.
        """
        session = self._session(request)
        self._service.authenticator.check(session.caller, "read")
        try:
            value = _Value.model_validate_json(await request.body()).value
        except ValidationError as exc:
            raise Problem(422, 'a value is sent as {"value": text}') from exc
        try:
            session.correct(request.path_params["number"], request.path_params["field"], value.strip())
        except IndexError as exc:
            raise _gone() from exc
        return Response(status_code=204)

    async def picture(self, request: Request) -> Response:
        """A page as it was read, a JPEG.

        Raises:
            Problem: 404, where the visitor has no such page; 422, where it cannot be rendered.
        """
        session = self._session(request)
        number = request.path_params["number"]
        reading = session.things[number] if number < len(session.things) else None
        if not isinstance(reading, PageReading):
            raise _gone()
        try:
            data = await asyncio.to_thread(_jpeg, reading)
        except HunyuanOCRError as error:
            self._session(request)  # whose files are gone where it was left meanwhile
            raise problem_of(error) from error
        return Response(data, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=600"})

    async def download(self, request: Request) -> Response:
        """All pages of a session as a file; of several sources, a ZIP archive of one file each.

        Raises:
            Problem: 404, where the visitor has no pages; 422 or 503, where the file cannot be made.
        """
        session = self._session(request)
        try:
            form = Format(request.path_params["form"])
        except ValueError as exc:
            raise _gone() from exc
        if form not in FORMS or not session.readings:
            raise _gone()
        folder = Path(tempfile.mkdtemp(dir=session.folder))
        try:
            path = await asyncio.to_thread(_written, folder, form, session.sources, session.readings, session.settings)
        except HunyuanOCRError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise problem_of(error) from error
        return FileResponse(
            path,
            media_type="application/zip" if path.suffix == ".zip" else form.info.media_type,
            headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(path.name, safe='')}"},
            background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
        )

    def _session(self, request: Request) -> WindowSession:
        session = self._sessions.named(request.path_params["session"], caller_of(request))
        if session is None:
            raise _gone()
        return session


def _gone() -> Problem:
    return Problem(404, "this is not there any more (read the file again)")


def _jpeg(reading: PageReading) -> bytes:
    return jpeg(reading.picture(), quality=_QUALITY, max_side=_SIDE)


def _written(
    folder: Path, form: Format, sources: list[Source], readings: list[PageReading], settings: PageSettings
) -> Path:
    paths = []
    for number, source in enumerate(sources):
        own = [reading for reading in readings if reading.source == source.name]
        if not own:
            continue
        part = folder / str(number)
        part.mkdir()
        path = part / f"{Path(source.file_name).stem or 'pages'}{form.suffix}"
        with write_readings(path, form, source, settings) as write:
            for reading in own:
                write(reading)
        paths.append(path)
    if len(paths) == 1:
        return paths[0]
    bundle = folder / f"pages-{form}.zip"
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, path in enumerate(paths, 1):
            archive.write(path, f"{number:02} {path.name}")
    return bundle
