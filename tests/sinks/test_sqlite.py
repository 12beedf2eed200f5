"""What is peculiar to SQLite: its cells have types of their own, whatever their column says."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
from hypothesis import given, settings
from hypothesis import strategies as st

from kobo_async.forms.tabulate import Tabulator
from kobo_async.sinks.sql.sink import Sql
from kobo_async.sinks.sql.sqlite import MANY
from tests.sinks.databases import SURVEY, Row, Sqlite, form, quoted

CHOICES = [{"list_name": "uses", "name": name} for name in ("drink", "it's")]
LAYOUT = form(*SURVEY, choices=CHOICES)
TEXTS = st.text(st.characters(exclude_categories=()) | st.sampled_from("'\"\\?:%;-\0"), max_size=9)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXTS | st.just("1.0") | st.just("NULL"),
        "size": st.integers(-(2**63), 2**63 - 1).map(str),
        "depth": st.floats(allow_nan=False, allow_infinity=False).map(repr),
        "ok": st.just("OK"),
        "day": st.dates().map(str),
        "seen": st.datetimes().map(lambda moment: f"{moment.isoformat()}Z"),
        "uses": st.sampled_from(["drink", "drink it's"]),
        "pumps": st.just([{"pumps/maker": "it's", "pumps/year": "1999"}] * 2),
    },
)


async def write(target: Sqlite, pages: Sequence[Sequence[Row]]) -> list[str]:
    tabulator = Tabulator(LAYOUT)
    async with Sql(target.url, LAYOUT) as sink:
        for page in pages:
            await sink.write(tabulator.add(page))
    return sink.notes


def kept(target: Sqlite, table: str) -> list[tuple[Any, ...]]:
    """Read all cells and the types they have."""
    found = target.run(f"PRAGMA table_info({table})")
    names = [quoted(name) for _, name, *_ in found]
    cells = ", ".join(f"{name}, typeof({name})" for name in names)
    return target.run(f"SELECT {cells} FROM {table}")  # noqa: S608 - quoted


@given(ANSWERS, ANSWERS)
@settings(max_examples=12)
def test_what_all_rows_of_a_page_say_is_kept_as_if_each_said_it(before: Row, after: Row):
    pages = [[{"_id": n, **said} for n in range(MANY)] for said in (before, after)]
    halves = [half for page in pages for half in (page[1::2], page[::2])]
    with tempfile.TemporaryDirectory() as folder:
        one, other = (Sqlite(Path(folder) / name) for name in ("pages.db", "halves.db"))
        assert anyio.run(write, one, pages) == anyio.run(write, other, halves)
        for table in ("Wells", "pumps"):
            assert kept(one, table) == kept(other, table)
