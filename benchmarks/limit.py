"""How well the adaptive limit finds out what a server takes, beside fixed limits.

Pages are small, so that the server decides and not the client's processor. The optimum is as many
pages at once as the server takes, or as the client may ask for, without a moment lost. The first
page and the look for the limit are part of it, so that a short download falls short of it.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from itertools import product
from statistics import median
from typing import Any

import attrs
from _common import Outcome, arguments, headline, measure, serving, table, write_json

PAGE = 100
CAP = 16
"""The default cap of the adaptive limit."""


@attrs.frozen
class Scene:
    """A server, and how many requests at once it takes."""

    label: str
    latency: float
    takes: int = CAP
    rules: Mapping[str, object] = attrs.field(factory=dict)

    @property
    def optimum(self) -> float:
        """Pages per second that are possible."""
        return self.takes / self.latency


SCENES = (
    Scene("50 ms", 0.05),
    Scene("300 ms", 0.3),
    Scene("300 ms, 429 beyond 8", 0.3, 8, {"capacity": 8}),
    Scene("50 ms, 429 beyond 8", 0.05, 8, {"capacity": 8}),
    Scene("300 ms, queues beyond 8", 0.3, 8, {"workers": 8}),
)
QUICK = SCENES[2:3]
ADAPTIVE = "adaptive (default)"
FIXED = (4, 8, 16, 32)


def _figures(scene: Scene, policy: str, outcomes: list[Outcome]) -> dict[str, Any]:
    rate = median((outcome.requests - outcome.refused) / outcome.seconds for outcome in outcomes)
    last = outcomes[-1]
    return {
        "server": scene.label,
        "policy": policy,
        "pages_per_second": round(rate, 2),
        "of_optimum": round(rate / scene.optimum, 3),
        "refused": median(outcome.refused for outcome in outcomes),
        "refused_share": round(median(o.refused / o.requests for o in outcomes), 4),
        "most_at_once": max(outcome.most_at_once for outcome in outcomes),
        "limits": last.extra.get("limits", []),
    }


def _line(one: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        f"{one['server']}: {one['policy']}",
        f"{one['pages_per_second']:.1f}",
        f"{one['of_optimum']:.0%}",
        f"{one['refused']:.0f}",
        f"{one['refused_share']:.1%}",
        f"{one['most_at_once']}",
    )


def _run(options: argparse.Namespace) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = []
    policies: dict[str, Mapping[str, object]] = {ADAPTIVE: {}}
    policies |= {f"fixed {limit}": {"fixed": limit} for limit in options.fixed}
    for scene in QUICK if options.quick else SCENES:
        rules = {"latency": scene.latency, **scene.rules}
        with serving(rows=options.pages * PAGE, kind="small", **rules) as server:
            found: dict[str, list[Outcome]] = {policy: [] for policy in policies}
            for _, (policy, how) in product(range(options.rounds), policies.items()):
                outcome = measure("sdk", server, page_size=PAGE, watch=True, **how)
                found[policy].append(outcome)
        for policy, outcomes in found.items():
            results.append(_figures(scene, policy, outcomes))
    return results


def _options() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--pages", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--fixed", type=int, nargs="*", default=FIXED, help="limits to compare")
    options = parser.parse_args()
    options.pages = options.pages or (60 if options.quick else 300)
    options.rounds = options.rounds or (1 if options.quick else 3)
    return options


def main() -> None:
    """Measure, print the table, write the figures."""
    options = _options()
    results = _run(options)
    headline(
        f"{options.pages} pages of {PAGE} rows, medians of {options.rounds}", quick=options.quick
    )
    head = ("server: limit", "pages/s", "of optimum", "429s", "share", "at once")
    print(table(head, [_line(one) for one in results]))
    write_json(options.json, {"pages": options.pages, "results": results})


if __name__ == "__main__":
    main()
