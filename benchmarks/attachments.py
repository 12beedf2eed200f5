"""How fast all attachments of a project come to disk, beside the bare HTTP library.

A server that does nothing but send runs on one core, every client in a fresh process on another.
Contestants take turns, round by round. All read the pages of submissions, and each file with the
same number of connections; the bare library writes it where it belongs, and knows neither names
that are taken, nor interruptions, nor what it fetched before.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from importlib import import_module
from itertools import product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import attrs
import httpx
import orjson
from _common import arguments, cores, headline, pin, run_python, table, verdict, write_json
from _photos import ASSET, DATA, serving

from kobo_async import Concurrency, KoboClient
from kobo_async.config import HttpLibrary

TOKEN, PAGE = "benchmark", 1000
LATE = (
    *("httpcore", "kobo_async.attachments.mirror"),
    *("kobo_async.transport.over_aiohttp", "kobo_async.transport.pooled"),
)
"""Modules that are imported when they are needed, which is before the clock runs here."""
HEADERS = {"Authorization": f"Token {TOKEN}", "Accept": "*/*", "Accept-Encoding": "identity"}
LEAST = 0.9
"""Part of the speed of the bare library that is wanted."""
LATENCIES = (0.0, 0.05)


Query = Mapping[str, str | int]
Pieces = Callable[[str, Query], AbstractAsyncContextManager[AsyncIterator[bytes]]]
"""Opens an address with parameters, and hands out what arrives."""


class Bare:
    """What somebody writes who only wants the files."""

    def __init__(self, opened: Pieces, folder: Path) -> None:
        self._opened = opened
        self._folder = folder / "photo"

    async def read(self, connections: int) -> None:
        """Read the pages one after the other, then all files."""
        self._folder.mkdir()
        entries: list[tuple[int, str]] = []
        fields = {"sort": '{"_id":1}', "fields": '["_attachments","_id"]'}
        page: Any = {"next": "first"}
        while page["next"]:
            query: Query = {**fields, "limit": PAGE, "start": len(entries)}
            async with self._opened(DATA, query) as pieces:
                page = orjson.loads(b"".join([piece async for piece in pieces]))
            entries += [
                (row["_id"], one["uid"]) for row in page["results"] for one in row["_attachments"]
            ]
        queue = iter(entries)
        async with asyncio.TaskGroup() as group:
            for _ in range(connections):
                group.create_task(self._work(queue))

    async def _work(self, queue: Iterator[tuple[int, str]]) -> None:
        for number, uid in queue:
            async with self._opened(f"{DATA}{number}/attachments/{uid}/", {}) as pieces:
                with (self._folder / f"{number}.jpg").open("wb") as file:
                    async for piece in pieces:
                        file.write(piece)


async def _httpx(url: str, folder: Path, connections: int) -> None:
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    options: Any = {"base_url": url, "headers": HEADERS, "limits": limits, "timeout": 120}
    async with httpx.AsyncClient(**options) as client:

        @asynccontextmanager
        async def opened(
            path: str, query: Mapping[str, Any]
        ) -> AsyncIterator[AsyncIterator[bytes]]:
            async with client.stream("GET", path, params=query) as reply:
                reply.raise_for_status()
                yield reply.aiter_bytes()

        await Bare(opened, folder).read(connections)


async def _aiohttp(url: str, folder: Path, connections: int) -> None:
    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(url, headers=HEADERS, connector=connector) as client:

        @asynccontextmanager
        async def opened(
            path: str, query: Mapping[str, Any]
        ) -> AsyncIterator[AsyncIterator[bytes]]:
            async with client.get(path, params=query) as reply:
                reply.raise_for_status()
                yield reply.content.iter_any()

        await Bare(opened, folder).read(connections)


async def _mirror(url: str, folder: Path, connections: int, *, http: HttpLibrary) -> None:
    limit = Concurrency.fixed(connections)
    async with KoboClient(url, token=TOKEN, concurrency=limit, http=http) as client:
        report = await client.attachments.mirror(ASSET, folder, concurrency=connections)
    assert report.ok, report


Contestant = Callable[[str, Path, int], Coroutine[Any, Any, None]]
OVER: Mapping[HttpLibrary, Contestant] = {"httpx": _httpx, "aiohttp": _aiohttp}
CONTESTANTS: Mapping[str, Contestant] = {
    **{f"bare {one}": bare for one, bare in OVER.items()},
    **{f"mirror over {one}": partial(_mirror, http=one) for one in OVER},
}


def _contest(name: str, url: str, connections: int) -> None:
    """Run one contestant in this process, and print its seconds."""
    pin(cores()[1])
    for module in LATE:
        import_module(module)
    with TemporaryDirectory() as folder:
        started, busy = time.perf_counter(), time.process_time()
        asyncio.run(CONTESTANTS[name](url, Path(folder), connections))
        seconds, cpu = time.perf_counter() - started, time.process_time() - busy
        files = [path.stat().st_size for path in Path(folder, "photo").iterdir()]
    told = {"seconds": seconds, "cpu_seconds": cpu, "files": len(files), "bytes": sum(files)}
    print(json.dumps(told))


@attrs.frozen
class Seen:
    """What one contestant did in one round."""

    speed: float
    cpu: float

    @classmethod
    def of(cls, name: str, options: argparse.Namespace, url: str, connections: int) -> Seen:
        """Let a contestant fetch everything, and make sure that it did."""
        words = ("--contestant", name, "--url", url, "--connections", str(connections))
        told = json.loads(run_python(__file__, *words))
        assert (told["files"], told["bytes"]) == (options.files, options.files * options.size)
        return cls(told["files"] / told["seconds"], told["cpu_seconds"] / told["files"])


def _rounds(options: argparse.Namespace, url: str, connections: int) -> dict[str, list[Seen]]:
    """Let all take turns, as often as there are rounds."""
    found: dict[str, list[Seen]] = {name: [] for name in CONTESTANTS}
    for _, name in product(range(options.rounds), CONTESTANTS):
        found[name].append(Seen.of(name, options, url, connections))
    return found


def _compare(over: str, seen: Mapping[str, Sequence[Seen]]) -> dict[str, float]:
    """Compare mirror and bare library; ratios are those of neighbours in time."""
    bare, mirror = seen[f"bare {over}"], seen[f"mirror over {over}"]
    return {
        "bare": median(one.speed for one in bare),
        "mirror": median(one.speed for one in mirror),
        "ratio": median(two.speed / one.speed for one, two in zip(bare, mirror, strict=True)),
        "bare_cpu_ms": 1000 * median(one.cpu for one in bare),
        "mirror_cpu_ms": 1000 * median(one.cpu for one in mirror),
    }


def _options() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--files", type=int)
    parser.add_argument("--size", type=int, default=200_000)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--connections", type=int, action="append")
    parser.add_argument("--contestant", choices=CONTESTANTS, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.files = options.files or (200 if options.quick else 2_000)
    options.rounds = options.rounds or (1 if options.quick else 5)
    return options


def _judge(options: argparse.Namespace) -> None:
    lines, results = [], []
    for latency in LATENCIES[: 1 if options.quick else 2]:
        with serving(files=options.files, size=options.size, latency=latency) as url:
            for connections in options.connections or [8, 16]:
                seen = _rounds(options, url, connections)
                for over in OVER:
                    found = _compare(over, seen)
                    lines.append([f"{latency * 1000:.0f} ms, {connections}", over, *_shown(found)])
                    asked = over == "httpx" or latency > 0
                    lines[-1].append(verdict(met=found["ratio"] >= LEAST) if asked else "")
                    place = {"latency": latency, "connections": connections, "over": over}
                    results.append({**place, **found})
    headline(
        f"{options.files:,} files of {options.size / 1000:.0f} KB to disk, files/s, medians of "
        f"{options.rounds} rounds; wanted: {LEAST:.0%} of bare httpx, and of bare aiohttp at 50 ms",
        quick=options.quick,
    )
    cpu = ["CPU ms/file, bare", "mirror"]
    print(table(["latency, connections", "over", "bare", "mirror", "ratio", *cpu, ""], lines))
    write_json(options.json, {"benchmark": "attachments", "results": results})


def _shown(found: Mapping[str, float]) -> list[str]:
    speeds = [f"{found[name]:,.0f}" for name in ("bare", "mirror")]
    return [*speeds, *(f"{found[name]:.2f}" for name in ("ratio", "bare_cpu_ms", "mirror_cpu_ms"))]


def main() -> None:
    """Measure, print the table, write the figures."""
    options = _options()
    if options.contestant:
        _contest(options.contestant, options.url, options.connections[0])
    else:
        _judge(options)


if __name__ == "__main__":
    main()
