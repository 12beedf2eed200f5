"""How fast all submissions of a project can be read, beside the ways people use otherwise.

A page server runs on one core, every client in a fresh process on another. With each server,
contestants take turns, round by round, so that whatever else the machine does concerns all of them
alike. Medians are compared with the same server only: absolute figures belong to the machine.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

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
from _scenes import TARGETS, Contestant, Scene, Target, full, quick

Found: TypeAlias = dict[str, list[Outcome]]
"""What was measured with one server, by contestant."""


def _run(scene: Scene, rounds: int) -> Found:
    found: Found = {}
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        servers = _servers(scene, folder, stack)
        for round_ in range(rounds):
            for label, contestant in _rotated([*scene.present()], round_):
                server = servers[scene.fewer.get(label, scene.rows)]
                outcome = _once(contestant, server, scene, folder)
                found.setdefault(label, []).append(outcome)
                _tell(f"{scene.title}: {label}", outcome)
    return found


def _servers(scene: Scene, folder: str, stack: ExitStack) -> dict[int, Server]:
    """Start servers that differ in nothing but how many rows they hold."""
    rules = {**scene.rules, **({"tls": folder} if "tls" in scene.rules else {})}
    return {
        rows: stack.enter_context(serving(rows=rows, kind=scene.kind, **rules))
        for rows in {scene.rows, *scene.fewer.values()}
    }


def _rotated(some: list[tuple[str, Contestant]], round_: int) -> list[tuple[str, Contestant]]:
    """Let everyone come first some time."""
    turn = round_ % len(some)
    return [*some[turn:], *some[:turn]]


def _once(contestant: Contestant, server: Server, scene: Scene, folder: str) -> Outcome:
    options = {**contestant.options, **scene.options, "rows": server.rows}
    with TemporaryDirectory(dir=folder) as fresh:
        if "jsonl" in options:
            options["jsonl"] = str(Path(fresh) / "rows.jsonl")
        return measure(contestant.module, server, folder=fresh, **options)


def _tell(what: str, outcome: Outcome) -> None:
    rate = f"{outcome.rows_per_second:>9,.0f} rows/s"
    print(f"{what:<60} {rate}, server {outcome.server_busy:.0%} busy", file=sys.stderr)


def _figures(scene: Scene, found: Found) -> dict[str, Any]:
    return {
        "key": scene.key,
        "title": scene.title,
        "rows": scene.rows,
        "kind": scene.kind,
        "contestants": {
            label: _summary(outcomes, scene.fewer.get(label, scene.rows))
            for label, outcomes in found.items()
        },
    }


def _summary(outcomes: Sequence[Outcome], rows: int) -> dict[str, Any]:
    return {
        "rows": rows,
        "rows_per_second": round(median(one.rows_per_second for one in outcomes)),
        "cpu_us_per_row": round(median(one.cpu_seconds / one.rows for one in outcomes) * 1e6, 2),
        "peak_mb": round(max(one.peak_mb for one in outcomes), 1),
        "rounds": [round(one.rows_per_second) for one in outcomes],
        "cpu_rounds": [round(one.cpu_seconds / one.rows * 1e6, 2) for one in outcomes],
        "requests": outcomes[-1].requests,
        "server_busy": round(median(one.server_busy for one in outcomes), 3),
    }


def _ratios(scenes: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Compare; the ratios of single rounds lie far apart where the machine was not quiet."""
    by_key = {scene["key"]: scene["contestants"] for scene in scenes}
    for target in TARGETS:
        field = by_key.get(target.scene, {})
        if {target.of, target.to} <= field.keys():
            yield _ratio(target, field[target.of], field[target.to])


def _ratio(target: Target, of: Mapping[str, Any], to: Mapping[str, Any]) -> dict[str, Any]:
    ratio = of["rows_per_second"] / to["rows_per_second"]
    pairs = zip(of["rounds"], to["rounds"], strict=True)
    cpu = min(to["cpu_rounds"]) / max(min(of["cpu_rounds"]), 0.01)
    return {
        "name": target.name,
        "of": target.of,
        "to": target.to,
        "scene": target.scene,
        "ratio": round(ratio, 3),
        "by_round": [round(one / other, 3) for one, other in pairs],
        "cpu_ratio": round(cpu, 3),
        "at_least": target.at_least,
        "met": ratio >= target.at_least,
    }


def scene_table(scene: Mapping[str, Any]) -> str:
    """Lay out what was measured with one server."""
    lines = [
        [
            label,
            f"{one['rows_per_second']:,}",
            f"{one['cpu_us_per_row']:.1f}",
            f"{one['peak_mb']:.0f}",
        ]
        for label, one in scene["contestants"].items()
    ]
    return table((scene["title"], "rows/s", "CPU µs/row", "peak MB"), lines)


def ratio_table(ratios: Sequence[Mapping[str, Any]]) -> str:
    """Lay out the ratios beside what is asked for."""
    lines = [
        (
            one["name"],
            f"{one['ratio']:.2f}",
            f"{min(one['by_round']):.2f} to {max(one['by_round']):.2f}",
            f"{one['at_least']:.2f}",
            verdict(met=one["met"]),
        )
        for one in ratios
    ]
    return table(("ratio of medians", "found", "by round", "asked", ""), lines)


def _options() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--scene", nargs="+", metavar="KEY", help="leave out the others")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 5)
    return options


def main() -> None:
    """Measure, print the tables, write the figures."""
    options = _options()
    scenes = [
        one
        for one in (quick() if options.quick else full())
        if not options.scene or one.key in options.scene
    ]
    headline(f"medians of {options.rounds} rounds", quick=options.quick)
    results = [_figures(scene, _run(scene, options.rounds)) for scene in scenes]
    ratios = [*_ratios(results)]
    print("\n\n".join([*map(scene_table, results), ratio_table(ratios)]))
    write_json(options.json, {"rounds": options.rounds, "scenes": results, "ratios": ratios})


if __name__ == "__main__":
    main()
