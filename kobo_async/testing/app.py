"""The ASGI side: requests in, replies out, and everything that goes wrong on the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import attrs

from kobo_async.testing.auth import authenticate
from kobo_async.testing.body import read_body
from kobo_async.testing.faults import Fault, retry_after_text
from kobo_async.testing.messages import HTML, RefusedError, Reply, RequestInfo, Seen
from kobo_async.testing.pages import proxy_page
from kobo_async.testing.routing import respond

if TYPE_CHECKING:
    from kobo_async.testing.server import FakeKobo

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

DROP: Final = "kobo_async.drop"
"""ASGI extension of `serve`: `drop(reset: bool)` ends the TCP connection."""


async def answer(fake: FakeKobo, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one ASGI connection."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http":
        fake.active += 1
        try:
            await _Exchange(fake, scope, receive, send).run()
        finally:
            fake.active -= 1
    else:
        raise NotImplementedError(f"FakeKobo speaks HTTP, not {scope['type']}")


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def read_request(fake: FakeKobo, scope: Scope) -> RequestInfo:
    """Read a scope; wrong credentials are found out later, here they are nobody's."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    base = f"{scope.get('scheme', 'http')}://{headers.get('host', 'testserver')}"
    fake.last_base = base
    try:
        user = authenticate(fake, headers.get("authorization", ""))
    except RefusedError:
        user = None
    return RequestInfo(
        method=scope["method"],
        path=scope["path"],
        query=dict(pairs),
        headers=headers,
        user=user,
        pairs=tuple(pairs),
        base=fake.public_url or base,
    )


class _Exchange:
    """One request and its reply."""

    def __init__(self, fake: FakeKobo, scope: Scope, receive: Receive, send: Send) -> None:
        self._fake = fake
        self._scope = scope
        self._receive = receive
        self._send = send
        self._info = read_request(fake, scope)

    async def run(self) -> None:
        self._info = attrs.evolve(self._info, body=await read_body(self._receive))
        fake, info = self._fake, self._info
        with fake.lock:
            if fake.on_request is not None:
                fake.on_request(info)
        if fake.capacity is not None and fake.active > fake.capacity:
            await self._deliver(_too_many(fake), None)
            return
        delay, fault = fake.faults.strike(info)
        await self._wait(delay + self._latency())
        if fault is not None and fault.kind == "reset":
            self._note(0)
            await self._drop(reset=True)
            return
        reply = self._reply(fault)
        await self._wait(reply.seconds)
        await self._deliver(reply, fault)

    def _latency(self) -> float:
        latency = self._fake.latency
        return latency(self._info) if callable(latency) else latency

    async def _wait(self, seconds: float) -> None:
        if seconds > 0:
            await self._fake.clock.sleep(seconds)

    def _reply(self, fault: Fault | None) -> Reply:
        if fault is not None and fault.kind in {"status", "garbage"}:
            return fault.reply()
        with self._fake.lock:
            return respond(self._fake, self._info)

    def _note(self, status: int) -> None:
        info = self._info
        seen = Seen(info.method, info.path, dict(info.query), status, info.user)
        self._fake.requests.append(seen)

    async def _deliver(self, reply: Reply, fault: Fault | None) -> None:
        self._note(reply.status)
        await self._send(
            {
                "type": "http.response.start",
                "status": reply.status,
                "headers": _headers(reply),
            }
        )
        body = b"" if self._info.method == "HEAD" else reply.body
        if fault is not None and fault.kind == "truncate":
            await self._send_part(body[: int(len(body) * fault.fraction)])
            await self._drop(reset=False)
            return
        if fault is not None and fault.kind == "slow":
            body = await self._trickle(body, fault)
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def _trickle(self, body: bytes, fault: Fault) -> bytes:
        size = len(body) // fault.chunks + 1
        for start in range(0, len(body), size):
            await self._wait(fault.seconds)
            await self._send_part(body[start : start + size])
        return b""

    async def _send_part(self, part: bytes) -> None:
        await self._send({"type": "http.response.body", "body": part, "more_body": True})

    async def _drop(self, *, reset: bool) -> None:
        """End the connection: for real on a socket, as an exception in process."""
        drop = self._scope.get("extensions", {}).get(DROP)
        if drop is None:
            raise ConnectionResetError("connection dropped by a fault of FakeKobo")
        drop(reset=reset)
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _headers(reply: Reply) -> list[tuple[bytes, bytes]]:
    headers = dict(reply.headers)
    if reply.content_type is not None:
        headers["content-type"] = reply.content_type
    if reply.status != HTTPStatus.NO_CONTENT:
        headers["content-length"] = str(len(reply.body))
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


def _too_many(fake: FakeKobo) -> Reply:
    seconds = fake.capacity_retry_after
    headers = {} if seconds is None else {"retry-after": retry_after_text(seconds)}
    return Reply(429, proxy_page(429, "Too Many Requests"), HTML, headers)
