"""PostgreSQL: rows by `COPY`, straight into the table or by way of a temporary one.

Rows that may be there already are copied into a temporary table first, and upserted from there by
one statement. Text cannot hold NUL: it is replaced by U+FFFD and counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    create_engine,
    event,
    func,
    literal,
    select,
    types,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from kobo_async.errors import ConfigError
from kobo_async.extras import needed
from kobo_async.forms.columns import Cells, Holds
from kobo_async.sinks.sql.address import Address
from kobo_async.sinks.sql.backend import listed, on_conflict, quoted
from kobo_async.sinks.sql.copying import Encoder
from kobo_async.sinks.sql.names import identifier
from kobo_async.sinks.sql.parts import TOMBSTONE, Entry, Limits, Part

with needed("postgresql"):
    import psycopg

TYPES: Final[Mapping[Holds, types.TypeEngine[Any]]] = {
    Holds.TEXT: types.Text(),
    Holds.INTEGER: types.BigInteger(),
    Holds.DECIMAL: types.Double(),
    Holds.BOOLEAN: types.Boolean(),
    Holds.DATE: types.Date(),
    Holds.TIME: types.Time(),
    Holds.TIMESTAMP: types.TIMESTAMP(timezone=True),
    Holds.TEXTS: ARRAY(types.Text()),
    Holds.JSON: JSONB(),
}
WIDTHS: Final = {Holds.BOOLEAN: 1, Holds.DATE: 4} | dict.fromkeys(
    (Holds.INTEGER, Holds.DECIMAL, Holds.TIME, Holds.TIMESTAMP), 8
)
LONGEST: Final = 63
"""Bytes of a name."""
POINTER: Final = 24
"""Bytes of a text in its row at worst; a longer one is kept elsewhere."""
SYSTEM: Final = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})
"""Columns that every table has."""
PATIENCE: Final = 5.0
"""Seconds that a request to stop may take."""


class Postgres:
    """A database of PostgreSQL."""

    limits = Limits(
        columns=1500,  # of 1600, and dropped ones count
        row=7800,  # of 8160, with the header and a bit for each column
        longest=LONGEST,
        columns_taken=SYSTEM | {TOMBSTONE},
        width=lambda holds: WIDTHS.get(holds, POINTER),
    )
    types = TYPES
    error: type[Exception] = psycopg.Error
    binds_late = True
    is_apart = True

    def engine(self, address: Address, *, at_once: bool) -> Engine:  # noqa: ARG002 - all the same
        """Prepare to connect."""
        engine = create_engine(address.url, poolclass=NullPool)

        def set_up(driver: psycopg.Connection, _: Any) -> None:
            with driver.cursor() as cursor:
                cursor.execute("SET TIME ZONE 'UTC'")
                cursor.execute("SET client_encoding = 'UTF8'")
                cursor.execute("SET standard_conforming_strings = on")
                cursor.execute("SHOW server_encoding")
                found = cursor.fetchone()
            driver.commit()
            if found != ("UTF8",):
                raise ConfigError(f"the database holds {found and found[0]}: make one with UTF8")

        event.listen(engine, "connect", set_up)
        return engine

    def is_busy(self, error: DBAPIError) -> bool:  # noqa: ARG002 - as of SQLite
        """Tell that nobody is ever in the way."""
        return False

    def begin(self, connection: Connection) -> bool:
        """Begin a transaction: nobody is ever in the way of that."""
        connection.begin()
        return True

    def interrupt(self, driver: psycopg.Connection) -> None:
        """Ask the server to stop a running statement."""
        driver.cancel_safe(timeout=PATIENCE)

    def lock(self, connection: Connection, name: str) -> None:
        """Keep others from writing under this name until the transaction ends."""
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))

    def widen(self, connection: Connection, table: str, column: str, to: Holds) -> None:
        """Change the type of a column, its cells with it.

        Raises:
            ConfigError: if a view or an index needs the type it has.
        """
        kind, name = TYPES[to].compile(dialect=connection.dialect), quoted(column)
        using = f"(to_jsonb({name}) #>> '{{}}')::{kind}"
        driver = connection.connection.driver_connection
        assert driver is not None
        try:
            driver.execute(f"ALTER TABLE {table} ALTER COLUMN {name} TYPE {kind} USING {using}")
        except psycopg.Error as error:
            raise ConfigError(
                f"the form has changed, and column {name} of {table} must become {kind}, "
                f"but the database says: {str(error).strip()}"
            ) from error

    def describe(self, connection: Connection, table: str, entries: Sequence[Entry]) -> None:
        """Comment on columns: the label, and the type of the question."""
        comments = [
            f"COMMENT ON COLUMN {table}.{quoted(entry.column)} IS {_literal(_described(entry))}"
            for entry in entries
        ]
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute(";".join(comments))

    def moment(self, when: datetime) -> ColumnElement[Any]:
        """Write a moment."""
        return literal(when, TYPES[Holds.TIMESTAMP])

    def writer(self, part: Part, table: str, *, tombstone: bool) -> PostgresWriter:
        """Prepare to write to a table."""
        return PostgresWriter(part, table, tombstone=tombstone)


def _described(entry: Entry) -> str:
    return f"{entry.label or entry.path} ({entry.type})"


def _literal(text: str) -> str:
    """Quote a text; its backslashes mean themselves only after `standard_conforming_strings`."""
    return "'{}'".format(text.replace("'", "''"))


class PostgresWriter:
    """Writes the rows of one table.

    Attributes:
        replaced: characters that text cannot hold, replaced so far.
    """

    def __init__(self, part: Part, table: str, *, tombstone: bool) -> None:
        names = listed([slot.entry.column for slot in part.slots])
        stage = f"pg_temp.{quoted(identifier(f'_kobo_new_{part.name}', (), LONGEST))}"
        then = on_conflict(part, tombstone=TOMBSTONE if tombstone else None)
        self._direct = f"COPY {table} ({names}) FROM STDIN"
        self._copy = f"COPY {stage} ({names}) FROM STDIN"
        self._make = f"CREATE TEMPORARY TABLE IF NOT EXISTS {stage} (LIKE {table}) ON COMMIT DROP"
        self._merge = f"INSERT INTO {table} ({names}) SELECT {names} FROM {stage}{then}"  # noqa: S608 - quoted
        self._empty = f"TRUNCATE {stage}"
        self._encoder = Encoder(part.slots)

    @property
    def replaced(self) -> int:
        """Return how many characters were replaced so far."""
        return self._encoder.replaced

    def put(self, driver: psycopg.Connection, cells: tuple[Cells, ...], *, fresh: bool) -> None:
        """Write rows, over those with the same key."""
        data = self._encoder.encode(cells)
        with driver.cursor() as cursor:
            if fresh:
                _copy(cursor, self._direct, data)
                return
            cursor.execute(self._make)
            _copy(cursor, self._copy, data)
            cursor.execute(self._merge)
            cursor.execute(self._empty)


def _copy(cursor: psycopg.Cursor[Any], sql: str, data: Iterable[bytes]) -> None:
    with cursor.copy(sql) as copy:
        for some in data:
            copy.write(some)
