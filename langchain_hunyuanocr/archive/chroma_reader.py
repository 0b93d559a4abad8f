"""Neighbours from Chroma's files, by Chroma's own core, without its Python client, which takes half a second to import.

A search from the command line asks once and ends. The core is the one that the client calls, with the same arguments
(chromadb 1.5.9, `chromadb/api/rust.py`); another version, files that are not there, and whatever goes wrong are left to
the client.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from langchain_hunyuanocr.errors import ArchiveError, require

_KNOWN = "1.5.9"
_SCOPE = ("default_tenant", "default_database")
_OPEN_FILES = 256
"""Indexes that the core may keep open; an archive has one."""


class ChromaReader:
    """Chroma's core over a folder, for questions only.

    Args:
        core: The module `chromadb_rust_bindings`.
        folder: With Chroma's files.
    """

    def __init__(self, core: Any, folder: Path) -> None:
        self._bindings = core.Bindings(
            allow_reset=False,
            sqlite_db_config=core.SqliteDBConfig(
                hash_type=core.MigrationHash.MD5,
                migration_mode=core.MigrationMode.Validate,
                url=str(folder / "chroma.sqlite3"),
            ),
            persist_path=str(folder),
            hnsw_cache_size=_OPEN_FILES,
        )

    def nearest(
        self, collection: str, vector: list[float], limit: int, ids: Sequence[str] | None
    ) -> tuple[list[str], list[float]]:
        """Ids and distances of the nearest vectors, nearest first."""
        found = self._bindings.get_collection(collection, *_SCOPE)
        wanted = None if ids is None else list(ids)
        given = self._bindings.query(str(found.id), wanted, [vector], limit, None, None, ["distances"], *_SCOPE)
        return given.ids[0], given.distances[0]


def reader_of(folder: Path) -> ChromaReader | None:
    """The reader of a folder; `None` where the client has to be used.

    Raises:
        Exception: The core cannot open the files; whatever kind it likes.
    """
    try:
        if version("chromadb") != _KNOWN or not (folder / "chroma.sqlite3").is_file():
            return None
    except PackageNotFoundError:
        return None
    return ChromaReader(require("chromadb_rust_bindings", extra="chroma", error=ArchiveError), folder)
