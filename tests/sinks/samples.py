"""Forms, rows and tables for the tests of sinks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kobo_async.forms.columns import Batch, Column, Holds, Layout, Table, TableOptions
from kobo_async.forms.content import read_form
from kobo_async.forms.layout import lay_out
from kobo_async.forms.schema import Form
from kobo_async.forms.tabulate import Tabulator

CONTENT = {
    "survey": [
        {"type": "text", "name": "name", "$xpath": "name"},
        {"type": "integer", "name": "size", "$xpath": "size"},
        {"type": "geopoint", "name": "place", "$xpath": "place"},
        {"type": "begin_repeat", "name": "members", "$xpath": "members"},
        {"type": "text", "name": "called", "$xpath": "members/called"},
        {"type": "geotrace", "name": "way", "$xpath": "members/way"},
        {"type": "end_repeat"},
    ]
}
ROWS: list[dict[str, Any]] = [
    {
        "_id": 1,
        "name": "Zoë",
        "size": "-3",
        "place": "1.5 36.25 100 4",
        "members": [{"members/called": "Ana", "members/way": "1 2 0 0;3 4 0 0"}, {}],
    },
    {"_id": 2, "name": "李雷"},
]


def layout(**options: Any) -> Layout:
    """Lay out the form of the samples."""
    return lay_out(read_form(CONTENT, "Survey"), TableOptions(**{"geometry": "geojson"} | options))


def batches(laid_out: Layout, rows: Sequence[Mapping[str, Any]] = ROWS) -> list[Batch]:
    """Make tables of rows."""
    return Tabulator(laid_out).add(rows)


def table(name: str, *columns: Column, parent: str | None = None) -> Table:
    """Make a table of columns that nobody reads."""
    return Table(name, name if parent else "", parent, (), columns)


def column(name: str, holds: Holds = Holds.TEXT) -> Column:
    """Make a column."""
    return Column(name, name, holds, "text")


def tables(*names: str) -> Layout:
    """Make a layout of tables with one column of text each, the first one the submissions."""
    first, *others = names
    repeats = [table(name, column("text"), parent=first) for name in others]
    return Layout(Form(first), (table(first, column("text")), *repeats))


def single(holds: Holds, *cells: Any) -> tuple[Layout, Batch]:
    """Make a layout with one table of one column, and its cells."""
    only = table("Survey", column("cell", holds))
    return Layout(Form("Survey"), (only,)), Batch(only, (list(cells),))
