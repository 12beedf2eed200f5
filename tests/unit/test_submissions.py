"""Reading submissions from a server that is not to be trusted."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest

from kobo_async import IncompleteDownload, MalformedReply, QueryError, UnexpectedShape
from tests.unit.serving import ALICE, Server, ok

pytestmark = pytest.mark.anyio

DATA = "/api/v2/assets/a1/data/"
IDS = {"count": 2, "next": None, "results": [{"_id": 3, "_validation_status": {}}, {"_id": 7}]}


def raw(body: bytes) -> httpx.Response:
    return httpx.Response(200, content=body, headers=ALICE)


def asked(server: Server, number: int = -1) -> dict[str, Any]:
    return dict(server.requests[number].url.params)


async def test_a_page_is_asked_for_as_the_server_reads_it(server: Server) -> None:
    server.answers(DATA, ok(IDS))
    async with server.client() as client:
        await client.submissions.page(
            "a1", where={"b": "1"}, fields=["_id", "x/y"], sort={"_id": -1}, start=5, limit=2
        )

    assert asked(server) == {
        "query": '{"b":"1"}',
        "fields": '["_id","x/y"]',
        "sort": '{"_id":-1}',
        "start": "5",
        "limit": "2",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": 0},
        {"limit": 1001},
        {"fields": "_id"},
        {"sort": "-_id"},
        {"sort": ["_id"]},
        {"sort": {"_id": 2}},
        {"sort": {"_id": []}},
        {"sort": {5: 1}},
        {"where": {"a": {"$eq": "1"}}},
    ],
)
async def test_what_the_server_would_not_understand_is_not_sent(
    server: Server, wrong: dict[str, Any]
) -> None:
    async with server.client() as client:
        with pytest.raises(QueryError):
            await client.submissions.page("a1", **wrong)
    assert server.requests == []


async def test_a_status_that_nobody_asked_for_is_not_made_up(server: Server) -> None:
    server.answers(DATA, ok(IDS))
    server.answers(f"{DATA}3/", ok({"_id": 3, "_validation_status": {}}))
    async with server.client() as client:
        page = await client.submissions.page("a1", fields=["_id"])
        whole = await client.submissions.page("a1")
        asked_for = await client.submissions.page("a1", fields=["_validation_status"])
        one = await client.submissions.get("a1", 3, fields=["_id"])

    assert page.items[0] == one == {"_id": 3}
    assert whole.items[0] == asked_for.items[0] == {"_id": 3, "_validation_status": {}}


async def test_a_list_is_read_by_id(server: Server) -> None:
    more = {**IDS, "next": "http://elsewhere.example/"}
    empty: dict[str, Any] = {"count": 0, "next": None, "results": []}
    server.answers(DATA, ok(more), ok(empty))
    async with server.client() as client:
        assert [row["_id"] async for row in client.submissions.list("a1")] == [3, 7]

    assert asked(server)["query"] == '{"_id":{"$gt":7}}'


@pytest.mark.parametrize("body", [[], {"results": [1]}, {"results": [None]}, {"results": "x"}])
async def test_rows_that_are_none_are_an_error(server: Server, body: Any) -> None:
    server.answers(DATA, ok(body))
    async with server.client() as client:
        with pytest.raises(UnexpectedShape):
            await client.submissions.page("a1", fields=["_id"])
        with pytest.raises((UnexpectedShape, MalformedReply)):
            (await client.submissions.unread("a1", fields=["_id"])).read()


@pytest.mark.parametrize("body", [b"[1]", b'{"results": [1}', b'{"results": [{}], "count": "5"}'])
async def test_an_unread_page_is_no_better_than_what_is_in_it(server: Server, body: bytes) -> None:
    server.answers(DATA, raw(body))
    async with server.client() as client:
        with pytest.raises((MalformedReply, UnexpectedShape)):
            (await client.submissions.unread("a1")).read()


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (b'{"count":250,"next":null,"results":[]}', 250),
        (b' {\n "count" : 0, "results": []}', 0),
        (b'{"results": [], "count": 5}', None),
        (b'{"count": null, "results": []}', None),
    ],
)
async def test_an_unread_page_tells_the_count_where_it_stands_in_front(
    server: Server, body: bytes, count: int | None
) -> None:
    server.answers(DATA, raw(body))
    async with server.client() as client:
        page = await client.submissions.unread("a1")

    assert page.count == count
    assert page.read().items == []


async def test_a_list_without_a_count_cannot_be_counted(server: Server) -> None:
    server.answers(DATA, ok({"next": None, "results": []}), ok(IDS))
    async with server.client() as client:
        with pytest.raises(UnexpectedShape, match="no count"):
            await client.submissions.count("a1")
        assert await client.submissions.count("a1") == 2


def xml(count: object, *documents: str) -> httpx.Response:
    inside = "".join(documents)
    return raw(f"<root><count>{count}</count><results>{inside}</results></root>".encode())


async def test_documents_are_read_in_ranges_of_ids(server: Server) -> None:
    server.answers(DATA, ok(IDS), xml(2, "<a1>x</a1>", '<a1 x=">"/>'))
    async with server.client() as client:
        documents = [one async for one in client.submissions.xml("a1", where={"b": "1"})]

    assert documents == [b"<a1>x</a1>", b'<a1 x=">"/>']
    assert asked(server)["format"] == "xml"
    assert orjson.loads(asked(server)["query"]) == {
        "$and": [{"b": "1"}, {"_id": {"$gt": 0, "$lte": 7}}]
    }
    assert "sort" not in asked(server)
    assert "fields" not in asked(server)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (xml(3, "<a/>"), IncompleteDownload),
        (xml("None"), UnexpectedShape),
        (raw(b"<root><results/></root>"), UnexpectedShape),
        (raw(b"<html><br></html>"), MalformedReply),
        (raw(b"{}"), MalformedReply),
    ],
)
async def test_documents_that_are_not_all_there_are_an_error(
    server: Server, answer: httpx.Response, kind: type[Exception]
) -> None:
    server.answers(DATA, ok(IDS), answer)
    async with server.client() as client:
        with pytest.raises(kind):
            [one async for one in client.submissions.xml("a1")]


async def test_features_are_put_together(server: Server) -> None:
    more = {**IDS, "next": "http://elsewhere.example/"}
    first = {"type": "FeatureCollection", "name": "Form", "features": [{"type": "Feature"}]}
    rest = {"count": 1, "next": None, "results": [{"_id": 9}]}
    server.answers(DATA, ok(more), ok(first), ok(rest), ok({**first, "features": []}))
    async with server.client() as client:
        collection = await client.submissions.geojson("a1", geo_question="gps")

    assert collection == first
    assert asked(server)["geo_question_name"] == "gps"
    assert orjson.loads(asked(server)["query"]) == {"_id": {"$gt": 7, "$lte": 9}}


async def test_no_submissions_are_no_features_and_no_documents(server: Server) -> None:
    server.answers(DATA, ok({"count": 0, "next": None, "results": []}))
    async with server.client() as client:
        assert await client.submissions.geojson("a1") == {
            "type": "FeatureCollection",
            "features": [],
        }
        assert [one async for one in client.submissions.xml("a1")] == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>", MalformedReply),
        (b"[]", UnexpectedShape),
        (b"{}", UnexpectedShape),
        (b'{"features": {}}', UnexpectedShape),
    ],
)
async def test_features_that_are_none_are_an_error(
    server: Server, body: bytes, kind: type[Exception]
) -> None:
    server.answers(DATA, ok(IDS), raw(body))
    async with server.client() as client:
        with pytest.raises(kind):
            await client.submissions.geojson("a1")


@pytest.mark.parametrize("strict", [True, False])
async def test_no_rows_where_the_server_counts_some_are_not_taken_for_all(
    server: Server, strict: bool
) -> None:
    server.answers(DATA, ok({"count": 300, "next": None, "results": []}))
    async with server.client() as client:
        with pytest.raises(UnexpectedShape, match="counts 300 rows, and gives none"):
            async with client.submissions.stream("a1", strict=strict) as rows:
                await rows.all()
