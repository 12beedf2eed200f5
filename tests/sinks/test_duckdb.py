"""DuckDB files that are kept up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import attrs
import duckdb
import pyarrow as pa
import pytest

from kobo_async import KoboClient
from kobo_async.errors import ConfigError, DatabaseFailed
from kobo_async.forms.layout import lay_out
from kobo_async.sinks import pile
from kobo_async.sinks.duckdb import DuckDB
from kobo_async.tables.arrow import ArrowTables
from kobo_async.testing import FakeKobo
from tests.sinks.forms import cells, content, laid_out, pages, put, row, rows

pytestmark = pytest.mark.anyio
LAYOUT = laid_out()
SUBMISSIONS = rows(*range(1, 41))


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.duckdb"


def ask(path: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(path, read_only=True) as connection:
        return connection.sql(query).fetchall()


def types(path: Path, table: str = "Survey") -> dict[str, str]:
    return {name: type_ for name, type_, *_ in ask(path, f'DESCRIBE "{table}"')}


async def test_each_table_is_a_table_of_the_same_cells(path: Path):
    await put(DuckDB(path, LAYOUT), LAYOUT, SUBMISSIONS)
    for name, expected in cells(LAYOUT, SUBMISSIONS).items():
        assert ask(path, f'FROM "{name}"') == expected


async def test_columns_have_types_and_comments(path: Path):
    await put(DuckDB(path, LAYOUT), LAYOUT, SUBMISSIONS)
    found = types(path)
    assert {name: found[name] for name in ("region", "size", "income", "day", "at", "owns")} == {
        "region": "VARCHAR",
        "size": "BIGINT",
        "income": "DOUBLE",
        "day": "DATE",
        "at": "TIMESTAMP WITH TIME ZONE",
        "owns": "VARCHAR[]",
    }
    comments = "SELECT comment FROM duckdb_columns() WHERE column_name = 'size'"
    assert ask(path, comments) == [("The size's",)]


async def test_submissions_that_come_again_replace_those_of_before(path: Path):
    await put(DuckDB(path, LAYOUT), LAYOUT, SUBMISSIONS)
    changed = [row(2, size="99", members=[]), row(4, members=[{"members/age": "7"}] * 3), row(50)]
    await put(DuckDB(path, LAYOUT), LAYOUT, changed)
    now = {one["_id"]: one for one in (*SUBMISSIONS, *changed)}
    expected = cells(LAYOUT, [now[number] for number in sorted(now)])
    assert ask(path, "FROM Survey ORDER BY _id") == expected["Survey"]
    assert ask(path, "FROM members ORDER BY _submission__id, _index") == expected["members"]


async def test_a_submission_that_comes_twice_in_one_block_stands_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pile, "MOST_ROWS", 1)
    again = [*rows(*range(2, 16, 2)), row(2, size="99")]
    await put(DuckDB(path, LAYOUT), LAYOUT, again)
    assert ask(path, "SELECT size FROM Survey WHERE _id = 2") == [(99,)]
    assert ask(path, "SELECT count(*) FROM Survey") == [(7,)]


async def test_a_form_that_gains_and_loses_questions_migrates(path: Path):
    await put(DuckDB(path, LAYOUT), LAYOUT, [row(2)])
    later = laid_out(content(without="income", shoes="integer"))
    await put(DuckDB(path, later), later, [row(4, shoes="3")])
    assert ask(path, "SELECT income, shoes FROM Survey ORDER BY _id") == [(2.5, None), (None, 3)]


@pytest.mark.parametrize(
    ("before", "after", "type_", "values"),
    [
        ("integer", "decimal", "DOUBLE", [2.0, 4.5]),
        ("decimal", "integer", "DOUBLE", [2.0, 4.0]),
        ("integer", "text", "VARCHAR", ["2", "4.5"]),
        ("text", "integer", "VARCHAR", ["2", "4"]),
    ],
)
async def test_a_question_that_changes_its_type_takes_the_wider_one(
    path: Path, before: str, after: str, type_: str, values: list[Any]
):
    first, second = (laid_out(content(size=kind)) for kind in (before, after))
    answer = "4" if after == "integer" else "4.5"
    await put(DuckDB(path, first), first, [row(2)])
    await put(DuckDB(path, second), second, [row(4, size=answer)])
    assert types(path)["size"] == type_
    assert [value for (value,) in ask(path, "SELECT size FROM Survey ORDER BY _id")] == values


async def test_what_else_is_in_the_file_stays(path: Path):
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE mine AS SELECT 1 AS one")
    await put(DuckDB(path, LAYOUT), LAYOUT, SUBMISSIONS)
    assert ask(path, "FROM mine") == [(1,)]


def left(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_failed_download_leaves_no_file(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pile, "MOST_ROWS", 1)
    with pytest.raises(RuntimeError, match="lost"):
        await put(DuckDB(path, LAYOUT), LAYOUT, SUBMISSIONS, lost=True)
    assert left(path.parent) == []


async def test_a_failed_download_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch):
    await put(DuckDB(path, LAYOUT), LAYOUT, SUBMISSIONS)
    monkeypatch.setattr(pile, "MOST_ROWS", 1)
    later = laid_out(content(shoes="integer", size="text"))
    with pytest.raises(RuntimeError, match="lost"):
        await put(DuckDB(path, later), later, rows(2, 4, 6), lost=True)
    for name, expected in cells(LAYOUT, SUBMISSIONS).items():
        assert ask(path, f'FROM "{name}"') == expected


async def test_what_the_database_does_not_take_is_told_and_changes_nothing(path: Path):
    await put(DuckDB(path, LAYOUT), LAYOUT, SUBMISSIONS)
    with duckdb.connect(path) as connection:
        connection.execute("CREATE UNIQUE INDEX once ON Survey (_uuid)")
    before = ask(path, "FROM Survey")
    with pytest.raises(DatabaseFailed, match=r"data\.duckdb: Constraint Error"):
        await put(DuckDB(path, LAYOUT), LAYOUT, [row(60, _uuid="same"), row(61, _uuid="same")])
    assert ask(path, "FROM Survey") == before


async def test_tables_of_another_project_are_refused(path: Path):
    mine, others = (
        lay_out(attrs.evolve(LAYOUT.form, uid=uid), LAYOUT.options) for uid in ("a'Mine", "aTheirs")
    )
    await put(DuckDB(path, mine), mine, SUBMISSIONS)
    await put(DuckDB(path, mine), mine, [row(50)])
    before = ask(path, "FROM Survey")
    with pytest.raises(ConfigError, match="holds submissions of a'Mine, not of aTheirs"):
        await put(DuckDB(path, others), others, [row(1)])
    assert ask(path, "FROM Survey") == before


def test_keys_must_be_stable(path: Path):
    with pytest.raises(ConfigError, match="numbering"):
        DuckDB(path, laid_out(numbering="table"))
    with pytest.raises(ConfigError, match="_id"):
        DuckDB(path, laid_out(system=[]))


@pytest.fixture
def broken(path: Path) -> bytes:
    path.write_bytes(b"not a database, and long enough to be looked into" * 100)
    return path.read_bytes()


async def test_what_is_no_database_is_refused(path: Path, broken: bytes):
    with pytest.raises(ConfigError, match="cannot open"):
        await put(DuckDB(path, LAYOUT), LAYOUT, SUBMISSIONS)
    assert await anyio.Path(path).read_bytes() == broken


async def test_a_view_in_the_place_of_a_table_is_refused(path: Path):
    with duckdb.connect(path) as connection:
        connection.execute("CREATE VIEW members AS SELECT 1 AS one")
    with pytest.raises(ConfigError, match="cannot open"):
        await put(DuckDB(path, LAYOUT), LAYOUT, SUBMISSIONS)
    assert ask(path, "FROM members") == [(1,)]


@pytest.mark.parametrize("target", ["s3://bucket/data.duckdb", "/no/such/folder/data.duckdb"])
def test_only_files_of_this_machine_will_do(target: str):
    with pytest.raises(ConfigError, match="of this machine"):
        DuckDB(target, LAYOUT)


async def test_writing_outside_of_the_block_is_an_error(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pile, "MOST_ROWS", 1)
    (page,) = pages(LAYOUT, rows(2))
    with pytest.raises(RuntimeError, match="async with"):
        await DuckDB(path, LAYOUT).write(page)


@pytest.mark.parametrize("name", ["household", "simple"])
async def test_a_real_project_comes_back_whole(shared: Path, path: Path, name: str):
    fake = FakeKobo()
    form = fake.load_form(shared / "kpi" / "data" / name)
    async with KoboClient("http://localhost", token=fake.token, app=fake) as client:
        layout = await client.tables.layout(form.uid, numbering="submission")
        for _ in range(2):
            async with (
                client.tables.batches(form.uid, layout) as batches,
                DuckDB(path, layout) as sink,
            ):
                async for batch in batches:
                    await sink.write(batch)
    for table, expected in cells(layout, form.rows.values()).items():
        order = "_submission__id, _index" if table != layout.tables[0].name else "_id"
        assert ask(path, f'FROM "{table}" ORDER BY {order}') == expected


async def test_what_was_written_is_not_kept_in_memory(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pile, "MOST_ROWS", 1)
    held, given, arrow = [], 0, ArrowTables(LAYOUT)
    pool = pa.system_memory_pool()
    before = pool.bytes_allocated()
    async with DuckDB(path, LAYOUT) as sink:
        for page in [*pages(LAYOUT, SUBMISSIONS)] * 5:
            await sink.write(page)
            held.append(pool.bytes_allocated() - before)
            given += sum(arrow.convert(batch).nbytes for batch in page)
    assert max(held) < given / 2
