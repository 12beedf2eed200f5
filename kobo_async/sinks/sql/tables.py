"""Tables as SQLAlchemy draws them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from sqlalchemy import Column, ForeignKeyConstraint, MetaData, Table
from sqlalchemy.sql.elements import quoted_name
from sqlalchemy.types import TypeEngine

from kobo_async.forms.columns import Holds
from kobo_async.sinks.sql.backend import qualified
from kobo_async.sinks.sql.parts import TOMBSTONE, Entry, Part


@attrs.frozen
class Stored:
    """A table that is in the database now.

    Attributes:
        unbound: whether its foreign key is still missing.
    """

    part: Part
    table: Table
    unbound: bool = False

    @property
    def keys(self) -> tuple[Column[Any], ...]:
        """The columns of its key, the `_id` of the submission first."""
        return tuple(self.table.c[slot.entry.column] for slot in self.part.slots[: self.part.keys])

    @property
    def has_tombstone(self) -> bool:
        """Whether its rows can be marked as deleted."""
        return TOMBSTONE in self.table.c

    @property
    def name(self) -> str:
        """Its name, quoted, with that of its schema."""
        return qualified(self.part.name, self.table.schema)


def drawn(
    part: Part,
    metadata: MetaData,
    types: Mapping[Holds, TypeEngine[Any]],
    above: Stored | None,
    *,
    tombstone: bool,
) -> Table:
    """Draw a table with its key, below the table whose rows take its rows along when deleted."""
    columns = [_column(entry, types) for entry in part.entries]
    if tombstone:
        columns.append(Column(quoted_name(TOMBSTONE, quote=True), types[Holds.TIMESTAMP]))
    name = quoted_name(part.name, quote=True)
    table = Table(name, metadata, *columns, sqlite_with_rowid=part.keys == 1)
    if above:
        mine = [columns[place] for place in range(len(above.keys))]
        table.append_constraint(ForeignKeyConstraint(mine, above.keys, ondelete="CASCADE"))
    return table


def _column(entry: Entry, types: Mapping[Holds, TypeEngine[Any]]) -> Column[Any]:
    return Column(
        quoted_name(entry.column, quote=True),
        types[entry.holds],
        primary_key=entry.key,
        autoincrement=False,
    )
