"""Puts submissions together again out of their tables: the inverse of `tabulate.py`.

What a table holds as texts, under `system="all"`, is all of a submission, so it can be read back
from a database, edited and sent. An answer of null comes back as no answer, except for
`_submitted_by`, which the server always sends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from kobo_async.errors import ConfigError
from kobo_async.forms.columns import Batch, Cells, Field, Holds, Layout, Source, Table
from kobo_async.forms.jsontext import from_json

Key: TypeAlias = tuple[int | None, ...]
ALWAYS: Final = "_submitted_by"


def rows_of(batches: Iterable[Batch], layout: Layout) -> list[dict[str, Any]]:
    """Put the rows together that these batches of a `Tabulator` were made of, in their order.

    The batches of a page may come before or after those of another.

    Raises:
        ConfigError: for a layout whose tables do not hold everything.
    """
    _check(layout)
    pages: dict[str, list[Batch]] = {table.name: [] for table in layout.tables}
    for batch in batches:
        pages[batch.table.name].append(batch)
    found: dict[str, dict[Key, dict[str, Any]]] = {}
    for table in layout.tables:
        found[table.name] = rows = {}
        inside: dict[Key, list[dict[str, Any]]] = {}
        for batch in pages[table.name]:
            for own, outer, row in _rows(batch, layout):
                rows[own] = row
                inside.setdefault(outer, []).append(row)
        _put_inside(inside, table, found)
    return list(found[layout.tables[0].name].values())


def _check(layout: Layout) -> None:
    options = layout.options
    exact = options.values == "text" and options.labels is None and options.system == "all"
    if not exact or options.select_multiple == "indicators" or options.only:
        raise ConfigError(
            'rows need tables of everything: values="text", system="all", no labels, '
            'no only, select_multiple="list" or "both"'
        )


def _put_inside(
    inside: Mapping[Key, list[dict[str, Any]]],
    table: Table,
    found: Mapping[str, Mapping[Key, dict[str, Any]]],
) -> None:
    if table.parent is not None:
        for outer, rows in inside.items():
            # An answer that was no list of rows stands there already, out of `_extra`.
            found[table.parent][outer].setdefault(table.path, rows)


def _rows(batch: Batch, layout: Layout) -> Iterator[tuple[Key, Key, dict[str, Any]]]:
    """Yield the key of each row, the key of the row around it, and the row."""
    cells = dict(zip((column.name for column in batch.table.columns), batch.cells, strict=True))
    rows: list[dict[str, Any]] = [{} for _ in range(len(batch))]
    for field in batch.table.fields:
        if field.source is Source.ANSWER:
            _answer(rows, field, cells[field.columns[0].name])
    for row, extra in zip(rows, cells["_extra"], strict=True):
        row.update(from_json(extra) if extra is not None else {})
    yield from zip(*_keys(batch.table, cells, layout), rows, strict=True)


def _answer(rows: Iterable[dict[str, Any]], field: Field, cells: Cells) -> None:
    column = field.columns[0]
    for row, cell in zip(rows, cells, strict=True):
        if cell is not None:
            row[field.path] = from_json(cell) if column.holds is Holds.JSON else cell
        elif field.path == ALWAYS and column.type == "system":
            row[field.path] = None


def _keys(
    table: Table, cells: Mapping[str, Cells], layout: Layout
) -> tuple[Iterator[Key], Iterator[Key]]:
    """Return what a row is found by, and what the row around it is found by."""
    if layout.options.numbering == "table":
        outer = cells["_parent_index"] if table.parent is not None else cells["_index"]
        return zip(cells["_index"], strict=True), zip(outer, strict=True)
    if table.parent is None:
        name = next(one.name for one in table.columns if (one.path, one.type) == ("_id", "system"))
        return zip(cells[name], [None] * len(cells[name]), strict=True), zip(
            cells[name], strict=True
        )
    ids = cells["_submission__id"]
    return zip(ids, cells["_index"], strict=True), zip(ids, cells["_parent_index"], strict=True)
