"""Addresses of databases: `sqlite:///file.db`, `postgresql://user:password@host/database`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import attrs

from kobo_async.errors import ConfigError
from kobo_async.extras import needed

with needed("sql"):
    from sqlalchemy import URL, make_url
    from sqlalchemy.exc import ArgumentError

DRIVERS: Final = {
    "sqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
SECRET: Final = re.compile("pass|secret|token|key", re.IGNORECASE)
"""What is in the names of those parameters of the drivers that are not shown."""


def _shown(url: URL) -> str:
    secret = [name for name in url.query if SECRET.search(name)]
    plain = url.set(drivername=url.get_backend_name()).difference_update_query(secret)
    return plain.render_as_string()


@attrs.frozen
class Address:
    """Where tables are. Shown without passwords, those in the query too.

    Attributes:
        url: the address with the driver to use.
        schema: of PostgreSQL; None for the first one of the search path.
    """

    url: URL = attrs.field(repr=_shown)
    schema: str | None = None

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of SQLite."""
        return self.url.get_backend_name() == "sqlite"

    def __str__(self) -> str:
        return _shown(self.url)


def address_of(url: str, schema: str | None = None) -> Address:
    """Read an address; `?schema=` names the schema too.

    Raises:
        ConfigError: for an address that cannot be used. It does not repeat what was given,
            because that may hold a password.
    """
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigError(
            "not the address of a database: sqlite:///file.db and "
            "postgresql://user:password@host/database are"
        ) from None
    name = read.drivername.partition("+")[0]
    if name not in DRIVERS:
        raise ConfigError(f"{name}:// cannot be written to: sqlite:// and postgresql:// can")
    given = read.query.get("schema")
    found = schema or (given if isinstance(given, str) else None) or None
    address = Address(read.set(drivername=DRIVERS[name]).difference_update_query(["schema"]), found)
    return _file(address) if address.is_sqlite else address


def _file(address: Address) -> Address:
    if address.schema:
        raise ConfigError("SQLite has no schemas: name another file")
    if address.url.database in {None, "", ":memory:"}:
        raise ConfigError("name a file: sqlite:///file.db, or sqlite:////folder/file.db")
    folder = Path(str(address.url.database)).absolute().parent
    if not folder.is_dir():
        raise ConfigError(f"there is no folder {folder}: make it first")
    return address
