"""Credentials: which header they become, and passwords that are exchanged once."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import anyio
import httpx
import pytest

from kobo_async import AuthenticationFailed, ServerBusy
from kobo_async.call import Op
from kobo_async.errors import ConfigError
from tests.unit.serving import TAGS, Server, all_at_once, error, ok

pytestmark = pytest.mark.anyio


def authorizations(server: Server, path: str = TAGS) -> list[str | None]:
    return [
        request.headers.get("Authorization")
        for request in server.requests
        if request.url.path == path
    ]


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        ({"token": "abc"}, "Token abc"),
        ({"bearer": "abc.def"}, "Bearer abc.def"),
        ({"anonymous": True}, None),
    ],
)
async def test_credentials_become_a_header(
    server: Server, credentials: dict[str, object], header: str | None
) -> None:
    server.answers(TAGS, ok())
    async with server.client(**credentials) as client:
        await client.request("GET", TAGS)
        await client.request("POST", TAGS, json={})

    assert authorizations(server) == [header, header]


async def test_a_key_that_stands_for_no_account_is_not_expected_to_be_recognised(
    server: Server,
) -> None:
    server.answers(TAGS, httpx.Response(200, json={}))
    op: Op[Any] = Op("GET", TAGS, object)
    async with server.client(scim_key="k3y") as client:
        await client._scim_sender.send(op.at())

    assert authorizations(server) == ["Bearer k3y"]
    assert len(server.requests) == 1


async def test_a_password_is_exchanged_for_the_token_once(server: Server) -> None:
    server.answers("/token/", ok({"token": "fetched"}))
    server.answers(TAGS, ok())

    async with server.client(username="alice", password="geheim:ß") as client:
        assert server.requests == []
        for _ in range(3):
            await client.request("GET", TAGS)

    (basic,) = authorizations(server, "/token/")
    assert basic is not None
    assert b64decode(basic.removeprefix("Basic ")).decode() == "alice:geheim:ß"
    assert authorizations(server) == ["Token fetched"] * 3


async def test_it_is_exchanged_once_however_many_ask_at_once(server: Server) -> None:
    async def slowly(_: httpx.Request) -> httpx.Response:
        await anyio.sleep(1)
        return ok({"token": "fetched"})

    server.answers("/token/", slowly)
    server.answers(TAGS, ok())

    async with server.client(username="alice", password="p") as client:
        await all_at_once(lambda: client.request("GET", TAGS), 20)

    assert len(authorizations(server, "/token/")) == 1
    assert authorizations(server) == ["Token fetched"] * 20


async def test_a_wrong_password_is_tried_once_however_many_ask(server: Server) -> None:
    server.answers("/token/", error(401, "Invalid username/password."))

    async with server.client(username="alice", password="p") as client:
        first = await all_at_once(lambda: client.request("GET", TAGS), 5)
        later = await all_at_once(lambda: client.request("GET", TAGS), 5)

    problems = first + later
    assert len(server.requests) == 1
    assert all(isinstance(problem, AuthenticationFailed) for problem in problems)
    assert {str(problem) for problem in problems} == {str(problems[0])}
    assert "Invalid username/password." in str(problems[0])
    assert len({id(problem) for problem in problems}) == 10


async def test_an_exchange_that_fails_otherwise_is_tried_again_by_the_next(server: Server) -> None:
    server.answers("/token/", *[error(503)] * 6, ok({"token": "fetched"}))
    server.answers(TAGS, ok())

    async with server.client(username="alice", password="p") as client:
        with pytest.raises(ServerBusy):
            await client.request("GET", TAGS)
        await client.request("GET", TAGS)

    assert authorizations(server) == ["Token fetched"]


async def test_an_exchange_that_is_cancelled_is_done_by_the_next_in_line(server: Server) -> None:
    async def slowly(_: httpx.Request) -> httpx.Response:
        await anyio.sleep(10)
        return ok({"token": "fetched"})

    server.answers("/token/", slowly)
    server.answers(TAGS, ok())

    async with server.client(username="alice", password="p") as client:

        async def impatient() -> None:
            with anyio.move_on_after(5):
                await client.request("GET", TAGS)

        async with anyio.create_task_group() as group:
            group.start_soon(impatient)
            await anyio.sleep(1)
            group.start_soon(client.request, "GET", TAGS)

    assert len(authorizations(server, "/token/")) == 2
    assert authorizations(server) == ["Token fetched"]


@pytest.mark.parametrize(
    "credentials",
    [
        {"token": "t", "bearer": "b"},
        {"token": "t", "username": "u", "password": "p"},
        {"token": "t", "anonymous": True},
        {"bearer": "b", "anonymous": True},
        {"username": "u"},
        {"password": "p", "token": None},
        {"token": "t", "username": "u"},
    ],
)
async def test_credentials_that_contradict_each_other_are_refused(
    server: Server, credentials: dict[str, object]
) -> None:
    with pytest.raises(ConfigError, match="give a token, or"):
        async with server.client(**credentials):
            pass  # pragma: no cover
