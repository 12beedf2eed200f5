"""What it costs to read by offset, by range of ids, and as `auto` chooses.

Servers differ in what it costs them to skip rows. `auto` should be within 10 % of the faster one.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from _common import Outcome, arguments, headline, measure, serving, table, verdict, write_json

LATENCY = 0.05
SKIP_COSTS = (0.0, 1e-6, 5e-6, 2e-5)
"""Seconds for each row that is skipped."""
STRATEGIES = ("offsets", "ranges", "auto")
WITHIN = 0.9


def _run(skip_cost: float, options: argparse.Namespace) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {name: [] for name in STRATEGIES}
    rules = {"latency": LATENCY, "skip_cost": skip_cost}
    with serving(rows=options.rows, kind="small", **rules) as server:
        for _ in range(options.rounds):
            for name in STRATEGIES:
                found[name].append(measure("sdk", server, strategy=name))
    return found


def _figures(skip_cost: float, found: Mapping[str, Sequence[Outcome]]) -> dict[str, Any]:
    rates = {name: median(one.rows_per_second for one in some) for name, some in found.items()}
    of_faster = rates["auto"] / max(rates["offsets"], rates["ranges"])
    return {
        "skip_us": skip_cost * 1e6,
        **{name: round(rate) for name, rate in rates.items()},
        "chosen": found["auto"][-1].extra["strategy"],
        "auto_of_faster": round(of_faster, 3),
        "met": of_faster >= WITHIN,
    }


def strategy_table(results: Sequence[Mapping[str, Any]]) -> str:
    """Lay out what was measured."""
    lines = [
        (
            f"{one['skip_us']:g} µs",
            *(f"{one[name]:,}" for name in STRATEGIES),
            one["chosen"],
            f"{one['auto_of_faster']:.2f}",
            verdict(met=one["met"]),
        )
        for one in results
    ]
    head = ("per row skipped", *STRATEGIES, "auto chose", "auto : faster", "")
    return table(head, lines)


def _options() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--rounds", type=int)
    options = parser.parse_args()
    options.rows = options.rows or (20_000 if options.quick else 100_000)
    options.rounds = options.rounds or (1 if options.quick else 5)
    return options


def main() -> None:
    """Measure, print the table, write the figures."""
    options = _options()
    results = [_figures(cost, _run(cost, options)) for cost in SKIP_COSTS]
    headline(
        f"{options.rows:,} small rows at {LATENCY * 1000:.0f} ms, rows/s, "
        f"medians of {options.rounds}",
        quick=options.quick,
    )
    print(strategy_table(results))
    write_json(options.json, {"rows": options.rows, "results": results})


if __name__ == "__main__":
    main()
