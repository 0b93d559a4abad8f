"""What the page loads beside itself: pictures of pages, and the files that are downloaded."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from langchain_hunyuanocr.errors import HunyuanOCRError
from langchain_hunyuanocr.pages import PageSettings, Source
from langchain_hunyuanocr.results import PageReading
from langchain_hunyuanocr.service.problems import Problem, problem_of
from langchain_hunyuanocr.ui.desks import Desk, Desks
from langchain_hunyuanocr.ui.entrance import caller_of
from langchain_hunyuanocr.writing import Format, reading_file

FORMS = (Format.MD, Format.JSON, Format.CSV, Format.XLSX, Format.PDF)
"""What can be downloaded, in this order."""
_SIDE = 1800
"""Longest side of a picture on the page, pixels."""
_QUALITY = 85
_TYPES = {
    Format.MD: "text/markdown; charset=utf-8",
    Format.JSON: "application/json",
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PDF: "application/pdf",
}


class DeskFiles:
    """Answers requests for pictures and downloads of a desk, to its own visitor only.

    Args:
        desks: All desks.
    """

    def __init__(self, desks: Desks) -> None:
        self._desks = desks

    async def picture(self, request: Request) -> Response:
        """A page as it was read, a JPEG.

        Raises:
            Problem: 404, where the visitor has no such page; 422, where it cannot be rendered.
        """
        desk = self._desk(request)
        number = request.path_params["number"]
        reading = desk.things[number] if number < len(desk.things) else None
        if not isinstance(reading, PageReading):
            raise _gone()
        try:
            data = await asyncio.to_thread(_jpeg, reading)
        except HunyuanOCRError as error:
            raise problem_of(error) from error
        return Response(data, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=600"})

    async def download(self, request: Request) -> Response:
        """All pages of a desk as a file; of several sources, a ZIP archive of one file each.

        Raises:
            Problem: 404, where the visitor has no pages; 422 or 503, where the file cannot be made.
        """
        desk = self._desk(request)
        try:
            form = Format(request.path_params["form"])
        except ValueError as exc:
            raise _gone() from exc
        if form not in FORMS or not desk.readings:
            raise _gone()
        folder = Path(tempfile.mkdtemp(dir=desk.folder))
        try:
            path = await asyncio.to_thread(_written, folder, form, desk.sources, desk.readings, desk.settings)
        except HunyuanOCRError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise problem_of(error) from error
        return FileResponse(
            path,
            media_type="application/zip" if path.suffix == ".zip" else _TYPES[form],
            headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(path.name, safe='')}"},
            background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
        )

    def _desk(self, request: Request) -> Desk:
        desk = self._desks.named(request.path_params["desk"], caller_of(request))
        if desk is None:
            raise _gone()
        return desk


def _gone() -> Problem:
    return Problem(404, "this is not there any more (read the file again)")


def _jpeg(reading: PageReading) -> bytes:
    picture = reading.picture()
    picture.thumbnail((_SIDE, _SIDE))
    buffer = BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


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
        path = part / f"{Path(source.file_name).stem or 'pages'}.{form}"
        with reading_file(path, form, source, settings) as write:
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
