"""Replies that are wrong on the wire: each is an error with a type, and soon."""

from __future__ import annotations

import gc
import gzip
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import orjson
import pytest

from kobo_async import (
    ConnectFailed,
    ConnectionLost,
    KoboClient,
    KoboError,
    MalformedReply,
    RequestTimeout,
    RetryPolicy,
    UnexpectedRedirect,
)
from kobo_async.call import Op
from tests.socket.wire import (
    IDENTITY,
    ONCE,
    PATH,
    QUICK,
    SOON,
    ByteServer,
    Connection,
    Script,
    byte_server,
    chunked,
    packed,
    reply,
    saying,
    silence,
)

# The HTTP library does not close its generators when it cannot decode a body, and trio notices.
UNTIDY = "ignore:Async generator .http:ResourceWarning"
pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings(UNTIDY)]

BODY = orjson.dumps({"rows": ["x" * 1000] * 50})

AGAIN = RetryPolicy(attempts=9, attempts_on_fault=9, first_wait=0.01, longest_wait=0.01)


async def reset(connection: Connection) -> None:
    await connection.reset()


async def reset_in_the_middle(connection: Connection) -> None:
    await connection.send(reply(BODY)[:500])
    await anyio.sleep(0.05)
    await connection.reset()


HEAD = f"HTTP/1.1 200 OK\r\n{IDENTITY}".encode()
WRONG: dict[str, tuple[Script, type[KoboError]]] = {
    "closed before a reply": (saying(b"", close=True), ConnectionLost),
    "reset before a reply": (reset, ConnectionLost),
    "reset in the middle of the body": (reset_in_the_middle, ConnectionLost),
    "closed in the middle of the head": (saying(HEAD[:20], close=True), ConnectionLost),
    "closed in the middle of the body": (saying(reply(BODY)[:900], close=True), ConnectionLost),
    "closed one byte too early": (saying(reply(BODY)[:-1], close=True), ConnectionLost),
    "chunks without an end": (saying(chunked(BODY, end=False), close=True), ConnectionLost),
    "a chunk that is cut": (saying(chunked(BODY)[:-60], close=True), ConnectionLost),
    "a chunk without a length": (
        saying(reply(b"xyz\r\n", "Transfer-Encoding: chunked")),
        ConnectionLost,
    ),
    "no http": (saying(b"220 mail.example ESMTP\r\n\r\n"), ConnectionLost),
    "http of a strange version": (saying(b"HTTP/2 200 OK\r\n\r\n"), ConnectionLost),
    "no status": (saying(b"HTTP/1.1 abc OK\r\n\r\n"), ConnectionLost),
    "a header without a name": (saying(HEAD + b": x\r\n\r\n"), ConnectionLost),
    "a header without an end": (saying(HEAD + b"X: " + b"y" * 200_000), ConnectionLost),
    "a length that is none": (saying(HEAD + b"Content-Length: ten\r\n\r\n"), ConnectionLost),
    "two lengths": (
        saying(HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}"),
        ConnectionLost,
    ),
    "gzip that is none": (saying(reply(BODY, "Content-Encoding: gzip")), ConnectionLost),
    "gzip that is cut": (
        saying(reply(gzip.compress(BODY)[:-30], "Content-Encoding: gzip")),
        ConnectionLost,
    ),
    "json that is cut": (saying(reply(BODY[:-10])), MalformedReply),
    "a page": (saying(reply(b"<html>", "Content-Type: text/html")), MalformedReply),
    "nothing": (saying(reply(b"")), MalformedReply),
    "silence": (silence, RequestTimeout),
    "silence after the head": (saying(HEAD + b"Content-Length: 5\r\n\r\n"), RequestTimeout),
    "silence in the middle": (saying(reply(BODY)[:900]), RequestTimeout),
    "a body that trickles": (
        saying(*(bytes([byte]) for byte in reply(BODY)), pause=0.05),
        RequestTimeout,
    ),
    "a head that trickles": (
        saying(*(bytes([byte]) for byte in HEAD * 9), pause=0.05),
        RequestTimeout,
    ),
}


def patience(kind: type[KoboError]) -> dict[str, Any]:
    """Return the settings for an error: only one that is a time-out is worth a short wait."""
    return {"timeouts": QUICK} if kind is RequestTimeout else {}


@pytest.fixture(autouse=True)
def what_the_library_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Sweep it away here, where it is expected."""
    yield
    if "gzip" in request.node.name:
        gc.collect()


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_wrong_on_the_wire_is_an_error_of_its_type_and_soon(
    server: ByteServer, wrong: str
) -> None:
    script, kind = WRONG[wrong]
    server.plays(script)
    started = time.monotonic()

    async with server.client(**patience(kind)) as client:
        with pytest.raises(KoboError) as caught:
            await client.request("GET", PATH)

    assert type(caught.value) is kind
    assert f"GET {PATH}" in str(caught.value)
    assert time.monotonic() - started < SOON


@pytest.mark.parametrize("wrong", sorted(WRONG))
async def test_the_client_works_again_after_each_of_them(server: ByteServer, wrong: str) -> None:
    script, kind = WRONG[wrong]
    server.plays(script, saying(reply(BODY)))

    async with server.client(retry=AGAIN, **patience(kind)) as client:
        assert await client.request("GET", PATH) == orjson.loads(BODY)
        assert await client.request("GET", PATH) == orjson.loads(BODY)

    assert server.requests == 3 or (kind is RequestTimeout and server.requests > 3)


async def test_a_server_that_is_not_there_is_no_connection() -> None:
    async with byte_server() as gone:
        pass
    started = time.monotonic()

    async with gone.client() as client:
        with pytest.raises(ConnectFailed):
            await client.request("POST", PATH)
    assert time.monotonic() - started < SOON


async def test_a_name_that_is_none_is_no_connection() -> None:
    async with KoboClient("https://kobo.invalid", token="t", retry=ONCE) as client:
        with pytest.raises(ConnectFailed):
            await client.request("GET", PATH)


async def test_a_server_that_speaks_no_tls_is_no_connection(server: ByteServer) -> None:
    server.plays(saying(reply()))
    address = server.url.replace("http:", "https:")
    async with KoboClient(address, token="t", retry=ONCE, timeouts=QUICK) as client:
        with pytest.raises(ConnectFailed):
            await client.request("GET", PATH)


@pytest.mark.parametrize(
    "right",
    [
        [reply(BODY)],
        [reply(BODY)[:100], reply(BODY)[100:]],
        [chunked(BODY)],
        [chunked(BODY[:10], BODY[10:])],
        [packed(BODY)],
        [reply(BODY, "X-Long: " + "y" * 20_000)],
        [b"HTTP/1.1 100 Continue\r\n\r\n", reply(BODY)],
    ],
    ids=["plain", "in pieces", "chunk", "chunks", "gzip", "long header", "continue"],
)
async def test_what_is_right_on_the_wire_comes_back_whole(
    server: ByteServer, right: list[bytes]
) -> None:
    server.plays(saying(*right, pause=0.01))

    async with server.client() as client:
        assert await client.request("GET", PATH) == orjson.loads(BODY)


async def test_a_body_without_a_length_ends_with_the_connection(server: ByteServer) -> None:
    server.plays(saying(HEAD + b"Connection: close\r\n\r\n" + BODY, close=True))

    async with server.client() as client:
        assert await client.request("GET", PATH) == orjson.loads(BODY)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_an_error_and_is_not_followed(server: ByteServer, status: str) -> None:
    server.plays(saying(reply(b"", f"Location: {server.url}/other/", status=status)))

    async with server.client() as client:
        with pytest.raises(UnexpectedRedirect, match="/other/"):
            await client.request("POST", PATH)
    assert server.requests == 1


async def test_a_reply_to_head_has_no_body_whatever_it_declares(server: ByteServer) -> None:
    server.plays(saying(HEAD + b"Content-Length: 5000\r\n\r\n"), saying(reply(BODY)))

    async with server.client() as client:
        assert await client.request("HEAD", PATH) is None
        assert await client.request("GET", PATH) == orjson.loads(BODY)
    assert server.connections == 1


async def read(body: AsyncIterator[bytes], got: list[bytes]) -> None:
    while True:
        got.append(await anext(body))


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (saying(reply(BODY)[:900], close=True), ConnectionLost),
        (saying(reply(BODY)[:900]), RequestTimeout),
        (reset_in_the_middle, ConnectionLost),
    ],
)
async def test_a_body_in_pieces_that_breaks_off_is_an_error_of_its_type(
    server: ByteServer, script: Script, kind: type[KoboError]
) -> None:
    server.plays(script, saying(reply(BODY)))
    op: Op[Any] = Op("GET", PATH, bytes, accept="*/*")
    got: list[bytes] = []
    async with server.client(retry=AGAIN, **patience(kind)) as client:
        async with client._sender.open(op.at()) as body:
            with pytest.raises(kind):
                await read(aiter(body), got)
        assert await client.request("GET", PATH) == orjson.loads(BODY)

    assert BODY.startswith(b"".join(got))
    assert got
