"""SQLite: rows by `executemany`, in the mode that lets others read meanwhile where there are any.

Its types say how a column is meant; dates and moments are ISO 8601, lists and objects JSON, and
truth is 1 and 0.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, Text, create_engine, event, literal, types
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from kobo_async.forms.columns import Cells, Holds
from kobo_async.sinks.once import each, filled
from kobo_async.sinks.sql.address import Address
from kobo_async.sinks.sql.backend import listed, on_conflict, quoted
from kobo_async.sinks.sql.names import REPLACEMENT, UNFIT_IN_UTF8
from kobo_async.sinks.sql.parts import TOMBSTONE, Entry, Limits, Part, Slot
from kobo_async.sinks.sql.texts import WRITERS, utc

AT_ONCE: Final = 1.0
"""Seconds that nothing can interrupt, while others write."""
TYPES: Final[Mapping[Holds, types.TypeEngine[Any]]] = {
    Holds.TEXT: types.Text(),
    Holds.INTEGER: types.INTEGER(),
    Holds.DECIMAL: types.REAL(),
    Holds.BOOLEAN: types.BOOLEAN(),
    Holds.DATE: types.DATE(),
    Holds.TIME: types.TIME(),
    Holds.TIMESTAMP: types.TIMESTAMP(),
    Holds.TEXTS: types.Text(),
    Holds.JSON: types.Text(),
}
BOUND: Final = frozenset({Holds.INTEGER, Holds.DECIMAL})
"""What the driver takes as it is."""
NULL: Final = math.nan
"""SQLite keeps it as NULL. The driver binds numbers and texts at once; for anything else, None and
truths among it, it looks for an adapter first, which takes ten times as long."""
MANY: Final = 100
"""Rows from which on it is quicker to say once what is the same in all of them than to bind it."""
SHORT: Final = 50
"""Characters of such a text: a statement may have a million bytes, and 2000 columns."""
TRUTH: Final = {None: NULL, True: 1, False: 0}
LET_OTHERS_READ: Final = "PRAGMA journal_mode = WAL"
SETTINGS: Final = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -65536",  # KiB
)


class Sqlite:
    """A file of SQLite."""

    limits = Limits(
        columns=1990,  # of 2000
        row=1,
        longest=None,
        columns_taken=frozenset({TOMBSTONE}),
        width=lambda _: 0,
    )
    types = TYPES
    error: type[Exception] = sqlite3.Error
    binds_late = False  # it cannot
    is_apart = False

    def engine(self, address: Address, *, at_once: bool) -> Engine:
        """Prepare to open the file; transactions begin by keeping other writers out.

        What comes `at_once` is written straight into a new file, and to no log before: there is
        nothing yet for others to read.
        """
        arguments = {"check_same_thread": False, "timeout": AT_ONCE}
        engine = create_engine(address.url, poolclass=NullPool, connect_args=arguments)

        def set_up(driver: sqlite3.Connection, _: Any) -> None:
            driver.isolation_level = None
            for setting in SETTINGS:
                driver.execute(setting)
            if not (at_once and _is_new(driver)):
                driver.execute(LET_OTHERS_READ)

        event.listen(engine, "connect", set_up)
        event.listen(engine, "begin", lambda found: found.exec_driver_sql("BEGIN IMMEDIATE"))
        event.listen(engine, "close", _let_others_read)
        return engine

    def is_busy(self, error: DBAPIError) -> bool:
        """Tell whether the file is locked."""
        return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY

    def begin(self, connection: Connection) -> bool:
        """Begin a transaction; give up and say so after a second if others write."""
        try:
            connection.begin()
        except DBAPIError as error:
            if not self.is_busy(error):
                raise
            return False
        return True

    def interrupt(self, driver: sqlite3.Connection) -> None:
        """Make a running statement fail."""
        driver.interrupt()

    def lock(self, connection: Connection, name: str) -> None:
        """Do nothing: a transaction keeps others out of the whole file."""

    def widen(self, connection: Connection, table: str, column: str, to: Holds) -> None:
        """Make a new column and move the cells there: SQLite cannot change a type."""
        driver = connection.connection.driver_connection
        assert driver is not None
        new, old = quoted(column), quoted(f"{column} before")
        kind = TYPES[to].compile(dialect=connection.dialect)
        declared = _declared(driver, table, column)
        cell = f"CAST({old} AS {kind})"
        if declared == "BOOLEAN":
            cell = f"CASE {old} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
        driver.execute(f"ALTER TABLE {table} RENAME COLUMN {new} TO {old}")
        driver.execute(f"ALTER TABLE {table} ADD COLUMN {new} {kind}")
        driver.execute(f"UPDATE {table} SET {new} = {cell}")  # noqa: S608 - quoted
        driver.execute(f"ALTER TABLE {table} DROP COLUMN {old}")

    def describe(self, connection: Connection, table: str, entries: Sequence[Entry]) -> None:
        """Do nothing: SQLite has no comments."""

    def moment(self, when: datetime) -> ColumnElement[Any]:
        """Write a moment as text."""
        return literal(utc(when), Text())

    def writer(self, part: Part, table: str, *, tombstone: bool) -> SqliteWriter:
        """Prepare to write to a table."""
        return SqliteWriter(part, table, tombstone=tombstone)


def _let_others_read(driver: sqlite3.Connection, _: Any) -> None:
    with suppress(sqlite3.Error):  # whoever is in the way has seen to it
        driver.execute(LET_OTHERS_READ)


def _is_new(driver: sqlite3.Connection) -> bool:
    found: tuple[int] = driver.execute("PRAGMA page_count").fetchone()
    return found == (0,)


def _declared(driver: sqlite3.Connection, table: str, column: str) -> str:
    found = driver.execute(f"PRAGMA table_info({table})")
    return next(str(kind) for _, name, kind, *_ in found if name == column)


class SqliteWriter:
    """Writes the rows of one table.

    Attributes:
        replaced: halves of UTF-16 pairs, which UTF-8 does not have, replaced so far.
    """

    def __init__(self, part: Part, table: str, *, tombstone: bool) -> None:
        names = [slot.entry.column for slot in part.slots]
        self._into = f"{table} ({listed(names)})"
        self._then = on_conflict(part, tombstone=TOMBSTONE if tombstone else None)
        self._slots = part.slots
        self.replaced = 0

    def put(self, driver: sqlite3.Connection, cells: tuple[Cells, ...], *, fresh: bool) -> None:
        """Write rows, over those with the same key."""
        then = "" if fresh else self._then
        columns = [_bindable(slot, cells[slot.place]) for slot in self._slots]
        try:
            self._execute(driver, columns, then)
        except UnicodeEncodeError:
            columns = [[self._clean(cell) for cell in column] for column in columns]
            self._execute(driver, columns, self._then)  # over the rows before

    def _execute(self, driver: sqlite3.Connection, columns: list[Cells], then: str) -> None:
        many = len(columns[0]) >= MANY
        literals = [_literal(column) if many else None for column in columns]
        values = ", ".join(literal or "?" for literal in literals)
        pairs = zip(literals, columns, strict=True)
        bound = [column for literal, column in pairs if literal is None]
        sql = f"INSERT INTO {self._into} VALUES ({values}){then}"  # noqa: S608 - quoted
        driver.executemany(sql, zip(*bound, strict=True))

    def _clean(self, cell: Any) -> Any:
        if not isinstance(cell, str):
            return cell
        text, count = UNFIT_IN_UTF8.subn(REPLACEMENT, cell)
        self.replaced += count
        return text


def _bindable(slot: Slot, cells: Cells) -> Cells:
    widened = slot.entry.holds is Holds.TEXT
    if slot.holds is Holds.BOOLEAN and not widened:
        return list(map(TRUTH.__getitem__, cells))
    write = WRITERS.get(slot.holds)
    if write is None or (slot.holds in BOUND and not widened):
        return filled(cells, NULL)
    return each(write, cells, NULL)


def _literal(cells: Cells) -> str | None:
    """Write in SQL what all cells are; None where they differ, or SQL has no exact word for it."""
    cell = cells[0]
    if cells[-1:] != [cell] or cells.count(cell) < len(cells):
        return None
    if isinstance(cell, str) and len(cell) <= SHORT and "\0" not in cell:
        return "'{}'".format(cell.replace("'", "''"))
    if isinstance(cell, int):
        return str(cell)
    return "NULL" if cell is NULL else None
