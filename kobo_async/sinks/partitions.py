"""Divides tables by an answer, or by the month of a time, as `key=value` folders name it.

The rows of repeats go where their submission goes. Columns stay in the files: the key has a name
of its own, so that readers which add it to the table find no other column under it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote

from kobo_async.errors import ConfigError
from kobo_async.extras import needed
from kobo_async.forms.columns import Column, Holds, Layout
from kobo_async.sinks.pile import id_column

with needed("arrow"):
    import pyarrow as pa
    import pyarrow.compute as pc

TIMES: Final = frozenset({Holds.DATE, Holds.TIMESTAMP})
MONTH: Final = len("2026-11")
MISSING: Final = "missing"


class Partition:
    """Divides the tables of a layout by one column of the submissions.

    Raises:
        ConfigError: for a column that is not there, or holds several values.
    """

    def __init__(self, layout: Layout, name: str) -> None:
        main, *repeats = layout.tables
        column = next((one for one in main.columns if one.name == name), None)
        if column is None or column.holds is Holds.TEXTS:
            raise ConfigError(f"{main.name} has no column {name!r} with single values")
        self._main, self._column = main.name, column
        self._ids = {table.name: id_column(table) for table in layout.tables}
        if repeats and self._ids[main.name] is None:
            raise ConfigError("rows of repeats need the column _id to go with their submission")
        key = quote(name, safe="") + ("_month" if column.holds in TIMES else "_value")
        self._key = key.lstrip("._")  # readers take folders that begin so for hidden

    def split(self, pieces: Mapping[str, pa.Table]) -> Iterator[tuple[str, str, pa.Table]]:
        """Yield tables, names of their folders, and the rows that go there."""
        of_submission = _values(pieces[self._main], self._column)
        for name, piece in pieces.items():
            values = of_submission
            if name != self._main:
                values = of_submission.take(self._places(pieces, name))
            for value in pc.unique(values):
                folder = f"{self._key}={quote(value.as_py(), safe='')}"
                yield name, folder, piece.filter(pc.equal(values, value))

    def _places(self, pieces: Mapping[str, pa.Table], name: str) -> pa.Array:
        """Return for each row of a repeat where its submission stands."""
        ids = pieces[self._main][self._ids[self._main]].combine_chunks()
        return pc.index_in(pieces[name][self._ids[name]], value_set=ids)


def _values(table: pa.Table, column: Column) -> pa.ChunkedArray:
    texts = table[column.name].cast(pa.string())
    if column.holds in TIMES:
        texts = pc.utf8_slice_codeunits(texts, 0, MONTH)
    return pc.fill_null(texts, MISSING)
