"""Tables of a project in every format, through the command."""

from __future__ import annotations

import csv
import gzip
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import openpyxl
import pyarrow.parquet as pq
import pytest

from kobo_async.testing import FakeForm, FakeKobo

from .running import Invoke

ROWS = 60


@pytest.fixture
def form(fake: FakeKobo) -> FakeForm:
    return fake.add_form("Household survey", rows=ROWS)


def answer(form: FakeForm, path: str, text: str) -> int:
    """Submit a row with this answer, and return its id."""
    (number,) = form.insert()
    form.edit(number, **{path: text})
    return number


def pulled(invoke: Invoke, form: FakeForm, target: object, *options: str) -> str:
    """Pull without a mishap, and return what was said."""
    result = invoke("pull", form.uid, "-o", str(target), *options)
    assert result.exit_code == 0, result.output
    return result.stderr


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def from_xlsx(path: Path) -> list[Any]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    header, *rows = sheet.values
    return [row[header.index("_id")] for row in rows]


def from_geojson(path: Path) -> list[Any]:
    features = json.loads(path.read_bytes())["features"]
    return [feature["properties"]["_id"] for feature in features]


def from_duckdb(path: Path) -> list[Any]:
    with duckdb.connect(str(path)) as database:
        query = 'SELECT _id FROM "Household survey" ORDER BY _id'
        return [number for (number,) in database.execute(query).fetchall()]


READERS: dict[str, Callable[[Path], list[Any]]] = {
    "data.csv": lambda path: [int(row["_id"]) for row in read_csv(path)],
    "data.xlsx": from_xlsx,
    "data.geojson": from_geojson,
    "data.parquet": lambda path: pq.read_table(path)["_id"].to_pylist(),
    "data.duckdb": from_duckdb,
}


@pytest.mark.parametrize("name", READERS)
def test_every_format_of_tables_holds_the_submissions(
    invoke: Invoke, form: FakeForm, tmp_path: Path, name: str
):
    said = pulled(invoke, form, tmp_path / name)
    needed = "household/gps" if name == "data.geojson" else "_id"
    expected = [number for number, row in form.rows.items() if needed in row]
    assert READERS[name](tmp_path / name) == expected
    assert said.startswith(f"complete: {ROWS} of {ROWS} rows")


def test_a_compressed_table_is_the_same_table(invoke: Invoke, form: FakeForm, tmp_path: Path):
    pulled(invoke, form, tmp_path / "data.csv")
    pulled(invoke, form, tmp_path / "packed.csv.gz")
    packed = gzip.decompress((tmp_path / "packed.csv.gz").read_bytes())
    assert packed == (tmp_path / "data.csv").read_bytes()


def test_a_folder_gets_a_parquet_file_for_each_table(
    invoke: Invoke, form: FakeForm, tmp_path: Path
):
    pulled(invoke, form, f"{tmp_path}/tables/")
    names = sorted(path.name for path in (tmp_path / "tables").iterdir())
    assert names == ["Household survey.parquet", "members.parquet"]


def test_any_address_that_fsspec_knows_will_do(invoke: Invoke, form: FakeForm):
    pulled(invoke, form, "memory://pulled/data.parquet")
    with fsspec.open("memory://pulled/data.parquet") as file:
        assert pq.read_table(file)["_id"].to_pylist() == list(form.rows)


def test_a_database_can_be_pulled_into_again(invoke: Invoke, form: FakeForm, tmp_path: Path):
    address = f"sqlite:///{tmp_path / 'data.db'}"
    pulled(invoke, form, address)
    first, *_, last = form.rows
    form.delete(first)
    pulled(invoke, form, address, "--where", json.dumps({"_id": last}))
    with sqlite3.connect(tmp_path / "data.db") as database:
        (count,) = database.execute('SELECT count(*) FROM "Household survey"').fetchone()
    assert count == ROWS


def test_projects_of_one_title_share_a_database_by_prefixes(
    invoke: Invoke, fake: FakeKobo, form: FakeForm, tmp_path: Path
):
    other, database = fake.add_form(form.asset["name"], rows=1), f"sqlite:///{tmp_path}/data.db"
    assert invoke("pull", form.uid, "-o", database).exit_code == 0
    refused = invoke("pull", other.uid, "-o", database)
    assert refused.exit_code == 2
    assert f"holds the project {form.uid}, not {other.uid}" in refused.stderr
    assert invoke("pull", other.uid, "-o", database, "--prefix", "other_").exit_code == 0
    refused = invoke("pull", other.uid, "-o", str(tmp_path / "data.csv"), "--prefix", "other_")
    assert "takes no prefix" in refused.stderr


def test_labels_and_headers_are_those_of_a_language(invoke: Invoke, form: FakeForm, tmp_path: Path):
    path = tmp_path / "data.csv"
    pulled(invoke, form, path, "--labels", "fr", "--headers", "label")
    (header, *_) = read_csv(path)
    assert any("Nom du chef" in name for name in header)


def test_headers_may_be_the_names_of_the_questions(invoke: Invoke, form: FakeForm, tmp_path: Path):
    pulled(invoke, form, tmp_path / "data.csv", "--headers", "name")
    assert {"head_name", "region"} <= read_csv(tmp_path / "data.csv")[0].keys()


def test_only_the_tables_that_are_named_are_written(invoke: Invoke, form: FakeForm, tmp_path: Path):
    pulled(invoke, form, tmp_path / "data.csv", "--tables", "members")
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]
    found = read_csv(tmp_path / "data.csv")
    assert len(found) == sum(len(row.get("members", ())) for row in form.rows.values())


@pytest.mark.parametrize("target", ["sqlite:///data.db", "data.duckdb"])
def test_a_database_needs_the_submissions(
    invoke: Invoke,
    form: FakeForm,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    target: str,
):
    monkeypatch.chdir(tmp_path)
    result = invoke("pull", form.uid, "-o", target, "--tables", "members")
    assert result.exit_code == 2
    assert "the table 'Household survey' is needed, too" in result.stderr
    assert not list(tmp_path.iterdir())
    pulled(invoke, form, target, "--tables", "members,Household survey")


def test_only_the_questions_that_are_named_are_written(
    invoke: Invoke, form: FakeForm, tmp_path: Path
):
    pulled(invoke, form, tmp_path / "data.csv", "--fields", "hh_size")
    (row, *_) = read_csv(tmp_path / "data.csv")
    assert "hh_size" in row
    assert "income" not in row


def test_texts_are_as_the_server_keeps_them(invoke: Invoke, form: FakeForm, tmp_path: Path):
    pulled(invoke, form, tmp_path / "typed.parquet")
    pulled(invoke, form, tmp_path / "text.parquet", "--values", "text")
    typed, text = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("typed", "text"))
    assert text["hh_size"].to_pylist() == [row.get("hh_size") for row in form.rows.values()]
    assert typed["hh_size"].to_pylist() == [
        None if size is None else int(size) for size in text["hh_size"].to_pylist()
    ]


def test_formulas_are_made_harmless_on_request(invoke: Invoke, form: FakeForm, tmp_path: Path):
    answer(form, "household/head_name", "=HYPERLINK(1)")
    pulled(invoke, form, tmp_path / "data.csv")
    pulled(invoke, form, tmp_path / "safe.csv", "--safe-formulas")
    (as_sent, safe) = (
        read_csv(tmp_path / name)[-1]["household/head_name"] for name in ("data.csv", "safe.csv")
    )
    assert (as_sent, safe) == ("=HYPERLINK(1)", "'=HYPERLINK(1)")


def test_answers_that_do_not_fit_are_told(invoke: Invoke, form: FakeForm, tmp_path: Path):
    first, *_ = [answer(form, "hh_size", size) for size in ("many", "x" * 100, "4.5", "few")]
    said = pulled(invoke, form, tmp_path / "data.csv")
    (line,) = [line for line in said.splitlines() if "did not fit" in line]
    assert line.startswith("4 answers did not fit their type: hh_size of submission")
    assert f"hh_size of submission {first}: 'many' (not a whole number)" in line
    assert line.endswith(", …")
    assert "x" * 41 not in line


def test_answers_that_do_not_fit_are_told_as_json(invoke: Invoke, form: FakeForm, tmp_path: Path):
    answer(form, "hh_size", "many")
    result = invoke("pull", form.uid, "-o", str(tmp_path / "data.geojson"), "--json")
    told = json.loads(result.stdout)
    (example,) = told["bad"]["examples"]
    assert told["bad"]["count"] == 1
    assert (example["path"], example["value"]) == ("hh_size", "many")
    assert "have no place" in told["notes"][0]


def test_passwords_in_addresses_are_not_shown(invoke: Invoke, form: FakeForm):
    address = "postgresql://me:s3cret@127.0.0.1:1/nothing"
    result = invoke("pull", form.uid, "-o", address)
    assert result.exit_code != 0
    assert "Traceback" not in result.output
    assert "127.0.0.1" in result.stderr
    assert "s3cret" not in result.output


def test_a_failure_leaves_nothing(invoke: Invoke, form: FakeForm, tmp_path: Path):
    result = invoke("pull", form.uid, "-o", str(tmp_path / "data.xlsx"), "--where", '{"a": 1}')
    assert result.exit_code == 2
    assert not list(tmp_path.iterdir())
