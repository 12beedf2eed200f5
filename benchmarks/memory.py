"""How much memory streaming takes, and that it does not grow with the number of rows.

Each download runs in a fresh process with default settings; what counts is the most it ever held,
interpreter and libraries included. The latency is one at which all of the window is in use.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import product
from statistics import median
from typing import Any

from _common import (
    Outcome,
    arguments,
    headline,
    measure,
    serving,
    table,
    verdict,
    write_json,
)

MOST_GROWTH, MOST_MB = 1.15, 160.0


def _run(options: argparse.Namespace) -> dict[tuple[int, int], list[Outcome]]:
    found: dict[tuple[int, int], list[Outcome]] = {}
    for rows, latency in product(options.rows, options.latency):
        with serving(rows=rows, kind=options.kind, latency=latency / 1000) as server:
            found[rows, latency] = [measure("sdk", server) for _ in range(options.rounds)]
    return found


def _peak(outcomes: Sequence[Outcome]) -> float:
    return median(outcome.peak_mb for outcome in outcomes)


def _options() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--rows", type=int, nargs="+", help="the first one is the base")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--latency", type=int, nargs="+", default=(0, 50), metavar="MS")
    parser.add_argument("--kind", choices=("household", "small"), default="household")
    options = parser.parse_args()
    options.rows = options.rows or (
        [50_000, 150_000] if options.quick else [100_000, 300_000, 1_000_000]
    )
    options.rounds = options.rounds or (1 if options.quick else 5)
    return options


def main() -> None:
    """Measure, print the table, write the figures."""
    options = _options()
    found = _run(options)
    lines: list[list[str]] = []
    results: list[dict[str, Any]] = []
    for (rows, latency), outcomes in found.items():
        peak = _peak(outcomes)
        growth = peak / _peak(found[options.rows[0], latency])
        met = growth <= MOST_GROWTH and peak < MOST_MB
        lines.append(
            [f"{rows:,} rows", f"{latency} ms", f"{peak:.0f}", f"{growth:.2f}", verdict(met=met)]
        )
        results.append(
            {
                "rows": rows,
                "latency_ms": latency,
                "peak_mb": round(peak, 1),
                "rounds": [round(outcome.peak_mb, 1) for outcome in outcomes],
                "growth": round(growth, 3),
                "met": met,
            }
        )
    headline(
        f"peak memory of streaming {options.kind} rows, medians of {options.rounds}; "
        f"at most {MOST_GROWTH} x that of fewer rows, under {MOST_MB:.0f} MB",
        quick=options.quick,
    )
    print(table(["", "latency", "peak MB", "growth", ""], lines))
    write_json(options.json, {"kind": options.kind, "results": results})


if __name__ == "__main__":
    main()
