"""Turns submissions into rows of tables that can be joined, page by page.

A row of a repeat stands in a table of its own. `_index` counts the rows of a table, or those of
one submission in it, from 1; `_parent_index` is the `_index` of the row around it,
`_submission__id` the `_id` of the submission. What no column can take (questions that no version
of the form knows, answers that do not fit their type) stands in `_extra` as JSON, under its own
key: nothing is lost but what the options leave out.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import attrs

from kobo_async.forms import items
from kobo_async.forms.attachments import Files
from kobo_async.forms.columns import (
    BadCell,
    Batch,
    Cells,
    Column,
    Layout,
    Report,
    Source,
    Table,
)
from kobo_async.forms.items import DictShape, Items, Shape
from kobo_async.forms.jsontext import as_json
from kobo_async.forms.layout import known_keys, needed_paths
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

    Args:
        layout: the tables.
        shapes: of rows that were decoded for this layout, by the paths of its tables; such rows
            may come besides dicts.

    Attributes:
        bad: the answers that did not fit so far.
    """

    def __init__(self, layout: Layout, shapes: Mapping[str, Shape] | None = None) -> None:
        self.layout = layout
        self.bad = BadCells()
        self._seen = dict.fromkeys((table.path for table in layout.tables), 0)
        self._of_dicts: Mapping[str, Shape] = {
            table.path: DictShape(needed_paths(layout, table), known_keys(layout, table))
            for table in layout.tables
        }
        self._shapes = shapes or self._of_dicts

    def add(self, rows: Sequence[Any]) -> list[Batch]:
        """Tabulate some submissions: one batch for each table, in the order of the layout."""
        decoded = bool(rows) and type(rows[0]) is self._shapes[""].kind
        with _uncollected():
            return _Page(self, rows, self._shapes if decoded else self._of_dicts).batches()

    def number(self, found: Items) -> list[int]:
        """Number the next rows of a table."""
        if self.layout.options.numbering == "submission":
            return items.within(found.submissions)
        first = self._seen[found.table.path] + 1
        self._seen[found.table.path] += found.answers.count
        return list(range(first, first + found.answers.count))


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


class _Page:
    """The tables of one page of submissions, while they are being made."""

    def __init__(
        self, tabulator: Tabulator, rows: Sequence[Any], shapes: Mapping[str, Shape]
    ) -> None:
        self._tabulator = tabulator
        self._shapes = shapes
        self._root = shapes[""].read(rows)
        self._ids = [
            number if type(number) is int and number.bit_length() <= BITS else None
            for number in self._root.columns["_id"]
        ]
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
            return items.whole(table, self._root)
        outer = self._items[table.parent]
        odd = self._reporter(outer, table.path)
        return items.nested(table, self._shapes[table.path], outer, odd)

    def _reporter(self, mine: Items, path: str) -> Callable[[int, str | None], None]:
        extra, answers = self._extra[mine.table.name], mine.answers.columns[path]

        def report(place: int, reason: str | None) -> None:
            answer = answers[place]
            extra.setdefault(place, {})[path] = answer
            if reason is not None:
                submission = self._ids[mine.submissions[place]]
                self._tabulator.bad.add(BadCell(path, submission, str(answer), reason))

        return report

    def _read(self, table: Table) -> list[Cells]:
        mine = self._items[table.name]
        cells: list[Cells] = []
        for field in table.fields:
            report: Report = self._reporter(mine, field.path)
            attached = field.source is Source.ATTACHMENT
            answers = (
                self._attached(field.path, mine) if attached else mine.answers.columns[field.path]
            )
            columns = field.read(answers, report)
            cells += columns
            if table.parent is None:
                self._submissions.update(zip((c.name for c in field.columns), columns, strict=True))
        return cells

    def _attached(self, path: str, mine: Items) -> Cells:
        files = Files(self._root.columns["_attachments"])
        step = path.removeprefix(mine.table.path) if mine.table.path else path
        above = items.xpaths(self._items, mine.table.name)
        names = mine.answers.columns[path]
        places = zip(names, mine.submissions, above, strict=True)
        return [files.find(place, xpath + step, name) for name, place, xpath in places]

    def _keys(self, table: Table) -> list[Cells]:
        mine = self._items[table.name]
        return [self._key(column, mine) for column in table.keys]

    def _key(self, column: Column, mine: Items) -> Cells:
        match column.name:
            case "_index":
                return mine.numbers
            case "_parent_table_name":
                return [mine.table.parent] * mine.answers.count
            case "_parent_index":
                return self._parents(mine)
            case "_extra":
                return self._written(mine)
            case "_submission__id":
                return [self._ids[place] for place in mine.submissions]
        cells = self._submissions[column.name.removeprefix("_submission_")]
        return [cells[place] for place in mine.submissions]

    def _parents(self, mine: Items) -> Cells:
        outer = self._items[mine.table.parent or ""]
        if outer.table.parent is None and self._tabulator.layout.options.numbering != "table":
            return [None] * mine.answers.count
        return [outer.numbers[place] for place in mine.around]

    def _written(self, mine: Items) -> Cells:
        """Write what no column takes."""
        extra = self._extra[mine.table.name]
        for place, found in mine.answers.unknown.items():
            if found:
                extra.setdefault(place, {}).update(found)
        cells: Cells = [None] * mine.answers.count
        for place, found in extra.items():
            cells[place] = as_json(found)
        return cells
