"""The address of a database: which driver is used for it, and how it is shown without its password."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from langchain_hunyuanocr.errors import ArchiveError, require

if TYPE_CHECKING:
    from sqlalchemy import URL

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
