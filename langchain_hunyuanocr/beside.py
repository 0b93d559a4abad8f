"""Files that appear when they are complete: written beside their place, then renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def name_beside(out: Path, ending: str) -> Path:
    """A hidden name next to `out` that no other process takes."""
    return out.absolute().with_name(f".{out.name}.{os.getpid()}.{ending}")


@contextmanager
def written_beside(out: Path) -> Iterator[Path]:
    """Where to write what becomes the file `out` at the end of the block; nothing is left of it where that fails.

    A file that was there before stays until then.

    Raises:
        OSError: It cannot be written or renamed.
    """
    part = name_beside(out, "part")
    try:
        yield part
        part.replace(out)
    finally:
        with suppress(OSError):
            part.unlink()
