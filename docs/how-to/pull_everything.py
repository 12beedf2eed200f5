"""One project into every format, each read back with the tools that people use for it.

    KOBO_URL=… KOBO_TOKEN=… python pull_everything.py UID FOLDER [postgresql://…] [mongodb://…]

Every table is pulled by the command `kobo-async pull`, and must hold the same submissions.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import duckdb
import geopandas as gpd
import pandas as pd
import polars as pl
import psycopg
from pymongo import MongoClient

MAIN = '"Household survey"'
JOINED = f"""
    SELECT region, count(*) AS members FROM
        (SELECT _id, "household/region" AS region FROM {MAIN}) AS households
        JOIN members ON members."_submission__id" = households._id
    GROUP BY region ORDER BY region
"""  # noqa: S608 - a constant
Ids = set[int]


def pull(uid: str, target: str, *options: str) -> None:
    """Pull a project; whatever is missing ends the script."""
    command = [sys.executable, "-m", "kobo_async.cli", "pull", uid, "-o", target, *options]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)  # noqa: S603 - our own command


def rows(target: str) -> Ids:
    """Read JSON lines with pandas."""
    return set(pd.read_json(target, lines=True)["_id"])


def csv(target: str) -> Ids:
    """Read CSV with pandas, and join the members to their households."""
    households = pd.read_csv(target)
    members = pd.read_csv(target.replace(".csv", ".members.csv"))
    joined = members.merge(households, left_on="_submission__id", right_on="_id")
    assert len(joined) == len(members)
    return set(households["_id"])


def xlsx(target: str) -> Ids:
    """Read a sheet with pandas."""
    return set(pd.read_excel(target, sheet_name="Household survey")["_id"])


def parquet(target: str) -> Ids:
    """Read Parquet with polars: numbers are numbers, times are times, choices are an enum."""
    frame = pl.read_parquet(target)
    assert frame.schema["hh_size"] == pl.Int64
    assert frame.schema["_submission_time"].is_temporal()
    return set(frame["_id"])


def geojson(target: str) -> Ids:
    """Read places with GeoPandas."""
    frame = gpd.read_file(target)
    assert frame.geometry.notna().all()
    return set(frame["_id"])


def in_duckdb(target: str) -> Ids:
    """Read with DuckDB."""
    with duckdb.connect(target, read_only=True) as database:
        assert database.execute(JOINED).fetchall()
        return {number for (number,) in database.execute(f"SELECT _id FROM {MAIN}").fetchall()}  # noqa: S608 - a constant


def in_sqlite(target: str) -> Ids:
    """Read with the standard library."""
    with closing(sqlite3.connect(target.removeprefix("sqlite:///"))) as database:
        assert database.execute(JOINED).fetchall()
        return {number for (number,) in database.execute(f"SELECT _id FROM {MAIN}")}  # noqa: S608 - a constant


def in_postgresql(target: str) -> Ids:
    """Read with psql where it is installed, and with psycopg."""
    query = f"SELECT _id FROM {MAIN}"  # noqa: S608 - a constant
    with psycopg.connect(target) as database:
        found = {number for (number,) in database.execute(query)}
    if psql := shutil.which("psql"):
        told = subprocess.run(  # noqa: S603 - a program that was looked up
            [psql, "-At", "-c", query, target], check=True, capture_output=True, text=True
        )
        assert set(map(int, told.stdout.split())) == found
    return found


def in_mongodb(target: str) -> Ids:
    """Read with pymongo, from the collection behind `#`."""
    address, _, collection = target.partition("#")
    with MongoClient(address) as client:
        found = client.get_default_database()[collection].find({}, ["_id"])
        return {document["_id"] for document in found}


DATABASES = {"postgresql": in_postgresql, "mongodb": in_mongodb}


def targets(folder: Path, databases: Sequence[str]) -> dict[str, Callable[[str], Ids]]:
    """List where to pull to, and what reads it back."""
    readers: dict[str, Callable[[str], Ids]] = {
        f"{folder}/rows.jsonl.gz": rows,
        f"{folder}/rows.jsonl.zst": rows,
        f"{folder}/data.csv": csv,
        f"{folder}/data.xlsx": xlsx,
        f"{folder}/data.parquet": parquet,
        f"{folder}/data.geojson": geojson,
        f"{folder}/data.duckdb": in_duckdb,
        f"sqlite:///{folder}/data.db": in_sqlite,
    }
    return readers | {one: DATABASES[one.partition("://")[0]] for one in databases}


def pull_everything(
    uid: str,
    folder: Path,
    databases: Sequence[str] = (),
    say: Callable[[str], object] = print,
) -> None:
    """Pull into every format, and compare what is read back."""
    folder.mkdir(parents=True, exist_ok=True)
    expected: Ids = set()
    for target, read in targets(folder, databases).items():
        pull(uid, target)
        found = read(target)
        expected = expected or found
        same = found <= expected if read is geojson else found == expected
        assert same, f"{target} holds other submissions than {folder}/rows.jsonl.gz"
        say(f"{len(found):>6} submissions from {read.__name__}")


if __name__ == "__main__":
    pull_everything(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
