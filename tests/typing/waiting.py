"""User code without an event loop. mypy reads it; nobody runs it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_type

from kobo_async import Completeness, Page, Settings
from kobo_async.call import Call
from kobo_async.models.asset import Asset
from kobo_async.sync_api import Kobo
from kobo_async.tables.collected import Tables


def clients() -> None:
    Kobo("eu", token="a-token", allow_http=True)
    Kobo("eu", tokn="a-token")  # type: ignore[call-arg]
    with Kobo.from_env(profile="work") as kobo:
        assert_type(kobo, Kobo)
        assert_type(kobo.settings, Settings)
    kobo.close()


def lists(kobo: Kobo) -> None:
    listed = kobo.assets.list(page_size=50)
    assert_type(listed.all(), list[Asset])
    assert_type(listed.first(), Asset | None)
    for page in listed.by_page():
        assert_type(page, Page[Asset])
    for asset in listed:
        assert_type(asset, Asset)
    kobo.assets.list(ordering="popularity")  # type: ignore[arg-type]


def downloads(kobo: Kobo, uid: str) -> None:
    with kobo.submissions.stream(uid, where={"hh_size": "3"}) as rows:
        for row in rows:
            assert_type(row, dict[str, Any])
        assert_type(rows.report, Completeness | None)
    assert_type(kobo.submissions.xml(uid), Iterator[bytes])
    assert_type(kobo.submissions.count(uid), int)
    assert_type(kobo.tables.fetch(uid), Tables)
    with kobo.attachments.stream(uid, 1, "attUid") as body:
        for piece in body:
            assert_type(piece, bytes)


def plans(kobo: Kobo, uid: str) -> None:
    with kobo.dry_run() as dry:
        dry.assets.delete(uid)
        assert_type(dry.calls, list[Call[Any]])
        assert_type(dry.ended, bool)


def wrong(kobo: Kobo, uid: str) -> None:
    kobo.assets.get()  # type: ignore[call-arg]
    kobo.assets.nothing  # type: ignore[attr-defined]
