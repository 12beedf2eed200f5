"""Makes the tables that a layout needs, and lets those that are there grow with the form."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from sqlalchemy import Connection, MetaData, Table, inspect
from sqlalchemy.schema import AddConstraint, CreateTable

from kobo_async.errors import ConfigError
from kobo_async.forms.columns import Layout
from kobo_async.sinks.sql.backend import Backend, qualified, quoted
from kobo_async.sinks.sql.parts import TOMBSTONE, Entry, Part
from kobo_async.sinks.sql.plan import plan, root_name
from kobo_async.sinks.sql.registry import Registry
from kobo_async.sinks.sql.tables import Stored, drawn


@attrs.frozen
class Schema:
    """The tables of one layout in one database.

    Attributes:
        schema: of PostgreSQL; None for the first one of the search path.
        prefix: stands before the names of the tables.
        tombstones: whether submissions get a column for the time they were deleted.
        binds_late: whether new tables may get their foreign keys by `bind` alone.
    """

    backend: Backend
    registry: Registry
    layout: Layout
    schema: str | None = None
    prefix: str = ""
    tombstones: bool = False
    binds_late: bool = False

    @property
    def root(self) -> str:
        """Name of the table of submissions."""
        return root_name(self.layout, self.prefix, self.backend.limits)

    def lock(self, connection: Connection) -> Sequence[Entry]:
        """Let others who write to the same tables wait; return the columns that there are."""
        self.backend.lock(connection, f"{self.schema or ''}.{self.root}")
        return self.registry.entries(connection)

    def migrate(
        self, connection: Connection, known: Sequence[Entry]
    ) -> tuple[tuple[Stored, ...], ...]:
        """Bring the database up to the layout; return the parts of each of its tables.

        Raises:
            ConfigError: for a table in the way or of another project, a layout without stable
                keys, or a column whose type cannot be changed.
        """
        inspector = inspect(connection)
        there = {*inspector.get_table_names(self.schema), *inspector.get_view_names(self.schema)}
        mine = [entry for entry in known if entry.root == self.root]
        if self.root in there and self.root not in {entry.table for entry in mine}:
            raise ConfigError(
                f"there is a table {self.root!r} that is not one of submissions: choose a prefix"
            )
        self._claim(connection)
        taken = {name.casefold() for name in (*there, *(entry.table for entry in known))}
        metadata, root, made = MetaData(schema=self.schema), None, []
        for parts in plan(self.layout, self.prefix, self.backend.limits, mine, taken):
            stored: list[Stored] = []
            for part in parts:
                above = stored[0] if stored else root
                stored.append(self._part(connection, part, metadata, above, part.name in there))
            root = root or stored[0]
            made.append(tuple(stored))
        return tuple(made)

    def _claim(self, connection: Connection) -> None:
        """Make sure that rows of two projects with one title never share tables."""
        key, mine = f"project of {self.root}", self.layout.form.uid
        owner = self.registry.read_state(connection, key)
        if mine and owner is None:
            self.registry.write_state(connection, key, mine)
        elif mine and owner != mine:
            raise ConfigError(
                f"the table {self.root!r} holds the project {owner}, not {mine}: choose a prefix"
            )

    def _part(
        self,
        connection: Connection,
        part: Part,
        metadata: MetaData,
        above: Stored | None,
        exists: bool,  # noqa: FBT001 - for one caller
    ) -> Stored:
        found = inspect(connection).get_columns(part.name, self.schema) if exists else []
        present = {str(column["name"]) for column in found}
        marked = not above and (self.tombstones or TOMBSTONE in present)
        table = drawn(part, metadata, self.backend.types, above, tombstone=marked)
        stored = Stored(
            part, table, unbound=not exists and self.binds_late and self.backend.binds_late
        )
        if exists:
            self._grow(connection, part, table, present)
        else:
            inline = () if stored.unbound else None
            connection.execute(CreateTable(table, include_foreign_key_constraints=inline))
        self._note(connection, stored)
        return stored

    def bind(self, connection: Connection, stored: Stored) -> None:
        """Add the foreign key to a new table: at once for all of its rows."""
        if stored.unbound:
            for constraint in stored.table.foreign_key_constraints:
                connection.execute(AddConstraint(constraint))

    def _grow(self, connection: Connection, part: Part, table: Table, present: set[str]) -> None:
        name = qualified(part.name, self.schema)
        for column in table.c:
            if column.name not in present:
                kind = column.type.compile(dialect=connection.dialect)
                _execute(connection, f"ALTER TABLE {name} ADD COLUMN {quoted(column.name)} {kind}")
        for slot in part.slots:
            was, now = slot.was, slot.entry
            if was and was.holds is not now.holds and was.column in present:
                self.backend.widen(connection, name, now.column, now.holds)

    def _note(self, connection: Connection, stored: Stored) -> None:
        changed = [slot for slot in stored.part.slots if slot.was != slot.entry]
        self.registry.note(connection, [(slot.was, slot.entry) for slot in changed])
        self.backend.describe(connection, stored.name, [slot.entry for slot in changed])


def _execute(connection: Connection, sql: str) -> None:
    """Run SQL as it is, percent signs and all."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(sql)
