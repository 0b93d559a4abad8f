"""Errors: everything this package raises on purpose.

```
HunyuanOCRError
├── SourceError     a file, URL or picture cannot be opened: missing, encrypted, damaged, unsupported, too large
├── PageError       one page of an opened source cannot be rendered or read
├── EngineError     an engine cannot run: missing dependency, model, server or memory
├── TaskError       the engine at hand cannot do the task asked of it
├── FieldError      the fields asked for make no sense
├── ArchiveError    an archive cannot be opened, written or understood
└── ServiceError    the HTTP service cannot be started as it is asked
```

`str(error)` is one line: where, what, and the remedy.
"""

from __future__ import annotations

import importlib
import re
from types import ModuleType

_LIBRARY = re.compile(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object file")
"""How the loader of Linux names a library of the system that is not there."""


class HunyuanOCRError(Exception):
    """Root of the tree.

    Attributes:
        message: What went wrong, in a few words, without the source's name.
        source: Path or URL concerned, where there is one.
        page: Physical page from 0, where there is one.
        remedy: What the user can do, in one line, where something can be done.
    """

    def __init__(
        self, message: str, *, source: str | None = None, page: int | None = None, remedy: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.page = page
        self.remedy = remedy

    @property
    def reason(self) -> str:
        """What went wrong and the remedy, without the place."""
        return f"{self.message} ({self.remedy})" if self.remedy else self.message

    def __str__(self) -> str:
        where = printable(self.source or "")
        if self.page is not None:
            where = f"{where}, page {self.page + 1}" if where else f"page {self.page + 1}"
        return f"{where}: {self.reason}" if where else self.reason

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.source, self.page, self.remedy)


def words_of_os(error: OSError) -> str:
    """What the system says of an error, in lower case; the kind of the error where it says nothing."""
    return (error.strerror or type(error).__name__).lower()


def printable(name: str) -> str:
    """A name as it can be printed: control characters, and bytes of a file name that are no UTF-8, as escapes."""
    if name.isprintable():
        return name
    return "".join(char if char.isprintable() else _escaped(char) for char in name)


def _escaped(char: str) -> str:
    byte = ord(char) - 0xDC00
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else char.encode("unicode_escape").decode("ascii")


def _rebuild(
    kind: type[HunyuanOCRError], message: str, source: str | None, page: int | None, remedy: str | None
) -> HunyuanOCRError:
    return kind(message, source=source, page=page, remedy=remedy)


class SourceError(HunyuanOCRError):
    """A file, URL or picture cannot be opened."""


class PageError(HunyuanOCRError):
    """One page cannot be rendered or read; the other pages are not concerned."""


class EngineError(HunyuanOCRError):
    """An engine cannot run at all."""


class TaskError(HunyuanOCRError):
    """The engine cannot do this task."""


class FieldError(HunyuanOCRError):
    """The fields asked for make no sense."""


class ArchiveError(HunyuanOCRError):
    """An archive cannot be opened, written or understood."""


class ServiceError(HunyuanOCRError):
    """The HTTP service cannot be started as it is asked."""


def require(module: str, *, extra: str, error: type[HunyuanOCRError] = EngineError) -> ModuleType:
    """Import an optional dependency where it is used.

    Args:
        module: Dotted name of the module.
        extra: The extra of this package that installs it.
        error: What to raise where it is not installed, or is and cannot be imported.

    Returns:
        The imported module.

    Raises:
        HunyuanOCRError: Of type `error`, with the one line that mends it.
    """
    root = module.partition(".")[0]
    install = f'"langchain-hunyuanocr[{extra}]"'
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as exc:
        missing = (exc.name or root).partition(".")[0]
        needed = "" if missing == root else f", which {root} needs,"
        raise error(f"{missing}{needed} is not installed", remedy=f"pip install {install}") from exc
    except Exception as exc:  # what a package raises while it is imported is its own
        said = " ".join(str(exc).split())[:300] or type(exc).__name__
        library = _LIBRARY.search(said)
        raise error(
            f"{root} is installed but cannot be imported: {said}",
            remedy=f"install the package of your system that holds {library[1]}"
            if library
            else f"pip install --force-reinstall {install}",
        ) from exc
