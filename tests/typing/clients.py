"""User code around clients, settings and assets. mypy reads it; nobody runs it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Unpack, assert_type

import httpx

from kobo_async import (
    ApiError,
    BreakerPolicy,
    ClientArguments,
    Concurrency,
    KoboClient,
    KoboError,
    RateLimited,
    RetryPolicy,
    ServerUnavailable,
    Settings,
    Timeouts,
)
from kobo_async.events import BreakerChanged, Event, LimitChanged, Paused, Replied, Retrying
from kobo_async.models.account import Environment, Me
from kobo_async.models.asset import Asset
from kobo_async.pages import Pages
from kobo_async.q import Q, deployed, field, surveys, text


class OurClient(KoboClient):
    """A client may be subclassed, and its constructors return the subclass."""


async def clients() -> None:
    KoboClient("https://kobo.example.org", bearer="an-access-token")
    KoboClient("eu", username="alice", password="secret")
    KoboClient("global", anonymous=True)
    KoboClient(profile="work")
    KoboClient("eu", token="a-token", transport=httpx.AsyncHTTPTransport(http2=True))
    assert_type(OurClient.from_env(), OurClient)
    async with OurClient.from_env() as client:
        assert_type(client, OurClient)
        assert_type(client.settings, Settings)
    await client.aclose()


async def settings() -> None:
    KoboClient(
        "eu",
        token="a-token",
        concurrency=Concurrency.up_to(4),
        retry=RetryPolicy(attempts=3, deadline=60),
        timeouts=Timeouts(read=30),
        breaker=BreakerPolicy(failures=5),
        allow_http=True,
        verify="/etc/ssl/our-own.pem",
    )
    Concurrency(4, 8)  # type: ignore[call-arg]
    KoboClient("eu", concurency=Concurrency())  # type: ignore[call-arg]
    KoboClient("eu", timeouts=30)  # type: ignore[arg-type]
    KoboClient("eu", credentials="secret")  # type: ignore[call-arg]
    KoboClient.from_env(allow_http="yes")  # type: ignore[arg-type]
    KoboClient.from_env(tokn="a-token")  # type: ignore[call-arg]


def passed_on(**chosen: Unpack[ClientArguments]) -> KoboClient:
    chosen.setdefault("profile", "work")
    chosen["profil"] = "work"  # type: ignore[typeddict-unknown-key]
    return KoboClient.from_env(**chosen)


async def events() -> None:
    def heard(event: Event) -> None:
        match event:
            case Replied(status=status):
                assert_type(status, int | None)
            case Retrying(wait=wait) | Paused(wait):
                assert_type(wait, float)
            case LimitChanged(limit):
                assert_type(limit, int)
            case BreakerChanged(is_open):
                assert_type(is_open, bool)

    KoboClient.from_env(on_event=heard)


async def account(client: KoboClient) -> None:
    me = await client.me.get()
    assert_type(me, Me)
    assert_type(me.server_time, datetime)
    assert_type(await client.environment.get(), Environment)
    assert_type(await client.token.get(), str)
    assert_type(await client.token.delete(), None)


async def assets(client: KoboClient) -> None:
    query = surveys() & deployed() & (field("name").contains("water") | ~text("nutrition"))
    assert_type(query, Q)
    assert_type(field("date_modified") >= datetime(2026, 1, 1, tzinfo=UTC), Q)
    listed = client.assets.list(q=query, ordering="-date_modified", page_size=50)
    assert_type(listed, Pages[Asset])
    async for asset in listed:
        assert_type(asset.deployment__submission_count, int | None)
    asset = await client.assets.get("aUid", exclude=["content"])
    assert_type(asset.allows("view_submissions"), bool | None)
    client.assets.list(ordering="popularity")  # type: ignore[arg-type]


async def anything_else(client: KoboClient) -> Any:
    return await client.request("GET", "/api/v2/tags/", query={"q": "water"})


async def trouble(client: KoboClient) -> float:
    try:
        await client.me.get()
    except RateLimited as error:
        assert_type(error.retry_after, float | None)
        assert_type(error.fields, dict[str, str])
        return error.retry_after or 0
    except ServerUnavailable as error:
        return error.retry_after
    except ApiError as error:
        return error.status
    except KoboError:
        raise
    return 0
