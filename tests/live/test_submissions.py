"""Rows: counted, listed, paged, filtered, fetched one by one, and as XML and GeoJSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from kobo_async import BadRequest, KoboClient, NotFound, QueryError, ServerError
from kobo_async.models.asset import Asset
from tests.live.conftest import MOST_ROWS
from tests.live.workshop import Target

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(1800)]
ALWAYS = {"_id", "_uuid", "meta/rootUuid"}
SUPPLEMENTS = "_supplementalDetails"


def data(project: str) -> str:
    return f"/api/v2/assets/{project}/data/"


async def some(client: KoboClient, project: str, rows: int = 5) -> Sequence[dict[str, Any]]:
    return (await client.submissions.page(project, sort={"_id": 1}, limit=rows)).items


async def test_the_count_is_that_of_the_list(client: KoboClient, project: str):
    before = await client.submissions.count(project)
    page = await client.submissions.page(project, limit=1)
    around = [before, await client.submissions.count(project)]
    assert page.count
    assert min(around) <= page.count <= max(around)


async def test_a_page_that_is_cut_short_tells_the_true_count(client: KoboClient, project: str):
    asked = {"limit": 30000, "fields": ["_id"]}
    body = await client.request("GET", data(project), query=asked)
    assert body["count"] > 0
    assert len(body["results"]) <= body["count"]
    assert (body["next"] is not None) is (len(body["results"]) < body["count"])


async def test_a_page_has_as_many_rows_as_asked_for(client: KoboClient, project: str):
    page = await client.submissions.page(project, limit=3)
    assert page.count
    assert len(page.items) == min(3, page.count)
    assert page.more is (page.count > 3)


async def test_sorting_backwards_begins_with_the_newest(client: KoboClient, project: str):
    page = await client.submissions.page(project, sort={"_id": -1}, limit=5)
    backwards = [row["_id"] for row in page.items]
    where = {"_id": {"$gte": backwards[-1], "$lte": backwards[0]}}
    rows = await client.submissions.list(project, where=where, fields=["_id"]).all()
    assert backwards == sorted((row["_id"] for row in rows), reverse=True)


async def test_a_page_begins_where_asked(client: KoboClient, project: str):
    whole = await some(client, project)
    page = await client.submissions.page(project, sort={"_id": 1}, start=1, limit=4)
    assert [row["_id"] for row in page.items] == [row["_id"] for row in whole[1:]]


async def test_beyond_the_end_there_is_nothing(client: KoboClient, project: str):
    count = await client.submissions.count(project)
    page = await client.submissions.page(project, start=count + 1000, limit=5)
    assert not page.items
    assert not page.more


async def test_the_link_to_the_next_page_can_be_followed(client: KoboClient, project: str):
    body = await client.request("GET", data(project), query={"limit": 1, "sort": {"_id": 1}})
    if body["next"] is None:
        pytest.skip("the project has one row only")
    more = await client.request("GET", body["next"])
    assert more["results"][0]["_id"] > body["results"][0]["_id"]


async def test_a_list_goes_on_after_the_last_id_of_a_page(client: KoboClient, project: str):
    expected = [row["_id"] for row in await some(client, project, 7)]
    seen: list[int] = []
    async for row in client.submissions.list(project, fields=["_id"], page_size=2):
        seen.append(row["_id"])
        if len(seen) == len(expected):
            break
    assert seen == expected


async def test_rows_have_the_keys_that_everything_rests_on(client: KoboClient, project: str):
    for row in await some(client, project, 100):
        assert isinstance(row["_id"], int)
        assert isinstance(row["_uuid"], str)
        assert row["meta/rootUuid"].startswith("uuid:")
        assert len(row["_submission_time"]) == len("2026-11-21T00:16:20")


async def test_only_what_is_asked_for_comes_and_three_keys_more(client: KoboClient, project: str):
    (row,) = (await client.submissions.page(project, fields=["_id"], limit=1)).items
    assert ALWAYS <= row.keys() <= {*ALWAYS, SUPPLEMENTS}
    fields = ["_id", "_submission_time"]
    (row,) = (await client.submissions.page(project, fields=fields, limit=1)).items
    assert {*ALWAYS, "_submission_time"} <= row.keys()
    assert row.keys() <= {*ALWAYS, "_submission_time", SUPPLEMENTS}


async def test_rows_are_found_by_id(client: KoboClient, project: str):
    ids = [row["_id"] for row in await some(client, project)]
    count = client.submissions.count
    assert await count(project, where={"_id": ids[0]}) == 1
    assert await count(project, where={"_id": {"$in": ids}}) == len(ids)
    assert await count(project, where={"_id": {"$gte": ids[0], "$lte": ids[-1]}}) == len(ids)
    assert await count(project, where={"$or": [{"_id": ids[0]}, {"_id": ids[-1]}]}) == len(
        {ids[0], ids[-1]}
    )


async def test_rows_are_found_by_an_answer(client: KoboClient, project: str):
    (row,) = await some(client, project, 1)
    answers = {
        name: value
        for name, value in row.items()
        if isinstance(value, str) and name[0] != "_" and "." not in name and 0 < len(value) < 200
    }
    if not answers:
        pytest.skip("the oldest row has no short answer to ask for")
    name, value = next(iter(answers.items()))
    page = await client.submissions.page(project, where={name: value}, limit=10)
    assert page.items
    assert {found[name] for found in page.items} == {value}


async def test_rows_are_found_by_the_time_they_came_in(client: KoboClient, project: str):
    (row,) = await some(client, project, 1)
    where = {"_submission_time": {"$gte": row["_submission_time"], "$lte": row["_submission_time"]}}
    listed = await client.submissions.list(project, where=where, fields=["_id"]).all()
    assert row["_id"] in {found["_id"] for found in listed}


async def test_one_row_is_fetched_by_any_of_its_names(client: KoboClient, project: str):
    (row,) = (await client.submissions.page(project, sort={"_id": -1}, limit=1)).items
    root = row["meta/rootUuid"]
    names = [row["_id"], row["_uuid"]]
    if "CONFLICT" not in root:
        names += [root, root.removeprefix("uuid:")]
    for name in names:
        found = await client.submissions.get(project, name)
        assert (found["_id"], found["_uuid"]) == (row["_id"], row["_uuid"])


async def test_one_row_can_be_asked_for_in_part(client: KoboClient, project: str):
    (row,) = await some(client, project, 1)
    found = await client.submissions.get(project, row["_id"], fields=["_id"])
    assert ALWAYS <= found.keys() <= {*ALWAYS, SUPPLEMENTS}


async def test_a_row_that_is_not_there_is_not_found(client: KoboClient, project: str):
    with pytest.raises(NotFound):
        await client.submissions.get(project, 2**31 - 1)


async def test_an_unknown_project_is_not_found(client: KoboClient):
    with pytest.raises(NotFound):
        await client.submissions.count("aThereIsNoSuchAsset000")


async def test_what_was_never_deployed_has_no_data(client: KoboClient, assets: Sequence[Asset]):
    me = (await client.me.get()).username
    own = [asset for asset in assets if asset.owner__username == me]
    drafts = [asset.uid for asset in own if not asset.has_deployment]
    if not drafts:
        pytest.skip("the account has nothing that is not deployed")
    with pytest.raises(BadRequest, match="not been deployed"):
        await client.submissions.count(drafts[0])


@pytest.mark.parametrize(
    "query", [{"query": "{bad"}, {"limit": 0}, {"limit": -1}, {"start": -1}, {"sort": "-_id"}]
)
async def test_a_bad_parameter_is_a_bad_request_that_names_it(
    client: KoboClient, project: str, query: dict[str, Any]
):
    with pytest.raises(BadRequest) as caught:
        await client.request("GET", data(project), query=query)
    assert set(caught.value.fields) == set(query)


@pytest.mark.parametrize(
    "where", [{"name": {"$eq": "x"}}, {"size": 3}, {"a.b": "x"}, {"_id": {"$gt": "100"}}]
)
async def test_a_query_that_matches_nothing_whatever_there_is_is_refused(
    client: KoboClient, project: str, where: dict[str, Any]
):
    with pytest.raises(QueryError):
        await client.submissions.count(project, where=where)


async def first_ids(client: KoboClient, project: str, rows: int = 150) -> list[int]:
    """List ids: more than the 100 at which the server cuts, few enough for any server."""
    found = await client.submissions.page(project, fields=["_id"], sort={"_id": 1}, limit=rows)
    return [row["_id"] for row in found.items]


async def test_every_row_comes_as_xml(client: KoboClient, project: str):
    ids = await first_ids(client, project)
    documents = [
        document
        async for document in client.submissions.xml(project, where={"_id": {"$lte": ids[-1]}})
    ]
    assert len(documents) == len(ids)
    for document in documents:
        ET.fromstring(document)  # noqa: S314 - cut out by a parser that refuses entities


async def test_geojson_is_not_cut_at_a_hundred(
    client: KoboClient, target: Target, project: str, assets: Sequence[Asset]
):
    places = [
        one.uid
        for one in assets
        if one.deployment__active
        and one.summary.get("geo")
        and 0 < (one.deployment__submission_count or 0) <= MOST_ROWS
    ]
    uid = project if project in places else next(iter(places), None)
    if uid is None or not (ids := await first_ids(client, uid)):
        pytest.skip("the account has no deployed project with places")
    where = {"_id": {"$lte": ids[-1]}}
    try:
        collection = await client.submissions.geojson(uid, where=where)
    except ServerError as error:
        if target.fake:
            raise
        pytest.skip(f"the server itself fails at the places of this form: {error}")
    query = {"format": "geojson", "query": where}
    first = await client.request("GET", data(uid), query=query)
    assert collection["type"] == "FeatureCollection"
    assert len(first["features"]) <= len(collection["features"]) <= len(ids)
    assert {feature["type"] for feature in collection["features"]} <= {"Feature"}
