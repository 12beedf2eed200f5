"""What `kobo-async doctor` looks at. Nothing is written to the server."""

from __future__ import annotations

import asyncio
import platform
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import metadata
from typing import Final, Literal, TypeAlias

import attrs

from kobo_async._version import __version__
from kobo_async.cli.connection import Connection
from kobo_async.cli.failures import EXTRAS, advice_on
from kobo_async.client import KoboClient
from kobo_async.config import RetryPolicy
from kobo_async.errors import KoboError
from kobo_async.models.account import Me
from kobo_async.models.asset import Asset

Status: TypeAlias = Literal["ok", "warn", "fail"]

SKEW = 5.0
"""Seconds by which clocks may differ."""
ASKED = 2000
"""Rows asked for to see where the server stops; it has given 1,000 at most since 2026."""
LOOKED_AT = 50
"""Projects of others whose permissions are looked at, one request each."""
NAMED = 5
FAST: Final = {"msgspec": "raw rows", "isal": "packed replies", "uvloop": "this command"}
"""Packages that are used where they are installed, and what for."""
CARRIERS: Final = ("httpx", "httpx2", "aiohttp")
_IMPATIENT: Final = RetryPolicy(attempts=2, deadline=30.0)


@attrs.frozen
class Check:
    """One thing that was looked at, and what to do about it."""

    name: str
    status: Status
    found: str
    advice: str = ""


Tell: TypeAlias = Callable[[Check], None]


async def examine(connection: Connection, tell: Tell) -> None:
    """Look at everything that can be looked at, and tell of each thing as it is known."""
    tell(installation())
    tell(extras())
    try:
        client = connection.client(retry=_IMPATIENT)
    except KoboError as error:
        tell(_failed("settings", error))
        return
    tell(speed(client.settings.http))
    async with client:
        await _examine_server(client, tell)


async def _examine_server(client: KoboClient, tell: Tell) -> None:
    what = "server"
    try:
        for check in await server(client):
            tell(check)
        what = "token"
        sent = time.time()
        me = await client.me.get()
        for check in account(client, me):
            tell(check)
        tell(clock(me, sent, time.time()))
        what = "projects"
        assets = await client.assets.list().all()
        tell(await projects(client, me, assets))
        what = "page size"
        tell(await page_size(client, assets))
    except KoboError as error:
        tell(_failed(what, error))


def _failed(name: str, error: KoboError) -> Check:
    return Check(name, "fail", str(error), advice_on(error).text)


def installation() -> Check:
    """Name the versions of what is installed."""
    parts = [f"{name} {metadata.version(name)}" for name in ("httpx", "anyio", "attrs", "orjson")]
    found = f"kobo-async {__version__}, Python {platform.python_version()}, {', '.join(parts)}"
    return Check("packages", "ok", found)


def extras() -> Check:
    """Find out which optional packages are missing."""
    missing = [name for name in EXTRAS if not _installed(name)]
    if not missing:
        return Check("extras", "ok", "cli and testing are installed")
    wanted = ",".join(sorted({EXTRAS[name] for name in missing}))
    text = f"{', '.join(missing)} not installed"
    return Check("extras", "warn", text, f"for all commands: pip install 'kobo-async[{wanted}]'")


def speed(http: str) -> Check:
    """Tell what carries the requests, and which packages that make things faster are in use."""
    versions = {name: _installed(name) for name in FAST}
    active = [f"{name} {found} for {FAST[name]}" for name, found in versions.items() if found]
    idle = [name for name in CARRIERS if name != http and _installed(name)]
    parts = [f"requests by {http} {_installed(http)}", *active]
    if idle:
        parts.append(f"not in use: {', '.join(idle)} (KOBO_HTTP)")
    missing = [name for name, found in versions.items() if not found]
    advice = f"{', '.join(missing)}: pip install 'kobo-async[fast]'" if missing else ""
    return Check("speed", "ok", "; ".join(parts), advice)


def _installed(name: str) -> str | None:
    """Return the version of a package, if it is there."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


async def server(client: KoboClient) -> Sequence[Check]:
    """Ask the server about itself, as nobody, so that a wrong token does not matter yet."""
    known = client.settings
    nobody = KoboClient(
        known.server, anonymous=True, allow_http=True, verify=known.verify, retry=_IMPATIENT
    )
    started = time.monotonic()
    async with nobody:
        environment = await nobody.environment.get()
    took = time.monotonic() - started
    return (
        Check("server", "ok", f"{known.server} answers in {took * 1000:.0f} ms"),
        openrosa(known.openrosa or environment.open_rosa_server),
    )


def openrosa(host: str) -> Check:
    """Tell where submissions are sent to."""
    if host:
        return Check("openrosa", "ok", host)
    return Check("openrosa", "warn", "unknown", "set `openrosa` in the profile to submit data")


def account(client: KoboClient, me: Me) -> Sequence[Check]:
    """Tell whose credentials these are."""
    kind = type(client.settings.credentials).__name__.lower()
    token = Check("token", "ok", f"the {kind} is valid; you are {me.username}")
    if not me.is_superuser:
        return (token,)
    found = f"{me.username} is a superuser: this token opens every project on the server"
    return token, Check("superuser", "warn", found, "use an ordinary account for downloads")


def clock(me: Me, sent: float, received: float) -> Check:
    """Compare the clocks; the server tells whole seconds."""
    middle = datetime.fromtimestamp((sent + received) / 2, UTC)
    skew = (me.server_time - middle).total_seconds()
    if abs(skew) <= SKEW + (received - sent) / 2:
        return Check("clock", "ok", "this machine and the server agree")
    where = "ahead of" if skew > 0 else "behind"
    found = f"the server is {abs(skew):.0f} s {where} this machine"
    return Check("clock", "warn", found, "set the clock, or mind it in queries by time")


async def projects(client: KoboClient, me: Me, assets: Sequence[Asset]) -> Check:
    """Look for projects that are shared without their submissions."""
    deployed = [asset for asset in assets if asset.has_deployment]
    others = [asset for asset in deployed if asset.owner__username != me.username]
    looked_at = others[:LOOKED_AT]
    details = await asyncio.gather(
        *(client.assets.get(asset.uid, exclude=["content"]) for asset in looked_at)
    )
    closed = [asset for asset in details if asset.allows("view_submissions") is False]
    found = f"{len(assets)} visible, {len(deployed)} of them with data"
    if len(looked_at) < len(others):
        found += f" ({len(others) - len(looked_at)} shared ones not looked at)"
    if not closed:
        return Check("projects", "ok", found)
    names = ", ".join(f"{asset.uid} ({asset.name})" for asset in closed[:NAMED])
    more = f" and {len(closed) - NAMED} more" if len(closed) > NAMED else ""
    found += f"; not all rows may be read of {names}{more}"
    return Check("projects", "warn", found, "ask their owners for `view_submissions`")


async def page_size(client: KoboClient, assets: Sequence[Asset]) -> Check:
    """Find out how many rows the server gives at once."""
    sizes = {a.uid: a.deployment__submission_count or 0 for a in assets if a.has_deployment}
    largest = max(sizes, key=lambda uid: sizes[uid], default=None)
    if largest is None or not sizes[largest]:
        return Check("page size", "ok", "unknown: no project has rows to find out with")
    path = f"/api/v2/assets/{largest}/data/"
    query = {"limit": ASKED, "fields": ["_id"], "sort": {"_id": 1}}
    page = await client.request("GET", path, query=query)
    given, there = len(page["results"]), page["count"]
    if given < min(ASKED, there):
        return Check("page size", "ok", f"{given:,} rows at once; downloads know how to go on")
    return Check("page size", "ok", f"unknown: no project has more than the {given:,} rows given")
