"""Databases as a user reads them, by drivers of their own; and forms to fill them with."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import attrs

from kobo_async.forms.columns import Layout, TableOptions
from kobo_async.forms.content import read_form
from kobo_async.forms.layout import lay_out
from kobo_async.forms.tabulate import Tabulator
from kobo_async.sinks.sql.sink import Sql
from tests.sinks.postgres import Postgres

Row = Mapping[str, Any]


class Target(Protocol):
    """A database."""

    kind: str

    @property
    def url(self) -> str: ...

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a statement as somebody else would."""
        ...

    def tables(self) -> set[str]:
        """Name the tables, without those of the sink itself."""
        ...


@attrs.frozen
class Sqlite:
    path: Path
    kind: str = "sqlite"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            return connection.execute(sql).fetchall()

    def tables(self) -> set[str]:
        found = {name for (name,) in self.run("SELECT name FROM sqlite_schema WHERE type='table'")}
        return found - {"_kobo_columns", "_kobo_sync"}


@attrs.frozen
class Postgresql:
    server: Postgres
    name: str
    kind: str = "postgresql"

    @property
    def url(self) -> str:
        return self.server.url(self.name)

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        return self.server.run(sql, database=self.name)

    def tables(self) -> set[str]:
        sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        return {name for (name,) in self.run(sql)} - {"_kobo_columns", "_kobo_sync"}


def quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))


def question(name: str, type_: str = "text", **more: Any) -> Row:
    return {"type": type_, "name": name, "$xpath": name, **more}


def repeat(path: str, *inside: Row) -> list[Row]:
    """Make a repeat; the paths inside begin with its own."""
    paths = [
        {**row, "$xpath": f"{path}/{row['$xpath']}"} if "$xpath" in row else row for row in inside
    ]
    return [{"type": "begin_repeat", "name": path, "$xpath": path}, *paths, {"type": "end_repeat"}]


SURVEY = (
    question("name"),
    question("size", "integer"),
    question("depth", "decimal"),
    question("ok", "acknowledge"),
    question("day", "date"),
    question("clock", "time"),
    question("seen", "datetime"),
    question("uses", "select_multiple", select_from_list_name="uses"),
    *repeat("pumps", question("maker"), question("year", "integer")),
)
"""A question of each kind; the lists of their choices are those of the test."""


def form(*survey: Row, name: str = "Wells", choices: Sequence[Row] = (), **options: Any) -> Layout:
    """Lay out a form of these questions for a database."""
    content = {"survey": list(survey), "choices": list(choices)}
    wanted = TableOptions(**{"numbering": "submission"} | options)
    return lay_out(read_form(content, name), wanted)


async def put(url: str, layout: Layout, rows: Sequence[Row], **options: Any) -> Sql:
    """Write rows in one transaction; return the sink."""
    tabulator = Tabulator(layout)
    async with Sql(url, layout, **options) as sink:
        await sink.write(tabulator.add(rows))
    return sink
