"""Tables as an Excel workbook, a sheet for each, in bounded memory.

What Excel cannot hold as it was sent:

* A sheet has 1,048,576 rows: more go on in a sheet `name (2)`.
* A cell has 32,767 characters: a longer text is cut, and ends in `…`.
* Numbers have 15 digits: longer whole numbers stand as texts.
* There are no time zones: timestamps are shown in UTC, and say so.
* There are no dates before 1900: they stand as texts, as in CSV.

All but the time zones is told in `notes`. Texts are never formulas and never links.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import Any, Final

from kobo_async.errors import ConfigError
from kobo_async.extras import needed
from kobo_async.forms.columns import Batch, Column, Holds, Layout, Table
from kobo_async.sinks.base import FileSink, Target
from kobo_async.sinks.cells import SheetNames, Value, shown

with needed("excel"):
    import xlsxwriter

MOST_ROWS: Final = 1_048_576
MOST_COLUMNS: Final = 16_384
MOST_NOTES: Final = 20
WIDTHS: Final = (10, 40)
FORMATS: Final = {
    Holds.DATE: "yyyy-mm-dd",
    Holds.TIME: "hh:mm:ss",
    Holds.TIMESTAMP: 'yyyy-mm-dd hh:mm:ss "UTC"',
}


class Excel(FileSink):
    """A workbook with a sheet for each table: headers stay in sight, and have filters.

    While it grows, its sheets stand unpacked in the system's folder for temporary files.

    Args:
        target: the file; `.xlsx`.
        layout: the tables.
        most_rows: of a sheet, its header included.

    Raises:
        ConfigError: if a table has more columns than a sheet of Excel.
    """

    def __init__(self, target: Target, layout: Layout, *, most_rows: int = MOST_ROWS) -> None:
        for table in layout.tables:
            if len(table.columns) > MOST_COLUMNS:
                raise ConfigError(
                    f"the table {table.name} has {len(table.columns):,} columns, a sheet of Excel"
                    f" {MOST_COLUMNS:,}: choose fewer questions, or another format"
                )
        super().__init__(target)
        self._layout = layout
        self._most_rows = most_rows
        self._names = SheetNames()
        self._book: Any = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._sheets: dict[str, _Sheet] = {}
        self._noted = 0

    async def _begin(self) -> None:
        await self._run(self._prepare)

    def _prepare(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="kobo-async-")
        options = {"constant_memory": True, "tmpdir": self._folder.name, "use_zip64": True}
        self._book = xlsxwriter.Workbook(self._draft.file, options)
        self._bold = self._book.add_format({"bold": True})
        self._formats = {
            holds: self._book.add_format({"num_format": text}) for holds, text in FORMATS.items()
        }
        for table in self._layout.tables:
            self._open_sheet(table)

    async def write(self, batches: Sequence[Batch], /) -> None:
        """Take some more rows of any of the tables."""
        if self._book is None:
            raise RuntimeError("a sink is written to inside `async with`")
        await self._run(self._put, batches)

    def _put(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            sheet = self._sheets[batch.table.name]
            for row in batch.rows():
                if sheet.rows == self._most_rows:
                    sheet.end()
                    sheet = self._open_sheet(batch.table)
                    self._note(f"{batch.table.name} goes on in the sheet {sheet.page.name}")
                for told in sheet.add(row):
                    self._note(f"{batch.table.name}, {told}")

    def _open_sheet(self, table: Table) -> _Sheet:
        page = self._book.add_worksheet(self._names.free(table.name))
        sheet = _Sheet(page, table.columns, self._formats, self._bold)
        self._sheets[table.name] = sheet
        return sheet

    def _note(self, text: str) -> None:
        self._noted += 1
        if self._noted <= MOST_NOTES:
            self.notes.append(text)

    async def _finish(self) -> None:
        await self._run(self._pack)
        if self._noted > MOST_NOTES:
            self.notes.append(f"and {self._noted - MOST_NOTES:,} more like these")

    def _pack(self) -> None:
        for sheet in self._sheets.values():
            sheet.end()
        self._book.close()

    def _undo(self) -> None:
        if self._book is not None:
            for page in self._book.worksheets():
                page.row_data_fh.close()
        if self._folder is not None:
            self._folder.cleanup()


class _Sheet:
    """One sheet, filled from above."""

    def __init__(
        self, page: Any, columns: Sequence[Column], formats: dict[Holds, Any], bold: Any
    ) -> None:
        self.page = page
        self.rows = 1
        self._columns = columns
        self._formats = [formats.get(column.holds) for column in columns]
        self._bold = bold
        for place, column in enumerate(columns):
            page.write_string(0, place, column.name, bold)
            page.set_column(place, place, min(max(WIDTHS[0], len(column.name) + 2), WIDTHS[1]))
        page.freeze_panes(1, 0)

    def add(self, row: Sequence[Any]) -> list[str]:
        """Write a row; return what must be told of it."""
        told = []
        for place, (column, cell) in enumerate(zip(self._columns, row, strict=True)):
            if cell is not None:
                value, note = shown(column.holds, cell)
                self._write(place, value)
                if note:
                    told.append(f"{column.name}, row {self.rows + 1}: {note}")
        self.rows += 1
        return told

    def _write(self, place: int, value: Value) -> None:
        match value:
            case str() if value.startswith("<r>") and value.endswith("</r>"):
                # The library takes such a text for its own markup, unless it comes in pieces.
                self.page.write_rich_string(self.rows, place, value[:1], self._bold, value[1:])
            case str():
                self.page.write_string(self.rows, place, value)
            case bool():
                self.page.write_boolean(self.rows, place, value)
            case int() | float():
                self.page.write_number(self.rows, place, value)
            case _:
                self.page.write_datetime(self.rows, place, value, self._formats[place])

    def end(self) -> None:
        """Put filters over the columns."""
        if self._columns:
            self.page.autofilter(0, 0, self.rows - 1, len(self._columns) - 1)
