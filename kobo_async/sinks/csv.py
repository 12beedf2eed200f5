"""Tables as CSV: `data.csv` holds the submissions, `data.<table>.csv` the rows of each repeat.

UTF-8, commas, CRLF, a header line, quotes where RFC 4180 asks for them. Every table of the form has
its file, also where nobody answered. Cells read back best like this:

* nothing is an empty cell;
* yes and no are `TRUE` and `FALSE`, which Excel, R, pandas, Polars, DuckDB and PostgreSQL all take;
* dates and times are ISO 8601, times with the offset that was sent: `2026-11-21T08:00:00+02:00`;
* numbers have as many digits as they need to be read back the same;
* several choices stand with spaces between them, as in the server's own exports.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import anyio.lowlevel

from kobo_async.forms.columns import Batch, Cells, Column, Holds, Layout
from kobo_async.sinks.base import Target, beside
from kobo_async.sinks.names import file_parts
from kobo_async.sinks.packing import PackedSink

FORMULA: Final = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""With the wide forms of the four signs."""
NUMBERS: Final = re.compile(
    r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?([ ;]+[+-]?[0-9]+(\.[0-9]*)?)*;?"
)
TEXTUAL: Final = frozenset({Holds.TEXT, Holds.TEXTS, Holds.JSON})


FLAGS: Final = {None: None, True: "TRUE", False: "FALSE"}


def _moments(cells: Cells) -> Cells:
    return [None if cell is None else cell.isoformat() for cell in cells]


def _flags(cells: Cells) -> Cells:
    return [FLAGS[cell] for cell in cells]


def joined(cells: Cells) -> Cells:
    """Write lists of names as the server does, with spaces between them."""
    return [None if cell is None else " ".join(cell) for cell in cells]


WRITTEN: Final[Mapping[Holds, Callable[[Cells], Cells]]] = {
    Holds.BOOLEAN: _flags,
    Holds.TIMESTAMP: _moments,
    Holds.TEXTS: joined,
}
"""What `csv.writer` would not write as it should."""


class Csv(PackedSink):
    """Files of comma separated values, one for each table.

    `.gz` or `.zst` at the end of the name packs them all. The file of the submissions gets its name
    last. Files of repeats that the form no longer has are left alone.

    Args:
        target: the file of the submissions.
        layout: the tables.
        delimiter: what stands between cells; a tabulator makes TSV.
        bom: begin with the mark by which Excel knows UTF-8; other programs read it as part of the
            first header.
        neutralise_formulas: put `'` before texts that a spreadsheet would compute (`=`, `+`, `-`,
            `@`, tabulators and line breaks at the beginning, and the wide forms of those signs).
            Texts that are numbers, such as `-1.5` or the places `-1.5 36.8 0 0`, stay.
    """

    def __init__(
        self,
        target: Target,
        layout: Layout,
        *,
        delimiter: str = ",",
        bom: bool = False,
        neutralise_formulas: bool = False,
    ) -> None:
        names = [table.name for table in layout.tables]
        super().__init__(target, *(beside(target, part) for part in file_parts(names[1:])))
        self._layout = layout
        self._places = {name: place for place, name in enumerate(names)}
        self._delimiter = delimiter
        self._mark = "\ufeff" if bom else ""
        self._safe = neutralise_formulas

    async def _begin(self) -> None:
        await super()._begin()
        for place, table in enumerate(self._layout.tables):
            names: Iterable[str | None] = (column.name for column in table.columns)
            header = self._lines([tuple(map(harmless, names) if self._safe else names)])
            await self._put(self._mark.encode() + header, place)

    async def write(self, batches: Sequence[Batch], /) -> None:
        """Take some more rows of any of the tables."""
        for batch in batches:
            columns = zip(batch.table.columns, batch.cells, strict=True)
            cells = [self._written(column, cells) for column, cells in columns]
            await self._put(self._lines(zip(*cells, strict=True)), self._places[batch.table.name])
        await anyio.lowlevel.checkpoint()

    def _written(self, column: Column, cells: Cells) -> Iterable[Any]:
        write = WRITTEN.get(column.holds)
        texts = write(cells) if write else cells
        return map(harmless, texts) if self._safe and column.holds in TEXTUAL else texts

    def _lines(self, rows: Iterable[Iterable[Any]]) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self._delimiter).writerows(rows)
        return text.getvalue().encode()


def harmless(text: str | None) -> str | None:
    """Return a text that no spreadsheet computes: itself, or `'` and itself."""
    if not text or not FORMULA.match(text) or NUMBERS.fullmatch(text):
        return text
    return f"'{text}"
