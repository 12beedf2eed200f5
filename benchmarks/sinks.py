"""How fast each sink takes rows, and how much memory a download into it needs.

Speed is that of rows which are decoded already: making typed tables of them, and writing these,
up to the moment when they count. `--memory` adds downloads from a server without latency, each in
a fresh process.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from _common import arguments, headline, measure, serving, table, verdict, write_json
from _rows import DISTINCT, bodies
from _sinks import SINKS, Candidate

from kobo_async.forms.tabulate import Tabulator

MOST_MB = 300.0
EXEMPT = frozenset({"DuckDB"})
"""Sinks whose library decides about memory."""


def _pages(rows: int) -> Iterator[list[dict[str, Any]]]:
    """Yield pages of decoded rows."""
    pool = bodies("household")
    for first in range(0, rows, DISTINCT):
        head = (b'{"_id":%d' % number for number in range(first + 1, rows + 1))
        yield [orjson.loads(a + b) for a, b in zip(head, islice(pool, DISTINCT), strict=False)]


async def _write(candidate: Candidate, rows: int, folder: Path) -> float:
    """Return the seconds that a sink takes, without those of decoding."""
    laid_out = candidate.layout()
    tabulator = Tabulator(laid_out)
    sink, seconds = candidate.open(folder, laid_out), 0.0
    began = time.perf_counter()
    async with sink:
        for page in _pages(rows):
            began = time.perf_counter()
            await sink.write(tabulator.add(page) if candidate.takes == "tables" else page)
            seconds += time.perf_counter() - began
        began = time.perf_counter()
    return seconds + time.perf_counter() - began


def _speed(candidate: Candidate, options: argparse.Namespace) -> float:
    found = []
    for _ in range(options.rounds):
        with TemporaryDirectory() as folder:
            found.append(options.rows / asyncio.run(_write(candidate, options.rows, Path(folder))))
    return median(found)


def _peak(name: str, rows: int) -> float:
    with serving(rows=rows) as server, TemporaryDirectory() as folder:
        return measure("pull", server, sink=name, folder=folder).peak_mb


def _options() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--memory", action="store_true", help="measure the peak of memory too")
    parser.add_argument("--pull", type=int, default=400_000, help="rows of the downloads")
    parser.add_argument("--only", choices=SINKS, action="append", help="leave out the others")
    options = parser.parse_args()
    options.rows = options.rows or (5_000 if options.quick else 100_000)
    options.rounds = options.rounds or (1 if options.quick else 3)
    return options


def main() -> None:
    """Measure, print the table, write the figures."""
    options = _options()
    lines: list[list[str]] = []
    results: list[dict[str, Any]] = []
    for name in options.only or SINKS:
        speed = _speed(SINKS[name], options)
        peak = _peak(name, options.pull) if options.memory else None
        met = None if peak is None or name in EXEMPT else peak < MOST_MB
        shown = "" if peak is None else f"{peak:.0f}"
        lines.append([name, f"{speed:,.0f}", shown, "" if met is None else verdict(met=met)])
        results.append({"sink": name, "rows_per_second": round(speed), "peak_mb": peak, "met": met})
    headline(
        f"household rows into sinks, medians of {options.rounds} x {options.rows:,}; memory of "
        f"pulling {options.pull:,} rows, under {MOST_MB:.0f} MB",
        quick=options.quick,
    )
    print(table(["sink", "rows/s", "peak MB", ""], lines))
    write_json(options.json, {"benchmark": "sinks", "results": results})


if __name__ == "__main__":
    main()
