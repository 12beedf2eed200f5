"""Rows as XML and GeoJSON."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import httpx
import pytest

from kobo_async.testing import FakeForm, FakeKobo

from .asking import page

pytestmark = pytest.mark.anyio


async def test_xml_has_questions_without_answers_and_none_for_links(
    client: httpx.AsyncClient, form: FakeForm, data: str
) -> None:
    reply = await client.get(f"{data[:-1]}.xml", params={"limit": 1})
    assert reply.headers["content-type"] == "application/xml; charset=utf-8"
    assert reply.text.startswith('<?xml version="1.0" encoding="utf-8"?><root><count>250</count>')
    assert "<previous>None</previous>" in reply.text
    assert f'<{form.uid} id="{form.uid}" version="1 (2026-03-04 05:06:07)">' in reply.text
    assert "<photo/>" in reply.text
    assert "rootUuid" not in reply.text
    one = await client.get(f"{data}2/", params={"format": "xml"})
    assert one.text.startswith(f"<?xml version='1.0' ?><{form.uid} ")
    refused = await client.get(data, params={"format": "xml", "sort": "{}"})
    text = "<root><sort>This param is not supported in `XML` format</sort></root>"
    assert refused.status_code == 400
    assert refused.text.endswith(text)
    refused = await client.get(data, params={"format": "xml", "fields": "[]"})
    assert refused.status_code == 400
    refused = await client.get(data, params={"format": "xml", "query": '{"$and": []}'})
    assert refused.text.endswith("<root><list-item>Unsupported query</list-item></root>")


async def test_xml_keeps_what_the_form_does_not_know(
    client: httpx.AsyncClient, form: FakeForm, data: str
) -> None:
    form.edit(1, **{"new/one": "a & b", "rows": [{"rows/x": "1"}], "words": ["a"]})
    text = (await client.get(f"{data}1.xml")).text
    assert "<new><one>a &amp; b</one></new>" in text
    assert "<deprecatedID>" in text
    assert ET.fromstring(text).findtext("new/one") == "a & b"  # noqa: S314


async def test_geojson_drops_rows_without_the_point_and_counts_nothing(
    client: httpx.AsyncClient, form: FakeForm, data: str
) -> None:
    body = await page(client, data, format="geojson")
    assert set(body) == {"type", "name", "features"}
    rows = list(form.rows.values())[:100]
    placed = [row for row in rows if "household/gps" in row]
    assert len(body["features"]) == len(placed) < 100
    feature, row = body["features"][0], placed[0]
    latitude, longitude, altitude, _ = row["household/gps"].split()
    assert feature["geometry"]["coordinates"] == [
        float(longitude),
        float(latitude),
        float(altitude),
    ]
    assert feature["properties"]["household/_gps_latitude"] == latitude
    assert "members" not in feature["properties"]
    assert body["features"][-1]["properties"]["_index"] == rows.index(placed[-1]) + 1
    assert (await page(client, data, format="geojson", geo_question_name="x"))["features"] == []
    assert (await client.get(f"{data}1/", params={"format": "geojson"})).status_code == 500


async def test_geojson_of_lines_and_areas(client: httpx.AsyncClient, fake: FakeKobo) -> None:
    kinds = {"path": "geotrace", "plot": "geoshape"}
    survey = [
        {"type": kind, "name": name, "$autoname": name, "$xpath": name, "$kuid": name}
        for name, kind in kinds.items()
    ]
    form = fake.add_form("Lines", rows=1, content={"survey": survey})
    url = f"/api/v2/assets/{form.uid}/data.geojson"
    line = (await page(client, url))["features"][0]
    assert line["geometry"]["type"] == "LineString"
    assert len(line["geometry"]["coordinates"]) == 3
    area = (await page(client, url, geo_question_name="plot"))["features"][0]
    ring = area["geometry"]["coordinates"][0]
    assert (area["geometry"]["type"], ring[0]) == ("Polygon", ring[-1])
