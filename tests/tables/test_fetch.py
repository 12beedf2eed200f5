"""All submissions in one call, and batch by batch."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime

import geopandas as gpd
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from kobo_async import KoboClient
from kobo_async.errors import ConfigError, IncompleteDownload
from kobo_async.tables.collected import Tables
from kobo_async.testing import FakeForm, FakeKobo, Fault
from tests.tables.contents import content

pytestmark = pytest.mark.anyio
MAIN = "Household survey"


@pytest.fixture
async def tables(client: KoboClient, form: FakeForm) -> Tables:
    return await client.tables.fetch(form.uid)


async def test_every_submission_is_a_row_and_every_repeat_a_table(tables: Tables, form: FakeForm):
    rows = list(form.rows.values())
    assert list(tables) == [MAIN, "members"]
    assert tables.main is tables[MAIN]
    assert tables.main["_id"].to_pylist() == [row["_id"] for row in rows]
    members = [len(row.get("members", ())) for row in rows]
    assert tables["members"].num_rows == sum(members)
    assert tables.report.complete
    assert tables.report.delivered == len(rows)
    assert tables.bad.count == 0
    assert len(tables) == len(tables.layout.tables) == 2


async def test_cells_are_typed(tables: Tables, form: FakeForm):
    row, cells = form.rows[1], tables.main.slice(0, 1).to_pylist()[0]
    assert cells["hh_size"] == int(row["hh_size"])
    assert cells["income"] == float(row["income"])
    assert cells["start"] == datetime.fromisoformat(row["start"])
    assert cells["_submission_time"] == datetime.fromisoformat(row["_submission_time"] + "Z")
    assert cells["household/assets_owned"] == row["household/assets_owned"].split()
    assert tables.main.schema.field("start").type == pa.timestamp("us", tz="UTC")


async def test_columns_tell_what_they_are(tables: Tables):
    field = tables.main.schema.field("household/region")
    assert field.metadata == {
        b"kobo:path": b"household/region",
        b"kobo:type": b"select_one",
        b"kobo:label": b"Region",
        b"kobo:choices": b'[["north","north"],["south","south"],["east","east"]]',
    }
    assert tables["members"].schema.metadata == {
        b"kobo:form": b"Household survey",
        b"kobo:table": b"members",
        b"kobo:repeat": b"members",
        b"kobo:parent": b"Household survey",
    }


@pytest.mark.parametrize(
    ("labels", "shown"), [(None, ["north", "south", "east"]), ("fr", ["Nord", "Sud", "Est"])]
)
async def test_choices_are_in_the_order_of_the_form(
    client: KoboClient, form: FakeForm, labels: str | None, shown: list[str]
):
    tables = await client.tables.fetch(form.uid, labels=labels)
    assert list(tables.to_pandas()[MAIN]["household/region"].cat.categories) == shown
    assert tables.to_polars()[MAIN]["household/region"].dtype == pl.Enum(shown)


async def test_answers_that_were_no_choices_come_behind_them(client: KoboClient, fake: FakeKobo):
    form = fake.add_form("Open", content=content(("b", "a"), c="select_one"), rows=3)
    answers = zip(form.rows, ("z", "a", "y"), strict=True)
    await client.submissions.edit_many(form.uid, {row: {"c": answer} for row, answer in answers})

    tables = await client.tables.fetch(form.uid, page_size=1, values="text")

    assert list(tables.to_pandas()["Open"]["c"].cat.categories) == ["b", "a", "z", "y"]
    assert tables.main["c"].to_pylist() == ["z", "a", "y"]


async def test_pandas_keeps_whole_numbers_truths_and_times(tables: Tables):
    frame = tables.to_pandas()[MAIN]
    assert {
        name: str(frame[name].dtype) for name in ("hh_size", "income", "visit_date", "start")
    } == {
        "hh_size": "Int64",
        "income": "float64",
        "visit_date": "datetime64[ms]",
        "start": "datetime64[us, UTC]",
    }
    assert str(frame["household/assets_owned/tv"].dtype) == "boolean"
    both = frame.merge(tables.to_pandas()["members"], left_on="_index", right_on="_parent_index")
    assert len(both) == len(tables["members"])
    assert (both["_id"] == both["_submission__id"]).all()


async def test_polars_keeps_types(tables: Tables):
    frame = tables.to_polars()[MAIN]
    assert frame.schema["start"] == pl.Datetime("us", "UTC")
    assert frame.schema["household/assets_owned"] == pl.List(pl.String)
    assert frame["_id"].to_list() == tables.main["_id"].to_pylist()


async def test_places_become_geometries(tables: Tables):
    frames = tables.to_geopandas()
    frame = frames[MAIN]
    assert isinstance(frame, gpd.GeoDataFrame)
    assert frame.crs == "EPSG:4326"
    assert frame.geometry.name == "household/gps"
    seen, lon = frame.geometry.x.dropna(), frame["household/_gps_longitude"].dropna()
    assert seen.tolist() == lon.tolist()
    assert len(seen) > 0
    assert type(frames["members"]) is pd.DataFrame


async def test_a_place_is_chosen_by_its_path(client: KoboClient, fake: FakeKobo):
    names = {"way": "geotrace", "field": "geoshape", "well": "geopoint"}
    form = fake.add_form("Wells", content=content(**names), rows=5)
    tables = await client.tables.fetch(form.uid)

    chosen = {name: tables.to_geopandas(name)["Wells"].geometry.name for name in names}

    assert chosen == {name: name for name in names}
    assert tables.to_geopandas()["Wells"].geometry.name == "well"
    with pytest.raises(ConfigError, match="'home'"):
        tables.to_geopandas("home")


async def test_places_that_are_no_wkt_are_refused(client: KoboClient, form: FakeForm):
    tables = await client.tables.fetch(form.uid, geometry="geojson")
    with pytest.raises(ConfigError, match="geometry='wkt'"):
        tables.to_geopandas()


async def test_a_project_without_submissions_has_empty_tables(client: KoboClient, fake: FakeKobo):
    tables = await client.tables.fetch(fake.add_form("Empty").uid)
    assert [table.num_rows for table in tables.values()] == [0, 0]
    assert all(frame.empty for frame in tables.to_pandas().values())
    assert all(frame.is_empty() for frame in tables.to_polars().values())
    assert tables.to_geopandas()["Empty"].crs == "EPSG:4326"


async def test_answers_that_do_not_fit_are_counted(client: KoboClient, form: FakeForm):
    await client.submissions.edit_many(form.uid, {5: {"hh_size": "many"}})

    tables = await client.tables.fetch(form.uid)

    assert tables.bad.count == 1
    assert tables.bad.examples[0].path == "hh_size"
    assert tables.main.filter(pa.compute.field("_id") == 5)["_extra"].to_pylist() == [
        '{"hh_size":"many"}'
    ]


async def test_only_some_submissions(client: KoboClient, form: FakeForm):
    tables = await client.tables.fetch(form.uid, where={"_id": {"$lte": 10}}, after=3)
    assert tables.main["_id"].to_pylist() == list(range(4, 11))


async def test_a_layout_can_be_given(client: KoboClient, form: FakeForm):
    layout = await client.tables.layout(form.uid, only=["income"])
    tables = await client.tables.fetch(form.uid, layout)
    assert tables.layout is layout
    assert "income" in tables.main.column_names
    assert "hh_size" not in tables.main.column_names


async def test_batches_come_page_by_page(client: KoboClient, form: FakeForm):
    async with client.tables.batches(form.uid, page_size=1000) as batches:
        assert batches.report is None
        pages = [[batch.table.name for batch in page] async for page in batches]
    assert pages == [[MAIN, "members"]] * 3
    assert batches.report is not None
    assert batches.report.complete
    assert batches.bad.count == 0
    assert [table.name for table in batches.layout.tables] == [MAIN, "members"]


async def test_batches_may_be_left_early(client: KoboClient, form: FakeForm):
    async with client.tables.batches(form.uid, page_size=100) as batches:
        async for _ in batches:
            break
    assert batches.report is None


async def test_an_incomplete_download_raises(client: KoboClient, fake: FakeKobo, form: FakeForm):
    fake.faults.add(Fault.status(500, match="/data/", after=3))
    with pytest.raises(IncompleteDownload):
        await client.tables.fetch(form.uid)


def test_without_pyarrow_the_extra_is_named():
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "import kobo_async.tables.project\n"
        "try: import kobo_async.tables.collected\n"
        "except Exception as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own code
    assert "pip install 'kobo-async[arrow]'" in done.stdout


@pytest.mark.parametrize("odd", [False, True])
async def test_tables_are_the_same_however_pages_were_decoded(
    client: KoboClient, fake: FakeKobo, monkeypatch: pytest.MonkeyPatch, *, odd: bool
):
    form = fake.add_form("Wells", rows=25)
    if odd:
        form.edit(min(form.rows), **{"key that no version knows": "x"})
    fast = await client.tables.fetch(form.uid, page_size=10)
    monkeypatch.setitem(sys.modules, "kobo_async.forms.compiled", None)
    slow = await client.tables.fetch(form.uid, page_size=10)
    assert dict(fast) == dict(slow)
    assert fast.main["_extra"].null_count == fast.main.num_rows - odd
