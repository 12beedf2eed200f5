"""Turns submissions into rows of tables that can be joined, page by page.

A row of a repeat stands in a table of its own. `_index` counts the rows of a table, or those of
one submission in it, from 1; `_parent_index` is the `_index` of the row around it,
`_submission__id` the `_id` of the submission. What no column can take (questions that no version
of the form knows, answers that do not fit their type) stands in `_extra` as JSON, under its own
key: nothing is lost but what the options leave out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from kobo_async.collector import collector_pause
from kobo_async.forms import items
from kobo_async.forms.columns import BadCell, Batch, Layout
from kobo_async.forms.items import DictShape, Items, Shape
from kobo_async.forms.layout import known_keys, needed_paths
from kobo_async.forms.pages import Page, Waiting, finish

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
    """

    def __init__(self, layout: Layout, shapes: Mapping[str, Shape] | None = None) -> None:
        self.layout = layout
        self._bad = BadCells()
        self._waiting: Waiting = {}
        self._seen = dict.fromkeys((table.path for table in layout.tables), 0)
        self._of_dicts: Mapping[str, Shape] = {
            table.path: DictShape(needed_paths(layout, table), known_keys(layout, table))
            for table in layout.tables
        }
        self._shapes = shapes or self._of_dicts

    @property
    def bad(self) -> BadCells:
        """The answers that did not fit so far."""
        self._finish()
        return self._bad

    def add(self, rows: Sequence[Any]) -> list[Batch]:
        """Tabulate some submissions: one batch for each table, in the order of the layout.

        Their cells are read when they are first asked for, at the latest by the next call.
        """
        self._finish()
        decoded = bool(rows) and type(rows[0]) is self._shapes[""].kind
        shapes = self._shapes if decoded else self._of_dicts
        with collector_pause:
            page = Page(self.layout, rows, shapes, self._number, self._bad.add)
        return page.batches(self._waiting)

    def _finish(self) -> None:
        """Read what nobody has read: answers that do not fit are told whoever wants the cells."""
        finish(self._waiting)

    def _number(self, found: Items) -> Sequence[int]:
        """Number the next rows of a table."""
        if self.layout.options.numbering == "submission":
            return items.within(found.submissions)
        first = self._seen[found.table.path] + 1
        self._seen[found.table.path] += found.answers.count
        return range(first, first + found.answers.count)
