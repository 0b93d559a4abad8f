"""Tables of a SQLite or PostgreSQL database: upserts by primary key, a transaction for each batch of pages."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.archive.export.outcome import Tally
from langchain_hunyuanocr.archive.export.rows import FieldRow, PageKey, PageRow, PageRows, Row, TableRow, values
from langchain_hunyuanocr.archive.export.sql_schema import Address, Tables
from langchain_hunyuanocr.errors import ArchiveError
from langchain_hunyuanocr.report import Failure

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Engine, Table

_BATCH_PAGES = 64
_BATCH_ROWS = 5_000
"""Fields and table rows after which a batch ends: what is held in memory."""
_WAIT_S = 30
"""How long SQLite waits for another writer."""
_CONNECT_S = 10

_log = logging.getLogger(__name__)


def write_sql(pages: Iterable[PageRows | Failure], tally: Tally, url: str, *, prefix: str, archive_id: str) -> None:
    """Write the tables `<prefix>pages`, `<prefix>fields` and `<prefix>table_rows`, which are made if not there.

    A batch of pages, with their fields and table rows, is replaced in one transaction; what the archive no longer has
    is taken away. An export that is broken off leaves whole batches, and the next one goes over all of them. Two
    exports of the same archive may run at once. NUL characters, which PostgreSQL does not take, are left out.

    Args:
        pages: What to write, in the order of the pages' keys.
        tally: Counts it.
        url: Of the database.
        prefix: What the names of the tables begin with.
        archive_id: Whose tables they are.

    Raises:
        ArchiveError: SQLAlchemy is not installed; the database cannot be reached or written; or the tables are of
            another shape or hold another archive.
    """
    if not re.fullmatch(r"([A-Za-z_][A-Za-z0-9_]{0,39})?", prefix):
        raise ArchiveError(
            f"the prefix {prefix!r} cannot begin a table's name",
            remedy="write at most 40 letters, digits and underscores, a digit not first",
        )
    address = Address(url)
    with _errors(address):
        engine = _engine(address)
        try:
            tables = Tables(prefix, address)
            tables.make(engine, archive_id)
            target = _Target(engine, tables)
            for batch in _batches(pages, tally):
                tally.remove(target.replace(batch))
                for page in batch:
                    tally.add(page)
            tally.remove(target.end())
        finally:
            engine.dispose()
    if target.pages_with_nul:
        _log.warning("NUL characters were left out of %d pages: databases do not take them", target.pages_with_nul)


def _engine(address: Address) -> Engine:
    from sqlalchemy import create_engine

    wait = {"connect_timeout": _CONNECT_S} if address.is_postgresql else {"timeout": _WAIT_S}
    return create_engine(
        address.url,
        connect_args={key: value for key, value in wait.items() if key not in address.url.query},
        json_serializer=partial(json.dumps, ensure_ascii=False),
        # A message would hold a page's text otherwise.
        hide_parameters=True,
    )


@contextmanager
def _errors(address: Address) -> Iterator[None]:
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    try:
        yield
    except SQLAlchemyError as exc:
        cause = exc.orig if isinstance(exc, DBAPIError) else exc
        raise ArchiveError(
            f"the database cannot be used: {address.hide(str(cause))}",
            source=address.shown,
            remedy="check the address, the user's rights and the space on its disk; batches that were written stay",
        ) from None  # the chain would show the URL with its password


def _batches(pages: Iterable[PageRows | Failure], tally: Tally) -> Iterator[list[PageRows]]:
    batch: list[PageRows] = []
    rows = 0
    for page in pages:
        if isinstance(page, Failure):
            tally.fail(page)
            continue
        batch.append(page)
        rows += len(page.fields) + len(page.table_rows)
        if len(batch) >= _BATCH_PAGES or rows >= _BATCH_ROWS:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


class _Target:
    """The tables, from the first page's key to the last; each batch takes the place of what lay between."""

    def __init__(self, engine: Engine, tables: Tables) -> None:
        self._engine = engine
        self._tables = tables
        self._last = PageKey("", -1)
        self.pages_with_nul = 0

    def replace(self, batch: Sequence[PageRows]) -> int:
        """Write a batch and take away what lay between its pages; gives the number of pages taken away."""
        pages, fields, table_rows = (self._tables.of[kind] for kind in (PageRow, FieldRow, TableRow))
        keys = [page.key for page in batch]
        with self._transaction() as connection:
            # First of all a write: SQLite then waits for another writer instead of giving up.
            removed = self._remove(connection, keys)
            with_nul = self._upsert(connection, pages, [page.page for page in batch])
            with_nul |= self._upsert(connection, fields, [row for page in batch for row in page.fields])
            with_nul |= self._upsert(connection, table_rows, [row for page in batch for row in page.table_rows])
        self.pages_with_nul += len(with_nul)
        self._last = keys[-1]
        return removed

    def end(self) -> int:
        """Take away what lies after the last page; gives the number of pages taken away."""
        with self._transaction() as connection:
            return self._remove(connection, [])

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            # Two exports that lock the same rows in another order would stop each other for good.
            self._tables.take_turns(connection)
            yield connection

    def _remove(self, connection: Connection, keys: list[PageKey]) -> int:
        from sqlalchemy import delete, tuple_

        def between(table: Table) -> ColumnElement[bool]:
            key = tuple_(table.c.sha256, table.c.page)
            after = key > tuple_(*self._last)
            return after & (key <= tuple_(*keys[-1])) if keys else after

        for kind in (FieldRow, TableRow):
            connection.execute(delete(self._tables.of[kind]).where(between(self._tables.of[kind])))
        pages = self._tables.of[PageRow]
        gone = between(pages)
        if keys:
            gone &= tuple_(pages.c.sha256, pages.c.page).not_in([tuple(key) for key in keys])
        return connection.execute(delete(pages).where(gone)).rowcount

    def _upsert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> set[PageKey]:
        """Write rows; gives the pages in which there were NUL characters."""
        with_nul = set()
        written = []
        for row in rows:
            given = values(row)
            clean = {name: _without_nul(value) for name, value in given.items()}
            if clean != given:
                with_nul.add(PageKey(row.sha256, row.page))
            written.append(clean)
        if written:
            connection.execute(self._tables.upsert(table), written)
        return with_nul


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    return value
