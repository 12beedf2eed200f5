"""Rows as CSV: all columns, in the order of the form, and every value."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.sinks.csv import AT_ONCE, Columns, Csv

NAMES = st.sampled_from(["a", "b", "group/c", "_id", "_uuid", "meta/rootUuid", "d"])
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = TEXT | st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.lists(TEXT)
ROWS = st.lists(st.dictionaries(NAMES, VALUES))


def written(folder: Path, *rows: dict[str, Any]) -> list[dict[str, str]]:
    """Write rows in two batches and read the file back."""

    async def write() -> None:
        async with Csv(folder / "rows.csv") as sink:
            await sink.write(rows[:1])
            await sink.write(rows[1:])

    anyio.run(write)
    with (folder / "rows.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def columns(*rows: dict[str, Any]) -> list[str]:
    found = Columns()
    for row in rows:
        found.learn(row)
    return found.names()


def cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


@given(rows=ROWS)
def test_every_value_of_every_row_is_in_the_table(
    rows: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
):
    names = {name for row in rows for name in row}
    found = written(tmp_path_factory.mktemp("csv"), *rows)
    assert len(found) == len([row for row in rows if names])
    for row, line in zip(rows, found, strict=False):
        assert line.keys() == names
        for name, value in line.items():
            given = row.get(name)
            assert value == cell(given) or json.loads(value) == given


@given(rows=ROWS)
def test_columns_of_the_system_come_last(rows: list[dict[str, Any]]):
    system = [name.startswith(("_", "meta/")) for name in columns(*rows)]
    assert system == sorted(system)


def test_a_question_that_was_seldom_answered_stands_where_the_form_asks_it():
    names = columns(
        {"_id": 1, "a": "", "d": "", "_uuid": ""}, {"_id": 2, "a": "", "b": "", "d": ""}
    )
    assert names == ["a", "b", "d", "_id", "_uuid"]


def test_a_first_question_that_was_seldom_answered_comes_first():
    assert columns({"b": ""}, {"a": "", "b": ""}) == ["a", "b"]


def test_repeats_and_lists_stand_as_json(tmp_path: Path):
    row = {"members": [{"members/age": "3"}], "_geolocation": [1.5, None], "_deleted": False}
    (line,) = written(tmp_path, row)
    assert {name: json.loads(text) for name, text in line.items()} == row


def test_text_with_quotes_commas_and_line_breaks_survives(tmp_path: Path):
    text = 'He said: "a, b"\r\nand\rleft\n'
    assert written(tmp_path, {"note": text, "other": "x"}) == [{"note": text, "other": "x"}]


def test_the_file_is_utf_8_without_a_mark(tmp_path: Path):
    written(tmp_path, {"name": "Zoë 李雷"})
    assert (tmp_path / "rows.csv").read_bytes() == "name\r\nZoë 李雷\r\n".encode()


def test_more_rows_than_are_written_at_once_keep_their_order(tmp_path: Path):
    rows = [{"_id": number} for number in range(2 * AT_ONCE + 1)]
    assert [int(line["_id"]) for line in written(tmp_path, *rows)] == list(range(len(rows)))


def test_cancelling_the_last_step_leaves_nothing(tmp_path: Path):
    async def write() -> None:
        with anyio.CancelScope() as scope:
            async with Csv(tmp_path / "rows.csv") as sink:
                await sink.write([{"_id": 1}])
                scope.cancel()

    anyio.run(write)
    assert list(tmp_path.iterdir()) == []
