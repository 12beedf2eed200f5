"""One kind of question after the other: what fits it, what does not, and what becomes of both."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest

from kobo_async.forms.columns import Holds, TableOptions
from kobo_async.forms.content import read_form
from kobo_async.forms.layout import lay_out
from kobo_async.forms.tabulate import Tabulator

CHOICES = [
    {"list_name": "yn", "name": "yes", "label": ["Yes", "Oui"]},
    {"list_name": "yn", "name": "no", "label": ["No", "Non"]},
    {"list_name": "yn", "name": "dk", "label": [None, None]},
]
EAST = timezone(timedelta(hours=2))
TYPED = TableOptions(system=())


def tabulate(
    question: Mapping[str, Any], answers: Sequence[Any], options: TableOptions = TYPED
) -> tuple[dict[str, list[Any]], Tabulator]:
    """Tabulate answers to one question `q`: the columns by name, and what did not fit."""
    content = {
        "survey": [{"name": "q", **question}],
        "choices": CHOICES,
        "translations": ["English (en)", "Français (fr)"],
    }
    tabulator = Tabulator(lay_out(read_form(content, "Form"), options))
    rows = [{"_id": n, **({} if one is None else {"q": one})} for n, one in enumerate(answers, 1)]
    (batch,) = tabulator.add(rows)
    columns = (column.name for column in batch.table.columns)
    return dict(zip(columns, batch.cells, strict=True)), tabulator


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("integer", "12", 12),
        ("integer", "-0", 0),
        ("integer", "+7", 7),
        ("integer", "9223372036854775807", 2**63 - 1),
        ("decimal", "1.50", 1.5),
        ("decimal", "-.5", -0.5),
        ("decimal", "1e3", 1000.0),
        ("acknowledge", "OK", True),
        ("date", "2026-02-28", date(2026, 2, 28)),
        ("text", " as it is ", " as it is "),
        ("datetime", "2026-01-04T03:15:00.250+02:00", datetime(2026, 1, 4, 3, 15, 0, 250000, EAST)),
        ("start", "2026-01-04T03:15:00Z", datetime(2026, 1, 4, 3, 15, tzinfo=UTC)),
        ("time", "03:15:00.000+02:00", time(3, 15)),
        ("select_one", "no", "no"),
        ("barcode", "0012", "0012"),
        ("image", "a.jpg", "a.jpg"),
    ],
)
def test_an_answer_that_fits_its_type_is_a_value(type_: str, text: str, value: Any):
    lists = {"select_from_list_name": "yn"} if type_ == "select_one" else {}
    columns, tabulator = tabulate({"type": type_, **lists}, [text, None])
    assert columns["q"] == [value, None]
    assert type(columns["q"][0]) is type(value)
    assert columns["_extra"] == [None, None]
    assert tabulator.bad.count == 0


@pytest.mark.parametrize(
    ("type_", "text", "reason"),
    [
        ("integer", "12.0", "not a whole number"),
        ("integer", "1_000", "not a whole number"),
        ("integer", " 12", "not a whole number"),
        ("integer", "1-2", "not a whole number"),
        ("integer", "", "not a whole number"),
        ("integer", "١٢", "not a whole number"),
        ("integer", "5\n6", "not a whole number"),
        ("integer", "9223372036854775808", "does not fit 64 bits"),
        ("integer", "-9223372036854775809", "does not fit 64 bits"),
        ("integer", "1" * 5000, "not a whole number"),
        ("decimal", "NaN", "not a number"),
        ("decimal", "1,5", "not a number"),
        ("decimal", "e5", "not a number"),
        ("decimal", "1e999", "too large for a number"),
        ("acknowledge", "yes", "not OK"),
        ("date", "2026-13-01", "month must be in 1..12"),
        ("date", "20260101", "not a date"),
        ("date", "2026-W01-1", "not a date"),
        ("datetime", "2026-01-04T03:15:00", "not a date and time with its offset from UTC"),
        ("datetime", "2026-01-04 03:15:00Z", "not a date and time with its offset from UTC"),
        ("datetime", "2026-01-04T03:15:00.1234567Z", "not a date and time"),
        ("datetime", "2026-01-04T03:15:00+02:00:30", "not a date and time"),
        ("time", "3:15", "not a time"),
        ("time", "25:00:00", "hour must be in 0..23"),
        ("select_one", "maybe", "not one of the choices"),
        ("geopoint", "1", "not a point"),
        ("geopoint", "1 2 3 4 5", "not a point"),
        ("geopoint", "here there", "not points"),
        ("geopoint", "1 2 3 4;5 6 7 8", "not a point"),
        ("geopoint", "1 e 3 4", "not a number"),
        ("geopoint", "90.1 0 0 0", "not a place on earth"),
        ("geopoint", "0 -180.1 0 0", "not a place on earth"),
        ("geopoint", "0 0 1e999 0", "too large for a number"),
        ("geotrace", "0 0 0 0", "fewer than 2 points"),
        ("geotrace", "0 0 0 0;;1 1 0 0", "not a point"),
        ("geoshape", "0 0 0 0;1 1 0 0", "fewer than 3 points"),
        ("geoshape", "0 0 0 0;1 1 0 0;0 0 0 0", "fewer than 3 points"),
        ("integer", 12, "int instead of str"),
        ("text", ["a"], "list instead of str"),
        ("text", {"a": 1}, "dict instead of str"),
        ("text", True, "bool instead of str"),
        ("select_one", ["yes"], "list instead of str"),
    ],
)
def test_an_answer_that_does_not_fit_is_counted_and_kept_and_disturbs_no_other(
    type_: str, text: Any, reason: str
):
    lists = {"select_from_list_name": "yn"} if type_ == "select_one" else {}
    good = {"select_one": "yes", "text": "t", "acknowledge": "OK", "integer": "3"}.get(type_)
    columns, tabulator = tabulate({"type": type_, **lists}, [good, text])
    assert columns["q"][1] is None
    assert (columns["q"][0] is None) == (good is None)
    assert columns["_extra"][0] is None
    assert json.loads(columns["_extra"][1]) == {"q": text}
    assert tabulator.bad.count == 1
    (bad,) = tabulator.bad.examples
    assert (bad.path, bad.submission, bad.value) == ("q", 2, str(text))
    assert bad.reason.startswith(reason)


def test_as_text_everything_fits():
    for type_ in ("integer", "date", "datetime", "geotrace", "acknowledge"):
        columns, tabulator = tabulate(
            {"type": type_}, ["?", None], TableOptions(values="text", system=())
        )
        assert columns["q"] == ["?", None]
        assert tabulator.bad.count == 0


def test_times_keep_their_offset_in_minutes():
    answers = ["2026-01-04T03:15:00-05:30", "2026-01-04T03:15:00Z", None]
    columns, _ = tabulate({"type": "datetime"}, answers)
    assert columns["q_offset"] == [-330, 0, None]
    columns, _ = tabulate({"type": "time"}, ["03:15:00+05:45", "03:15:00", None])
    assert columns["q_offset"] == [345, None, None]
    columns, _ = tabulate({"type": "time"}, ["03:15:00"], TableOptions(system=(), offsets=False))
    assert list(columns) == ["q", "_index", "_extra"]


def test_the_server_means_utc():
    (batch,) = Tabulator(lay_out(read_form({}), TableOptions(system=["_submission_time"]))).add(
        [{"_submission_time": "2026-11-21T00:16:20"}, {"_submission_time": "2026-11-21"}]
    )
    assert batch.cells[0] == [datetime(2026, 11, 21, 0, 16, 20, tzinfo=UTC), None]
    assert batch.cells[-1] == [None, '{"_submission_time":"2026-11-21"}']


SELECT = {"type": "select_multiple", "select_from_list_name": "yn"}


def test_of_several_choices_each_has_an_indicator():
    columns, _ = tabulate(SELECT, ["no yes", None, "dk"])
    assert columns == {
        "q": [["no", "yes"], None, ["dk"]],
        "q/yes": [True, None, False],
        "q/no": [True, None, False],
        "q/dk": [False, None, True],
        "_index": [1, 2, 3],
        "_extra": [None, None, None],
    }


@pytest.mark.parametrize(("mode", "count"), [("list", 1), ("indicators", 3), ("both", 4)])
def test_choices_have_the_columns_that_were_asked_for(mode: Any, count: int):
    columns, _ = tabulate(SELECT, ["no"], TableOptions(system=(), select_multiple=mode))
    assert len(columns) == count + 2


def test_choices_show_their_labels_or_else_their_names():
    french = TableOptions(system=(), labels="fr")
    columns, _ = tabulate(SELECT, ["no dk"], french)
    assert list(columns)[:4] == ["q", "q/Oui", "q/Non", "q/dk"]
    assert columns["q"] == [["Non", "dk"]]
    columns, _ = tabulate(SELECT, ["no dk"], TableOptions(system=(), labels="fr", values="text"))
    assert columns["q"] == ["Non dk"]
    assert [columns[name] for name in ("q/Oui", "q/Non")] == [["0"], ["1"]]


def test_what_was_chosen_and_is_no_choice_is_in_the_list_and_reported():
    columns, tabulator = tabulate(SELECT, ["yes", "new yes"])
    assert columns["q"] == [["yes"], ["new", "yes"]]
    assert columns["q/yes"] == [True, True]
    assert columns["_extra"] == [None, '{"q":"new yes"}']
    assert [bad.reason for bad in tabulator.bad.examples] == ["not among the choices: new"]


@pytest.mark.parametrize(
    "question",
    [
        {**SELECT, "_or_other": True},
        {"type": "select_multiple_from_file", "file": "x.csv"},
        {"type": "select_one_from_file", "file": "x.csv"},
        {"type": "select_one", "select_from_list_name": "yn", "_or_other": True},
    ],
)
def test_where_the_form_cannot_know_every_choice_all_are_right(question: Mapping[str, Any]):
    columns, tabulator = tabulate(question, ["new"])
    assert columns["q"] in ([["new"]], ["new"])
    assert tabulator.bad.count == 0


def test_a_ranking_is_a_list_in_its_order():
    columns, _ = tabulate({"type": "rank", "select_from_list_name": "yn"}, ["no dk yes"])
    assert columns["q"] == [["no", "dk", "yes"]]
    assert list(columns) == ["q", "_index", "_extra"]


@pytest.mark.parametrize(
    ("text", "wkt", "numbers"),
    [
        ("1.50 -2 300 4", "POINT Z (-2 1.50 300)", [1.5, -2.0, 300.0, 4.0]),
        ("1 2 3", "POINT Z (2 1 3)", [1.0, 2.0, 3.0, None]),
        ("1 2", "POINT (2 1)", [1.0, 2.0, None, None]),
        (" 1  2 ", "POINT (2 1)", [1.0, 2.0, None, None]),
    ],
)
def test_a_point_has_its_parts(text: str, wkt: str, numbers: list[float | None]):
    columns, _ = tabulate({"type": "geopoint"}, [text, None])
    parts = ("latitude", "longitude", "altitude", "precision")
    assert columns["q"] == [wkt, None]
    assert [columns[f"_q_{part}"] for part in parts] == [[number, None] for number in numbers]


@pytest.mark.parametrize(
    ("type_", "text", "wkt", "geojson"),
    [
        ("geopoint", "1 2 3 4", "POINT Z (2 1 3)", {"type": "Point", "coordinates": [2, 1, 3]}),
        ("geopoint", "1 2", "POINT (2 1)", {"type": "Point", "coordinates": [2, 1]}),
        (
            "geotrace",
            "1 2 0 0;3 4 0 0;",
            "LINESTRING Z (2 1 0, 4 3 0)",
            {"type": "LineString", "coordinates": [[2, 1, 0], [4, 3, 0]]},
        ),
        (
            "geotrace",
            "1 2 0 0;3 4",
            "LINESTRING (2 1, 4 3)",
            {"type": "LineString", "coordinates": [[2, 1], [4, 3]]},
        ),
        (
            "geoshape",
            "0 0 0 0;1 0 0 0;1 1 0 0",
            "POLYGON Z ((0 0 0, 0 1 0, 1 1 0, 0 0 0))",
            {"type": "Polygon", "coordinates": [[[0, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 0]]]},
        ),
    ],
)
def test_places_are_wkt_or_geojson_or_as_they_were(
    type_: str, text: str, wkt: str, geojson: Mapping[str, Any]
):
    columns, _ = tabulate({"type": type_}, [text, None])
    assert columns["q"] == [wkt, None]
    columns, _ = tabulate({"type": type_}, [text], TableOptions(system=(), geometry="geojson"))
    assert json.loads(columns["q"][0]) == geojson
    columns, _ = tabulate({"type": type_}, [text], TableOptions(system=(), geometry="text"))
    assert columns["q"] == [text]


def test_columns_say_what_they_hold():
    content = {
        "survey": [
            {"type": type_, "name": type_}
            for type_ in ("integer", "decimal", "date", "time", "datetime", "acknowledge", "rank")
        ]
    }
    layout = lay_out(read_form(content), TableOptions(offsets=False))
    held = {column.name: column.holds for column in layout.tables[0].columns}
    assert held["integer"] is Holds.INTEGER
    assert held["decimal"] is Holds.DECIMAL
    assert held["date"] is Holds.DATE
    assert held["time"] is Holds.TIME
    assert held["datetime"] is held["_submission_time"] is Holds.TIMESTAMP
    assert held["acknowledge"] is Holds.BOOLEAN
    assert held["rank"] is Holds.TEXTS
    assert held["_id"] is held["_index"] is Holds.INTEGER
    assert held["_extra"] is Holds.JSON
