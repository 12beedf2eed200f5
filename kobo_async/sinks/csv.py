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

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import time
from typing import Final

from kobo_async.forms.columns import Batch, Cells, Column, Holds, Layout
from kobo_async.sinks.base import Target, beside
from kobo_async.sinks.names import file_parts
from kobo_async.sinks.once import Write, dated, decimals, each, filled, integers, singly
from kobo_async.sinks.packing import PackedSink

FORMULA: Final = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""With the wide forms of the four signs."""
NUMBERS: Final = re.compile(
    r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?([ ;]+[+-]?[0-9]+(\.[0-9]*)?)*;?"
)
TEXTUAL: Final = frozenset({Holds.TEXT, Holds.TEXTS, Holds.JSON})
PLAIN: Final = frozenset("0123456789+-.:eTRUEFALSE")
"""What numbers, dates, yes and no are made of."""
FLAGS: Final = {None: "", True: "TRUE", False: "FALSE"}
LINE_END: Final = "\r\n"


def _flags(cells: Cells) -> Cells:
    return list(map(FLAGS.__getitem__, cells))


def _as_is(cells: Cells) -> Cells:
    return filled(cells, "")


def _by(write: Write) -> Callable[[Cells], Cells]:
    return lambda cells: each(write, cells, "")


WRITTEN: Final[Mapping[Holds, Callable[[Cells], Cells]]] = {
    Holds.TEXT: _as_is,
    Holds.JSON: _as_is,
    Holds.BOOLEAN: _flags,
    Holds.INTEGER: integers,
    Holds.DECIMAL: decimals,
    Holds.DATE: _by(dated),
    Holds.TIME: _by(singly(time.isoformat)),
    Holds.TIMESTAMP: _by(dated),
    Holds.TEXTS: _by(singly(" ".join)),
}
"""Several choices are written as the server does, with spaces between them."""


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
        self._is_odd = not PLAIN.isdisjoint(delimiter)
        self._marks = (delimiter, '"', "\r", "\n")
        self._begin_with = "\ufeff" if bom else ""
        self._safe = neutralise_formulas

    async def _begin(self) -> None:
        await super()._begin()
        for place, table in enumerate(self._layout.tables):
            names = [[column.name] for column in table.columns]
            columns = [self._quoted(self._harmless(name)) for name in names]
            await self._put(f"{self._begin_with}{self._lines(columns)}".encode(), place)

    async def write(self, batches: Sequence[Batch], /) -> None:
        """Take some more rows of any of the tables."""
        await self._put_all([*map(self._encoded, batches)])

    def _encoded(self, batch: Batch) -> tuple[int, bytes]:
        pairs = zip(batch.table.columns, batch.cells, strict=True)
        columns = [self._written(column, cells) for column, cells in pairs]
        return self._places[batch.table.name], self._lines(columns).encode()

    def _written(self, column: Column, cells: Cells) -> Cells:
        texts = WRITTEN[column.holds](cells)
        if column.holds in TEXTUAL:
            return self._quoted(self._harmless(texts))
        return self._quoted(texts) if self._is_odd else texts

    def _harmless(self, texts: Cells) -> Cells:
        return list(map(harmless, texts)) if self._safe else texts

    def _quoted(self, texts: Cells) -> Cells:
        """Quote what would be read as more than one cell."""
        everything = "".join(texts)
        if not any(mark in everything for mark in self._marks):
            return texts
        return [
            '"{}"'.format(text.replace('"', '""'))
            if any(map(text.__contains__, self._marks))
            else text
            for text in texts
        ]

    def _lines(self, columns: Sequence[Cells]) -> str:
        if len(columns) == 1:  # an empty line would be read as no row
            columns = [[text or '""' for text in columns[0]]]
        lines = map(self._delimiter.join, zip(*columns, strict=True))
        return LINE_END.join((*lines, ""))


def harmless(text: str) -> str:
    """Return a text that no spreadsheet computes: itself, or `'` and itself."""
    if not FORMULA.match(text) or NUMBERS.fullmatch(text):
        return text
    return f"'{text}"
