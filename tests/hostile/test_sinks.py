"""Whatever people write into forms and answers, sinks keep it as text, and in its place."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import anyio
import duckdb
import openpyxl
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings

from kobo_async.forms.columns import Layout
from kobo_async.sinks import JsonLines, destination
from kobo_async.sinks.mongo import Mongo
from kobo_async.sinks.parquet import Parquet
from tests.hostile.attacks import PATHS
from tests.hostile.projects import PROJECTS, WHOLE, Project, projects
from tests.hostile.projects import project as harmful
from tests.sinks.mongod import Mongod, mongod
from tests.sinks.postgres import Postgres

KEYED = {"numbering": "submission"}
trying = settings(max_examples=PROJECTS, deadline=None)


async def _put(sink: Any, batches: Sequence[Any]) -> None:
    async with sink:
        await sink.write(batches)


def write(target: Path | str, project: Project, *, safe: bool = False, **options: Any) -> Layout:
    layout = project.layout(**options)
    sink = destination(str(target)).for_tables(layout, safe_formulas=safe)
    anyio.run(_put, sink, project.batches(layout))
    return layout


def in_place(folder: Path, *names: str) -> None:
    """Make sure that there are files of the sink in the folder, and nothing anywhere else."""
    found = [path.relative_to(folder) for path in folder.rglob("*")]
    assert found
    assert all(len(path.parts) == 1 for path in found)
    assert all(path.name.startswith(names) for path in found)


@trying
@example(WHOLE)
@given(projects)
def test_csv_keeps_the_texts_and_neutralises_all_formulas(project: Project):
    with TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "data.csv", project, safe=True)
        in_place(folder, "data.")
        for path in folder.iterdir():
            text = path.read_bytes().decode()
            lines = list(csv.reader(io.StringIO(text, newline="")))
            assert len({len(line) for line in lines}) == 1
            for cell in (cell for line in lines for cell in line):
                assert not re.match(r"[=@\t\r\n\uff1d\uff0b\uff0d\uff20]", cell), cell
                assert not re.match(r"[+-](?![\d.]|inf)", cell), cell


@settings(trying, max_examples=max(PROJECTS // 3, 5))
@example(WHOLE)
@given(projects)
def test_excel_has_no_formula_and_no_link(project: Project):
    with TemporaryDirectory() as name:
        path = Path(name) / "data.xlsx"
        write(path, project)
        in_place(path.parent, "data.xlsx")
        with ZipFile(path) as archive:
            assert archive.testzip() is None
            names = archive.namelist()
            sheets = [archive.read(one) for one in names if "worksheets/" in one]
        assert not [one for one in names if "external" in one.lower() or "_rels/sheet" in one]
        assert not [one for one in sheets if b"<f>" in one or b"<hyperlink" in one]
        book = openpyxl.load_workbook(path)
        kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
        book.close()
        assert kinds <= {"s", "n", "d", "b"}, "no `f` for a formula"


@trying
@example(WHOLE)
@given(projects)
def test_geojson_is_json_whatever_stands_in_it(project: Project):
    asking = [one for one in project.layout().form.questions if one.type == "geopoint"]
    if not asking:
        return
    with TemporaryDirectory() as name:
        path = Path(name) / "data.geojson"
        write(path, project, geometry="geojson")
        assert json.loads(path.read_bytes())["type"] == "FeatureCollection"


@trying
@example(WHOLE)
@given(projects)
def test_parquet_keeps_the_names_of_columns(project: Project):
    with TemporaryDirectory() as name:
        folder = Path(name)
        layout = write(folder / "data.parquet", project)
        in_place(folder, "data.")
        read = pq.read_table(folder / "data.parquet")
        assert read.column_names == [one.name for one in layout.tables[0].columns]
        assert read.num_rows == len(project.rows)


@trying
@example(WHOLE)
@given(projects)
def test_lines_of_json_are_lines(project: Project):
    with TemporaryDirectory() as name:
        path = Path(name) / "rows.jsonl"
        anyio.run(_put, JsonLines(path), project.rows)
        assert [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]] == project.rows


@settings(trying, max_examples=max(PROJECTS // 3, 5))
@example(WHOLE)
@given(projects)
def test_duckdb_runs_nothing_that_stands_in_a_form(project: Project):
    with TemporaryDirectory() as name:
        path = Path(name) / "data.duckdb"
        write(path, project, **KEYED)
        in_place(path.parent, "data.duckdb")
        with duckdb.connect(str(path)) as base:
            tables = base.execute("SELECT table_name FROM information_schema.tables").fetchall()
            main = max(len(base.table(_quoted(one)).fetchall()) for (one,) in tables)
        assert len(tables) >= 2
        assert main >= len(project.rows)


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))


@settings(trying, max_examples=max(PROJECTS // 3, 5))
@example(WHOLE)
@given(projects)
def test_sqlite_runs_nothing_that_stands_in_a_form(project: Project):
    with TemporaryDirectory() as name:
        path = Path(name) / "data.db"
        write(f"sqlite:///{path}", project, **KEYED)
        counts = counted(path)
        assert len(counts) == 2
        assert len(project.rows) in counts


def counted(path: Path) -> list[int]:
    """Count the rows of each table of a project."""
    with closing(sqlite3.connect(path)) as base:
        found = base.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        names = sorted({one for (one,) in found} - {"_kobo_columns", "_kobo_sync"})
        queries = [f"SELECT count(*) FROM {_quoted(one)}" for one in names]  # noqa: S608 - quoted
        return [base.execute(query).fetchone()[0] for query in queries]


@settings(trying, max_examples=max(PROJECTS // 5, 3))
@example(WHOLE)
@given(projects)
def test_postgresql_runs_nothing_that_stands_in_a_form(database_server: Postgres, project: Project):
    with database_server.database() as name:
        database_server.run("CREATE TABLE kept (number int)", database=name)
        write(database_server.url(name), project, **KEYED)
        sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        tables = {one for (one,) in database_server.run(sql, database=name)}
        assert "kept" in tables
        assert len(tables - {"kept", "_kobo_columns", "_kobo_sync"}) == 2


@pytest.fixture(scope="module")
def mongo() -> Iterator[Mongod]:
    with mongod() as running:
        yield running


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_documents_of_mongodb_have_no_operators(mongo: Mongod):
    anyio.run(_put, Mongo(mongo.url, "hostile"), WHOLE.rows)
    (first, _) = mongo.data["survey"]["hostile"].find()
    assert first["_id"] == 1
    assert not [key for key in first if key.startswith("$") or "." in key or "\0" in key]
    assert len(first) == len(WHOLE.rows[0])


def test_sql_takes_the_same_project_twice(tmp_path: Path):
    for _ in range(2):
        write(f"sqlite:///{tmp_path}/data.db", WHOLE, **KEYED)
    assert len(WHOLE.rows) in counted(tmp_path / "data.db")


@pytest.mark.parametrize("title", [one for one in PATHS if one] + ["\0", "..\n"])
def test_a_title_leads_no_folder_of_parquet_elsewhere(tmp_path: Path, title: str):
    folder = tmp_path / "inside"
    folder.mkdir()
    project = harmful([title, "day"], ["x"], title)
    layout = project.layout()
    for name, options in (
        ("all", {}),
        ("parts", {"partition_by": layout.tables[0].columns[-2].name}),
    ):
        sink = Parquet(f"{folder}/{name}/", layout, **options)
        anyio.run(_put, sink, project.batches(layout))
    assert [path.name for path in tmp_path.iterdir()] == ["inside"]
    assert sorted(path.name for path in folder.iterdir()) == ["all", "parts"]
    assert len(list(folder.rglob("*.parquet"))) >= 4
