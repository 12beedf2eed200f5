"""What else costs time: small calls, the first row, starting the command, the page server.

A small call is one that answers at once with a few bytes; the overhead is what it takes more than
with bare httpx, in time of the processor, of the same process, taking turns.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from statistics import median
from typing import Any, TypeAlias

import httpx
import orjson
from _common import (
    arguments,
    cores,
    headline,
    measure,
    pin,
    run_python,
    serving,
    table,
    verdict,
    write_json,
)

from kobo_async import KoboClient

MOST_US = 80.0
BATCH = 100
OVERHEAD = "overhead"
Ask: TypeAlias = Callable[[], Awaitable[object]]
FIRST_ROW = """
import asyncio, sys, time
from kobo_async import KoboClient

async def main():
    async with KoboClient({url!r}, token="benchmark") as client:
        async with client.submissions.stream({uid!r}) as rows:
            async for row in rows:
                return

started = time.perf_counter()
asyncio.run(main())
print(time.perf_counter() - started)
"""


async def _small_calls(url: str, rounds: int) -> dict[str, float]:
    """Return microseconds of processor time per call, and how much more ours takes."""
    async with (
        httpx.AsyncClient(base_url=url, headers={"Authorization": "Token benchmark"}) as bare,
        KoboClient(url, token="benchmark") as client,
    ):

        async def ask_bare() -> object:
            reply = await bare.get("/me/")
            reply.raise_for_status()
            return orjson.loads(reply.content)

        asks: dict[str, Ask] = {"httpx + orjson": ask_bare, "kobo_async": client.me.get}
        for ask in asks.values():
            await ask()
        spent = [[await _spent(ask) for ask in asks.values()] for _ in range(rounds)]
    found = dict(zip(asks, map(median, zip(*spent, strict=True)), strict=True))
    return found | {OVERHEAD: median(ours - bare for bare, ours in spent)}


async def _spent(ask: Ask) -> float:
    started = time.process_time()
    for _ in range(BATCH):
        await ask()
    return (time.process_time() - started) / BATCH * 1e6


def _first_row(rounds: int) -> float:
    """Return seconds from an imported package to the first row of many, at 0 ms."""
    with serving(rows=100_000) as server:
        script = FIRST_ROW.format(url=server.url, uid=server.uid)
        return median(float(run_python("-c", script)) for _ in range(rounds))


def _command(rounds: int) -> float:
    """Return the seconds that the command takes to tell its version."""
    return median(_seconds("-m", "kobo_async.cli", "--version") for _ in range(rounds))


def _seconds(*words: str) -> float:
    started = time.perf_counter()
    run_python(*words)
    return time.perf_counter() - started


def _page_server(rows: int, rounds: int) -> dict[str, float]:
    """Return rows/s that the page server can send, and that the fastest client with rows reads."""
    with serving(rows=rows) as server:
        alike = {"concurrency": 16, "rows": rows}
        sent = [measure("wire", server, **alike).rows_per_second for _ in range(rounds)]
        read = [
            measure("sdk", server, fixed=16, http="aiohttp", raw=True).rows_per_second
            for _ in range(rounds)
        ]
    return {"sends": round(median(sent)), "fastest_client": round(median(read))}


def cost_table(found: Mapping[str, Any]) -> str:
    """Lay out what was measured."""
    calls, server = found["small_calls_us"], found["page_server"]
    lines = [
        ("small call with httpx + orjson", f"{calls['httpx + orjson']:.0f} µs"),
        ("small call with kobo_async", f"{calls['kobo_async']:.0f} µs"),
        ("overhead", f"{found['overhead_us']:.0f} µs"),
        ("first row of 100,000", f"{found['first_row_s'] * 1000:.0f} ms"),
        ("`kobo-async --version`", f"{found['command_s'] * 1000:.0f} ms"),
        ("page server sends", f"{server['sends']:,} rows/s"),
        ("its fastest client reads", f"{server['fastest_client']:,} rows/s"),
    ]
    return table(("", "cost"), lines)


def _options() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int)
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 11)
    return options


def main() -> None:
    """Measure, print the table, write the figures."""
    options = _options()
    rounds = options.rounds
    found: dict[str, Any] = {
        "first_row_s": round(_first_row(rounds), 4),
        "command_s": round(_command(rounds), 4),
        "page_server": _page_server(*((20_000, 1) if options.quick else (100_000, 5))),
    }
    with serving(rows=1000) as server:
        pin(cores()[1])
        calls = asyncio.run(_small_calls(server.url, 3 * rounds))
    overhead = calls.pop(OVERHEAD)
    found |= {"small_calls_us": calls, "overhead_us": round(overhead, 1)}
    headline(f"medians of {rounds}", quick=options.quick)
    print(cost_table(found))
    print(
        f"\noverhead of a small call, at most {MOST_US:.0f} µs: {verdict(met=overhead < MOST_US)}"
    )
    write_json(options.json, found)


if __name__ == "__main__":
    main()
