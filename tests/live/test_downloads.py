"""Downloads against a plain loop over ids that knows nothing of this package's ways."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from kobo_async import KoboClient

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(1800)]

Strategy = Literal["auto", "offsets", "ranges"]
STRATEGIES = ["offsets", "ranges", "auto"]


async def sweep(client: KoboClient, project: str, after: int = 0) -> list[int]:
    """Read all ids one page after the other."""
    ids: list[int] = []
    while True:
        query: dict[str, Any] = {
            "query": {"_id": {"$gt": ids[-1] if ids else after}},
            "sort": {"_id": 1},
            "fields": ["_id"],
            "limit": 1000,
        }
        body = await client.request("GET", f"/api/v2/assets/{project}/data/", query=query)
        if not body["results"]:
            return ids
        ids += [row["_id"] for row in body["results"]]


def is_what_there_was(delivered: list[int], before: list[int], after: list[int]) -> bool:
    """Tell whether a download is right; on a server at rest, whether it equals both sweeps."""
    throughout = set(before) & set(after)
    in_order = delivered == sorted(set(delivered))
    return in_order and throughout <= set(delivered) <= set(before) | set(after)


@pytest.mark.parametrize("strategy", STRATEGIES)
async def test_a_download_delivers_what_a_plain_loop_finds(
    client: KoboClient, project: str, strategy: Strategy
):
    before = await sweep(client, project)
    async with client.submissions.stream(project, strategy=strategy, fields=["_id"]) as rows:
        delivered = [row["_id"] async for row in rows]
    after = await sweep(client, project)
    assert is_what_there_was(delivered, before, after)
    assert rows.report is not None
    assert rows.report.complete
    assert rows.report.delivered == len(delivered)
    assert rows.report.missing == 0


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("page_size", [7, 100])
async def test_small_pages_deliver_the_same(
    client: KoboClient, project: str, strategy: Strategy, page_size: int
):
    start = await middle(client, project, 20 * page_size)
    before = await sweep(client, project, start)
    async with client.submissions.stream(
        project, strategy=strategy, after=start, page_size=page_size, fields=["_id"]
    ) as rows:
        delivered = [row["_id"] async for row in rows]
    assert is_what_there_was(delivered, before, await sweep(client, project, start))


async def middle(client: KoboClient, project: str, rows: int) -> int:
    """Return an id that leaves about so many rows above it."""
    count = await client.submissions.count(project)
    if count <= rows:
        return 0
    page = await client.submissions.page(
        project, fields=["_id"], sort={"_id": 1}, start=count - rows, limit=1
    )
    return int(page.items[0]["_id"])


async def test_whole_rows_come_by_page_as_they_come_one_by_one(client: KoboClient, project: str):
    start = await middle(client, project, 250)
    before = await sweep(client, project, start)
    whole: dict[int, dict[str, Any]] = {}
    async with client.submissions.pages(project, after=start, page_size=100) as batches:
        async for batch in batches:
            whole |= {row["_id"]: row for row in batch}
    rows = await client.submissions.list(project, where={"_id": {"$gt": start}}).all()
    listed = {row["_id"]: row for row in rows}
    assert is_what_there_was(list(whole), before, list(listed))
    equal = [number for number in whole if whole[number] == listed.get(number)]
    assert len(equal) >= 0.9 * len(whole)


async def test_a_filter_holds_for_every_page(client: KoboClient, project: str):
    start = await middle(client, project, 120)
    before = await sweep(client, project, start)
    where = {"_id": {"$in": before[::2]}}
    async with client.submissions.stream(
        project, where=where, fields=["_id"], page_size=10
    ) as rows:
        delivered = [row["_id"] async for row in rows]
    assert set(delivered) <= set(before[::2])
    assert is_what_there_was(delivered, before[::2], delivered)


async def test_going_on_after_the_last_id_brings_only_what_is_newer(
    client: KoboClient, project: str
):
    (newest,) = (await client.submissions.page(project, sort={"_id": -1}, limit=1)).items
    async with client.submissions.stream(project, after=newest["_id"]) as rows:
        newer = [row["_id"] async for row in rows]
    assert all(number > newest["_id"] for number in newer)
    assert rows.report is not None
    assert rows.report.complete


async def test_a_download_may_be_left_at_any_point(client: KoboClient, project: str):
    async with client.submissions.stream(project, page_size=10, fields=["_id"]) as rows:
        async for row in rows:
            first = row["_id"]
            break
    assert rows.report is None
    assert await client.submissions.count(project, where={"_id": first}) == 1
