"""Turns submissions into rows of tables that can be joined, page by page.

A row of a repeat stands in a table of its own. `_index` counts the rows of a table from 1,
`_parent_index` is the `_index` of the row around it, `_submission__id` the `_id` of the
submission. What no column can take (questions that no version of the form knows, answers that
do not fit their type) stands in `_extra` as JSON, under its own key: nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs
import orjson

from kobo_async.forms.columns import BadCell, Batch, Cells, Field, Layout, Table

Row = Mapping[str, Any]
EXAMPLES: Final = 1000
SERVERS: Final = frozenset(
    {
        "_id",
        "_uuid",
        "_submission_time",
        "_validation_status",
        "_notes",
        "_status",
        "_submitted_by",
        "__version__",
        "_tags",
        "_attachments",
        "_geolocation",
        "_xform_id_string",
        "_supplementalDetails",
        "formhub/uuid",
        "meta/rootUuid",
        "meta/instanceID",
        "meta/instanceName",
        "meta/deprecatedID",
    }
)


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


@attrs.define
class _Items:
    """Rows of one table, with the place of the row around each and of its submission."""

    rows: list[Row]
    around: list[int]
    submissions: list[int]
    first: int


class Tabulator:
    """Tabulates the pages of one download, in order.

    Attributes:
        bad: the answers that did not fit so far.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.bad = BadCells()
        self._seen = dict.fromkeys((table.path for table in layout.tables), 0)
        self._inner = {table.path: _repeats_in(table, layout) for table in layout.tables}

    def add(self, rows: Sequence[Row]) -> list[Batch]:
        """Tabulate some submissions: one batch for each table, in the order of the layout."""
        items: dict[str, _Items] = {}
        batches = []
        for table in self.layout.tables:
            items[table.name] = self._items(table, rows, items)
            batches.append(self._batch(table, rows, items))
        return batches

    def _items(self, table: Table, rows: Sequence[Row], items: Mapping[str, _Items]) -> _Items:
        first = self._seen[table.path] + 1
        if table.parent is None:
            places = list(range(len(rows)))
            found = _Items(list(rows), places, places, first)
        else:
            found = _nested(table.path, items[table.parent], first)
        self._seen[table.path] += len(found.rows)
        return found

    def _batch(self, table: Table, rows: Sequence[Row], items: Mapping[str, _Items]) -> Batch:
        mine = items[table.name]
        ids = [rows[place].get("_id") for place in mine.submissions]
        extra = self._unknown(table, mine.rows)
        cells: list[Cells] = []
        for field in table.fields:
            answers = [row.get(field.path) for row in mine.rows]
            cells += field.read(answers, self._reporter(field, answers, ids, extra))
        numbers = list(range(mine.first, mine.first + len(mine.rows)))
        written = [orjson.dumps(one).decode() if one else None for one in extra]
        if table.parent is None:
            return Batch(table, (*cells, numbers, written))
        outer = items[table.parent]
        parents = [outer.first + place for place in mine.around]
        names = [table.parent] * len(numbers)
        return Batch(table, (*cells, numbers, names, parents, ids, written))

    def _unknown(self, table: Table, rows: Sequence[Row]) -> list[dict[str, Any]]:
        known = {field.path for field in table.fields} | self._inner[table.path] | SERVERS
        return [
            {} if row.keys() <= known else {key: row[key] for key in row.keys() - known}
            for row in rows
        ]

    def _reporter(
        self, field: Field, answers: Cells, ids: Cells, extra: list[dict[str, Any]]
    ) -> Callable[[int, str], None]:
        def report(place: int, reason: str) -> None:
            extra[place][field.path] = answers[place]
            self.bad.add(BadCell(field.path, ids[place], str(answers[place]), reason))

        return report


def _repeats_in(table: Table, layout: Layout) -> set[str]:
    return {other.path for other in layout.tables if other.parent == table.name}


def _nested(path: str, outer: _Items, first: int) -> _Items:
    found = _Items([], [], [], first)
    for place, row in enumerate(outer.rows):
        for item in row.get(path) or ():
            found.rows.append(item)
            found.around.append(place)
            found.submissions.append(outer.submissions[place])
    return found
