"""How well the adaptive limit finds out what a server takes, beside fixed limits.

Pages are small, so that the server decides and not the client's processor. The first server, by
which the limit is judged, has the machine to itself, whatever the limit. Since most of it is
waiting, the others and their clients run side by side, where they take the processor from each
other. The optimum is as many pages at once as the server takes, or as the client may ask for,
without a moment lost. The first page and the look for the limit are part of it, so that a short
download falls short of it. Every request that the server serves counts as a page.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from statistics import median
from typing import Any

import attrs
from _common import Outcome, arguments, headline, measure, serving, table, write_json

PAGE = 100
CAP = 16
"""The default cap of the adaptive limit."""
CHANGE = 4.0
"""Seconds after which the capacity of some servers changes."""


@attrs.frozen
class Scene:
    """A server, and how many pages per second it can give."""

    key: str
    label: str
    latency: float
    optimum: float
    rules: Mapping[str, object] = attrs.field(factory=dict)


SCENES = (
    Scene("capacity", "300 ms, 429 beyond 8", 0.3, 8 / 0.3, {"capacity": 8}),
    Scene("rising", "50 ms, and 10 % more for each other request", 0.05, 0.0, {"load_cost": 0.1}),
    Scene("queue", "300 ms, requests queue beyond 8", 0.3, 8 / 0.3, {"workers": 8}),
    Scene("less", "100 ms, 429 beyond 12, beyond 4 later", 0.1, 0.0, {"capacity": 12, "then": 4}),
    Scene("more", "100 ms, 429 beyond 4, beyond 12 later", 0.1, 0.0, {"capacity": 4, "then": 12}),
    Scene("free", "300 ms, takes anything", 0.3, CAP / 0.3),
)
ADAPTIVE = "adaptive (default)"
FIXED = (4, 8, 16, 32)


def _optimum(scene: Scene, pages: int) -> float:
    """Return the pages per second that a client could reach which knows all about the server."""
    rules = scene.rules
    if "load_cost" in rules:
        return CAP / (scene.latency * (1 + 0.1 * (CAP - 1)))
    if "then" not in rules:
        return scene.optimum
    first, then = (int(str(rules[name])) / scene.latency for name in ("capacity", "then"))
    left = pages - first * CHANGE
    return first if left <= 0 else pages / (CHANGE + left / then)


def _figures(scene: Scene, policy: str, outcomes: list[Outcome]) -> dict[str, Any]:
    rate = median((outcome.requests - outcome.refused) / outcome.seconds for outcome in outcomes)
    last = outcomes[-1]
    optimum = _optimum(scene, last.requests - last.refused)
    return {
        "key": scene.key,
        "server": scene.label,
        "policy": policy,
        "pages_per_second": round(rate, 2),
        "of_optimum": round(rate / optimum, 3),
        "refused": median(outcome.refused for outcome in outcomes),
        "refused_share": round(median(o.refused / o.requests for o in outcomes), 4),
        "most_at_once": max(outcome.most_at_once for outcome in outcomes),
        "limits": last.extra.get("limits", []),
    }


def limit_table(results: Sequence[Mapping[str, Any]]) -> str:
    """Lay out what was measured."""
    lines = [
        (
            f"{one['server']}: {one['policy']}",
            f"{one['pages_per_second']:.1f}",
            f"{one['of_optimum']:.0%}",
            f"{one['refused']:.0f}",
            f"{one['refused_share']:.1%}",
            f"{one['most_at_once']}",
        )
        for one in results
    ]
    return table(("server: limit", "pages/s", "of optimum", "429s", "share", "at once"), lines)


def _measure(scene: Scene, options: argparse.Namespace) -> list[dict[str, Any]]:
    policies: dict[str, Mapping[str, object]] = {ADAPTIVE: {}}
    policies |= {f"fixed {limit}": {"fixed": limit} for limit in options.fixed}
    found: dict[str, list[Outcome]] = {policy: [] for policy in policies}
    rules = {"latency": scene.latency, **scene.rules}
    changes = {"changes": CHANGE} if "then" in rules else {}
    for _, (policy, how) in product(range(options.rounds), policies.items()):
        with serving(rows=options.pages * PAGE, kind="small", **rules, **changes) as server:
            outcome = measure("sdk", server, page_size=PAGE, watch=True, **how)
        found[policy].append(outcome)
    return [_figures(scene, policy, outcomes) for policy, outcomes in found.items()]


def _options() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--beside", type=int, default=4, help="other servers at the same time")
    parser.add_argument("--fixed", type=int, nargs="*", help="limits to compare")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 5)
    if options.fixed is None:
        options.fixed = () if options.quick else FIXED
    return options


def main() -> None:
    """Measure, print the table, write the figures."""
    options = _options()
    results = _measure(SCENES[0], options)
    others = () if options.quick else SCENES[1:]
    with ThreadPoolExecutor(options.beside) as pool:
        for some in pool.map(lambda scene: _measure(scene, options), others):
            results += some
    headline(
        f"{options.pages} pages of {PAGE} rows, medians of {options.rounds}; "
        f"the first server alone, the others {options.beside} at a time",
        quick=options.quick,
    )
    print(limit_table(results))
    write_json(options.json, {"pages": options.pages, "results": results})


if __name__ == "__main__":
    main()
