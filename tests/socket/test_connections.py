"""Connections: reused, never queued for, and not lost when requests are cancelled."""

from __future__ import annotations

import logging
from typing import Any

import anyio
import pytest

from kobo_async import Concurrency, KoboClient, KoboError
from kobo_async.call import Op
from kobo_async.transport.pooled import Pooled
from tests.socket.wire import (
    PATH,
    SOON,
    ByteServer,
    Connection,
    chunked,
    reply,
    saying,
)

pytestmark = pytest.mark.anyio

LOGGERS = {
    "httpx": {"httpx", "httpcore"},
    "httpx2": {"httpx2", "httpcore2"},
    "aiohttp": {"httpx"},
}
FILE: Op[Any] = Op("GET", PATH, bytes, accept="*/*")


async def slowly(connection: Connection) -> None:
    """Answer in steps, so that there are many moments to break off at."""
    await connection.send(*(b"" for _ in range(2)), pause=0.01)
    whole = chunked(b'{"a":', b"1}")
    await connection.send(whole[:30], whole[30:80], whole[80:], pause=0.01)


def kept(client: KoboClient) -> list[Any]:
    """Return the connections that the client holds."""
    transport = client._http._client._transport
    if isinstance(transport, Pooled):
        return list(transport._pool.connections)
    return [one for held in transport._made.connector._conns.values() for one, _ in held]


def busy(client: KoboClient) -> int:
    """Count the connections that wait for something."""
    transport = client._http._client._transport
    if isinstance(transport, Pooled):
        return sum(not one.is_idle() for one in transport._pool.connections)
    return len(transport._made.connector._acquired)


async def test_aiohttp_lets_the_loop_take_all_that_has_arrived(
    way: tuple[object, str], server: ByteServer
) -> None:
    """How much a read returns is up to the system: what may be asked for is looked at."""
    if way != ("asyncio", "aiohttp"):
        pytest.skip("our own pool asks for so much with each read, and uvloop cannot be told")
    server.plays(saying(reply(b"[%b]" % (b" " * 2**20))))
    async with server.client() as client:
        await client.request("GET", PATH)
        (connection,) = kept(client)
        assert connection.transport.max_size > 2**18


async def test_one_connection_serves_one_request_after_the_other(server: ByteServer) -> None:
    async with server.client() as client:
        for _ in range(10):
            await client.request("GET", PATH)

    assert (server.requests, server.connections) == (10, 1)


async def test_a_connection_that_the_server_closed_meanwhile_is_replaced(
    server: ByteServer,
) -> None:
    server.plays(saying(reply(), close=True))
    async with server.client() as client:
        for _ in range(5):
            assert await client.request("POST", PATH) == {}
            await server.until_idle()

    assert (server.requests, server.connections) == (5, 5)


async def test_errors_keep_the_connection(server: ByteServer) -> None:
    server.plays(
        saying(reply(b'{"detail": "no"}', status="404 Not Found")),
        saying(reply(b"[", status="200 OK")),
        saying(reply(b"", "Location: /x/", status="302 Found")),
        saying(reply()),
    )
    async with server.client() as client:
        for _ in range(3):
            with pytest.raises(KoboError):
                await client.request("POST", PATH)
        await client.request("GET", PATH)

    assert server.connections == 1


async def test_the_pool_never_queues_however_many_ask_at_once(server: ByteServer) -> None:
    full = anyio.Event()

    async def together(connection: Connection) -> None:
        """Answer nobody before all eight that may ask at a time have asked."""
        nonlocal full
        mine = full
        if server.requests % 8 == 0:
            mine.set()
            full = anyio.Event()
        await mine.wait()
        await connection.send(reply())

    server.plays(together)
    limit = Concurrency.fixed(8)
    async with server.client(concurrency=limit) as client, anyio.create_task_group() as group:
        for _ in range(200):
            group.start_soon(client.request, "GET", PATH)

    assert server.requests == 200
    assert server.most_open == 8
    assert server.connections == 8


async def test_the_token_goes_along_and_no_cookie_does(server: ByteServer) -> None:
    heads: list[bytes] = []

    async def note(connection: Connection) -> None:
        heads.append(connection.head)
        await connection.send(reply(b"{}", "Set-Cookie: kobonaut=session; Path=/"))

    server.plays(note)
    async with server.client() as client:
        await client.request("GET", PATH)
        await client.request("GET", PATH)

    assert all(b"authorization: token t0ken" in head.lower() for head in heads)
    assert all(b"cookie" not in head.lower() for head in heads)


@pytest.mark.parametrize("moment", range(24))
async def test_cancelled_at_any_moment_the_client_works_on_and_loses_no_connection(
    server: ByteServer, moment: int
) -> None:
    server.plays(slowly)
    cap = 3
    async with server.client(concurrency=Concurrency.fixed(cap)) as client:
        for _ in range(4):
            async with anyio.create_task_group() as group:
                for _ in range(2 * cap):
                    group.start_soon(client.request, "GET", PATH)
                await anyio.sleep(moment * 0.003)
                group.cancel_scope.cancel()

        with anyio.fail_after(SOON):
            async with anyio.create_task_group() as group:
                for _ in range(2 * cap):
                    group.start_soon(client.request, "GET", PATH)
        assert busy(client) == 0
        assert len(kept(client)) <= cap

    await server.until_idle()


@pytest.mark.parametrize("moment", range(12))
async def test_a_body_that_is_left_at_any_moment_gives_its_connection_back(
    server: ByteServer, moment: int
) -> None:
    server.plays(slowly)
    async with server.client(concurrency=Concurrency.fixed(2)) as client:
        for _ in range(6):
            with anyio.move_on_after(moment * 0.005):
                async with client._sender.open(FILE.at()) as body:
                    async for _ in body:
                        await anyio.sleep(0.001)
        with anyio.fail_after(SOON):
            for _ in range(3):
                assert await client.request("GET", PATH) == {"a": 1}

    await server.until_idle()


async def test_leaving_a_body_early_gives_its_connection_back(server: ByteServer) -> None:
    server.plays(slowly)
    async with server.client(concurrency=Concurrency.fixed(1)) as client:
        for _ in range(8):
            async with client._sender.open(FILE.at()) as body:
                await anext(aiter(body))
        assert await client.request("GET", PATH) == {"a": 1}


async def test_closing_the_client_closes_its_connections(server: ByteServer) -> None:
    client = server.client()
    await client.request("GET", PATH)
    assert server.open == 1

    await client.aclose()

    await server.until_idle()


async def test_no_log_line_of_the_libraries_shows_the_token(
    server: ByteServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.plays(saying(reply(b'{"detail": "no"}', status="403 Forbidden")))

    async with server.client(token="c4n4ry") as client:
        with pytest.raises(KoboError):
            await client.request("GET", PATH, query={"x": 1})

    lines = [record.getMessage() for record in caplog.records]
    assert {record.name.partition(".")[0] for record in caplog.records} >= LOGGERS[server.http]
    assert not [line for line in lines if "c4n4ry" in line]
    assert not [record for record in caplog.records if "c4n4ry" in repr(vars(record))]


async def test_redirects_hold_one_connection_at_a_time(server: ByteServer) -> None:
    further = reply(b"", f"Location: {server.url}{PATH}", status="302 Found")
    server.plays(*[saying(further)] * 5, saying(reply(b"content")))

    async with server.client() as client, client._sender.open(FILE.at()) as body:
        assert b"".join([piece async for piece in body]) == b"content"

    assert server.requests == 6
    assert server.most_open <= 2
