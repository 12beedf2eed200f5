"""Places as GeoJSON: as the server exports them, and as anyone reads them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
import geopandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kobo_async.errors import ConfigError
from kobo_async.forms.columns import Layout, TableOptions
from kobo_async.forms.content import read_form
from kobo_async.forms.layout import lay_out
from kobo_async.forms.schema import Kind
from kobo_async.forms.tabulate import Tabulator
from kobo_async.forms.versions import merged
from kobo_async.sinks.geojson import GeoJson
from tests.forms.generated import Generated, forms, submissions
from tests.sinks.samples import ROWS, layout

Rows = Sequence[Mapping[str, Any]]
POINT = {"type": "Point", "coordinates": [36.25, 1.5, 100.0]}
LINE = {"type": "LineString", "coordinates": [[2.0, 1.0, 0.0], [4.0, 3.0, 0.0]]}


def written(
    folder: Path, laid_out: Layout, *pages: Rows, **options: Any
) -> tuple[dict[str, Any], list[str]]:
    """Write pages of rows; return what stands in the file, and the notes."""

    async def write() -> list[str]:
        tabulator = Tabulator(laid_out)
        async with GeoJson(folder / "rows.geojson", laid_out, **options) as sink:
            for rows in pages:
                await sink.write(tabulator.add(rows))
        return sink.notes

    notes = anyio.run(write)
    return json.loads((folder / "rows.geojson").read_bytes()), notes


def features(folder: Path, laid_out: Layout, *pages: Rows, **options: Any) -> list[Any]:
    found, _ = written(folder, laid_out, *pages, **options)
    assert found["type"] == "FeatureCollection"
    return list(found["features"])


def test_the_real_form_is_exported_as_the_server_does_it(tmp_path: Path, shared: Path):
    folder = shared / "kpi" / "data" / "household"
    asset = json.loads((folder / "asset.json").read_text("utf-8"))
    with gzip.open(folder / "submissions.jsonl.gz") as file:
        rows = [json.loads(line) for line in file]
    with gzip.open(folder / "export.geojson.gz") as file:
        expected = json.load(file)
    options = TableOptions(values="text", select_multiple="list")
    laid_out = lay_out(read_form(asset["content"], asset["name"]), options)
    found, notes = written(tmp_path, laid_out, rows[:1000], rows[1000:])
    assert found == expected
    pairs = zip(found["features"], expected["features"], strict=True)
    assert all(list(one["properties"]) == list(two["properties"]) for one, two in pairs)
    assert notes == ["138 of 3,039 submissions have no place: not in the file"]


def test_properties_are_what_was_answered_in_its_type(tmp_path: Path):
    (feature,) = features(tmp_path, layout(), ROWS)
    assert feature["geometry"] == POINT
    properties = feature["properties"]
    assert (properties["name"], properties["size"], properties["_id"]) == ("Zoë", -3, 1)
    assert properties["_place_latitude"] == 1.5
    assert not {"place", "_extra", "_uuid"} & properties.keys()


def test_texts_are_as_good_as_geojson(tmp_path: Path):
    (feature,) = features(tmp_path, layout(geometry="text"), ROWS)
    assert feature["geometry"] == POINT
    (feature,) = features(tmp_path, layout(values="text"), ROWS)
    assert feature["geometry"] == POINT
    assert feature["properties"]["size"] == "-3"


def test_lists_stand_as_the_server_writes_them(tmp_path: Path):
    content = {
        "survey": [
            {"type": "select_multiple", "select_from_list_name": "l", "name": "has"},
            {"type": "geopoint", "name": "place"},
        ],
        "choices": [{"list_name": "l", "name": name} for name in ("tv", "radio")],
    }
    laid_out = lay_out(read_form(content), TableOptions(geometry="geojson"))
    (feature,) = features(tmp_path, laid_out, [{"_id": 1, "has": "tv radio", "place": "1 2 0 0"}])
    assert feature["properties"]["has"] == "tv radio"


def test_times_of_the_day_keep_all_of_their_digits(tmp_path: Path):
    content = {"survey": [{"type": "time", "name": "at"}, {"type": "geopoint", "name": "place"}]}
    laid_out = lay_out(read_form(content), TableOptions(geometry="geojson"))
    row = {"_id": 1, "at": "06:15:00.036+01:00", "place": "1 2 0 0"}
    (feature,) = features(tmp_path, laid_out, [row])
    assert feature["properties"]["at"] == "06:15:00.036000"


def test_places_of_a_repeat_can_be_asked_for(tmp_path: Path):
    found, notes = written(tmp_path, layout(), ROWS, geometry="members/way")
    (feature,) = found["features"]
    assert feature["geometry"] == LINE
    assert feature["properties"]["members/called"] == "Ana"
    assert feature["properties"]["_submission__id"] == 1
    assert notes == ["1 of 2 rows of members have no place: not in the file"]


def test_one_question_can_be_asked_for(tmp_path: Path):
    assert len(features(tmp_path, layout(), ROWS, geometry="place")) == 1


def test_submissions_without_a_place_are_counted(tmp_path: Path):
    _, notes = written(tmp_path, layout(), ROWS)
    assert notes == ["1 of 2 submissions have no place: not in the file"]
    _, notes = written(tmp_path, layout(), ROWS[:1])
    assert notes == []


def test_without_rows_there_is_an_empty_collection(tmp_path: Path):
    found, _ = written(tmp_path, layout())
    assert found == {"type": "FeatureCollection", "name": "Survey", "features": []}


def test_pages_without_places_leave_no_trace(tmp_path: Path):
    assert len(features(tmp_path, layout(), ROWS[1:], ROWS[:1], ROWS[1:], ROWS[:1])) == 2


def test_an_answer_that_is_no_place_makes_no_feature(tmp_path: Path):
    rows = [{"_id": 1, "place": "here"}, {"_id": 2, "place": "100 200 0 0"}]
    for options in ({}, {"values": "text"}, {"geometry": "text"}):
        assert features(tmp_path, layout(**options), rows) == []


def test_wkt_is_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match='geometry="geojson"'):
        GeoJson(tmp_path / "rows.geojson", layout(geometry="wkt"))


@pytest.mark.parametrize("asked", ["name", "nowhere", "members/called"])
def test_a_question_that_asks_for_no_place_is_refused_with_those_that_do(
    asked: str, tmp_path: Path
):
    with pytest.raises(ConfigError, match=f"{asked} asks for no place; .*: place, members/way"):
        GeoJson(tmp_path / "rows.geojson", layout(), geometry=asked)


def test_a_form_without_places_is_refused(tmp_path: Path):
    laid_out = layout(only=["name"])
    with pytest.raises(ConfigError, match="the form asks for no place; questions that do: none"):
        GeoJson(tmp_path / "rows.geojson", laid_out)


def test_geopandas_reads_it(tmp_path: Path):
    written(tmp_path, layout(), ROWS)
    frame = geopandas.read_file(tmp_path / "rows.geojson")
    assert frame["name"].tolist() == ["Zoë"]
    assert frame.geometry.iloc[0].wkt == "POINT Z (36.25 1.5 100)"
    assert frame.crs is not None
    assert frame.crs.name == "WGS 84"


SHAPES = {Kind.GEOPOINT: "Point", Kind.GEOTRACE: "LineString", Kind.GEOSHAPE: "Polygon"}


@st.composite
def filled(draw: Any) -> tuple[Generated, list[dict[str, Any]], str]:
    form = draw(forms())
    rows = draw(submissions(form, strange=draw(st.booleans())))
    return form, rows, draw(st.sampled_from(["typed", "text"]))


@given(drawn=filled())
def test_every_place_of_the_submissions_is_a_feature_of_its_kind(
    drawn: tuple[Generated, list[dict[str, Any]], str], tmp_path_factory: pytest.TempPathFactory
):
    generated, rows, values = drawn
    form = merged(generated.contents, generated.name)
    options = TableOptions(values=values, geometry="geojson")  # type: ignore[arg-type] # either
    asked = [q for q in form.questions if q.kind in SHAPES and not q.repeat]
    if not asked:
        return
    found = features(tmp_path_factory.mktemp("geojson"), lay_out(form, options), rows)
    kinds = {SHAPES[question.kind] for question in asked}
    assert {one["geometry"]["type"] for one in found} <= kinds
    answered = sum(question.path in row for row in rows for question in asked)
    assert len(found) <= answered
    assert {one["properties"]["_id"] for one in found} <= {row["_id"] for row in rows}
