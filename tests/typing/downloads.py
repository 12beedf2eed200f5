"""User code around downloads. mypy reads it; nobody runs it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, assert_type

from kobo_async import Completeness, IncompleteDownload, KoboClient, Progress, Unchecked
from kobo_async.bulk.fetch import Rows
from kobo_async.pages import Page, Pages

Row = dict[str, Any]


async def rows_of(uid: str) -> list[Row]:
    found = []
    async with KoboClient("eu", token="a-token") as client:
        assert_type(client, KoboClient)
        async with client.submissions.stream(uid) as rows:
            async for row in rows:
                assert_type(row, Row)
                found.append(row)
        assert_type(rows.report, Completeness | None)
    return found


async def pages_of(client: KoboClient, uid: str) -> int:
    async with client.submissions.pages(uid, strategy="ranges", window=4) as batches:
        async for batch in batches:
            assert_type(batch, Sequence[Row])
    report = batches.report
    return report.delivered if report else 0


async def raw(client: KoboClient, uid: str) -> list[bytes]:
    async with client.submissions.stream(uid, as_="raw", after=7) as rows:
        assert_type(rows, Rows[bytes])
        async for row in rows:
            assert_type(row, bytes)
    async with client.submissions.pages(uid, as_="raw") as batches:
        async for batch in batches:
            assert_type(batch, Sequence[bytes])
    async with client.submissions.stream(uid, as_="dicts") as dicts:
        assert_type(dicts, Rows[Row])
        assert_type(await dicts.all(), list[Row])
    async with client.submissions.stream(uid, as_="raw") as rows:
        return await rows.all()


async def with_options(client: KoboClient, uid: str) -> None:
    def show(progress: Progress) -> None:
        assert_type(progress.delivered, int)

    async with client.submissions.stream(
        uid,
        where={"hh_size": {"$in": ["3", "4"]}, "_id": {"$gt": 5}},
        fields=["hh_size"],
        after=7,
        strategy="offsets",
        strict=False,
        page_size=500,
        on_progress=show,
    ) as rows:
        async for _ in rows:
            break
    async with client.submissions.stream(uid, where=Unchecked({"$where": "1"})) as rows:
        async for _ in rows:
            break


async def slowly(client: KoboClient, uid: str) -> None:
    listed = client.submissions.list(uid)
    assert_type(listed, Pages[Row])
    assert_type(await listed.first(), Row | None)
    assert_type(await listed.all(), list[Row])
    async for page in listed.by_page():
        assert_type(page, Page[Row])
        assert_type(page.count, int | None)
    page = await client.submissions.page(uid, sort={"_id": -1}, limit=10)
    assert_type(page, Page[Row])
    assert_type(await client.submissions.count(uid), int)
    assert_type(await client.submissions.get(uid, 17), Row)
    assert_type(await client.submissions.get(uid, "uuid:0-0"), Row)


async def documents(client: KoboClient, uid: str, folder: Path) -> None:
    found = client.submissions.xml(uid)
    assert_type(found, AsyncIterator[bytes])
    async for document in found:
        (folder / "one.xml").write_bytes(document)
    assert_type(await client.submissions.geojson(uid), dict[str, Any])


def told(error: IncompleteDownload) -> str:
    return str(error)


def summed(report: Completeness) -> tuple[int, int | None, float]:
    assert_type(report.complete, bool)
    assert_type(report.as_dict(), dict[str, Any])
    return report.delivered, report.missing, report.rows_per_second


async def wrong(client: KoboClient, uid: str) -> None:
    client.submissions.stream(uid, strategy="guess")  # type: ignore[call-overload]
    client.submissions.stream(uid, None)  # type: ignore[call-overload]
    client.submissions.stream(uid, as_="tuples")  # type: ignore[call-overload]
    client.submissions.list(uid, where="hh_size = 3")  # type: ignore[arg-type]
    await client.submissions.page(uid, sort={"_id": 2})  # type: ignore[dict-item]
