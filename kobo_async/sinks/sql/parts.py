"""The tables and columns of a database, and what of a layout goes there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs

from kobo_async.forms.columns import Holds

TOMBSTONE: Final = "_deleted_at"
SUBMISSION: Final = "_submission__id"
INDEX: Final = "_index"


@attrs.frozen
class Entry:
    """A column of the database and what it is for: a row of the table `_kobo_columns`.

    Attributes:
        root: the table of the submissions that its table belongs to.
        repeat: path of the repeat; empty for the submissions.
        part: 1, or more for what has no room in the first table.
        header: name of the column in the layout.
        key: whether it tells the rows of its table apart.
    """

    root: str
    repeat: str
    part: int
    table: str
    column: str
    header: str
    path: str
    label: str | None
    type: str
    holds: Holds
    key: bool


@attrs.frozen
class Slot:
    """Where the cells of one column of a layout go.

    Attributes:
        place: of the column in its batch.
        entry: as it shall be.
        was: as it is in the database; None if it is not there.
    """

    place: int
    holds: Holds
    entry: Entry
    was: Entry | None


@attrs.frozen
class Part:
    """A table of the database.

    Attributes:
        slots: its columns, those of the key first.
        keys: how many of them are the key.
        kept: columns of earlier layouts.
    """

    name: str
    number: int
    repeat: str
    slots: tuple[Slot, ...]
    keys: int
    kept: tuple[Entry, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All columns that the table has, or shall have."""
        return (*(slot.entry for slot in self.slots), *self.kept)


@attrs.frozen
class Limits:
    """What a database can take.

    Attributes:
        columns: of one table.
        row: bytes that a row must fit in.
        longest: bytes of a name; None for any length.
        columns_taken: casefolded names that a column cannot have.
        width: bytes that a cell may need of its row at worst.
    """

    columns: int
    row: int
    longest: int | None
    columns_taken: frozenset[str]
    width: Callable[[Holds], int]
