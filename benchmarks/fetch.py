"""How fast all submissions of a project can be read, beside the ways people use otherwise.

A page server runs on one core, every client in a fresh process on another. Contestants take
turns, round by round, so that whatever else the machine does concerns all of them alike. Medians
are compared within one run only: absolute figures belong to the machine.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from itertools import product
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import attrs
from _common import (
    Outcome,
    Server,
    arguments,
    headline,
    measure,
    serving,
    table,
    verdict,
    write_json,
)

MILLISECONDS = (0, 50, 300)


@attrs.frozen
class Contestant:
    """A way to read all rows: a module of `contestants`, with options."""

    label: str
    module: str
    options: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class Target:
    """What one contestant must reach, as a multiple of another one."""

    name: str
    of: str
    to: str
    latency: int
    at_least: float
    aim: float


SDK, FIXED, BARE = "kobo_async, default settings", "kobo_async, fixed limit", "httpx + orjson"
RAW, BEST, BEST_RAW = "kobo_async, raw rows", "kobo_async, aiohttp", "kobo_async, aiohttp, raw rows"
NEXT, FASTEST, CEILING = (
    "kobo_async, httpx2",
    "kobo_async, aiohttp, raw to JSONL",
    "aiohttp + orjson",
)
LOOP, SESSION, WIRE = "requests, follow next", "requests, with a session", "bytes only"
TARGETS = (
    *(Target("vs_httpx", FIXED, BARE, latency, 0.85, 0.95) for latency in MILLISECONDS),
    *(
        Target("accelerated_vs_aiohttp", BEST, CEILING, latency, 0.85, 0.9)
        for latency in MILLISECONDS
    ),
    Target("raw_jsonl_vs_aiohttp", FASTEST, CEILING, 50, 1.15, 1.3),
    Target("vs_sequential_0", SDK, LOOP, 0, 1.5, 1.6),
    Target("vs_sequential_50", SDK, LOOP, 50, 4.0, 4.5),
    Target("vs_sequential_300", SDK, LOOP, 300, 7.0, 10.0),
)


def _contestants(concurrency: int, rows: int, folder: str) -> list[Contestant]:
    """List who takes part; those whose library is not installed do not."""
    alike, fixed = {"concurrency": concurrency}, {"fixed": concurrency}
    best, raw = {**fixed, "http": "aiohttp"}, {"raw": True}
    accelerated = {
        "msgspec": [Contestant(RAW, "sdk", {**fixed, **raw})],
        "httpx2": [Contestant(NEXT, "sdk", {**fixed, "http": "httpx2"})],
        "aiohttp": [
            Contestant(BEST, "sdk", best),
            Contestant(BEST_RAW, "sdk", {**best, **raw}),
            Contestant(FASTEST, "sdk", {**best, **raw, "jsonl": f"{folder}/rows.jsonl"}),
            Contestant(CEILING, "bare_aiohttp", alike),
        ],
    }
    there = [one for name, some in accelerated.items() if find_spec(name) for one in some]
    return [
        Contestant(SDK, "sdk"),
        Contestant(FIXED, "sdk", fixed),
        *there,
        Contestant(BARE, "bare_httpx", alike),
        Contestant(LOOP, "requests_loop"),
        Contestant(SESSION, "requests_loop", {"session": True}),
        Contestant(WIRE, "wire", {**alike, "rows": rows}),
    ]


Outcomes = dict[tuple[int, str], list[Outcome]]


def _run(contestants: Sequence[Contestant], options: argparse.Namespace) -> Outcomes:
    found: Outcomes = {}
    with ExitStack() as stack:
        servers = {
            latency: stack.enter_context(
                serving(rows=options.rows, kind=options.kind, latency=latency / 1000)
            )
            for latency in options.latency
        }
        for round_, latency in product(range(options.rounds), options.latency):
            for contestant in _rotated(contestants, round_):
                outcome = _once(contestant, servers[latency])
                found.setdefault((latency, contestant.label), []).append(outcome)
                _tell(f"round {round_ + 1}, {latency} ms, {contestant.label}", outcome)
    return found


def _rotated(contestants: Sequence[Contestant], round_: int) -> list[Contestant]:
    """Let everyone come first some time."""
    turn = round_ % len(contestants)
    return [*contestants[turn:], *contestants[:turn]]


def _once(contestant: Contestant, server: Server) -> Outcome:
    return measure(contestant.module, server, **contestant.options)


def _tell(what: str, outcome: Outcome) -> None:
    rate = f"{outcome.rows_per_second:>9,.0f} rows/s"
    print(f"{what:<50} {rate}, server {outcome.server_busy:.0%} busy", file=sys.stderr)


def _median(found: Outcomes, latency: int, label: str) -> float:
    return median(outcome.rows_per_second for outcome in found[latency, label])


def _ratio(found: Outcomes, target: Target) -> float:
    latency = target.latency
    return _median(found, latency, target.of) / _median(found, latency, target.to)


def _by_round(found: Outcomes, target: Target) -> list[float]:
    """Return the ratio within each round: far apart, they say that the machine was not quiet."""
    pairs = zip(found[target.latency, target.of], found[target.latency, target.to], strict=True)
    return [round(of.rows_per_second / to.rows_per_second, 3) for of, to in pairs]


def _throughput(found: Outcomes, latencies: Sequence[int]) -> str:
    labels = list(dict.fromkeys(label for _, label in found))
    lines = [
        [
            label,
            *(f"{_median(found, latency, label):,.0f}" for latency in latencies),
            f"{_processor(found[latencies[0], label]):.1f}",
            f"{max(o.peak_mb for latency in latencies for o in found[latency, label]):.0f}",
        ]
        for label in labels
    ]
    head = ("rows/s", *(f"{latency} ms" for latency in latencies), "CPU µs/row", "peak MB")
    return table(head, lines)


def _processor(outcomes: Sequence[Outcome]) -> float:
    """Return microseconds of processor time per row: what others on the machine alter least."""
    return median(outcome.cpu_seconds / outcome.rows for outcome in outcomes) * 1e6


def _judged(found: Outcomes) -> list[dict[str, Any]]:
    return [
        {
            "name": target.name,
            "of": target.of,
            "to": target.to,
            "latency_ms": target.latency,
            "ratio": round(ratio, 3),
            "by_round": _by_round(found, target),
            "at_least": target.at_least,
            "aim": target.aim,
            "met": ratio >= target.at_least,
        }
        for target in TARGETS
        if {(target.latency, target.of), (target.latency, target.to)} <= found.keys()
        for ratio in [_ratio(found, target)]
    ]


def _ratios(judged: Sequence[Mapping[str, Any]]) -> str:
    lines = [
        (
            f"{one['of']} : {one['to']}",
            f"{one['latency_ms']} ms",
            f"{one['ratio']:.2f}",
            f"{min(one['by_round']):.2f} to {max(one['by_round']):.2f}",
            f"{one['at_least']:.2f}",
            f"{one['aim']:.2f}",
            verdict(met=one["met"]),
        )
        for one in judged
    ]
    return table(["ratio of medians", "latency", "found", "by round", "at least", "aim", ""], lines)


def _figures(found: Outcomes) -> list[dict[str, Any]]:
    return [
        {
            "latency_ms": latency,
            "contestant": label,
            "rows_per_second": round(_median(found, latency, label)),
            "cpu_us_per_row": round(_processor(outcomes), 2),
            "rounds": [round(outcome.rows_per_second) for outcome in outcomes],
            "requests": outcomes[-1].requests,
            "peak_mb": round(max(outcome.peak_mb for outcome in outcomes), 1),
            "server_busy": round(median(outcome.server_busy for outcome in outcomes), 3),
        }
        for (latency, label), outcomes in found.items()
    ]


def _options() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--latency", type=int, nargs="+", metavar="MS")
    parser.add_argument("--concurrency", type=int, default=16, help="where it is equal for both")
    parser.add_argument("--kind", choices=("household", "small"), default="household")
    options = parser.parse_args()
    options.latency = options.latency or (MILLISECONDS[:2] if options.quick else MILLISECONDS)
    options.rows = options.rows or (10_000 if options.quick else 100_000)
    options.rounds = options.rounds or (1 if options.quick else 5)
    return options


def main() -> None:
    """Measure, print the tables, write the figures."""
    options = _options()
    with TemporaryDirectory() as folder:
        found = _run(_contestants(options.concurrency, options.rows, folder), options)
    judged = _judged(found)
    headline(
        f"{options.rows:,} {options.kind} rows, medians of {options.rounds}; "
        f"concurrency {options.concurrency} where it is equal",
        quick=options.quick,
    )
    print(f"{_throughput(found, options.latency)}\n\n{_ratios(judged)}")
    setting = {name: getattr(options, name) for name in ("rows", "rounds", "kind", "concurrency")}
    write_json(options.json, {**setting, "results": _figures(found), "ratios": judged})


if __name__ == "__main__":
    main()
