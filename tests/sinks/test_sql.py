"""Tables in SQLite and PostgreSQL: what is in them, and that a block counts whole or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, time
from pathlib import Path

import anyio
import pytest
from sqlalchemy import Connection

from kobo_async.errors import ConfigError, DatabaseFailed
from kobo_async.forms.tabulate import Tabulator
from kobo_async.sinks.sql import sqlite
from kobo_async.sinks.sql.database import Database
from kobo_async.sinks.sql.sink import Sql
from tests.sinks.databases import SURVEY, Sqlite, Target, form, put, question, repeat
from tests.sinks.postgres import Postgres

pytestmark = pytest.mark.anyio

CHOICES = [{"list_name": "uses", "name": name} for name in ("drink", "wash")]
FOREIGN = r"FOREIGN KEY|foreign key"
ANSWERS = {
    "name": 'Zoë\t"\\N"\n',
    "size": "-3",
    "depth": "2.5",
    "ok": "OK",
    "day": "2026-02-28",
    "clock": "06:15:00.000+01:00",
    "seen": "2026-01-01T08:00:00.000+02:00",
    "uses": "wash drink",
    "unasked": {"a": "\\"},
}


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def well(number: int, *pumps: str, **answers: str) -> dict[str, object]:
    return {"_id": number, "pumps": [{"pumps/maker": maker} for maker in pumps], **answers}


def makers(target: Target) -> list[tuple[object, ...]]:
    return target.run(
        'SELECT _submission__id, _index, "pumps/maker" FROM pumps ORDER BY _submission__id, _index'
    )


async def test_answers_have_the_types_of_the_database(target: Target):
    await put(target.url, form(*SURVEY, choices=CHOICES), [{"_id": 1, **ANSWERS}, {"_id": 2}])
    names = 'name, size, depth, ok, day, clock, seen, uses, "uses/wash", "uses/drink", _extra'
    full, empty = target.run(f'SELECT {names} FROM "Wells" ORDER BY _id')  # noqa: S608 - literal
    assert empty == (None,) * 11
    if target.kind == "sqlite":
        moment = "2026-01-01T06:00:00+00:00"
        kept = ("2026-02-28", "06:15:00", moment, '["wash","drink"]', 1, 1)
        assert full == (ANSWERS["name"], -3, 2.5, 1, *kept, r'{"unasked":{"a":"\\"}}')
    else:
        moment = datetime(2026, 1, 1, 6, tzinfo=UTC)
        kept = (date(2026, 2, 28), time(6, 15), moment, ["wash", "drink"], True, True)
        assert full == (ANSWERS["name"], -3, 2.5, True, *kept, {"unasked": {"a": "\\"}})


async def test_submissions_are_replaced_with_all_of_their_repeats(target: Target):
    layout = form(*SURVEY, choices=CHOICES)
    await put(target.url, layout, [well(1, "A", "B", name="one"), well(2, "C", name="two")])
    await put(target.url, layout, [well(1, "D", name="new"), well(3, "E")])
    assert target.run('SELECT _id, name FROM "Wells" ORDER BY _id') == [
        (1, "new"),
        (2, "two"),
        (3, None),
    ]
    assert makers(target) == [(1, 1, "D"), (2, 1, "C"), (3, 1, "E")]


async def test_a_submission_that_comes_again_in_the_same_block_is_replaced(target: Target):
    layout = form(*SURVEY, choices=CHOICES)
    tabulator = Tabulator(layout)
    async with Sql(target.url, layout) as sink:
        await sink.write(tabulator.add([well(5, "A", "B")]))
        await sink.write(tabulator.add([well(4, "C"), well(5, "D")]))
        await sink.write(tabulator.add([]))
    assert makers(target) == [(4, 1, "C"), (5, 1, "D")]


async def test_repeats_may_be_written_after_their_submissions(target: Target):
    layout = form(*SURVEY, choices=CHOICES)
    root, pumps = Tabulator(layout).add([well(1, "A")])
    async with Sql(target.url, layout) as sink:
        await sink.write([root])
        await sink.write([pumps])
        await sink.write([pumps])
    assert makers(target) == [(1, 1, "A")]


async def test_a_page_with_a_submission_twice_is_refused(target: Target):
    with pytest.raises(ValueError, match="twice"):
        await put(target.url, form(*SURVEY), [well(1, "A"), well(1, "B")])


async def test_nested_repeats_join_their_parents(target: Target):
    inner = repeat("rooms", question("beds", "integer"))
    layout = form(*repeat("houses", question("street"), *inner))
    rooms = [
        {"houses/rooms": [{"houses/rooms/beds": str(n)} for n in beds]} for beds in ([1, 2], [3])
    ]
    await put(target.url, layout, [{"_id": 7, "houses": rooms}])
    assert target.run(
        'SELECT h._index, r."houses/rooms/beds" FROM rooms r JOIN houses h '
        "ON h._submission__id = r._submission__id AND h._index = r._parent_index ORDER BY 1, 2"
    ) == [(1, 1), (1, 2), (2, 3)]


async def test_removing_a_submission_by_hand_removes_its_repeats(target: Target):
    await put(target.url, form(*SURVEY), [well(1, "A"), well(2, "B")])
    statement = 'DELETE FROM "Wells" WHERE _id = 1'
    if target.kind == "sqlite":
        with sqlite3.connect(target.url.removeprefix("sqlite:///")) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(statement)
        connection.close()
    else:
        target.run(statement)
    assert makers(target) == [(2, 1, "B")]


async def test_a_block_that_fails_leaves_nothing(target: Target):
    layout = form(*SURVEY)

    async def fail() -> None:
        async with Sql(target.url, layout) as sink:
            await sink.write(Tabulator(layout).add([well(1, "A")]))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert target.tables() == set()


async def test_a_block_that_is_cancelled_leaves_what_was_there(target: Target):
    layout = form(*SURVEY)
    await put(target.url, layout, [well(1, "A")])
    grown = form(*SURVEY, question("added"))
    with anyio.CancelScope() as scope:
        async with Sql(target.url, grown) as sink:
            await sink.write(Tabulator(grown).add([well(1), well(2)]))
            scope.cancel()
            await anyio.sleep_forever()
    assert makers(target) == [(1, 1, "A")]
    await put(target.url, layout, [well(3, "B")])
    assert makers(target) == [(1, 1, "A"), (3, 1, "B")]


async def test_two_sinks_write_to_the_same_tables_one_after_the_other(target: Target):
    layout = form(*SURVEY)
    await put(target.url, layout, [well(1)])

    async def add(number: int) -> None:
        await put(target.url, layout, [well(1, f"maker {number}"), well(number)])

    async with anyio.create_task_group() as tasks:
        for number in range(2, 6):
            tasks.start_soon(add, number)
    assert target.run('SELECT count(*) FROM "Wells"') == [(5,)]
    assert len(makers(target)) == 1


async def test_waiting_for_another_writer_can_be_cancelled(target: Target):
    layout = form(*SURVEY)
    async with Sql(target.url, layout) as sink:
        await sink.write(Tabulator(layout).add([well(1, "A")]))
        with anyio.move_on_after(0.2) as scope:
            await put(target.url, layout, [well(2, "B")])
        assert scope.cancelled_caught
    assert makers(target) == [(1, 1, "A")]


SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 2 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(1000)",
}


async def test_a_statement_that_is_cancelled_is_interrupted_and_its_block_undone(target: Target):
    async def cancel() -> None:
        async with Database(target.url) as database, database.transaction():
            await database.run(Connection.exec_driver_sql, "CREATE TABLE x (y int)")
            with anyio.move_on_after(0.1):
                await database.run(Connection.exec_driver_sql, SLOW[target.kind])

    with pytest.raises(RuntimeError, match="cancelled"):
        await cancel()
    assert target.tables() == set()


async def test_work_that_was_left_is_interrupted_when_its_block_is_cancelled(target: Target):
    with anyio.move_on_after(0.1):
        async with Database(target.url) as database, database.transaction():
            await database.run(Connection.exec_driver_sql, "CREATE TABLE x (y int)")
            await database.leave(Connection.exec_driver_sql, SLOW[target.kind])
            await anyio.sleep_forever()
    assert target.tables() == set()


async def test_work_that_was_left_and_fails_undoes_its_block(target: Target):
    async def fail() -> None:
        async with Database(target.url) as database, database.transaction():
            await database.run(Connection.exec_driver_sql, "CREATE TABLE x (y int)")
            await database.leave(Connection.exec_driver_sql, "SELECT z FROM x")

    with pytest.raises(DatabaseFailed, match="z"):
        await fail()
    assert target.tables() == set()


async def test_a_task_goes_on_while_a_server_works(server: Postgres):
    lock = "SELECT pg_advisory_xact_lock(1)"
    with server.database() as name, anyio.fail_after(60):
        url = server.url(name)
        async with Database(url) as other, Database(url) as database, database.transaction():
            async with other.transaction():
                await other.run(Connection.exec_driver_sql, lock)
                await database.leave(Connection.exec_driver_sql, lock)
            await database.run(Connection.exec_driver_sql, "SELECT 1")


async def test_what_is_written_outside_of_a_block_is_refused(target: Target):
    layout = form(*SURVEY)
    with pytest.raises(RuntimeError, match="async with"):
        await Sql(target.url, layout).write([])


async def test_rows_that_count_through_the_table_are_refused(target: Target):
    with pytest.raises(ConfigError, match="numbering"):
        await put(target.url, form(*SURVEY, numbering="table"), [])
    assert target.tables() == set()


async def test_a_layout_without_ids_is_refused(target: Target):
    with pytest.raises(ConfigError, match="_id"):
        await put(target.url, form(*SURVEY, system=("_uuid",)), [])


async def test_characters_that_text_cannot_hold_are_replaced_and_told(target: Target):
    layout = form(question("name"), question("size"), *repeat("pumps", question("maker")))
    row = {"_id": 1, "name": "a\ud800b", "size": "é\U0001f6b0" * 10_000, "unasked": "a\\u0000\x00"}
    sink = await put(target.url, layout, [row, {"_id": 2, "name": "x\x00y"}])
    names = target.run('SELECT name FROM "Wells" ORDER BY _id')
    if target.kind == "sqlite":
        assert names == [("a\ufffdb",), ("x\x00y",)]
        assert sink.notes == ["1 characters that the database cannot hold became U+FFFD"]
    else:
        assert names == [("a\ufffdb",), ("x\ufffdy",)]
        assert sink.notes == ["3 characters that the database cannot hold became U+FFFD"]
        assert target.run('SELECT _extra FROM "Wells" WHERE _id = 1') == [
            ({"unasked": "a\\u0000\ufffd"},)
        ]
    assert target.run('SELECT size FROM "Wells" WHERE _id = 1') == [(row["size"],)]


async def test_characters_that_text_cannot_hold_may_come_in_any_row(target: Target):
    rows = [well(1, "A", name="fine"), well(2, "B", "b\ud800", name="x\ud800")]
    sink = await put(target.url, form(*SURVEY, choices=CHOICES), rows)
    assert target.run('SELECT name FROM "Wells" ORDER BY _id') == [("fine",), ("x\ufffd",)]
    assert makers(target) == [(1, 1, "A"), (2, 1, "B"), (2, 2, "b\ufffd")]
    assert sink.notes == ["2 characters that the database cannot hold became U+FFFD"]


async def test_moments_at_the_edge_of_the_calendar_are_kept(target: Target):
    row = {"_id": 1, "seen": "0001-01-01T00:00:00.000+02:00"}
    await put(target.url, form(question("seen", "datetime")), [row])
    if target.kind == "sqlite":
        assert target.run('SELECT seen FROM "Wells"') == [("0001-01-01T00:00:00+02:00",)]
    else:
        cell = "to_char(seen AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI BC')"
        assert target.run(f'SELECT {cell} FROM "Wells"') == [("0001-12-31 22:00 BC",)]  # noqa: S608 - literal


async def test_pages_of_another_layout_are_refused(target: Target):
    with pytest.raises(ValueError, match="another layout"):
        async with Sql(target.url, form(*SURVEY)) as sink:
            await sink.write(Tabulator(form(question("name"))).add([well(1)]))


async def test_errors_of_the_database_reach_the_caller(target: Target):
    layout = form(*SURVEY)
    _, pumps = Tabulator(layout).add([well(1, "A")])
    with pytest.raises(DatabaseFailed, match=FOREIGN):
        async with Sql(target.url, layout) as sink:
            await sink.write([pumps])
    assert target.tables() == set()


async def test_a_file_that_somebody_else_is_making_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """It cannot change to the mode that lets others read before they are done."""
    monkeypatch.setattr(sqlite, "AT_ONCE", 0.0)
    path = tmp_path / "new.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    with closing(other):
        other.execute("BEGIN IMMEDIATE")
        other.execute("CREATE TABLE others (depth)")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(put, f"sqlite:///{path}", form(*SURVEY), [well(1)])
            await anyio.sleep(0.3)
            other.execute("COMMIT")
    assert Sqlite(path).run('SELECT count(*) FROM "Wells"') == [(1,)]
