"""Which sink writes to a target, and what it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from kobo_async.errors import ConfigError
from kobo_async.forms.columns import TableOptions
from kobo_async.forms.content import read_form
from kobo_async.forms.layout import lay_out
from kobo_async.sinks import Csv, JsonLines, destination, sink_for

FORM = read_form({"survey": [{"type": "geopoint", "name": "gps"}]}, "Wells")
TABLES = {
    "data.csv": "Csv",
    "data.csv.gz": "Csv",
    "DATA.CSV": "Csv",
    "data.xlsx": "Excel",
    "data.geojson": "GeoJson",
    "data.geojson.zst": "GeoJson",
    "data.parquet": "Parquet",
    "folder/": "Parquet",
    "memory://bucket/data.parquet": "Parquet",
    "memory://bucket/folder/": "Parquet",
    "data.duckdb": "DuckDB",
    "sqlite:///data.db": "Sql",
    "postgresql://host/database": "Sql",
    "postgresql+psycopg://host/database": "Sql",
}
ROWS = {
    "rows.jsonl": "JsonLines",
    "rows.ndjson": "JsonLines",
    "rows.jsonl.gz": "JsonLines",
    "memory://bucket/rows.jsonl.zst": "JsonLines",
    "mongodb://host/database": "Mongo",
    "mongodb+srv://host/database#wells": "Mongo",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("target", "name"), TABLES.items())
def test_a_target_of_tables_has_its_sink(target: str, name: str):
    place = destination(target)
    assert place.takes_tables
    place.check()
    layout = lay_out(FORM, TableOptions(**place.format.layout))
    assert type(sink_for(target, layout)).__name__ == name


@pytest.mark.parametrize(("target", "name"), ROWS.items())
def test_a_target_of_rows_has_its_sink(target: str, name: str):
    place = destination(target)
    assert not place.takes_tables
    place.check()
    assert type(place.for_rows()).__name__ == name


@pytest.mark.parametrize(
    "target", ["rows.pdf", "rows", "rows.xlsx.gz", "rows.gz", "mysql://h/d", "."]
)
def test_an_unknown_target_is_answered_with_the_known_ones(target: str):
    with pytest.raises(ConfigError, match=r"\.jsonl.*\.parquet.*folder/.*sqlite://"):
        destination(target)


def test_an_unknown_address_is_told_without_its_password():
    with pytest.raises(ConfigError) as told:
        destination("mysql://me:p@ss@host/database")
    assert "mysql://host/database" in str(told.value)
    assert "ss@" not in str(told.value)


def test_rows_and_tables_are_not_mixed_up():
    with pytest.raises(ConfigError, match="takes tables: give their layout"):
        sink_for("data.csv")
    with pytest.raises(ConfigError, match="takes rows"):
        sink_for("rows.jsonl", lay_out(FORM))


def test_paths_are_targets_too(folder: Path):
    assert isinstance(sink_for(folder / "rows.jsonl"), JsonLines)
    assert isinstance(sink_for(folder / "data.csv", lay_out(FORM)), Csv)


@pytest.mark.parametrize("target", ["nowhere/rows.jsonl", "nowhere/data.xlsx"])
def test_a_file_that_cannot_be_is_told_before_anything_is_fetched(target: str):
    with pytest.raises(ConfigError, match="no folder"):
        destination(target).check()
