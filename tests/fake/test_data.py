"""The data list: pages, parameters, order, fields."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kobo_async.testing import FakeForm, FakeKobo

from .asking import ids, page

pytestmark = pytest.mark.anyio


async def test_rows_come_in_id_order_as_the_form_holds_them(
    client: httpx.AsyncClient, form: FakeForm, data: str
) -> None:
    body = await page(client, data, limit=1000)
    assert body["results"] == list(form.rows.values())
    assert [row["_id"] for row in body["results"]] == sorted(form.rows)
    assert len(await ids(client, data)) == 100


async def test_pages_are_clipped_and_wrong_numbers_refused(
    client: httpx.AsyncClient, fake: FakeKobo, data: str
) -> None:
    fake.max_page, fake.default_page = 30, 7
    assert len(await ids(client, data, limit=30000)) == 30
    assert len(await ids(client, data)) == 7
    for limit in ("0", "-1", "abc", "", "1.5"):
        reply = await client.get(data, params={"limit": limit})
        assert (reply.status_code, reply.json()) == (
            400,
            {"limit": "A positive integer is required"},
        )
    for start in ("-1", "abc", ""):
        reply = await client.get(data, params={"start": start})
        assert (reply.status_code, reply.json()) == (
            400,
            {"start": "A positive integer is required."},
        )
    assert (await page(client, data, start=9999))["results"] == []


async def test_offset_and_page_do_not_page(client: httpx.AsyncClient, data: str) -> None:
    first = await ids(client, data, limit=5)
    assert await ids(client, data, limit=5, offset=50) == first
    assert await ids(client, data, limit=5, page=2) == first
    body = await page(client, data, page=2, page_size=5)
    assert len(body["results"]) == 100
    assert body["next"].endswith("?limit=5&page=2&page_size=5&start=10")


async def test_links_name_the_public_url(
    client: httpx.AsyncClient, fake: FakeKobo, data: str
) -> None:
    fake.public_url = "http://kobo.internal:8000"
    body = await page(client, data, limit=100, start=100)
    assert body["next"] == f"http://kobo.internal:8000{data}?limit=100&start=200"
    assert body["previous"] == f"http://kobo.internal:8000{data}?limit=100"


@pytest.mark.parametrize(
    "params",
    [
        {"query": "[1]"},
        {"query": '"x"'},
        {"query": '{"_id": null}'},
        {"query": '{"_id": Infinity}'},
        {"query": '{"hh_size": {"$all": 5}}'},
        {"query": '{"hh_size": {"$regex": "("}}'},
        {"sort": '["_id"]'},
        {"sort": '{"_id": "x"}'},
        {"sort": '{"_id": null}'},
        {"fields": "5"},
        {"fields": "[5]"},
        {"user": "1"},
        {"request": "1"},
        {"for_output": "1"},
        {"format_type": "json"},
        {"skip_count": "1"},
    ],
)
async def test_some_parameters_crash_the_server(
    client: httpx.AsyncClient, data: str, params: dict[str, str]
) -> None:
    reply = await client.get(data, params=params)
    assert reply.status_code == 500
    assert reply.headers["x-kobonaut"] == "alice"


@pytest.mark.parametrize(
    ("params", "body"),
    [
        ({"query": "{bad"}, {"query": "Value must be valid JSON."}),
        ({"query": ""}, {"query": "Value must be valid JSON."}),
        ({"sort": "-_id"}, {"sort": "Value must be valid JSON."}),
        ({"fields": "a,b"}, {"fields": "Value must be valid JSON."}),
        ({"submission_ids": "[1]"}, {"submission_ids": "Value must be a list."}),
    ],
)
async def test_some_parameters_are_refused(
    client: httpx.AsyncClient, data: str, params: dict[str, str], body: dict[str, str]
) -> None:
    reply = await client.get(data, params=params)
    assert (reply.status_code, reply.json()) == (400, body)


async def test_count_is_no_parameter_and_validate_count_lifts_the_limit(
    client: httpx.AsyncClient, data: str
) -> None:
    assert (await client.get(data, params={"count": "1"})).status_code == 400
    body = await page(client, data, validate_count=1, limit=1, sort="nonsense")
    assert len(body["results"]) == 250
    assert body["next"].endswith("start=1&validate_count=1")
    assert len((await page(client, data, foo="bar", limit=2))["results"]) == 2


async def test_sorting(client: httpx.AsyncClient, form: FakeForm, data: str) -> None:
    assert await ids(client, data, sort={"_id": -1}, limit=2) == [250, 249]
    assert await ids(client, data, sort={"_id": -1}, limit=2, start=249) == [1]
    assert await ids(client, data, sort={"_id": 2}, limit=2) == [1, 2]
    assert await ids(client, data, sort={}, limit=2) == [1, 2]
    by_photo = await ids(client, data, sort={"photo": 1, "_id": -1}, limit=1000)
    expected = sorted(form.rows, reverse=True)
    expected.sort(key=lambda number: form.rows[number].get("photo", ""))
    assert by_photo == expected
    form.set_status(9, "validation_status_approved")
    first = await ids(client, data, sort={"_validation_status.timestamp": -1}, limit=1)
    assert first == [9]
    lists = await ids(client, data, sort={"_geolocation": -1}, validate_count="")
    assert len(lists) == 100


async def test_fields_always_add_some_and_fake_the_status(
    client: httpx.AsyncClient, form: FakeForm, data: str
) -> None:
    form.set_status(1, "validation_status_on_hold")

    async def first(fields: Any) -> dict[str, Any]:
        row: dict[str, Any] = (await page(client, data, fields=fields, limit=1))["results"][0]
        return row

    always = {"_id", "_uuid", "meta/rootUuid", "_validation_status"}
    assert (await first(["hh_size"])).keys() == {*always, "hh_size"}
    assert (await first(["hh_size"]))["_validation_status"] == {}
    status = (await first(["_validation_status"]))["_validation_status"]
    assert status["label"] == "On Hold"
    assert (await first({"hh_size": 0})).keys() == {*always, "hh_size"}
    assert (await first(["_validation_status.uid", "_userform_id"])).keys() == always
    assert await first([]) == form.rows[1]
