"""A page server for benchmarks: the data list of KPI, faster than any client can read it.

It runs in its own process, prints one line of JSON when it listens, and ends when it is
terminated. Rows are encoded once; a page joins cached bytes. Only `_id` can be queried and sorted
by; anything else is answered with 400, so that no client is measured doing something else.

What it can be told to do:
    latency    seconds from request to answer
    skip cost  seconds more per row that `start` skips
    capacity   requests at the same time beyond which it answers 429 at once
    workers    requests at the same time beyond which they queue up
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import json
import random
import socket
import sys
import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from itertools import accumulate, chain
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

import attrs
from _common import pin
from _rows import ASSET, DISTINCT, Kind, bodies, probe

DATA = f"/api/v2/assets/{ASSET}/data/"
PAGE, MOST = 100, 1000
FIRST_ID = 100_000_000
ID_AT, ID_DIGITS = len(b',{"_id":'), len(str(FIRST_ID))
CLOSE = b"]}"
SEND_BUFFER = 4 * 2**20
ME = {"username": "bench", "server_time": "2026-11-21T00:16:21Z"}
REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 429: "Too Many Requests"}

Send: TypeAlias = Callable[[bytes], None]


class NotUnderstoodError(Exception):
    """A request that this server cannot answer as KPI would."""


@attrs.frozen(kw_only=True)
class Rules:
    """How the server behaves. Times in seconds."""

    latency: float = 0.0
    skip_cost: float = 0.0
    capacity: int | None = None
    workers: int | None = None


class Store:
    """The rows: rising ids with gaps, over a ring of encoded bodies.

    The bodies lie one after the other in one piece of memory, twice around, so that any page is a
    stretch of it: the ids are written in, the stretch is copied once, and a million rows take no
    more memory than a thousand.
    """

    def __init__(self, rows: int, kind: Kind) -> None:
        chance = random.Random(3)
        steps = (chance.randint(1, 3) for _ in range(rows))
        self.ids = array("q", accumulate(steps, initial=FIRST_ID))[1:]
        pool = bodies(kind)
        self._probes = [probe(body) for body in pool]
        encoded = [b',{"_id":%d%b' % (FIRST_ID, body) for body in pool * 2]
        self._ring = memoryview(bytearray().join(encoded))
        self._begins = list(accumulate(map(len, encoded), initial=0))

    def within(self, query: Any) -> tuple[int, int]:
        """Turn a query on `_id` into a range of places."""
        low, high = 0, len(self.ids)
        for operator, value in _conditions(query):
            if operator in {"$gt", "$gte"}:
                side = bisect_right if operator == "$gt" else bisect_left
                low = max(low, side(self.ids, value))
            else:
                side = bisect_left if operator == "$lt" else bisect_right
                high = min(high, side(self.ids, value))
        return low, max(low, high)

    def rows(self, places: range) -> bytes:
        """Return up to 1,000 neighbouring rows."""
        if not places:
            return b""
        ring, begins = self._ring, self._begins
        first = places[0] % DISTINCT
        for slot, place in enumerate(places, first):
            begin = begins[slot] + ID_AT
            ring[begin : begin + ID_DIGITS] = b"%d" % self.ids[place]
        return bytes(ring[begins[first] + 1 : begins[first + len(places)]])

    def bare(self, places: range) -> bytes:
        """Return rows reduced to their ids, in any order."""
        probes = self._probes
        rows = (b'{"_id":%d%b' % (self.ids[place], probes[place % DISTINCT]) for place in places)
        return b",".join(rows)


def _conditions(query: Any) -> list[tuple[str, int]]:
    if not isinstance(query, dict):
        raise NotUnderstoodError(f"query {query!r}")
    found: list[tuple[str, int]] = []
    for key, value in query.items():
        if key == "$and":
            found += chain.from_iterable(map(_conditions, value))
        elif key == "_id" and value.keys() <= {"$gt", "$gte", "$lt", "$lte"}:
            found += value.items()
        else:
            raise NotUnderstoodError(f"query {query!r}")
    return found


class Site:
    """Answers requests, and counts them."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules
        self._loop = asyncio.get_running_loop()
        self._active = 0
        self._free_at = [0.0] * (rules.workers or 0)
        self._counts = {"requests": 0, "refused": 0, "most_at_once": 0}
        self.origin = ""

    def answer(self, target: str, send: Send) -> None:
        """Answer a request now or later, as the rules say."""
        url = urlsplit(target)
        if url.path != DATA:
            send(self._small_answer(url.path))
            return
        counts, rules = self._counts, self._rules
        counts["requests"] += 1
        if rules.capacity is not None and self._active >= rules.capacity:
            counts["refused"] += 1
            send(_reply(429, b'{"detail":"Request was throttled."}'))
            return
        self._active += 1
        counts["most_at_once"] = max(counts["most_at_once"], self._active)
        params = dict(parse_qsl(url.query))
        delay = self._delay(int(params.get("start", 0)))
        if delay:
            self._loop.call_later(delay, self._finish, params, send)
        else:
            self._finish(params, send)

    def _delay(self, start: int) -> float:
        seconds = self._rules.latency + self._rules.skip_cost * start
        if self._free_at:
            now = self._loop.time()
            done = max(now, self._free_at[0]) + seconds
            heapq.heapreplace(self._free_at, done)
            return done - now
        return seconds

    def _finish(self, params: Mapping[str, str], send: Send) -> None:
        self._active -= 1
        try:
            parts = self._page(params)
        except (NotUnderstoodError, ValueError) as error:
            send(_reply(400, json.dumps({"detail": f"not understood: {error}"}).encode()))
            return
        for part in parts:
            send(part)

    def _page(self, params: Mapping[str, str]) -> tuple[bytes, bytes, bytes]:
        if unknown := params.keys() - {"limit", "start", "query", "sort", "fields", "format"}:
            raise NotUnderstoodError(f"parameters {sorted(unknown)}")
        start, limit = int(params.get("start", 0)), min(int(params.get("limit", PAGE)), MOST)
        low, high = self._store.within(json.loads(params.get("query", "{}")))
        fields = json.loads(params.get("fields", "null"))
        if fields not in (None, ["_id"]) or limit < 1 or start < 0:
            raise NotUnderstoodError(str(params))
        places = _places(params.get("sort"), low, high, start, limit)
        if fields is None and places.step < 0:
            raise NotUnderstoodError("whole rows, backwards")
        rows = self._store.rows(places) if fields is None else self._store.bare(places)
        envelope = self._envelope(params, high - low, start, limit)
        size = len(envelope) + len(rows) + len(CLOSE)
        return _head(200, size) + envelope, rows, CLOSE

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


def _head(status: int, size: int) -> bytes:
    return (
        f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: application/json\r\n"
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


async def _serve(options: argparse.Namespace) -> None:
    store = Store(options.rows, options.kind)
    rules = Rules(
        latency=options.latency,
        skip_cost=options.skip_cost,
        capacity=options.capacity,
        workers=options.workers,
    )
    site = Site(store, rules)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(site), "127.0.0.1", options.port)
    port = server.sockets[0].getsockname()[1]
    site.origin = f"http://127.0.0.1:{port}"
    told = {"url": site.origin, "uid": ASSET, "rows": options.rows, "id_sum": sum(store.ids)}
    told["row_bytes"] = len(store.rows(range(min(options.rows, MOST)))) / MOST
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


def main() -> None:
    """Serve until terminated."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--kind", choices=("household", "small"), default="household")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds per request")
    parser.add_argument("--skip-cost", type=float, default=0.0, help="seconds per skipped row")
    parser.add_argument("--capacity", type=int, help="answer 429 beyond so many at once")
    parser.add_argument("--workers", type=int, help="let requests queue beyond so many at once")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--core", type=int, help="processor core to stay on")
    options = parser.parse_args()
    pin(options.core)
    asyncio.run(_serve(options))


if __name__ == "__main__":
    main()
