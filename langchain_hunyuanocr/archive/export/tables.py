"""The tables of a SQL export: how they are declared, made and checked."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from langchain_hunyuanocr.archive.export.address import Address
from langchain_hunyuanocr.archive.export.rows import ROWS, Row, columns
from langchain_hunyuanocr.errors import ArchiveError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Table


class Tables:
    """Declares them.

    Args:
        prefix: What their names begin with.
        address: Of the database.

    Attributes:
        of: The table of each kind of row.
    """

    def __init__(self, prefix: str, address: Address) -> None:
        from sqlalchemy import JSON, BigInteger, Column, Double, MetaData, Table, Text

        types: dict[str, Any] = {"text": Text, "integer": BigInteger, "number": Double, "json": JSON}
        self._prefix = prefix
        self._address = address
        metadata = MetaData()
        self.of: dict[type[Row], Table] = {
            kind: Table(
                prefix + kind.table,
                metadata,
                *(
                    Column(
                        column.name,
                        types[column.kind],
                        primary_key=column.name in kind.key,
                        autoincrement=False,
                        nullable=column.nullable,
                    )
                    for column in columns(kind)
                ),
            )
            for kind in ROWS
        }
        self._owner = Table(f"{prefix}archive", metadata, Column("id", Text, primary_key=True))

    def make(self, engine: Engine, archive_id: str) -> None:
        """Make what is not there, and check what is.

        Raises:
            ArchiveError: They have other columns, or hold another archive.
        """
        from sqlalchemy import inspect, select
        from sqlalchemy.schema import CreateTable

        with engine.begin() as connection:
            self.take_turns(connection)
            found = inspect(connection)
            for table in (*self.of.values(), self._owner):
                if not found.has_table(table.name):
                    connection.execute(CreateTable(table, if_not_exists=True))
                elif {column["name"] for column in found.get_columns(table.name)} != set(table.c.keys()) or set(
                    found.get_pk_constraint(table.name)["constrained_columns"]
                ) != set(table.primary_key.columns.keys()):
                    raise self._refused(f"the table {table.name} has other columns than this export")
            owner = connection.execute(select(self._owner.c.id)).scalar()
            if owner is None:
                connection.execute(self.upsert(self._owner), [{"id": archive_id}])
            elif owner != archive_id:
                raise self._refused(f"the tables {self._prefix}* hold the export of another archive")

    def take_turns(self, connection: Connection) -> None:
        """Let one export to these tables write at a time, until the end of the transaction.

        SQLite does so by itself; PostgreSQL by an advisory lock, which readers do not feel.
        """
        from sqlalchemy import func, select

        if self._address.is_postgresql:
            number = zlib.crc32(f"hunyuanocr {self._prefix}".encode())
            connection.execute(select(func.pg_advisory_xact_lock(number)))

    def upsert(self, table: Table) -> Any:
        """The statement that writes a row, in the place of one of the same key."""
        from sqlalchemy.dialects import postgresql, sqlite

        dialect: Any = postgresql if self._address.is_postgresql else sqlite
        statement = dialect.insert(table)
        keys = table.primary_key.columns.keys()
        changed = {name: statement.excluded[name] for name in table.c.keys() if name not in keys}  # noqa: SIM118
        if not changed:
            return statement.on_conflict_do_nothing()
        return statement.on_conflict_do_update(index_elements=keys, set_=changed)

    def _refused(self, message: str) -> ArchiveError:
        return ArchiveError(
            message, source=self._address.shown, remedy="choose another --prefix, or drop these tables first"
        )
