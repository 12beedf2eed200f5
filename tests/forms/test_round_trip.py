"""Laws of tables: what goes in comes out, and keys join."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kobo_async.errors import ConfigError
from kobo_async.forms import geometry, readers, values
from kobo_async.forms.columns import Batch, Layout, TableOptions
from kobo_async.forms.jsontext import as_json, from_json
from kobo_async.forms.layout import lay_out
from kobo_async.forms.rows import rows_of
from kobo_async.forms.schema import Form, Kind
from kobo_async.forms.tabulate import Tabulator
from kobo_async.forms.values import Many
from kobo_async.forms.versions import merged

from .generated import FORMS, STRANGE, VALUES, Generated, forms, submissions

Row = dict[str, Any]

EXACT = st.builds(
    TableOptions,
    values=st.just("text"),
    system=st.just("all"),
    select_multiple=st.sampled_from(["list", "both"]),
    headers=st.sampled_from(["path", "name", "label"]),
    group_sep=st.sampled_from(["/", ".", " - "]),
    numbering=st.sampled_from(["table", "submission"]),
    repeat_system=st.booleans(),
    media=st.booleans(),
)
TYPED = st.builds(
    TableOptions,
    select_multiple=st.sampled_from(["list", "indicators", "both"]),
    geometry=st.sampled_from(["wkt", "geojson", "text"]),
    numbering=st.sampled_from(["table", "submission"]),
    offsets=st.booleans(),
    media=st.booleans(),
    repeat_system=st.booleans(),
    system=st.sampled_from(["all", ("_id", "_submission_time")]),
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@st.composite
def drawn(draw: st.DrawFn, *, strange: bool = False) -> tuple[Form, list[Row]]:
    """Draw a form of several versions, and rows of it under ids of their own."""
    generated: Generated = draw(forms())
    rows = draw(submissions(generated, strange=strange))
    rows = [{**row, "_id": number} for number, row in enumerate(rows, 1)]
    return merged(generated.contents, generated.name), rows


@st.composite
def broken(draw: st.DrawFn) -> tuple[Form, list[Row]]:
    """Draw a form, and rows where any answer may be any JSON but null."""
    form, rows = draw(drawn(strange=True))
    for row in rows:
        paths = [*form.repeats, *(question.path for question in form.questions), "new"]
        for path in draw(st.lists(st.sampled_from(paths), max_size=3)):
            if path != "_id":
                row[path] = draw(JSON.filter(lambda value: value is not None))
    return form, rows


def pages(rows: Sequence[Row], cut: int) -> Iterator[Sequence[Row]]:
    yield from (rows[:cut], rows[cut:])


def tables(layout: Layout, rows: Sequence[Row], cut: int) -> list[Batch]:
    tabulator = Tabulator(layout)
    return [batch for page in pages(rows, cut) for batch in tabulator.add(page)]


@settings(max_examples=FORMS)
@given(drawn() | drawn(strange=True) | broken(), EXACT, st.integers(0, 4))
def test_rows_come_back_out_of_their_tables(
    case: tuple[Form, list[Row]], options: TableOptions, cut: int
):
    form, rows = case
    layout = lay_out(form, options)
    assert rows_of(tables(layout, rows, cut), layout) == rows


@pytest.mark.parametrize(
    "options",
    [
        TableOptions(),
        TableOptions(values="text"),
        TableOptions(values="text", system="all", labels="en"),
        TableOptions(values="text", system="all", select_multiple="indicators"),
        TableOptions(values="text", system="all", only=["q"]),
    ],
)
def test_tables_of_less_than_everything_give_no_rows(options: TableOptions):
    content = {"survey": [{"type": "text", "name": "q"}], "translations": ["English (en)"]}
    layout = lay_out(merged([content]), options)
    with pytest.raises(ConfigError, match="rows need tables of everything"):
        rows_of([], layout)


@settings(max_examples=FORMS)
@given(drawn() | drawn(strange=True) | broken(), TYPED, st.integers(0, 4))
def test_whatever_arrives_is_in_the_tables_or_in_extra_and_keys_join(
    case: tuple[Form, list[Row]], options: TableOptions, cut: int
):
    form, rows = case
    layout = lay_out(form, options)
    tabulator = Tabulator(layout)
    batches = [batch for page in pages(rows, cut) for batch in tabulator.add(page)]
    for batch in batches:
        assert len({len(cells) for cells in batch.cells}) == 1
        names = [column.name.casefold() for column in batch.table.columns]
        assert len(set(names)) == len(names)
    assert bool(tabulator.bad.count) <= any(
        row["_extra"] for batch in batches for row in records(batch)
    )
    for table in layout.tables:
        if table.parent is not None:
            assert_joined(layout, batches, table.name, table.parent)


def records(batch: Batch) -> Iterator[Mapping[str, Any]]:
    names = [column.name for column in batch.table.columns]
    yield from (dict(zip(names, row, strict=True)) for row in batch.rows())


def assert_joined(layout: Layout, batches: Sequence[Batch], name: str, parent: str) -> None:
    """Every row points at a row of the table around it, of the same submission."""
    mine = [row for batch in batches if batch.table.name == name for row in records(batch)]
    outer = [row for batch in batches if batch.table.name == parent for row in records(batch)]
    root = layout.tables[0].name
    key = "_id" if parent == root else "_submission__id"
    if layout.options.numbering == "table":
        assert [row["_index"] for row in mine] == list(range(1, len(mine) + 1))
        known = {(row["_index"], row[key]) for row in outer}
    elif parent == root:
        known = {(None, row[key]) for row in outer}
    else:
        known = {(row["_index"], row[key]) for row in outer}
    assert {(row["_parent_index"], row["_submission__id"]) for row in mine} <= known
    assert {row["_parent_table_name"] for row in mine} <= {parent}


READERS: Mapping[str, tuple[Many, st.SearchStrategy[str]]] = {
    "integer": (values.integers, VALUES["integer"]),
    "decimal": (values.decimals, VALUES["decimal"]),
    "date": (values.days, VALUES["date"]),
    "time": (values.hours, VALUES["time"]),
    "datetime": (values.moments, VALUES["datetime"]),
    "utc": (values.utc_moments, st.datetimes().map(datetime.isoformat)),
    "acknowledge": (values.agreed, VALUES["acknowledge"]),
    "geopoint": (geometry.points("wkt"), VALUES["geopoint"]),
    "geotrace": (geometry.shapes(Kind.GEOTRACE, "geojson"), VALUES["geotrace"]),
    "geoshape": (geometry.shapes(Kind.GEOSHAPE, "wkt"), VALUES["geoshape"]),
    "select_one": (
        readers.one_choice({"a": "A", "b": "B"}, open_ended=False),
        st.sampled_from(["a", "b"]),
    ),
    "select_multiple": (
        readers.choices(
            {"a": "A", "b": "B"}, whole=lambda *cell: cell, flags=(0, 1), open_ended=False
        ),
        st.sampled_from(["a", "b", "a b", "b a"]),
    ),
}


@pytest.mark.parametrize("kind", READERS)
@given(data=st.data())
def test_a_text_means_the_same_alone_and_among_others(kind: str, data: st.DataObject):
    many, fitting = READERS[kind]
    some_strange = st.lists(st.none() | fitting | STRANGE | st.just("5\n6") | JSON, max_size=8)
    answers = data.draw(st.lists(st.none() | fitting, max_size=8) | some_strange)
    width = len(many([data.draw(fitting)]))
    reports: list[tuple[int, str]] = []
    together = readers.EachOnce(many, width)(answers, lambda *report: reports.append(report))
    alone: list[tuple[int, str]] = []
    for place, answer in enumerate(answers):
        cells = readers.EachOnce(many, width)([answer], lambda _, why: alone.append((place, why)))  # noqa: B023
        assert [column[place] for column in together] == [cell for (cell,) in cells]
    assert reports == alone


def canonical(value: Any) -> str:
    """Write a value as OpenRosa writes it."""
    match value:
        case True:
            return "OK"
        case datetime():
            return value.isoformat(timespec="microseconds")
        case date() | time():
            return value.isoformat()
        case list():
            return " ".join(value)
    return str(value)


@pytest.mark.parametrize("kind", ["integer", "decimal", "date", "datetime", "acknowledge"])
@given(data=st.data())
def test_reading_what_was_read_changes_nothing(kind: str, data: st.DataObject):
    many, fitting = READERS[kind]
    texts = data.draw(st.lists(fitting, min_size=1, max_size=5))
    read = [list(column) for column in many(texts)]
    assert [list(column) for column in many([canonical(one) for one in read[0]])] == read


@given(st.lists(VALUES["geopoint"], min_size=1))
def test_points_are_the_same_when_their_numbers_are_read_again(texts: list[str]):
    read = geometry.points("text")
    _, *numbers = read(texts)
    again = [
        " ".join(str(one) for one in row if one is not None) for row in zip(*numbers, strict=True)
    ]
    assert read(again) == (again, *numbers)


@given(st.lists(VALUES["time"], min_size=1))
def test_times_are_those_of_the_day_and_of_their_offset(texts: list[str]):
    found, offsets = values.hours(texts)
    assert [f"{one.isoformat('milliseconds')}" for one in found] == [text[:12] for text in texts]
    assert offsets == [
        None if (o := time.fromisoformat(t).utcoffset()) is None else o.total_seconds() / 60
        for t in texts
    ]


@given(st.lists(VALUES["geoshape"], min_size=1))
def test_outlines_are_closed_and_run_counterclockwise(texts: list[str]):
    (found,) = geometry.shapes(Kind.GEOSHAPE, "geojson")(texts)
    for text in found:
        (ring,) = json.loads(text)["coordinates"]
        assert ring[0] == ring[-1]
        assert sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) >= 0


@given(JSON)
def test_json_in_a_cell_is_what_was_sent(value: Any):
    assert from_json(as_json(value)) == value
