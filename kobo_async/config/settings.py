"""Settings as values."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import attrs

from kobo_async._version import __version__
from kobo_async.config.addresses import (
    PRESETS,
    leaves_unencrypted,
    openrosa_address,
    server_address,
)
from kobo_async.config.credentials import Credentials
from kobo_async.errors import ConfigError

SHARED_SERVER_CAP = 8
HttpLibrary: TypeAlias = Literal["httpx", "httpx2", "aiohttp"]


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How long to insist. Both bounds hold: the first one reached ends the attempts."""

    attempts: int = 6
    deadline: float = 600.0
    first_wait: float = 0.5
    longest_wait: float = 30.0
    longest_pause: float = 180.0
    """A `Retry-After` above this many seconds is not waited for."""
    attempts_on_fault: int = 3
    """Internal errors and garbled replies are seldom cured by repetition."""


@attrs.frozen(kw_only=True)
class Concurrency:
    """Requests at the same time: where to start, and the most to try."""

    start: int = 4
    cap: int = 16

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.start <= self.cap:
            raise ConfigError(
                f"concurrency must be 1 <= start <= cap, not {self.start}, {self.cap}"
            )

    @classmethod
    def up_to(cls, cap: int) -> Concurrency:
        """Allow up to `cap` requests at the same time, starting with at most four."""
        return cls(start=min(4, cap), cap=cap)

    @classmethod
    def fixed(cls, limit: int) -> Concurrency:
        """Begin with `limit` requests at the same time and never try more."""
        return cls(start=limit, cap=limit)


@attrs.frozen(kw_only=True)
class Timeouts:
    """Seconds. The server itself gives a request 120 s (`api-facts §3.8`)."""

    connect: float = 10.0
    read: float = 130.0
    """Between two pieces of a reply."""
    write: float = 60.0
    total: float = 600.0
    """For one attempt as a whole, however slowly it trickles."""


@attrs.frozen(kw_only=True)
class BreakerPolicy:
    """After `failures` failed attempts in a row nothing is sent for `cooldown` seconds."""

    failures: int = 20
    cooldown: float = 15.0


@attrs.frozen(kw_only=True)
class Settings:
    """Everything a client needs to know before it sends anything.

    Attributes:
        server: address of the KPI server, or the name of a preset (`global`, `eu`).
        credentials: who asks.
        openrosa: address for submissions and form lists; None asks the server's environment, and
            takes the server itself where only that takes submissions.
        allow_http: send credentials over an unencrypted connection that leaves this machine.
        verify: TLS verification: True, or the path of a CA bundle.
        largest_reply: bytes of a reply that is read as a whole, once it is unpacked. Files are
            streamed, and have no limit.
        http: what carries requests: `httpx`, or faster `httpx2` or `aiohttp`, each an extra.
            aiohttp runs on asyncio alone.
    """

    server: str = attrs.field(converter=server_address)
    credentials: Credentials
    openrosa: str | None = attrs.field(default=None, converter=openrosa_address)
    allow_http: bool = False
    verify: bool | str = True
    largest_reply: int = 512 * 2**20
    http: HttpLibrary = "httpx"
    user_agent: str = f"kobo_async/{__version__}"
    concurrency: Concurrency = attrs.field()
    retry: RetryPolicy = attrs.field(factory=RetryPolicy)
    timeouts: Timeouts = attrs.field(factory=Timeouts)
    breaker: BreakerPolicy = attrs.field(factory=BreakerPolicy)

    @concurrency.default
    def _polite(self) -> Concurrency:
        shared = self.server in {kpi for kpi, _ in PRESETS.values()}
        return Concurrency.up_to(SHARED_SERVER_CAP) if shared else Concurrency()

    def __attrs_post_init__(self) -> None:
        if self.http not in get_args(HttpLibrary):
            names = ", ".join(get_args(HttpLibrary))
            raise ConfigError(f"http must be one of {names}, not {self.http!r}")
        for address in (self.server, self.openrosa or self.server):
            if leaves_unencrypted(address) and not self.allow_http:
                raise ConfigError(
                    f"{address} is not encrypted: everyone on the way can read the token. "
                    "Use https://, or allow_http=True (KOBO_ALLOW_HTTP=1) on a network you trust"
                )
