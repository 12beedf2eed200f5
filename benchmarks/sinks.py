"""How fast each sink takes rows beside the download that brings them, and how much memory it needs.

Three things are measured in turns, each in a fresh process, so that whatever else the machine does
concerns all of them alike: the bare download into dicts from a server without latency; the sink by
itself, from decoded rows to what counts, with typed tables, and from pages as they came over the
wire; and download and sink together. A sink is fast enough if from decoded rows, as sinks are
compared elsewhere, it is at least half as fast as the bare download, which does decode. For a sink
of raw rows, which are split and never decoded, both are the same.
`--memory` adds a large download into each sink. PostgreSQL: see `_sinks.py`.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

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
from _sinks import SINKS

MOST_MB: Final = 300.0
LEAST: Final = 0.5
EXEMPT: Final = frozenset({"DuckDB", "XLSX"})
"""Sinks whose library decides about speed or memory."""
WAYS: Final = ("alone", "decoding", "both")
HEAD: Final = (
    *("sink", "rows/s", "of download", "", "with decoding", "of download"),
    *("with download", "of download", "peak MB", ""),
)


def _speed(outcome: Outcome, clock: str) -> float:
    """Return rows/s; a contestant that has a clock of its own knows better when it worked."""
    return outcome.rows / float(outcome.extra.get(clock) or getattr(outcome, clock))


def _once(name: str, server: Server, clock: str) -> dict[str, float]:
    """Return the rows/s of the sink alone, with decoding, and with the download."""
    with TemporaryDirectory() as folder:
        alone = measure("fill", server, sink=name, folder=folder, rows=server.rows)
    with TemporaryDirectory() as folder:
        both = measure("pull", server, sink=name, folder=folder)
    decoding = _speed(alone, f"decoding_{clock}")
    return {"alone": _speed(alone, clock), "decoding": decoding, "both": _speed(both, clock)}


def _speeds(names: list[str], options: argparse.Namespace) -> Mapping[str, Mapping[str, float]]:
    """Return medians over the rounds; that of the bare download stands under an empty name."""
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in ("", *names)}
    with serving(rows=options.rows) as server:
        for _ in range(options.rounds):
            bare = _speed(measure("sdk", server), options.clock)
            rounds[""].append({"bare": bare})
            for name in names:
                found = _once(name, server, options.clock)
                shares = {f"{key}_share": speed / bare for key, speed in found.items()}
                rounds[name].append(found | shares)
    return {
        name: {key: median(one[key] for one in found) for key in found[0]}
        for name, found in rounds.items()
    }


def _peak(name: str, rows: int) -> float:
    with serving(rows=rows) as server, TemporaryDirectory() as folder:
        return measure("pull", server, sink=name, folder=folder).peak_mb


def _options() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--memory", action="store_true", help="measure the peak of memory too")
    parser.add_argument("--pull", type=int, default=400_000, help="rows of the large downloads")
    parser.add_argument("--only", choices=SINKS, action="append", help="leave out the others")
    parser.add_argument(
        "--clock",
        choices=("seconds", "cpu_seconds"),
        default="seconds",
        help="cpu_seconds on a busy machine; it leaves out what a database server does",
    )
    options = parser.parse_args()
    options.rows = options.rows or (5_000 if options.quick else 100_000)
    options.rounds = options.rounds or (1 if options.quick else 5)
    return options


def _result(name: str, speed: Mapping[str, float], options: argparse.Namespace) -> dict[str, Any]:
    peak = _peak(name, options.pull) if options.memory else None
    judged = name not in EXEMPT
    return {
        "sink": name,
        **{key: round(value, 2) for key, value in speed.items()},
        "fast_enough": speed["alone_share"] >= LEAST if judged else None,
        "peak_mb": peak,
        "small_enough": peak < MOST_MB if judged and peak is not None else None,
    }


def _line(found: Mapping[str, Any]) -> list[str]:
    judged = (found["fast_enough"], found["small_enough"])
    marks = ["" if met is None else verdict(met=met) for met in judged]
    cells = {way: (f"{found[way]:,.0f}", f"{found[f'{way}_share']:.2f}") for way in WAYS}
    return [
        found["sink"],
        *cells["alone"],
        marks[0],
        *cells["decoding"],
        *cells["both"],
        "" if found["peak_mb"] is None else f"{found['peak_mb']:.0f}",
        marks[1],
    ]


def main() -> None:
    """Measure, print the table, write the figures."""
    options = _options()
    names = options.only or list(SINKS)
    speeds = _speeds(names, options)
    results = [_result(name, speeds[name], options) for name in names]
    headline(
        f"household rows by {options.clock}, medians of {options.rounds} x {options.rows:,}; the "
        f"bare download brings {speeds['']['bare']:,.0f} rows/s, {LEAST} of that is enough; peak "
        f"of memory at {options.pull:,} rows, under {MOST_MB:.0f} MB",
        quick=options.quick,
    )
    print(table(HEAD, [_line(found) for found in results]))
    figures = {"bare": speeds[""]["bare"], "results": results}
    write_json(options.json, {"benchmark": "sinks", **figures})


if __name__ == "__main__":
    main()
