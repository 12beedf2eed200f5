"""A page server for benchmarks: the data list of KPI, faster than any client can read it.

It runs in its own process, prints one line of JSON when it listens, and ends when it is
terminated. Rows are encoded once; a page joins cached bytes. Only `_id` can be queried and sorted
by; anything else is answered with 400, so that no client is measured doing something else.

What else it can be told to do stands in `_rules.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import ssl
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

import attrs
from _asset import asset
from _common import pin
from _rows import ASSET, KINDS
from _rules import Rules, Turns, add_rules
from _store import NotUnderstoodError, Store

DATA = f"/api/v2/assets/{ASSET}/data/"
ALSO_DATA = DATA[:-1] + ".json"
PAGE, FULL_PAGE = 100, 1000
CLOSE = b"]}"
SEND_BUFFER = 4 * 2**20
ME = {"username": "bench", "server_time": "2026-11-21T00:16:21Z"}
REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    429: "Too Many Requests",
    503: "Service Unavailable",
}

Send: TypeAlias = Callable[[bytes], None]


class Site:
    """Answers requests, and counts them."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules
        self._turns = Turns(rules)
        self._loop = asyncio.get_running_loop()
        self._active = 0
        self._counts = {"requests": 0, "refused": 0, "failed": 0, "most_at_once": 0}
        self._pack = _packer() if rules.gzip else None
        self.origin = ""

    def answer(self, target: str, send: Send) -> None:
        """Answer a request now or later, as the rules say."""
        url = urlsplit(target)
        if url.path not in {DATA, ALSO_DATA}:
            send(self._small_answer(url.path))
            return
        counts, now = self._counts, self._loop.time()
        counts["requests"] += 1
        if self._turns.refused(self._active, now):
            counts["refused"] += 1
            send(_reply(429, b'{"detail":"Request was throttled."}'))
            return
        self._active += 1
        counts["most_at_once"] = max(counts["most_at_once"], self._active)
        params = dict(parse_qsl(url.query))
        delay = self._turns.delay(int(params.get("start", 0)), self._active, now)
        if delay:
            self._loop.call_later(delay, self._finish, params, send)
        else:
            self._finish(params, send)

    def _finish(self, params: Mapping[str, str], send: Send) -> None:
        self._active -= 1
        if self._turns.faulty():
            self._counts["failed"] += 1
            send(_reply(503, b"<h1>Service Unavailable</h1>"))
            return
        try:
            parts = self._page(params)
        except (NotUnderstoodError, ValueError) as error:
            send(_reply(400, json.dumps({"detail": f"not understood: {error}"}).encode()))
            return
        for part in parts:
            send(part)

    def _page(self, params: Mapping[str, str]) -> tuple[bytes, ...]:
        if unknown := params.keys() - {"limit", "start", "query", "sort", "fields", "format"}:
            raise NotUnderstoodError(f"parameters {sorted(unknown)}")
        start, limit = int(params.get("start", 0)), self._limit(params)
        low, high = self._store.within(json.loads(params.get("query", "{}")))
        fields = json.loads(params.get("fields", "null"))
        if fields not in (None, ["_id"]) or limit < 1 or start < 0:
            raise NotUnderstoodError(str(params))
        places = _places(params.get("sort"), low, high, start, limit)
        if fields is None and places.step < 0:
            raise NotUnderstoodError("whole rows, backwards")
        rows = self._store.rows(places) if fields is None else self._store.bare(places)
        envelope = self._envelope(params, high - low, start, limit)
        if self._pack:
            packed = self._pack(envelope + rows + CLOSE)
            return _head(200, len(packed), "Content-Encoding: gzip\r\n"), packed
        size = len(envelope) + len(rows) + len(CLOSE)
        return _head(200, size) + envelope, rows, CLOSE

    def _limit(self, params: Mapping[str, str]) -> int:
        """Return how many rows are wanted; some clients rely on a server without a cap."""
        default = PAGE if self._rules.most <= FULL_PAGE else self._rules.most
        return min(int(params.get("limit", default)), self._rules.most)

    def _envelope(self, params: Mapping[str, str], count: int, start: int, limit: int) -> bytes:
        links = {
            "count": count,
            "next": self._link(params, start + limit) if start + limit < count else None,
            "previous": self._link(params, max(start - limit, 0)) if start else None,
        }
        return json.dumps(links).encode()[:-1] + b',"results":['

    def _link(self, params: Mapping[str, str], start: int) -> str:
        return f"{self.origin}{DATA}?{urlencode({**params, 'start': start})}"

    def _small_answer(self, path: str) -> bytes:
        if path == "/me/":
            return _reply(200, json.dumps(ME).encode())
        if path == "/stats":
            stats = {**self._counts, "cpu_seconds": time.process_time()}
            self._counts["most_at_once"] = 0
            return _reply(200, json.dumps(stats).encode())
        known = asset(self.origin, path)
        if known is not None:
            return _reply(200, json.dumps(known).encode())
        return _reply(404, b'{"detail":"Not found."}')


def _places(sort: str | None, low: int, high: int, start: int, limit: int) -> range:
    order = json.loads(sort or '{"_id":1}')
    if order == {"_id": 1}:
        first = min(low + start, high)
        return range(first, min(first + limit, high))
    if order == {"_id": -1}:
        last = max(high - start, low)
        return range(last - 1, max(last - limit, low) - 1, -1)
    raise NotUnderstoodError(f"sort {sort}")


def _reply(status: int, body: bytes) -> bytes:
    return _head(status, len(body)) + body


def _packer() -> Callable[[bytes], bytes]:
    """Return what packs a page as a proxy does, faster than a client unpacks it."""
    from isal import igzip  # noqa: PLC0415 - an extra

    return partial(igzip.compress, compresslevel=1)


def _head(status: int, size: int, more: str = "") -> bytes:
    return (
        f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: application/json\r\n{more}"
        "Vary: Accept, Accept-Language, Cookie\r\nX-Kobonaut: bench\r\n"
        f"Set-Cookie: django_language=en; Path=/\r\nContent-Length: {size}\r\n\r\n"
    ).encode()


class Connection(asyncio.Protocol):
    """Splits requests without a body out of a connection. Clients must not pipeline."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Widen the buffer, so that a page is handed to the kernel in one go."""
        assert isinstance(transport, asyncio.Transport)
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection; what is still to be answered goes nowhere."""
        del exc
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Answer every request whose head is complete."""
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            self._site.answer(head.split(b" ", 2)[1].decode(), self._send)

    def _send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


def _secured(authority_file: str) -> ssl.SSLContext:
    """Make a certificate that proves nothing, and leave its authority in a file."""
    import trustme  # noqa: PLC0415 - for this alone

    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.cert_pem.write_to_path(authority_file)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


async def _serve(options: argparse.Namespace) -> None:
    store = Store(options.rows, options.kind)
    rules = Rules(**{field.name: getattr(options, field.name) for field in attrs.fields(Rules)})
    site = Site(store, rules)
    # A folder may serve several servers, each with an authority of its own.
    ca = f"{options.tls}/ca-{os.getpid()}.pem" if options.tls else None
    context = _secured(ca) if ca else None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(site), "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    site.origin = f"{'https' if context else 'http'}://127.0.0.1:{port}"
    told = {
        "url": site.origin,
        "uid": ASSET,
        "rows": options.rows,
        "id_sum": sum(store.ids),
        "row_bytes": store.row_bytes,
        "ca": ca,
    }
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


def main() -> None:
    """Serve until terminated."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--kind", choices=KINDS, default="household")
    parser.add_argument("--tls", metavar="FOLDER", help="speak https; its authority goes there")
    parser.add_argument("--core", type=int, help="processor core to stay on")
    add_rules(parser)
    options = parser.parse_args()
    pin(options.core)
    asyncio.run(_serve(options))


if __name__ == "__main__":
    main()
