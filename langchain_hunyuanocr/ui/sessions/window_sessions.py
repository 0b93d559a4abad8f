"""Sessions: what visitors of the page have before them, files, what was read, and what was corrected."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterable, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

from langchain_hunyuanocr.archive import Citation
from langchain_hunyuanocr.errors import SourceError
from langchain_hunyuanocr.pages import PageSettings, Source
from langchain_hunyuanocr.results import PageReading
from langchain_hunyuanocr.service.auth import Caller
from langchain_hunyuanocr.service.uploads import private_folder, size_of
from langchain_hunyuanocr.ui.sessions.cancellable_task import CancellableTask

_KEPT_S = 3600.0
"""How long a session is kept that nobody comes back to: a closed window says so, one that lost its net does not."""


@dataclass
class WindowSession:
    """What one window of a browser has before it.

    Attributes:
        id: Names it in addresses; nobody can guess it.
        caller: Whose it is.
        folder: For its files, entered by nobody else.
        chosen: The files that are read next, by the number that the page knows each by.
        sources: The files that were read.
        settings: How they were opened.
        things: The pages in the order in which they came; an error in the place of a file that cannot be opened.
        total: Pages that are wanted.
        read_task: What reads them.
        ask_task: What answers.
        cited: Places of the archive that the last answer named.
        chosen_place: Which of them is to be shown.
        seen: When somebody was last here, by the monotonic clock.
    """

    id: str
    caller: Caller
    folder: Path
    chosen: dict[int, Source] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    settings: PageSettings = field(default_factory=PageSettings)
    things: list[PageReading | SourceError] = field(default_factory=list)
    total: int = 0
    read_task: CancellableTask | None = None
    ask_task: CancellableTask | None = None
    cited: tuple[Citation, ...] = ()
    chosen_place: Citation | None = None
    seen: float = field(default_factory=time.monotonic)
    _count: int = 0
    _uncorrected: dict[int, PageReading] = field(default_factory=dict)

    @property
    def readings(self) -> list[PageReading]:
        """The pages."""
        return [thing for thing in self.things if isinstance(thing, PageReading)]

    def correct(self, number: int, index: int, value: str) -> None:
        """Put a value in the place of a field's.

        Args:
            number: Which of `things`.
            index: Which of its fields.
            value: As a person typed it.

        Raises:
            IndexError: There is no such field.
        """
        reading = self.things[number]
        if not isinstance(reading, PageReading) or not 0 <= index < len(reading.fields):
            raise IndexError(index)
        read = self._uncorrected.setdefault(number, reading)
        fields = list(reading.fields)
        fields[index] = read.fields[index].corrected_to(value)
        self.things[number] = reading.model_copy(update={"fields": tuple(fields)})

    def choose(self, sources: Iterable[Source]) -> list[int]:
        """Add files to those that are read next.

        Returns:
            By which numbers they are known.
        """
        taken = {source.name for source in self.chosen.values()}
        numbers = []
        for source in sources:
            name = _free_name(source.name, taken)
            taken.add(name)
            self._count += 1
            self.chosen[self._count] = replace(source, name=name)
            numbers.append(self._count)
        return numbers

    async def begin(self) -> None:
        """Clear what was read before, to read what is chosen now; files that nobody needs any more are removed."""
        await self.stop()
        old, self.sources = self.sources, list(self.chosen.values())
        self.things, self.total = [], 0
        self._uncorrected.clear()
        kept = {source.path for source in self.sources}
        await asyncio.to_thread(_remove, [source.path for source in old if source.path not in kept])

    async def forget(self, number: int) -> None:
        """Take a file out of those that are read next; it is removed unless its pages are still shown."""
        source = self.chosen.pop(number, None)
        if source is not None and source.path not in {one.path for one in self.sources}:
            await asyncio.to_thread(_remove, [source.path])

    async def stop(self) -> None:
        """Stop what reads; the pages that came stay."""
        if self.read_task is not None:
            await self.read_task.cancel()

    async def withdraw(self) -> None:
        """Stop what answers."""
        if self.ask_task is not None:
            await self.ask_task.cancel()


class WindowSessions:
    """The sessions of one service.

    Args:
        folder: For their files; whatever a killed process left there is removed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        private_folder(folder)
        self._sessions: dict[str, WindowSession] = {}
        self._windows: dict[str, str] = {}

    def of(self, window: str, caller: Caller) -> WindowSession:
        """The session of a window, made where it has none.

        Args:
            window: As Gradio names it.
            caller: Whose window it is; another caller gets a session of their own.
        """
        key = f"{caller.name}\n{window}"
        session = self._sessions.get(self._windows.get(key, ""))
        if session is None:
            id = secrets.token_urlsafe(24)
            session = WindowSession(id, caller, Path(tempfile.mkdtemp(dir=self.folder)))
            self._sessions[id] = session
            self._windows[key] = id
        session.seen = time.monotonic()
        return session

    def named(self, id: str, caller: Caller) -> WindowSession | None:
        """The session of that id, if it is the caller's."""
        session = self._sessions.get(id)
        if session is None or session.caller.name != caller.name:
            return None
        session.seen = time.monotonic()
        return session

    def kept_bytes(self, caller: str) -> int:
        """What the files of a caller take, by name, in all windows."""
        return sum(size_of(one.folder) for one in list(self._sessions.values()) if one.caller.name == caller)

    async def leave(self, window: str) -> None:
        """Clear the sessions of a window that was closed."""
        for key in [key for key in self._windows if key.endswith(f"\n{window}")]:
            await self._remove(self._windows.pop(key))

    async def sweep(self) -> None:
        """Clear the sessions that nobody came back to."""
        old = time.monotonic() - _KEPT_S
        for key, id in list(self._windows.items()):
            session = self._sessions[id]
            if session.seen < old and (session.read_task is None or session.read_task.ended):
                del self._windows[key]
                await self._remove(id)

    async def close(self) -> None:
        """Clear all sessions, and remove their folder."""
        self._windows.clear()
        for id in list(self._sessions):
            await self._remove(id)
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)

    async def _remove(self, id: str) -> None:
        session = self._sessions.pop(id)
        await session.stop()
        await session.withdraw()
        await asyncio.to_thread(shutil.rmtree, session.folder, ignore_errors=True)


def _remove(paths: Iterable[Path | None]) -> None:
    for path in paths:
        if path is not None:
            path.unlink(missing_ok=True)


def _free_name(name: str, taken: Set[str]) -> str:
    """A name that no other file of the session has."""
    free, number = name, 2
    while free in taken:
        stem, dot, end = name.rpartition(".")
        free, number = f"{stem if dot else name} ({number}){dot}{end if dot else ''}", number + 1
    return free
