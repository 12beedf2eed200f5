"""Turns submissions into rows of tables that can be joined, page by page.

A row of a repeat stands in a table of its own. `_index` counts the rows of a table, or those of
one submission in it, from 1; `_parent_index` is the `_index` of the row around it,
`_submission__id` the `_id` of the submission. What no column can take (questions that no version
of the form knows, answers that do not fit their type) stands in `_extra` as JSON, under its own
key: nothing is lost but what the options leave out.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import attrs

from kobo_async.forms import items
from kobo_async.forms.attachments import Files
from kobo_async.forms.columns import (
    ALL,
    BadCell,
    Batch,
    Cells,
    Column,
    Layout,
    Report,
    Source,
    Table,
)
from kobo_async.forms.items import Items, Row
from kobo_async.forms.jsontext import as_json
from kobo_async.forms.layout import parent_of
from kobo_async.forms.values import BITS

EXAMPLES: Final = 1000


@attrs.define
class BadCells:
    """Answers that did not fit: how many, and the first thousand."""

    count: int = 0
    examples: list[BadCell] = attrs.field(factory=list)

    def add(self, cell: BadCell) -> None:
        """Count one."""
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(cell)


class Tabulator:
    """Tabulates the pages of one download, in order.

    Attributes:
        bad: the answers that did not fit so far.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.bad = BadCells()
        self._seen = dict.fromkeys((table.path for table in layout.tables), 0)
        self._known = {table.path: _known(table, layout) for table in layout.tables}

    def add(self, rows: Sequence[Row]) -> list[Batch]:
        """Tabulate some submissions: one batch for each table, in the order of the layout."""
        with _uncollected():
            return _Page(self, rows).batches()

    def number(self, found: Items) -> list[int]:
        """Number the next rows of a table."""
        if self.layout.options.numbering == "submission":
            return items.within(found.submissions)
        first = self._seen[found.table.path] + 1
        self._seen[found.table.path] += len(found.rows)
        return list(range(first, first + len(found.rows)))

    def unknown(self, found: Items) -> set[str]:
        """Return the keys that neither the form nor the server is known to write."""
        return set().union(*found.rows) - self._known[found.table.path]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the garbage collector: cells are no garbage, and there are a hundred thousand."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _known(table: Table, layout: Layout) -> set[str]:
    form = layout.form
    asked = {question.path for question in form.questions if question.repeat == table.path}
    inner = {path for path in form.repeats if parent_of(path, form.repeats) == table.path}
    return asked | inner | ({*ALL} if table.parent is None else set())


def _whole(number: Any) -> int | None:
    return number if type(number) is int and number.bit_length() <= BITS else None


class _Page:
    """The tables of one page of submissions, while they are being made."""

    def __init__(self, tabulator: Tabulator, rows: Sequence[Row]) -> None:
        self._tabulator = tabulator
        self._rows = rows
        self._items: dict[str, Items] = {}
        self._extra: dict[str, dict[int, dict[str, Any]]] = {}
        self._submissions: dict[str, Cells] = {}

    def batches(self) -> list[Batch]:
        """Make all batches: what a repeat cannot take stands in the table around it."""
        tables = self._tabulator.layout.tables
        for table in tables:
            self._extra[table.name] = {}
            self._items[table.name] = found = self._find(table)
            found.numbers = self._tabulator.number(found)
        read = [self._read(table) for table in tables]
        return [
            Batch(table, (*cells, *self._keys(table)))
            for table, cells in zip(tables, read, strict=True)
        ]

    def _find(self, table: Table) -> Items:
        if table.parent is None:
            return items.whole(table, self._rows)
        outer = self._items[table.parent]
        return items.nested(table, outer, self._reporter(outer, table.path))

    def _reporter(self, mine: Items, path: str) -> Callable[[int, str | None], None]:
        extra = self._extra[mine.table.name]

        def report(place: int, reason: str | None) -> None:
            answer = mine.rows[place].get(path)
            extra.setdefault(place, {})[path] = answer
            if reason is not None:
                submission = _whole(self._rows[mine.submissions[place]].get("_id"))
                self._tabulator.bad.add(BadCell(path, submission, str(answer), reason))

        return report

    def _read(self, table: Table) -> list[Cells]:
        mine = self._items[table.name]
        cells: list[Cells] = []
        for field, answers in zip(table.fields, self._answers(table, mine), strict=True):
            report: Report = self._reporter(mine, field.path)
            columns = field.read(answers, report)
            cells += columns
            if table.parent is None:
                self._submissions.update(zip((c.name for c in field.columns), columns, strict=True))
        return cells

    def _answers(self, table: Table, mine: Items) -> Iterator[Cells]:
        """Yield the answers that each field reads; a row at a time, as they lie in memory."""
        paths = [field.path for field in table.fields]
        rows = [list(map(row.get, paths)) for row in mine.rows]
        columns = map(list, zip(*rows, strict=True)) if rows else ([] for _ in paths)
        for field, answers in zip(table.fields, columns, strict=True):
            attached = field.source is Source.ATTACHMENT
            yield self._attached(field.path, mine) if attached else answers

    def _attached(self, path: str, mine: Items) -> Cells:
        files = Files(self._rows)
        step = path.removeprefix(mine.table.path) if mine.table.path else path
        above = items.xpaths(self._items, mine.table.name)
        places = zip(mine.rows, mine.submissions, above, strict=True)
        return [files.find(place, xpath + step, row.get(path)) for row, place, xpath in places]

    def _keys(self, table: Table) -> list[Cells]:
        mine = self._items[table.name]
        return [self._key(column, mine) for column in table.keys]

    def _key(self, column: Column, mine: Items) -> Cells:
        match column.name:
            case "_index":
                return mine.numbers
            case "_parent_table_name":
                return [mine.table.parent] * len(mine.rows)
            case "_parent_index":
                return self._parents(mine)
            case "_extra":
                return self._written(mine)
            case "_submission__id":
                ids = [_whole(row.get("_id")) for row in self._rows]
                return [ids[place] for place in mine.submissions]
        cells = self._submissions[column.name.removeprefix("_submission_")]
        return [cells[place] for place in mine.submissions]

    def _parents(self, mine: Items) -> Cells:
        outer = self._items[mine.table.parent or ""]
        if outer.table.parent is None and self._tabulator.layout.options.numbering != "table":
            return [None] * len(mine.rows)
        return [outer.numbers[place] for place in mine.around]

    def _written(self, mine: Items) -> Cells:
        """Write what no column takes."""
        extra = self._extra[mine.table.name]
        if keys := self._tabulator.unknown(mine):
            for place, row in enumerate(mine.rows):
                for key in keys & row.keys():
                    extra.setdefault(place, {})[key] = row[key]
        cells: Cells = [None] * len(mine.rows)
        for place, found in extra.items():
            cells[place] = as_json(found)
        return cells
