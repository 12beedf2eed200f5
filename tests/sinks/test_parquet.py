"""Parquet files, read back by everything that reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from kobo_async import KoboClient
from kobo_async.errors import ConfigError
from kobo_async.forms.columns import TableOptions
from kobo_async.forms.layout import lay_out
from kobo_async.forms.versions import merged
from kobo_async.sinks import pile
from kobo_async.sinks.parquet import Parquet
from kobo_async.testing import FakeKobo
from tests.sinks.forms import cells, content, laid_out, put, row, rows

pytestmark = pytest.mark.anyio
LAYOUT = laid_out()
SUBMISSIONS = rows(*range(1, 41))
FLAT = lay_out(merged([{"survey": [{"type": "integer", "name": "n"}]}], "Flat"), TableOptions())


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def left(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def same(table: pa.Table, expected: list[tuple[Any, ...]]) -> bool:
    columns = [column.to_pylist() for column in table.columns]
    return list(zip(*columns, strict=True)) == expected


async def test_a_form_without_repeats_is_one_file(tmp_path: Path):
    await put(Parquet(tmp_path / "data.parquet", FLAT), FLAT, [{"_id": 1, "n": "5"}])
    assert files(tmp_path) == ["data.parquet"]
    assert pq.read_table(tmp_path / "data.parquet")["n"].to_pylist() == [5]


async def test_repeats_are_files_beside_it(tmp_path: Path):
    await put(Parquet(tmp_path / "data.parquet", LAYOUT), LAYOUT, SUBMISSIONS)
    assert files(tmp_path) == ["data.members.parquet", "data.parquet"]


@pytest.mark.parametrize("target", ["data", "data/", "data.d/"])
async def test_a_folder_has_a_file_for_each_table(tmp_path: Path, target: str):
    await put(Parquet(f"{tmp_path}/{target}", LAYOUT), LAYOUT, SUBMISSIONS)
    assert files(tmp_path / target) == ["Survey.parquet", "members.parquet"]


async def test_the_name_of_a_form_need_not_fit_a_file(tmp_path: Path):
    odd = lay_out(merged([{"survey": [{"type": "integer", "name": "n"}]}], "a/b: 2?"))
    await put(Parquet(tmp_path / "data", odd), odd, [{"_id": 1}])
    assert files(tmp_path / "data") == ["a_b_ 2_.parquet"]


async def test_cells_types_and_labels_come_back(tmp_path: Path):
    await put(Parquet(tmp_path / "data.parquet", LAYOUT), LAYOUT, SUBMISSIONS)
    expected = cells(LAYOUT, SUBMISSIONS)
    main = pq.read_table(tmp_path / "data.parquet")
    assert same(main, expected["Survey"])
    assert same(pq.read_table(tmp_path / "data.members.parquet"), expected["members"])
    field = main.schema.field("region")
    assert field.metadata[b"kobo:label"] == b"The region's"
    assert json.loads(field.metadata[b"kobo:choices"]) == [["north", "north"], ["south", "south"]]


async def test_pandas_polars_and_duckdb_read_what_was_written(tmp_path: Path):
    await put(Parquet(tmp_path / "data.parquet", LAYOUT), LAYOUT, SUBMISSIONS)
    path = str(tmp_path / "data.parquet")
    ids = [one["_id"] for one in SUBMISSIONS]
    frame = pd.read_parquet(path)
    assert frame["_id"].tolist() == ids
    assert list(frame["region"].cat.categories) == ["north", "south"]
    assert pl.read_parquet(path)["_id"].to_list() == ids
    found = duckdb.sql(f"SELECT sum(size) FROM '{path}' WHERE region = 'south'").fetchall()  # noqa: S608 - ours
    assert found == [(sum(number for number in ids if number % 4 == 2),)]


async def test_pages_come_together_in_groups_of_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pile, "MOST_ROWS", 20)
    await put(Parquet(tmp_path / "data.parquet", LAYOUT), LAYOUT, SUBMISSIONS)
    read = pq.ParquetFile(tmp_path / "data.parquet").metadata
    groups = [read.row_group(number).num_rows for number in range(read.num_row_groups)]
    assert groups == [14, 14, 12]


async def test_choices_that_come_later_are_in_later_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pile, "MOST_ROWS", 1)
    layout = laid_out(values="text")
    later = [row(2), *rows(1, 3, 5, 7, 9, 11), row(4, region="west")]
    await put(Parquet(tmp_path / "data.parquet", layout), layout, later)
    table = pq.read_table(tmp_path / "data.parquet").unify_dictionaries()
    assert table["region"].to_pylist() == ["south", *[None] * 6, "west"]
    assert table["region"].chunk(0).dictionary.to_pylist()[-1] == "west"


async def test_no_submissions_make_files_with_columns(tmp_path: Path):
    await put(Parquet(tmp_path / "data.parquet", LAYOUT), LAYOUT, [])
    table = pq.read_table(tmp_path / "data.parquet")
    assert table.num_rows == 0
    assert table.column_names == [column.name for column in LAYOUT.tables[0].columns]


@pytest.mark.parametrize("options", [{}, {"partition_by": "day"}])
@pytest.mark.parametrize("target", ["data.parquet", "data"])
async def test_a_failed_download_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, options: dict[str, str]
):
    monkeypatch.setattr(pile, "MOST_ROWS", 20)
    with pytest.raises(RuntimeError, match="lost"):
        await put(Parquet(tmp_path / target, LAYOUT, **options), LAYOUT, SUBMISSIONS, lost=True)
    assert left(tmp_path) == []


async def test_a_failed_download_keeps_the_files_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pile, "MOST_ROWS", 1)
    await put(Parquet(tmp_path / "data", LAYOUT), LAYOUT, SUBMISSIONS)
    with pytest.raises(RuntimeError, match="lost"):
        await put(Parquet(tmp_path / "data", LAYOUT), LAYOUT, rows(1, 2, 3), lost=True)
    assert pq.read_table(tmp_path / "data" / "Survey.parquet").num_rows == len(SUBMISSIONS)
    assert files(tmp_path / "data") == ["Survey.parquet", "members.parquet"]


async def test_months_are_folders_and_repeats_go_with_their_submission(tmp_path: Path):
    sink = Parquet(tmp_path / "data", LAYOUT, partition_by="day")
    await put(sink, LAYOUT, SUBMISSIONS)
    folders = {path.name for path in (tmp_path / "data" / "Survey").iterdir()}
    months = {f"day_month=2026-{one % 12 + 1:02}" for one in range(2, 41, 2)}
    assert folders == months | {"day_month=missing"}
    read = ds.dataset(tmp_path / "data" / "members", partitioning="hive").to_table()
    for number, month in zip(
        *(read[name].to_pylist() for name in ("_submission__id", "day_month")), strict=True
    ):
        assert month == f"2026-{number % 12 + 1:02}"
    assert read.num_rows == len(cells(LAYOUT, SUBMISSIONS)["members"])


async def test_answers_are_folders_that_every_reader_understands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pile, "MOST_ROWS", 20)
    layout = laid_out(content(region="text"))
    submissions = [*SUBMISSIONS, row(42, region="north/east = 1"), row(44, region="")]
    await put(Parquet(tmp_path / "data", layout, partition_by="region"), layout, submissions)
    folder = tmp_path / "data" / "Survey"
    regions = {one.get("region", "missing") for one in submissions}
    ids = sorted(one["_id"] for one in submissions)
    frame = pd.read_parquet(folder)
    assert sorted(frame["_id"]) == ids
    assert set(frame["region_value"]) == regions
    assert sorted(pl.read_parquet(folder / "**/*.parquet", hive_partitioning=True)["_id"]) == ids
    many = f"read_parquet('{folder}/**/*.parquet', hive_partitioning=true)"
    found = duckdb.sql(f"SELECT _id FROM {many} WHERE region_value = 'north/east = 1'")  # noqa: S608 - ours
    assert found.fetchall() == [(42,)]


async def test_folders_of_a_column_of_the_server_are_not_hidden_from_readers(tmp_path: Path):
    """Datasets leave out what begins with an underscore."""
    sink = Parquet(tmp_path / "data", LAYOUT, partition_by="_submission_time")
    await put(sink, LAYOUT, SUBMISSIONS)
    assert ds.dataset(tmp_path / "data" / "Survey").to_table().num_rows == len(SUBMISSIONS)


async def test_a_partitioned_folder_must_be_new(tmp_path: Path):
    for _ in range(2):
        sink = Parquet(tmp_path / "data", LAYOUT, partition_by="day")
        if (tmp_path / "data").exists():
            with pytest.raises(ConfigError, match="not empty"):
                await put(sink, LAYOUT, SUBMISSIONS)
        else:
            await put(sink, LAYOUT, SUBMISSIONS)
    assert pq.read_table(tmp_path / "data" / "Survey").num_rows == len(SUBMISSIONS)


@pytest.mark.parametrize("name", ["owns", "colour"])
def test_what_has_no_single_values_divides_nothing(tmp_path: Path, name: str):
    with pytest.raises(ConfigError, match=name):
        Parquet(tmp_path / "data", LAYOUT, partition_by=name)


def test_repeats_cannot_follow_submissions_without_ids(tmp_path: Path):
    with pytest.raises(ConfigError, match="_id"):
        Parquet(tmp_path / "data", laid_out(system=[]), partition_by="day")


@pytest.mark.parametrize("target", ["missing/data.parquet", "missing/data", "file/"])
def test_places_where_nothing_can_be_are_refused(tmp_path: Path, target: str):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"no folder|is a file"):
        Parquet(f"{tmp_path}/{target}", LAYOUT)


async def test_addresses_are_written_to_through_fsspec():
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    await put(Parquet("memory://parquet/one.parquet", LAYOUT), LAYOUT, SUBMISSIONS)
    await put(Parquet("memory://parquet/by", LAYOUT, partition_by="day"), LAYOUT, SUBMISSIONS)
    with memory.open("/parquet/one.members.parquet", "rb") as file:
        assert pq.read_table(file).num_rows == len(cells(LAYOUT, SUBMISSIONS)["members"])
    assert len(memory.glob("/parquet/by/Survey/*/*.parquet")) == 7
    with pytest.raises(ConfigError, match="not empty"):
        await put(Parquet("memory://parquet/by", LAYOUT, partition_by="day"), LAYOUT, [])
    memory.rm("/parquet", recursive=True)


@pytest.mark.parametrize("name", ["household", "simple"])
async def test_a_real_project_comes_back_whole(shared: Path, tmp_path: Path, name: str):
    fake = FakeKobo()
    form = fake.load_form(shared / "kpi" / "data" / name)
    async with KoboClient("http://localhost", token=fake.token, app=fake) as client:
        layout = await client.tables.layout(form.uid)
        source = client.tables.batches(form.uid, layout)
        async with source as batches, Parquet(tmp_path / "data", layout) as sink:
            async for batch in batches:
                await sink.write(batch)
    read = {path.stem: pq.read_table(path) for path in (tmp_path / "data").iterdir()}
    for table, expected in cells(layout, form.rows.values()).items():
        assert same(read[table], expected)
