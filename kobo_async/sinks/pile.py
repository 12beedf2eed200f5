"""Batches put aside as Arrow until there are enough of them for one write.

Columnar files and databases are slow, and large, when they get a page of rows at a time. What
waits is bounded by rows and by bytes. All tables are taken together, so that the rows of a piece
belong to the same submissions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kobo_async.extras import needed
from kobo_async.forms.columns import Batch, Layout, Table
from kobo_async.tables.arrow import ArrowTables

with needed("arrow"):
    import pyarrow as pa

MOST_ROWS: Final = 2**16
MOST_BYTES: Final = 2**23


class Pile:
    """Batches of the tables of one layout.

    Attributes:
        arrow: makes record batches of them, in memory that the system gets back: the default
            pool keeps some 50 MB of what was written.
    """

    def __init__(self, layout: Layout) -> None:
        self.arrow = ArrowTables(layout, pa.system_memory_pool())
        self._kept: dict[str, list[pa.RecordBatch]] = {name: [] for name in self.arrow.schemas}
        self._rows = self._bytes = 0

    def add(self, batches: Sequence[Batch]) -> bool:
        """Put batches aside, and tell whether it is time to take them all."""
        for batch in batches:
            made = self.arrow.convert(batch)
            self._kept[batch.table.name].append(made)
            self._rows += made.num_rows
            self._bytes += made.nbytes
        return self._rows >= MOST_ROWS or self._bytes >= MOST_BYTES

    def take(self) -> dict[str, pa.Table]:
        """Return what was put aside, a piece of every table in the order of the layout."""
        pieces = {name: self.arrow.table(name, kept) for name, kept in self._kept.items()}
        for kept in self._kept.values():
            kept.clear()
        self._rows = self._bytes = 0
        return pieces


def id_column(table: Table) -> str | None:
    """Return the column with the `_id` of the submission that a row belongs to, if there is one."""
    return next((column.name for column in table.columns if column.path == "_id"), None)
