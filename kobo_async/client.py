"""The client: builds the object graph, one attribute per resource."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Self, TypedDict, Unpack

import attrs

from kobo_async import config
from kobo_async.api import Api
from kobo_async.call import OMIT, Call, Json, Method, Op
from kobo_async.clock import Clock, SystemClock
from kobo_async.config import (
    Anonymous,
    Bearer,
    BreakerPolicy,
    Concurrency,
    Credentials,
    HttpLibrary,
    Password,
    RetryPolicy,
    Secret,
    Settings,
    Timeouts,
    Token,
)
from kobo_async.dryrun import DryRun
from kobo_async.errors import ConfigError
from kobo_async.events import Event, Observer
from kobo_async.resources.environment import ServerEnvironment
from kobo_async.resources.me import GET as WHO_AM_I
from kobo_async.resources.token import Tokens
from kobo_async.transport.auth import FixedHeader, Key, authenticator
from kobo_async.transport.breaker import Breaker
from kobo_async.transport.gate import Gate
from kobo_async.transport.guard import Guard
from kobo_async.transport.http import ASGIApp, AsyncTransport, Http
from kobo_async.transport.sender import HttpSender, Identity
from kobo_async.transport.sites import Sites
from kobo_async.unanswered import PlanEnds
from kobo_async.wire import rebase

SECRETS: Final = frozenset({"token", "bearer", "password", "scim_key"})


class ClientSettings(TypedDict, total=False):
    """Fields of `Settings` that a client takes by name, besides server and credentials."""

    openrosa: str | None
    allow_http: bool
    verify: bool | str
    largest_reply: int
    http: HttpLibrary
    user_agent: str
    concurrency: Concurrency
    retry: RetryPolicy
    timeouts: Timeouts
    breaker: BreakerPolicy


class ClientArguments(ClientSettings, total=False):
    """Everything that a client takes by name."""

    server: str | None
    token: str | Secret | None
    bearer: str | Secret | None
    username: str | None
    password: str | Secret | None
    anonymous: bool
    scim_key: str | Secret | None
    profile: str | None
    transport: AsyncTransport | None
    app: ASGIApp | None
    clock: Clock | None
    on_event: Observer | None


class KoboClient(Api):
    """A client of one KoboToolbox server, for one account.

        async with KoboClient("eu", token=token) as client:
            async with client.submissions.stream(uid) as rows:
                async for row in rows:
                    ...

    Whatever is not given comes from the environment (`KOBO_URL`, `KOBO_TOKEN`) or from the
    settings file (see `kobo_async.config`). The client is safe to share between tasks, and is
    meant to be: connections, limits and pauses are per client.

    Args:
        server: address of the server, or `global` or `eu` for the public ones.
        token: API token.
        bearer: OAuth2 access token.
        username: with `password`, exchanged for the token at the first request.
        password: see `username`.
        anonymous: ask as nobody; only public projects are visible.
        scim_key: the key of an identity provider, for `client.scim` alone.
        profile: name of a profile in the settings file.
        transport: an `httpx` transport to use instead of the network, whatever `http` says.
        app: an ASGI application that answers instead of the network.
        clock: replaces the machine's clock in tests.
        on_event: told of requests, retries, pauses (see `kobo_async.events`).
        settings: further fields of `Settings`: `concurrency`, `retry`, `timeouts`, `breaker`,
            `allow_http`, `verify`, `largest_reply`, `http`, `openrosa`, `user_agent`.

    Errors: ConfigError when server or credentials are missing or cannot work.
    """

    def __init__(
        self,
        server: str | None = None,
        *,
        token: str | Secret | None = None,
        bearer: str | Secret | None = None,
        username: str | None = None,
        password: str | Secret | None = None,
        anonymous: bool = False,
        scim_key: str | Secret | None = None,
        profile: str | None = None,
        transport: AsyncTransport | None = None,
        app: ASGIApp | None = None,
        clock: Clock | None = None,
        on_event: Observer | None = None,
        **settings: Unpack[ClientSettings],
    ) -> None:
        # The plain texts must not stand in a variable: tracebacks show those.
        token, bearer, password, scim_key = map(_hidden, (token, bearer, password, scim_key))
        credentials = _credentials(token, bearer, username, password, anonymous=anonymous)
        self.settings = config.load(server, credentials=credentials, profile=profile, **settings)
        self._http = Http(self.settings, transport=transport, app=app)
        clock = clock or SystemClock()
        sender = _sender(self.settings, self._http, clock, on_event)
        key = FixedHeader(None) if scim_key is None else Key(Secret(f"Bearer {scim_key.reveal()}"))
        super().__init__(
            sender,
            attrs.evolve(sender, auth=key),
            clock,
            window=self.settings.concurrency.cap * 3 // 2,
        )

    @classmethod
    def from_env(cls, **others: Unpack[ClientArguments]) -> Self:
        """Build a client from `KOBO_URL` and `KOBO_TOKEN`, or from the settings file."""
        hide_secrets(others)
        return cls(**others)

    async def request(
        self,
        method: Method,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Json = OMIT,
        accept: str = "application/json",
    ) -> Json:
        """Send any request to the server: the way to operations that have no method yet.

        `path` is a path such as `/api/v2/tags/`, or a link out of a reply, which is sent to the
        configured server whatever host it names. It is retried like any other GET; other methods
        are sent once. The reply is the decoded JSON, or bytes if another type is accepted.
        """
        op: Op[Any] = Op(method, path, object, accept=accept)
        target = rebase(path, self.settings.server)
        return await self._sender.send(Call(op, target, dict(query or {}), json))

    @asynccontextmanager
    async def dry_run(self) -> AsyncIterator[DryRun]:
        """Play a job through: reads are real, writes are noted in `calls` instead of sent.

            async with client.dry_run() as dry:
                await dry.submissions.delete_many(uid, ids)
            for call in dry.calls:
                print(call.label, call.json)

        The first write whose answer the job needs ends the block, quietly: `dry.ended` tells.
        """
        dry = DryRun(self._sender, self._scim_sender, self._clock, window=self._window)
        try:
            yield dry
        except PlanEnds:
            dry.ended = True

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        settings = getattr(self, "settings", None)  # tracebacks show half-made clients too
        return f"KoboClient({settings.server!r})" if settings else "KoboClient(...)"


def hide_secrets(arguments: Any) -> None:
    """Hide the secrets in a dict of arguments: tracebacks show variables."""
    for name in SECRETS & arguments.keys():
        arguments[name] = _hidden(arguments[name])


def _hidden(value: str | Secret | None) -> Secret | None:
    return None if value is None else Secret(value)


def _credentials(
    token: Secret | None,
    bearer: Secret | None,
    username: str | None,
    password: Secret | None,
    *,
    anonymous: bool,
) -> Credentials | None:
    given: list[Credentials] = []
    if token is not None:
        given.append(Token(token))
    if bearer is not None:
        given.append(Bearer(bearer))
    if username is not None and password is not None:
        given.append(Password(username, password))
    if anonymous:
        given.append(Anonymous())
    if len(given) > 1 or (username is None) != (password is None):
        raise ConfigError("give a token, or a bearer, or user name and password, or anonymous=True")
    return given[0] if given else None


def _sender(settings: Settings, http: Http, clock: Clock, on_event: Observer | None) -> HttpSender:
    def notify(event: Event) -> None:
        if on_event is not None:
            on_event(event)

    async def discover() -> str:
        return (await ServerEnvironment(nobody).get()).open_rosa_server

    nobody = HttpSender(
        settings,
        Sites(settings, discover, http),
        http,
        FixedHeader(None),
        Guard(
            Gate(settings.concurrency, clock, notify),
            Breaker(settings.breaker, clock, notify),
            clock,
            settings.retry.longest_pause,
        ),
        Identity(WHO_AM_I.at()),
        clock,
        (notify,),
    )

    async def exchange(basic: Secret) -> str:
        return await Tokens(attrs.evolve(nobody, auth=FixedHeader(basic))).get()

    return attrs.evolve(nobody, auth=authenticator(settings.credentials, exchange))
