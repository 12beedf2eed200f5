"""One page of submissions: what its tables are made of, and their cells, read when they are wanted.

Which rows there are, and where they stand, is found at once. Answers are read field by field, each
by its reader and once; whoever makes columns of another kind may read them otherwise, where every
answer fits (`tables/arrow.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias, overload

from kobo_async.collector import collector_pause
from kobo_async.forms import items
from kobo_async.forms.attachments import Files
from kobo_async.forms.columns import BadCell, Batch, Cells, Column, Field, Layout, Source, Table
from kobo_async.forms.items import Items, Shape
from kobo_async.forms.jsontext import as_json
from kobo_async.forms.values import BITS, Columns

Number: TypeAlias = Callable[[Items], Sequence[int]]
Waiting: TypeAlias = "dict[int, Unread]"
"""What has not been read, by what `id` says of it."""


Shared: TypeAlias = tuple[Cells, Sequence[int] | None]
"""Cells, and the place among them of that of each row; None where each row has its own."""


class Page:
    """One page of submissions.

    Args:
        layout: the tables.
        rows: the submissions.
        shapes: of the rows, by the paths of the tables.
        number: numbers the rows of a table.
        bad: is told of every answer that does not fit, once.
    """

    def __init__(
        self,
        layout: Layout,
        rows: Sequence[Any],
        shapes: Mapping[str, Shape],
        number: Number,
        bad: Callable[[BadCell], None],
    ) -> None:
        self.layout = layout
        self._bad = bad
        self._root = shapes[""].read(rows)
        self._ids = [
            number if type(number) is int and number.bit_length() <= BITS else None
            for number in self._root.columns["_id"]
        ]
        self._items: dict[str, Items] = {}
        self._extra: dict[str, dict[int, dict[str, Any]]] = {}
        # What a repeat cannot take stands in the table around it: all are found before any is read.
        for table in layout.tables:
            self._extra[table.name] = {}
            self._items[table.name] = found = self._find(table, shapes)
            found.numbers = number(found)

    def batches(self, waiting: Waiting) -> list[Batch]:
        """Return a batch for each table, whose cells wait to be read."""
        root = Unread(self, self.layout.tables[0], None, waiting)
        inner = (Unread(self, table, root, waiting) for table in self.layout.tables[1:])
        return [Batch(one.table, one) for one in (root, *inner)]

    def _find(self, table: Table, shapes: Mapping[str, Shape]) -> Items:
        if table.parent is None:
            return items.whole(table, self._root)
        outer = self._items[table.parent]
        odd = self.reporter(table.parent, table.path)
        return items.nested(table, shapes[table.path], outer, odd)

    def reporter(self, name: str, path: str) -> Callable[[int, str | None], None]:
        """Return what keeps answers that a table cannot take, and tells of the bad ones."""
        mine, extra = self._items[name], self._extra[name]
        answers = mine.answers.columns[path]

        def report(place: int, reason: str | None) -> None:
            answer = answers[place]
            extra.setdefault(place, {})[path] = answer
            if reason is not None:
                submission = self._ids[mine.submissions[place]]
                self._bad(BadCell(path, submission, str(answer), reason))

        return report

    def answers(self, name: str, field: Field) -> Sequence[Any]:
        """Return what a field reads, for each row of a table."""
        mine = self._items[name]
        if field.source is Source.ANSWER:
            return mine.answers.columns[field.path]
        return self._attached(field.path, mine)

    def _attached(self, path: str, mine: Items) -> Cells:
        files = Files(self._root.columns["_attachments"])
        step = path.removeprefix(mine.table.path) if mine.table.path else path
        above = items.xpaths(self._items, mine.table.name)
        names = mine.answers.columns[path]
        places = zip(names, mine.submissions, above, strict=True)
        return [files.find(place, xpath + step, name) for name, place, xpath in places]

    def key(self, name: str, column: Column, root: Unread) -> Shared:
        """Return a key of a table; some keys are what stands in the table of the submissions."""
        mine = self._items[name]
        match column.name:
            case "_index":
                return list(mine.numbers), None
            case "_parent_table_name":
                return [mine.table.parent] * mine.answers.count, None
            case "_parent_index":
                return self._parents(mine)
            case "_extra":
                return self._written(mine), None
            case "_submission__id":
                return self._ids, mine.submissions
        return root.column(column.name.removeprefix("_submission_")), mine.submissions

    def _parents(self, mine: Items) -> Shared:
        outer = self._items[mine.table.parent or ""]
        if outer.table.parent is None and self.layout.options.numbering != "table":
            return [None] * mine.answers.count, None
        return list(outer.numbers), mine.around

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


class Unread(Sequence[Cells]):
    """The cells of one table of a page, a list for each column; read when one is asked for.

    Attributes:
        table: what they are of.
    """

    def __init__(self, page: Page, table: Table, root: Unread | None, waiting: Waiting) -> None:
        self.table = table
        self._page = page
        self._root = root
        self._read: dict[int, Columns] = {}
        self._open = set(range(len(table.fields)))
        self._waiting = waiting
        waiting[id(self)] = self

    def answers(self, place: int) -> Sequence[Any]:
        """Return the answers that a field of the table reads, as they were sent."""
        return self._page.answers(self.table.name, self.table.fields[place])

    def done(self, place: int) -> None:
        """Note that a field has been read, here or by somebody whom all answers fit."""
        self._open.discard(place)
        if not self._open:
            self._waiting.pop(id(self), None)

    def columns(self, place: int) -> Columns:
        """Return the columns of a field of the table, and keep the answers that do not fit."""
        if place not in self._read:
            field = self.table.fields[place]
            report = self._page.reporter(self.table.name, field.path)
            answers = self.answers(place)
            cells = answers if isinstance(answers, list) else list(answers)
            self._read[place] = field.read(cells, report)
            self.done(place)
        return self._read[place]

    def column(self, name: str) -> Cells:
        """Return one column of a field."""
        return next(
            self.columns(place)[part]
            for place, field in enumerate(self.table.fields)
            for part, column in enumerate(field.columns)
            if column.name == name
        )

    def finish(self) -> None:
        """Read what nobody has read."""
        with collector_pause:
            for place in sorted(self._open):
                self.columns(place)

    def key(self, column: Column) -> Shared:
        """Return a key, once all fields have been read."""
        return self._page.key(self.table.name, column, self._root or self)

    @cached_property
    def _cells(self) -> tuple[Cells, ...]:
        with collector_pause:
            finish(self._waiting)  # the other tables, while the page is at hand
            places = range(len(self.table.fields))
            read = [cells for place in places for cells in self.columns(place)]
            cells = (*read, *(_spread(self.key(column)) for column in self.table.keys))
        del self._page  # and with it the answers, once nobody needs them
        return cells

    @property
    def is_read(self) -> bool:
        """Tell whether all cells are there, and the answers are gone."""
        return "_cells" in self.__dict__

    def __len__(self) -> int:
        return len(self.table.columns)

    @overload
    def __getitem__(self, place: int) -> Cells: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Cells]: ...

    def __getitem__(self, place: int | slice) -> Cells | Sequence[Cells]:
        return self._cells[place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._cells == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._cells)


def _spread(shared: Shared) -> Cells:
    cells, places = shared
    return cells if places is None else list(map(cells.__getitem__, places))


def finish(waiting: Waiting) -> None:
    """Read what nobody has read."""
    for one in [*waiting.values()]:
        one.finish()
    waiting.clear()
