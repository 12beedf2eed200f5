"""Credentials reach the configured origins and nothing else: no log, no repr, no error."""

from __future__ import annotations

import json
import logging
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import Any, Final

import attrs
import httpx
import pytest

import kobo_async.models
from kobo_async import KoboClient, KoboError, RetryPolicy, errors
from kobo_async.call import Op
from kobo_async.models.convert import Model
from tests.hostile.canaries import (
    BASIC,
    CREDENTIALS,
    HOOK,
    KEY,
    PASSWORD,
    TOKEN,
    assert_clean,
    told,
)
from tests.unit.serving import ALICE, URL, Server, ok

pytestmark = pytest.mark.anyio

PATH: Final = "/api/v2/assets/"
PLACES: Final = {URL, "https://kc.kobo.example"}
FILE: Op[bytes] = Op("GET", "/file/", bytes, accept="*/*")
SENT: Final = (TOKEN, BASIC)
STATUSES: Final = (400, 401, 404, 429, 500, 503)


def echo(status: int, kind: str) -> Callable[[httpx.Request], Awaitable[httpx.Response]]:
    """Answer with a page that shows the request, as servers in development do."""

    async def respond(request: httpx.Request) -> httpx.Response:
        shown = str(dict(request.headers))
        headers = {**ALICE, "X-Echo": shown}
        if kind == "location":
            headers["Location"] = f"ftp://elsewhere.example/?{request.headers['authorization']}"
            return httpx.Response(302, headers=headers)
        if kind == "page":
            page = f"<h1>Error</h1><pre>{shown}</pre>"
            headers["Content-Type"] = "text/html"
            return httpx.Response(status, text=page, headers=headers)
        if kind == "text":
            headers["Content-Type"] = "text/plain"
            return httpx.Response(
                status, text=f"{request.headers['authorization']}", headers=headers
            )
        body = {"detail": shown, "Authorization": [shown], "nested": {"headers": [shown]}}
        return httpx.Response(status, json=body, headers=headers)

    return respond


def client(server: Server, kind: str, **settings: Any) -> Any:
    server.answers("/token/", ok({"token": TOKEN}))
    retry = RetryPolicy(attempts=2)
    return server.client(
        **CREDENTIALS[kind], retry=retry, openrosa="https://kc.kobo.example", **settings
    )


def origin(request: httpx.Request) -> str:
    """Return scheme, host, and a port that is not the usual one."""
    return f"{request.url.scheme}://{request.url.netloc.decode()}"


def assert_kept_at_home(server: Server) -> None:
    """Make sure that credentials were sent, and to no other place than the configured ones."""
    sent = False
    for request in server.requests:
        text = f"{request.url} {list(request.headers.raw)} {request.content!r}"
        shows = any(secret in text for secret in (*SENT, PASSWORD))
        assert not shows or origin(request) in PLACES, request.url
        sent |= shows
    assert sent


@pytest.mark.parametrize("credentials", CREDENTIALS)
@pytest.mark.parametrize("kind", ["page", "json", "text", "location"])
@pytest.mark.parametrize("status", STATUSES)
async def test_errors_do_not_tell_what_the_server_echoes(
    server: Server, status: int, kind: str, credentials: str, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    server.answers(PATH, echo(status, kind))
    with pytest.raises(errors.ApiError) as caught:
        async with client(server, credentials) as made:
            await made.assets.list().all()
    in_full = status == STATUSES[0]
    assert_clean(*told(caught.value, in_full=in_full), *map(repr, server.events), caplog.text)
    assert_clean(*(repr(vars(record)) for record in caplog.records))
    assert_kept_at_home(server)


@pytest.mark.parametrize("credentials", CREDENTIALS)
@pytest.mark.parametrize("kind", ["text", "page"])
async def test_a_success_that_is_no_json_does_not_tell_what_it_echoes(
    server: Server, kind: str, credentials: str
):
    server.answers(PATH, echo(200, kind))
    with pytest.raises(errors.MalformedReply) as caught:
        async with client(server, credentials) as made:
            await made.assets.list().all()
    assert_clean(*told(caught.value), *map(repr, server.events))


FAILURES: Final[Mapping[str, Exception]] = {
    "no connection": httpx.ConnectError("refused"),
    "too slow": httpx.ReadTimeout("too slow"),
    "lost": httpx.RemoteProtocolError("peer closed"),
    "downgraded": httpx.ConnectError("[SSL: WRONG_VERSION_NUMBER] wrong version number"),
}


@pytest.mark.parametrize("credentials", CREDENTIALS)
@pytest.mark.parametrize("failure", FAILURES)
async def test_a_network_that_fails_learns_and_shows_nothing(
    server: Server, failure: str, credentials: str, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    server.answers(PATH, FAILURES[failure])
    with pytest.raises(errors.TransportError) as caught:
        async with client(server, credentials) as made:
            await made.assets.list().all()
    assert_clean(*told(caught.value), *map(repr, server.events), caplog.text)


FOREIGN: Final = (
    "https://evil.example/file/",
    "//evil.example/file/",
    "https://kobo.example.evil.example/file/",
    "https://kobo.example@evil.example/file/",
    "https://evil.example\\@kobo.example/file/",
    "https://kobo.example:8443/file/",
    "http://kobo.example:8080/file/",
    "http://evil.example/file/",
    "https://KOBO.example.:443/file/",
    "https://kobo.exampl\u0435/file/",
)


@pytest.mark.parametrize("credentials", CREDENTIALS)
@pytest.mark.parametrize("location", FOREIGN)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_another_host_gets_no_credentials(
    server: Server, status: int, location: str, credentials: str
):
    pointing = httpx.Response(status, headers={"Location": location.encode(), **ALICE})
    server.answers("/file/", pointing, httpx.Response(200, content=b"x", headers=ALICE))
    async with client(server, credentials) as made:
        try:
            async with made._sender.open(FILE.at()) as body:
                [piece async for piece in body]
        except KoboError as problem:
            assert_clean(*told(problem))
    assert_kept_at_home(server)


@pytest.mark.parametrize("credentials", CREDENTIALS)
@pytest.mark.parametrize("link", FOREIGN)
async def test_links_of_replies_lead_nowhere_else(server: Server, link: str, credentials: str):
    asset = {"uid": "a1", "name": "x", "asset_type": "survey", "url": link}
    first = {"count": 2, "next": link, "previous": link, "results": [asset]}
    server.answers(PATH, ok(first), ok({**first, "next": None, "results": [asset | {"uid": "a2"}]}))
    async with client(server, credentials) as made:
        server.router.route().mock(side_effect=_remember(server))
        found = await made.assets.list().all()
        try:
            await made.request("GET", link)
        except KoboError as problem:
            assert_clean(*told(problem))
    assert [one.uid for one in found] == ["a1", "a2"]
    assert set(map(origin, server.requests)) == {URL}
    assert_kept_at_home(server)


def _remember(server: Server) -> Callable[[httpx.Request], httpx.Response]:
    def respond(request: httpx.Request) -> httpx.Response:
        server.requests.append(request)
        return ok({})

    return respond


@pytest.mark.parametrize("link", FOREIGN)
async def test_addresses_of_attachments_lead_nowhere_else(server: Server, link: str):
    row = {"_id": 1, "_attachments": [{"download_url": link, "uid": "att1", "filename": "x.jpg"}]}
    page = {"count": 1, "next": None, "previous": None, "results": [row]}
    server.answers(f"{PATH}a1/data/", ok(page))
    server.router.route().mock(side_effect=_remember(server))
    async with client(server, "token") as made:
        (found,) = await made.submissions.list("a1").all()
        async with made.attachments.stream("a1", found["_id"], "att1") as body:
            [piece async for piece in body]
    assert set(map(origin, server.requests)) == {URL}
    assert_kept_at_home(server)


async def test_an_open_line_is_refused_without_showing_what_would_have_gone_over_it():
    for kind in CREDENTIALS.values():
        with pytest.raises(errors.ConfigError) as caught:
            KoboClient.from_env(server="http://kobo.example", **kind)
        assert_clean(*told(caught.value))


async def test_the_key_of_an_identity_provider_goes_to_its_resource_alone(
    server: Server, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    server.router.route().mock(side_effect=_remember(server))
    async with client(server, "token", scim_key=KEY) as made:
        with pytest.raises(KoboError) as caught:
            await made.scim.users("idp").all()
        with pytest.raises(KoboError):
            await made.me.get()
    shown = [KEY in str(request.headers.raw) for request in server.requests]
    assert shown == ["/scim/" in request.url.path for request in server.requests]
    assert any(shown)
    assert_clean(
        *told(caught.value), *map(repr, server.events), caplog.text, repr(made), vars(made)
    )


@pytest.mark.parametrize("kind", CREDENTIALS)
async def test_a_client_and_all_that_hangs_on_it_show_no_secret(server: Server, kind: str):
    async with client(server, kind, scim_key=KEY) as made:
        shown = [made, made.settings, attrs.asdict(made.settings), *vars(made).values()]
        shown += [getattr(made, name) for name in dir(made) if not name.startswith("__")]
        assert_clean(*shown)


async def test_a_plan_does_not_show_the_secrets_of_a_hook(server: Server):
    async with client(server, "token") as made, made.dry_run() as dry:
        settings = {"username": "u", "password": HOOK, "custom_headers": {"X-Key": HOOK}}
        await dry.hooks.create("a1", name="x", endpoint=f"https://u:{HOOK}@x.example/", **settings)
    assert len(dry.calls) == 1
    assert HOOK in json.dumps(dry.calls[0].json)
    assert_clean(repr(dry.calls), dry, *(call.label for call in dry.calls))


SECRETS: Final = {"token", "password", "secret", "custom_headers", "api_key", "endpoint"}


def all_models(kind: type = Model) -> list[type]:
    for module in pkgutil.iter_modules(kobo_async.models.__path__):
        import_module(f"kobo_async.models.{module.name}")
    return [one for below in kind.__subclasses__() for one in (below, *all_models(below))]


def test_no_model_shows_what_the_server_tells_in_clear():
    fields = [
        (kind.__name__, field.name)
        for kind in all_models()
        for field in attrs.fields(kind)
        if field.name in SECRETS and field.repr
    ]
    assert fields == []
    assert len(all_models()) > 50
