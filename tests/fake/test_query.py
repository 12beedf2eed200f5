"""The queries of the data list."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from kobo_async.testing import FakeForm

from .asking import ids, page

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"_id": 5}, [5]),
        ({"_id": "5"}, [5]),
        ({"_id": True}, [1]),
        ({"_id": "five"}, []),
        ({"_id": {"$gt": 247}}, [248, 249, 250]),
        ({"_id": {"$gt": 247.5, "$lt": 249.5}}, [248, 249]),
        ({"_id": {"$gte": 248, "$lte": 249}}, [248, 249]),
        ({"_id": {"$gte": 247.5, "$lte": 249.5}}, [248, 249]),
        ({"_id": {"$gt": "247"}}, []),
        ({"_id": {"$gt": float("inf")}}, []),
        ({"_id": float("1e300")}, []),
        ({"_id": {"$in": [3, 1, 2, 3, 99999, "4"]}}, [1, 2, 3]),
        ({"_id": {"$in": [3, None]}}, [3]),
        ({"_id": {"$nin": list(range(1, 249))}}, [249, 250]),
        ({"_id": {"$ne": 1}, "$and": [{"_id": {"$lte": 3}}, {"_id": {"$gte": 1}}]}, [2, 3]),
        ({"$and": [{"_id": {"$gt": 100}}, {"_id": {"$lte": 101}}]}, [101]),
        ({"$or": [{"_id": 7}, {"_id": 9}]}, [7, 9]),
        ({"_id": {"$not": {"$gt": 2}}}, [1, 2]),
        ({"_id": {}}, []),
        ({"_id": {"$eq": 5}}, []),
        ({"_id": {"$gt": None}}, []),
        ({"_id": {"$gt": [1]}}, []),
        ({"$expr": {"$gt": ["$_id", 249]}}, [250]),
        ({"_userform_id": "x", "_id": 1}, [1]),
        ({"nope": 1}, []),
        ({"nope": None, "_id": 4}, [4]),
        ({"nope": {"$gte": None}, "_id": 4}, [4]),
        ({"$where": "true"}, []),
        ({"members.members/member_age": "5"}, []),
        ({"_geolocation": [None, None], "_id": {"$lt": 0}}, []),
    ],
)
async def test_queries_match_what_mongo_matches(
    client: httpx.AsyncClient, data: str, query: dict[str, Any], expected: list[int]
) -> None:
    body = await page(client, data, query=query)
    assert [row["_id"] for row in body["results"]] == expected
    assert body["count"] == len(expected)


async def test_answers_are_text_and_compare_as_text(
    client: httpx.AsyncClient, form: FakeForm, data: str
) -> None:
    sizes = {number: row["hh_size"] for number, row in form.rows.items()}
    assert (await page(client, data, query={"hh_size": {"$gt": 5}}))["count"] == 0
    body = await page(client, data, query={"hh_size": {"$gt": "5"}}, limit=1000)
    assert {row["_id"] for row in body["results"]} == {n for n, s in sizes.items() if s > "5"}


@pytest.mark.parametrize(
    ("query", "test"),
    [
        ({"photo": {"$exists": True}}, lambda r: "photo" in r),
        ({"photo": {"$exists": False}}, lambda r: "photo" not in r),
        ({"household/region": {"$ne": "north"}}, lambda r: r["household/region"] != "north"),
        ({"household/region": {"$in": ["north"]}}, lambda r: r["household/region"] == "north"),
        ({"household/region": {"$all": ["east"]}}, lambda r: r["household/region"] == "east"),
        (
            {"household/region": {"$not": {"$regex": "^n"}}},
            lambda r: r["household/region"][0] != "n",
        ),
        (
            {"household/head_name": {"$regex": "^amina", "$options": "iq"}},
            lambda r: r["household/head_name"].startswith("Amina"),
        ),
        (
            {"members": {"$elemMatch": {"members/member_sex": "f"}}},
            lambda r: any(m["members/member_sex"] == "f" for m in r.get("members", [])),
        ),
        (
            {"_geolocation": {"$elemMatch": {"$gt": 30}}},
            lambda r: any(v is not None and v > 30 for v in r["_geolocation"]),
        ),
        ({"_geolocation": None}, lambda r: None in r["_geolocation"]),
        ({"_geolocation": {"$gt": 30}}, lambda r: (r["_geolocation"][1] or 0) > 30),
        ({"_attachments": []}, lambda r: not r["_attachments"]),
        ({"_validation_status.uid": None}, lambda _: True),
        ({"_validation_status": {}}, lambda _: True),
        ({"members.x": {"$exists": False}}, lambda _: True),
    ],
)
async def test_operators_select_the_rows_a_plain_test_selects(
    client: httpx.AsyncClient, form: FakeForm, data: str, query: dict[str, Any], test: Any
) -> None:
    found = await ids(client, data, query=query, limit=1000)
    assert found == [number for number, row in form.rows.items() if test(row)]
    assert found


@pytest.mark.parametrize(
    "query",
    [
        {"hh_size": {"$not": {"$eq": "3"}}},
        {"hh_size": {"$not": "3"}},
        {"hh_size": {"$gt": "1", "$type": "string"}},
        {"hh_size": {"$in": "3"}},
        {"hh_size": {"$options": "i"}},
        {"hh_size": {"$regex": 5}},
        {"members": {"$elemMatch": 5}},
        {"$and": []},
        {"$or": {"_id": 1}},
        {"$gt": 5},
        {"$expr": {"$regex": ["$_id", 1]}},
        {"$expr": {"$gt": ["$_id"]}},
        {"$expr": {"$gt": ["$_id", 1], "$lt": ["$_id", 1]}},
        {"$expr": {"$in": [1, 1]}},
    ],
)
async def test_what_mongo_refuses_is_a_list_with_one_text(
    client: httpx.AsyncClient, data: str, query: dict[str, Any]
) -> None:
    reply = await client.get(data, params={"query": json.dumps(query)})
    assert (reply.status_code, reply.json()) == (400, ["Unsupported query"])


async def test_expressions_order_values_by_type(client: httpx.AsyncClient, data: str) -> None:
    async def count(expression: Any) -> int:
        return int((await page(client, data, query={"$expr": expression}))["count"])

    assert await count({"$gt": ["$hh_size", 99999]}) == 250
    assert await count({"$lt": ["$nope", 0]}) == 250
    assert await count({"$lte": ["$_id", 10]}) == 10
    assert await count({"$gte": ["$_id", 10]}) == 241
    assert await count({"$ne": ["$_id", 10]}) == 249
    assert await count({"$eq": ["$_id", 10]}) == 250
    assert await count({"$and": [{"$gt": ["$_id", 5]}, {"$lt": ["$_id", 8]}]}) == 2
    assert await count({"$or": [{"$gt": ["$_id", 249]}, {"$lt": ["$_id", 2]}]}) == 2
    assert await count({"$not": [{"$gt": ["$_id", 1]}]}) == 1
    assert await count({"$in": ["$_id", [1, 2, "3"]]}) == 2
    assert await count({"$gt": [{"$ifNull": ["$nope", "$_id"]}, 249]}) == 1
    assert await count({"$ifNull": ["$nope", "$neither"]}) == 0
    assert await count("$_validation_status.uid") == 0
    assert await count({}) == 250


async def test_edited_rows_are_found_by_their_deprecated_id(
    client: httpx.AsyncClient, form: FakeForm, data: str
) -> None:
    query = {"meta/deprecatedID": {"$exists": True}}
    assert await ids(client, data, query=query) == []
    form.edit(30, hh_size="1")
    form.edit(20, hh_size="1")
    form.set_status(10, "validation_status_approved")
    form.edit(40, hh_size="1")
    form.delete(40)
    assert await ids(client, data, query=query) == [20, 30]
    absent = {"meta/deprecatedID": {"$exists": False}, "_id": {"$lte": 30}}
    assert len(await ids(client, data, query=absent)) == 28
