"""Files of SQLite: whole or without a row, and open to readers where there is something to read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kobo_async.forms.tabulate import Tabulator
from kobo_async.sinks.sql.sink import Sql
from tests.sinks.databases import Sqlite, form, put, question

pytestmark = pytest.mark.anyio

LAYOUT = form(question("name"))
LONG = "x" * 2**20
COUNT = 'SELECT count(*) FROM "Wells"'


@pytest.fixture
def file(tmp_path: Path) -> Sqlite:
    return Sqlite(tmp_path / "data.db")


def mode(file: Sqlite) -> str:
    ((found,),) = file.run("PRAGMA journal_mode")
    return str(found)


async def test_a_new_file_lets_others_read_once_it_is_whole(file: Sqlite):
    await put(file.url, LAYOUT, [{"_id": 1}])
    assert mode(file) == "wal"
    assert [one.name for one in file.path.parent.iterdir()] == ["data.db"]


async def test_a_new_file_whose_block_fails_lets_others_read_as_well(file: Sqlite):
    with pytest.raises(ValueError, match="twice"):
        await put(file.url, LAYOUT, [{"_id": 1}, {"_id": 1}])
    assert mode(file) == "wal"
    assert file.tables() == set()


async def test_rows_are_there_for_others_while_more_come(file: Sqlite):
    await put(file.url, LAYOUT, [{"_id": 1}])
    async with Sql(file.url, LAYOUT) as sink:
        await sink.write(Tabulator(LAYOUT).add([{"_id": 2, "name": LONG}]))
        assert file.run(COUNT) == [(1,)]
    assert file.run(COUNT) == [(2,)]


async def test_what_a_crash_leaves_of_a_new_file_is_empty_and_can_be_filled(
    file: Sqlite, tmp_path: Path
):
    crashed = Sqlite(tmp_path / "crashed.db")
    async with Sql(file.url, LAYOUT) as sink:
        for number in range(1, 81):
            await sink.write(Tabulator(LAYOUT).add([{"_id": number, "name": LONG}]))
        for suffix in ("", "-journal"):
            shutil.copy(f"{file.path}{suffix}", f"{crashed.path}{suffix}")
    assert crashed.path.stat().st_size > 2**20
    assert crashed.tables() == set()

    await put(crashed.url, LAYOUT, [{"_id": 1}])

    assert crashed.run(COUNT) == [(1,)]
    assert mode(crashed) == "wal"
