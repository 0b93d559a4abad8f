"""SQL schema of an export, and the address of its database without the password."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from langchain_hunyuanocr.archive.export.rows import ROWS, Row, columns
from langchain_hunyuanocr.errors import ArchiveError, require

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine, Table

_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_MASK = "***"
_SECRET = re.compile("pass", re.IGNORECASE)
"""In the names of a URL's query parameters: `password`, `sslpassword`, `passfile`."""


class Address:
    """A database's URL.

    Args:
        url: As SQLAlchemy writes it, `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/DATABASE`.

    Attributes:
        url: The same with this package's choice of driver.
        shown: The same without a password in it.

    Raises:
        ArchiveError: It is no URL, or of another kind of database.
    """

    def __init__(self, url: str) -> None:
        sqlalchemy = require("sqlalchemy", extra="sql", error=ArchiveError)
        try:
            parsed: URL = sqlalchemy.make_url(url)
            driver = _DRIVERS[parsed.drivername.partition("+")[0]]
        except (sqlalchemy.exc.ArgumentError, ValueError, KeyError) as exc:
            # The URL is not repeated: what cannot be parsed cannot be masked.
            raise ArchiveError(
                "the address of the database is not understood",
                remedy="write --url sqlite:///FILE or --url postgresql://USER:PASSWORD@HOST/DATABASE",
            ) from exc
        if driver != "sqlite":
            require("psycopg", extra="sql", error=ArchiveError)
        self.url = parsed.set(drivername=driver)
        hidden = {key: _MASK for key in parsed.query if _SECRET.search(key)}
        self.shown = parsed.update_query_dict(hidden).render_as_string(hide_password=True)
        given = [parsed.password, *(parsed.query[key] for key in hidden)]
        self._secrets = [secret for secret in given if isinstance(secret, str) and secret]

    @property
    def is_postgresql(self) -> bool:
        """Whether the database is PostgreSQL."""
        return self.url.drivername.startswith("postgresql")

    def hide(self, text: str) -> str:
        """A message on one line, with the passwords in it masked."""
        for secret in self._secrets:
            for form in (secret, quote(secret, safe=""), quote_plus(secret)):
                text = text.replace(form, _MASK)
        return " ".join(text.split())


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
