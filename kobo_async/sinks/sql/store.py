"""The tables of one project in a database: written, marked and removed.

Everything happens on the connection of a `Database`, inside one of its transactions:

    store = Store(database, layout)
    async with database.transaction():
        await store.prepare()
        await store.upsert(tabulator.add(rows))
        await store.write_state("history", {"until": "2026-11-21T00:16:20Z"})
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import attrs

from kobo_async.errors import ConfigError
from kobo_async.extras import needed
from kobo_async.forms.columns import Batch, Layout
from kobo_async.sinks.sql.database import Database
from kobo_async.sinks.sql.parts import TOMBSTONE, Entry
from kobo_async.sinks.sql.plan import key_places
from kobo_async.sinks.sql.schema import Schema
from kobo_async.sinks.sql.tables import Stored

with needed("sql"):
    from sqlalchemy import Connection, delete, func, select, update

AT_ONCE: Final = 500
"""Ids in one statement."""


class Store:
    """The tables of one layout.

    Args:
        database: open.
        layout: made with `TableOptions(numbering="submission")`.
        prefix: stands before the names of the tables.
        tombstones: give submissions a column `_deleted_at`.
        at_once: all rows come in one transaction, which ends with `finish`: faster where tables
            are new.
    """

    def __init__(
        self,
        database: Database,
        layout: Layout,
        *,
        prefix: str = "",
        tombstones: bool = False,
        at_once: bool = False,
    ) -> None:
        self.database = database
        self._columns = {table.path: table.columns for table in layout.tables}
        self._schema = Schema(
            database.backend,
            database.registry,
            layout,
            database.schema,
            prefix,
            tombstones,
            at_once,
        )
        self._tables: tuple[tuple[Stored, ...], ...] = ()
        self._known: Sequence[Entry] = ()
        self._writers: dict[str, list[Any]] = {}
        self._highest = 0

    @property
    def replaced(self) -> int:
        """Return how many characters that the database cannot hold were replaced so far."""
        return sum(writer.replaced for writers in self._writers.values() for writer in writers)

    async def prepare(self) -> None:
        """Bring the tables up to the layout; to be called first in every transaction.

        They are looked at again when what is written down of them has changed meanwhile.

        Raises:
            ConfigError: see `Schema.migrate`.
        """
        await self.database.run(self._prepare)

    async def upsert(self, batches: Sequence[Batch]) -> None:
        """Write submissions by `_id`, with all of their repeats, over what is there of them.

        Those that were marked as deleted live again.

        Args:
            batches: what `Tabulator.add` makes of a page. Repeats may be written later than their
                submissions, but not before. No submission twice.
        """
        # Read here: what a thread does in Python stands in the way of the download anyway.
        read = [attrs.evolve(batch, cells=tuple(batch.cells)) for batch in batches]
        await self.database.leave(self._upsert, read)

    async def remove(self, ids: Sequence[int]) -> None:
        """Remove submissions and their repeats."""
        await self.database.run(self._remove, ids)

    async def mark_deleted(self, ids: Sequence[int], when: datetime) -> None:
        """Note when submissions were deleted; those that are marked keep their time."""
        await self.database.run(self._mark, ids, when)

    async def finish(self) -> None:
        """Bind the rows of new tables to their submissions, if they came `at_once`."""
        await self.database.run(self._finish)

    async def read_state(self, key: str) -> Any:
        """Return what was written under a key; None if nothing was."""
        return await self.database.run(self.database.registry.read_state, key)

    async def write_state(self, key: str, state: Any) -> None:
        """Write JSON under a key, in the same transaction as the data."""
        await self.database.run(self.database.registry.write_state, key, state)

    def _prepare(self, connection: Connection) -> None:
        known = self._schema.lock(connection)
        if not self._tables or known != self._known:
            self._migrate(connection, known)
        (key,) = self._root.keys
        self._highest = connection.execute(select(func.max(key))).scalar() or 0

    def _migrate(self, connection: Connection, known: Sequence[Entry]) -> None:
        self._tables = self._schema.migrate(connection, known)
        self._known = self.database.registry.entries(connection)
        self._writers = {
            parts[0].part.repeat: [
                self.database.backend.writer(one.part, one.name, tombstone=one.has_tombstone)
                for one in parts
            ]
            for parts in self._tables
        }

    def _finish(self, connection: Connection) -> None:
        for stored in (one for parts in self._tables for one in parts):
            self._schema.bind(connection, stored)
        self._tables = ()

    @property
    def _root(self) -> Stored:
        if not self._tables:
            raise RuntimeError("a store is prepared in every transaction")
        return self._tables[0][0]

    def _upsert(self, connection: Connection, batches: Sequence[Batch]) -> None:
        root = self._root.part.repeat
        whole = any(batch.table.path == root for batch in batches)
        fresh = whole
        for batch in batches:
            if batch.table.path == root:
                fresh = self._make_room(connection, batch)
        driver = connection.connection.driver_connection
        for batch in batches:
            if self._columns.get(batch.table.path) != batch.table.columns:
                raise ValueError(f"rows of {batch.table.name!r} are of another layout")
            alone = fresh if batch.table.path == root else whole
            for writer in self._writers[batch.table.path]:
                writer.put(driver, batch.cells, fresh=alone)

    def _make_room(self, connection: Connection, batch: Batch) -> bool:
        """Remove the repeats of submissions that may be there; tell whether none can be."""
        (place,) = key_places(batch.table)
        ids = batch.cells[place]
        if None in ids or len(set(ids)) < len(ids):
            raise ValueError("a page has a submission twice, or without _id")
        old = [one for one in ids if one <= self._highest]
        self._highest = max(self._highest, *ids, 0)
        self._remove_rows(connection, self._tables[1:], old)
        return not old

    def _remove(self, connection: Connection, ids: Sequence[int]) -> None:
        self._remove_rows(connection, self._tables, ids)

    def _remove_rows(
        self, connection: Connection, tables: Sequence[Sequence[Stored]], ids: Sequence[int]
    ) -> None:
        """Remove the rows of submissions, from tables and from what hangs on them first."""
        for stored in (one for parts in reversed(tables) for one in reversed(parts)):
            for some in _chunks(ids):
                connection.execute(delete(stored.table).where(stored.keys[0].in_(some)))

    def _mark(self, connection: Connection, ids: Sequence[int], when: datetime) -> None:
        table, (key,) = self._root.table, self._root.keys
        if not self._root.has_tombstone:
            raise ConfigError("submissions cannot be marked as deleted: ask for tombstones")
        change = update(table).values({TOMBSTONE: self.database.backend.moment(when)})
        for some in _chunks(ids):
            connection.execute(change.where(key.in_(some), table.c[TOMBSTONE].is_(None)))


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
