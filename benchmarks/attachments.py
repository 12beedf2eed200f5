"""How fast all attachments of a project come to disk, beside bare httpx.

A server that does nothing but send runs on one core, every client in a fresh process on another.
Contestants take turns, round by round. Both read the pages of submissions first and then fetch
each file with the same number of connections; bare httpx writes it where it belongs, and knows
neither names that are taken, nor interruptions, nor what it fetched before.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpcore  # noqa: F401 - httpx would import it with its first client, inside the clock
import httpx
import orjson
from _common import arguments, cores, headline, pin, run_python, table, verdict, write_json
from server import Connection, _conditions, _reply

from kobo_async import Concurrency, KoboClient

ASSET, TOKEN, PAGE = "aAttachments", "benchmark", 1000
DATA = f"/api/v2/assets/{ASSET}/data/"
ME = {"username": "bench", "email": "", "server_time": "2026-11-21T00:00:00Z"}
LEAST = 0.9
"""Part of the speed of bare httpx that is wanted."""
Send = Callable[[bytes], None]


class Site:
    """Lists submissions with one photo each, and sends the photos."""

    def __init__(self, files: int, size: int, latency: float) -> None:
        self._ids = range(1, files + 1)
        self._latency = latency
        self._file = _reply(200, bytes(size)).replace(b"application/json", b"image/jpeg")
        self._loop = asyncio.get_running_loop()

    def answer(self, target: str, send: Send) -> None:
        """Answer a request after the latency."""
        url = urlsplit(target)
        if url.path == "/me/":
            reply = _reply(200, json.dumps(ME).encode())
        elif url.path == DATA:
            reply = _reply(200, self._page(dict(parse_qsl(url.query))))
        else:
            reply = self._file
        if self._latency:
            self._loop.call_later(self._latency, send, reply)
        else:
            send(reply)

    def _page(self, params: Mapping[str, str]) -> bytes:
        ids = list(self._ids)
        for operator, value in _conditions(json.loads(params.get("query", "{}"))):
            ids = [one for one in ids if (one > value if operator == "$gt" else one <= value)]
        start, limit = int(params.get("start", 0)), int(params.get("limit", 100))
        shown = sorted(ids, reverse="-1" in params.get("sort", ""))[start : start + limit]
        more = "more" if start + len(shown) < len(ids) else None
        rows = [_row(one) for one in shown]
        return orjson.dumps({"count": len(ids), "next": more, "previous": None, "results": rows})


def _row(number: int) -> dict[str, Any]:
    uid, url = f"att{number:021d}", f"https://kf.example.org{DATA}{number}/attachments/"
    entry = {
        "download_url": f"{url}{uid}/",
        **{f"download_{one}_url": f"{url}{uid}/{one}/" for one in ("large", "medium", "small")},
        "mimetype": "image/jpeg",
        "filename": f"owner/attachments/form/root/{number}.jpg",
        "media_file_basename": f"{number}.jpg",
        "uid": uid,
        "is_deleted": False,
        "question_xpath": "photo",
    }
    uuid = f"{number:032x}"
    return {
        "_id": number,
        "_uuid": uuid,
        "meta/rootUuid": f"uuid:{uuid}",
        "_attachments": [entry],
    }


async def _serve(files: int, size: int, latency: float) -> None:
    site: Any = Site(files, size, latency)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(site), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await server.serve_forever()


class Bare:
    """What somebody writes who only wants the files."""

    def __init__(self, client: httpx.AsyncClient, folder: Path) -> None:
        self._client = client
        self._folder = folder / "photo"

    async def read(self, connections: int) -> None:
        """Read the pages one after the other, then all files."""
        self._folder.mkdir()
        entries: list[tuple[int, str]] = []
        params: dict[str, str | int] = {"limit": PAGE, "sort": '{"_id":1}'}
        params["fields"] = '["_attachments","_id"]'
        page: Any = {"next": "first"}
        while page["next"]:
            reply = await self._client.get(DATA, params={**params, "start": len(entries)})
            page = orjson.loads(reply.content)
            entries += [
                (row["_id"], one["uid"]) for row in page["results"] for one in row["_attachments"]
            ]
        queue = iter(entries)
        async with asyncio.TaskGroup() as group:
            for _ in range(connections):
                group.create_task(self._work(queue))

    async def _work(self, queue: Iterator[tuple[int, str]]) -> None:
        for number, uid in queue:
            async with self._client.stream("GET", f"{DATA}{number}/attachments/{uid}/") as reply:
                reply.raise_for_status()
                with (self._folder / f"{number}.jpg").open("wb") as file:
                    async for piece in reply.aiter_bytes():
                        file.write(piece)


async def _bare(url: str, folder: Path, connections: int) -> None:
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    headers = {"Authorization": f"Token {TOKEN}", "Accept": "*/*", "Accept-Encoding": "identity"}
    async with httpx.AsyncClient(
        base_url=url, headers=headers, limits=limits, timeout=120
    ) as client:
        await Bare(client, folder).read(connections)


async def _mirror(url: str, folder: Path, connections: int) -> None:
    async with KoboClient(url, token=TOKEN, concurrency=Concurrency.fixed(connections)) as client:
        report = await client.attachments.mirror(ASSET, folder, concurrency=connections)
    assert report.ok, report


async def _adaptive(url: str, folder: Path, connections: int) -> None:
    async with KoboClient(url, token=TOKEN, concurrency=Concurrency.up_to(connections)) as client:
        report = await client.attachments.mirror(ASSET, folder)
    assert report.ok, report


BARE, MIRROR, ADAPTIVE = "bare httpx", "mirror", "mirror, adaptive limit"
CONTESTANTS = {BARE: _bare, MIRROR: _mirror, ADAPTIVE: _adaptive}


def _contest(name: str, url: str, connections: int) -> None:
    """Run one contestant in this process, and print its seconds."""
    pin(cores()[1])
    with TemporaryDirectory() as folder:
        started = time.perf_counter()
        asyncio.run(CONTESTANTS[name](url, Path(folder), connections))
        seconds = time.perf_counter() - started
        files = [path.stat().st_size for path in Path(folder, "photo").iterdir()]
    print(json.dumps({"seconds": seconds, "files": len(files), "bytes": sum(files)}))


@contextmanager
def _serving(options: argparse.Namespace, latency: float) -> Iterator[str]:
    words = [__file__, "--serve", "--files", options.files, "--size", options.size]
    words += ["--latency", latency]
    process = subprocess.Popen(
        [sys.executable, *map(str, words)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate()


def _rounds(options: argparse.Namespace, url: str, connections: int) -> dict[str, float]:
    """Let all take turns; return files per second, the median of each."""
    found: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
    for _, name in product(range(options.rounds), CONTESTANTS):
        told = run_python(
            __file__, "--contestant", name, "--url", url, "--connections", str(connections)
        )
        seen = json.loads(told)
        assert (seen["files"], seen["bytes"]) == (options.files, options.files * options.size)
        found[name].append(seen["files"] / seen["seconds"])
    return {name: median(speeds) for name, speeds in found.items()}


def _options() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--files", type=int)
    parser.add_argument("--size", type=int, default=200_000)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--latency", type=float, default=0.0, help=argparse.SUPPRESS)
    parser.add_argument("--connections", type=int, action="append")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--contestant", choices=CONTESTANTS, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.files = options.files or (200 if options.quick else 2_000)
    options.rounds = options.rounds or (1 if options.quick else 5)
    return options


def _judge(options: argparse.Namespace) -> None:
    lines, results = [], []
    for latency in (0.0, 0.05)[: 1 if options.quick else 2]:
        with _serving(options, latency) as url:
            for connections in options.connections or [8, 16, 32]:
                speeds = _rounds(options, url, connections)
                ratio = speeds[MIRROR] / speeds[BARE]
                shown = [f"{speeds[name]:,.0f}" for name in CONTESTANTS]
                lines.append(
                    [
                        f"{latency * 1000:.0f} ms, {connections}",
                        *shown,
                        f"{ratio:.2f}",
                        verdict(met=ratio >= LEAST),
                    ]
                )
                results.append({"latency": latency, "connections": connections, **speeds})
    headline(
        f"{options.files:,} files of {options.size / 1000:.0f} KB to disk, files/s, medians of "
        f"{options.rounds} rounds; mirror at least {LEAST:.0%} of bare httpx",
        quick=options.quick,
    )
    print(table(["latency, connections", *CONTESTANTS, "ratio", ""], lines))
    write_json(options.json, {"benchmark": "attachments", "results": results})


def main() -> None:
    """Measure, print the table, write the figures."""
    options = _options()
    if options.serve:
        pin(cores()[0])
        asyncio.run(_serve(options.files, options.size, options.latency))
    elif options.contestant:
        _contest(options.contestant, options.url, options.connections[0])
    else:
        _judge(options)


if __name__ == "__main__":
    main()
