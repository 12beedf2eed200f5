"""Forms at random, in all their versions: nothing breaks, and what was written is read back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from kobo_async.forms.columns import Batch, Column, Holds, Layout, TableOptions
from kobo_async.forms.content import read_form
from kobo_async.forms.layout import lay_out
from kobo_async.forms.tabulate import Tabulator
from kobo_async.forms.versions import merged
from kobo_async.sinks.sql.sink import Sql
from tests.forms.generated import Generated, Row, forms, submissions
from tests.sinks.databases import Postgresql, Sqlite, Target, quoted
from tests.sinks.postgres import Postgres

OPTIONS = TableOptions(numbering="submission")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Shown = Mapping[Holds, Callable[[Any], Any]]
IN_SQLITE: Shown = {
    Holds.DATE: lambda cell: cell.isoformat(),
    Holds.TIME: lambda cell: cell.isoformat(),
    Holds.TIMESTAMP: lambda cell: (cell - EPOCH) // timedelta(microseconds=1),
    Holds.TEXTS: lambda cell: orjson.dumps(cell).decode(),
}
IN_POSTGRESQL: Shown = {
    Holds.TIMESTAMP: lambda cell: (cell - EPOCH) // timedelta(microseconds=1),
    Holds.JSON: orjson.loads,
}


@st.composite
def stories(draw: st.DrawFn) -> tuple[Generated, list[Row]]:
    """Draw a form and answers to any of its versions, of which each has an id."""
    form = draw(forms())
    rows = draw(submissions(form, strange=True))
    return form, [row | {"_id": number} for number, row in enumerate(rows, 1)]


async def write(target: Target, layouts: Sequence[Layout], rows: Sequence[Row]) -> list[Batch]:
    """Write the rows by one layout after the other; return the last tables."""
    batches: list[Batch] = []
    for layout in layouts:
        batches = Tabulator(layout).add(rows)
        async with Sql(target.url, layout) as sink:
            await sink.write(batches)
    return batches


def kept(target: Target, batch: Batch) -> list[tuple[Any, ...]]:
    """Read the cells of a batch back."""
    known = target.run("SELECT repeat, header, table_name, column_name FROM _kobo_columns")
    found = {
        header: (table, name) for path, header, table, name in known if path == batch.table.path
    }
    columns = [_read(target, column, found[column.name][1]) for column in batch.table.columns]
    ((table, _), *_) = found.values()
    order = "_submission__id, _index" if batch.table.parent else quoted(_id(batch, found))
    sql = f"SELECT {', '.join(columns)} FROM {quoted(table)} ORDER BY {order}"  # noqa: S608 - quoted
    return target.run(sql)


def _id(batch: Batch, found: Mapping[str, tuple[str, str]]) -> str:
    names = [c.name for c in batch.table.columns if (c.path, c.type) == ("_id", "system")]
    return found[names[0]][1]


def _read(target: Target, column: Column, name: str) -> str:
    if column.holds is Holds.TIMESTAMP and target.kind == "postgresql":
        return f"(extract(epoch FROM {quoted(name)}) * 1000000)::bigint"
    return quoted(name)


def same(target: Target, batches: Sequence[Batch], shown: Shown) -> bool:
    """Compare what was written with what is there."""
    for batch in batches:
        written = [
            [None if cell is None else shown.get(c.holds, _itself)(cell) for c, cell in pairs]
            for pairs in (zip(batch.table.columns, row, strict=True) for row in batch.rows())
        ]
        found = [
            [_moment(c, cell) for c, cell in zip(batch.table.columns, row, strict=True)]
            for row in kept(target, batch)
        ]
        assert found == written
    return True


def _itself(cell: Any) -> Any:
    return cell


def _moment(column: Column, cell: Any) -> Any:
    if column.holds is Holds.TIMESTAMP and isinstance(cell, str):
        return IN_SQLITE[Holds.TIMESTAMP](datetime.fromisoformat(cell))
    return cell


@given(stories())
def test_what_sqlite_was_given_is_read_back(story: tuple[Generated, list[Row]]):
    form, rows = story
    layout = lay_out(merged(form.contents, "Wells"), OPTIONS)
    with tempfile.TemporaryDirectory() as folder:
        target = Sqlite(Path(folder) / "data.db")
        batches = anyio.run(write, target, [layout, layout], rows)
        assert same(target, batches, IN_SQLITE)


@given(stories())
@settings(max_examples=30)
def test_what_postgresql_was_given_is_read_back(
    server: Postgres, story: tuple[Generated, list[Row]]
):
    form, rows = story
    layout = lay_out(merged(form.contents, "Wells"), OPTIONS)
    with server.database() as name:
        target = Postgresql(server, name)
        batches = anyio.run(write, target, [layout, layout], rows)
        assert same(target, batches, IN_POSTGRESQL)


@given(stories(), st.booleans())
@settings(max_examples=30)
def test_tables_follow_a_form_through_its_versions(
    server: Postgres, story: tuple[Generated, list[Row]], in_file: bool
):
    form, rows = story
    oldest_first = [lay_out(read_form(one, "Wells"), OPTIONS) for one in reversed(form.contents)]
    layouts = [*oldest_first, lay_out(merged(form.contents, "Wells"), OPTIONS)]
    with tempfile.TemporaryDirectory() as folder, server.database() as name:
        target = Sqlite(Path(folder) / "data.db") if in_file else Postgresql(server, name)
        anyio.run(write, target, layouts, rows)
        root = target.run("SELECT DISTINCT table_name FROM _kobo_columns WHERE repeat = ''")
        assert root == [("Wells",)]
        assert target.run('SELECT count(*) FROM "Wells"') == [(len(rows),)]
