"""Tables that the sink keeps for itself: what each column is, and what synchronisations remember.

`_kobo_columns` is there to be read by people too: it has path, label, type and full header of every
column of every project in the database, or schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import attrs
import orjson
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    Text,
    delete,
    insert,
    select,
)

from kobo_async.forms.columns import Holds
from kobo_async.sinks.sql.parts import Entry

COLUMNS: Final = "_kobo_columns"
STATES: Final = "_kobo_sync"


def _key(name: str) -> Column[Any]:
    return Column(f"{name}_name", Text, primary_key=True, key=name)


class Registry:
    """The two tables, in one schema."""

    def __init__(self, schema: str | None) -> None:
        self.metadata = MetaData(schema=schema)
        others = [name for name in attrs.fields_dict(Entry) if name not in {"table", "column"}]
        kinds = {"part": Integer, "key": Boolean}
        self._columns = Table(
            COLUMNS,
            self.metadata,
            _key("table"),
            _key("column"),
            *(Column(name, kinds.get(name, Text)) for name in others),
        )
        self._states = Table(
            STATES, self.metadata, Column("key", Text, primary_key=True), Column("state", Text)
        )

    def create(self, connection: Connection) -> None:
        """Make the tables where they are missing."""
        self.metadata.create_all(connection)

    def entries(self, connection: Connection) -> Sequence[Entry]:
        """Return all columns of all projects, first those of first parts."""
        names = list(attrs.fields_dict(Entry))
        found = connection.execute(select(*(self._columns.c[name] for name in names)))
        rows = (dict(zip(names, row, strict=True)) for row in found)
        return sorted(
            (Entry(**row | {"holds": Holds(row["holds"])}) for row in rows),
            key=lambda entry: entry.part,
        )

    def note(self, connection: Connection, changes: Iterable[tuple[Entry | None, Entry]]) -> None:
        """Write down columns, new ones and those that changed."""
        table, changes = self._columns, list(changes)
        for was, _ in changes:
            if was:
                same = (table.c["table"] == was.table, table.c["column"] == was.column)
                connection.execute(delete(table).where(*same))
        rows = [attrs.asdict(now) | {"holds": now.holds.value} for _, now in changes]
        if rows:
            connection.execute(insert(table), rows)

    def read_state(self, connection: Connection, key: str) -> Any:
        """Return what was written under a key; None if nothing was."""
        query = select(self._states.c.state).where(self._states.c.key == key)
        found = connection.execute(query).scalar()
        return None if found is None else orjson.loads(found)

    def write_state(self, connection: Connection, key: str, state: Any) -> None:
        """Write JSON under a key."""
        connection.execute(delete(self._states).where(self._states.c.key == key))
        text = orjson.dumps(state).decode()
        connection.execute(insert(self._states), {"key": key, "state": text})
