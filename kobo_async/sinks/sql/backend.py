"""What differs between the databases: `sqlite.py` and `postgres.py` fill it in.

Nothing here is asynchronous; `worker.py` runs it in threads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from kobo_async.forms.columns import Cells, Holds
from kobo_async.sinks.sql.address import Address
from kobo_async.sinks.sql.parts import Entry, Limits, Part


class Writer(Protocol):
    """Writes the rows of one table of the database."""

    @property
    def replaced(self) -> int:
        """Return how many characters that the database cannot hold were replaced so far."""
        ...

    def put(self, driver: Any, cells: tuple[Cells, ...], *, fresh: bool) -> None:
        """Write rows, over those with the same key; `fresh` promises that there are none."""
        ...


class Backend(Protocol):
    """One kind of database.

    Attributes:
        limits: what it can take.
        types: its type for every kind of cell.
        error: base class of what its driver raises.
        binds_late: whether new tables get their foreign keys when they are filled, which is faster
            than checking row by row.
        is_apart: whether it works in a process of its own.
    """

    limits: Limits
    types: Mapping[Holds, TypeEngine[Any]]
    error: type[Exception]
    binds_late: bool
    is_apart: bool

    def engine(self, address: Address, *, at_once: bool) -> Engine:
        """Prepare to connect; `at_once` as in `Database`."""
        ...

    def is_busy(self, error: DBAPIError) -> bool:
        """Tell whether others who write are in the way."""
        ...

    def begin(self, connection: Connection) -> bool:
        """Begin a transaction; give up and say so after a second if others are in the way."""
        ...

    def interrupt(self, driver: Any) -> None:
        """Make a running statement fail; without effect if there is none."""
        ...

    def lock(self, connection: Connection, name: str) -> None:
        """Keep others from writing under this name until the transaction ends."""
        ...

    def widen(self, connection: Connection, table: str, column: str, to: Holds) -> None:
        """Change the type of a column, its cells with it.

        Raises:
            ConfigError: if something in the database is in the way.
        """
        ...

    def describe(self, connection: Connection, table: str, entries: Sequence[Entry]) -> None:
        """Write down what columns are, for those who look at the database."""
        ...

    def moment(self, when: datetime) -> ColumnElement[Any]:
        """Write a moment as cells of its type are written."""
        ...

    def writer(self, part: Part, table: str, *, tombstone: bool) -> Writer:
        """Prepare to write to a table, of which the quoted name is given."""
        ...


def quoted(name: str) -> str:
    """Quote a name, as standard SQL does."""
    return '"{}"'.format(name.replace('"', '""'))


def qualified(name: str, schema: str | None) -> str:
    """Quote the name of a table."""
    return f"{quoted(schema)}.{quoted(name)}" if schema else quoted(name)


def listed(names: list[str]) -> str:
    """Quote names in a row."""
    return ", ".join(map(quoted, names))


def on_conflict(part: Part, *, tombstone: str | None) -> str:
    """Tell what to do with a row that is there: replace it, and let it live again."""
    names = [slot.entry.column for slot in part.slots]
    changes = [f"{quoted(name)} = excluded.{quoted(name)}" for name in names[part.keys :]]
    changes += [f"{quoted(tombstone)} = NULL"] if tombstone else []
    target = f" ON CONFLICT ({listed(names[: part.keys])}) DO "
    return target + (f"UPDATE SET {', '.join(changes)}" if changes else "NOTHING")
