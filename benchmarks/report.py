"""Puts what `run.py --json results.json` wrote into the documentation: `report.py results.json`.

Tables stand in `docs/explanation/performance.md` between `<!-- measured: NAME -->` and
`<!-- end -->`; plots lie in `docs/images`. What was not measured leaves its table as it is.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from _common import describe, table
from _plots import draw
from _scenes import ALL, BARE, BEST, BEST_RAW, CEILING, LOOP, SDK, TARGETS, WIRE

DOCS: Final = Path(__file__).parents[1] / "docs" / "explanation"
REGION: Final = "<!-- measured: {name} -->\n{body}\n<!-- end -->"
LATENCIES: Final = ("0", "50", "300")
QUIET: Final = 0.5
"""Programs that may have wanted the processor before a run that counts as quiet."""
Part: TypeAlias = Mapping[str, Any]


def _scenes(fetch: Part) -> dict[str, Part]:
    return {scene["key"]: scene for scene in fetch["scenes"]}


def _rate(scene: Part, label: str) -> str:
    found = scene["contestants"].get(label)
    return f"{found['rows_per_second']:,}" if found else "-"


def throughput(fetch: Part) -> str:
    """Rows per second by latency."""
    scenes = {key: scene for key, scene in _scenes(fetch).items() if key in LATENCIES}
    labels = dict.fromkeys(label for scene in scenes.values() for label in scene["contestants"])
    lines = [
        [
            label,
            *(_rate(scene, label) for scene in scenes.values()),
            *_least(label, scenes.values()),
        ]
        for label in labels
        if label not in {ALL, WIRE}
    ]
    return table(("rows/s", *(f"{key} ms" for key in scenes), "CPU µs/row", "peak MB"), lines)


def _least(label: str, scenes: Sequence[Part] | Any) -> tuple[str, str]:
    found = [scene["contestants"][label] for scene in scenes if label in scene["contestants"]]
    peak = max(one["peak_mb"] for one in found)
    return f"{min(one['cpu_us_per_row'] for one in found):.1f}", f"{peak:.0f}"


def others(fetch: Part) -> str:
    """Rows per second from servers of other kinds."""
    labels = (SDK, BEST, BEST_RAW, BARE, CEILING, LOOP)
    lines = [
        [scene["title"], *(_rate(scene, label) for label in labels)]
        for key, scene in _scenes(fetch).items()
        if key not in LATENCIES and key != "uncapped" and not key.startswith("together")
    ]
    return table(("server", *labels), lines)


def peers(fetch: Part) -> str:
    """Rows per second beside packages that read all rows as one page."""
    scene = _scenes(fetch)["uncapped"]
    lines = [[label, _rate(scene, label)] for label in scene["contestants"]]
    return table((f"{scene['rows']:,} rows", "rows/s"), lines)


def ratios(results: Part) -> str:
    """Compare with what was asked for, and name what was missed."""
    asked = {target.name: target.at_least for target in TARGETS}
    found = [
        (one["name"], one["ratio"], asked[one["name"]], _compared(one))
        for one in results["parts"]["fetch"]["ratios"]
    ]
    lines = [
        [what, f"{ratio:.2f}", f"{least:.2f}", "" if ratio >= least else "missed"]
        for _, ratio, least, what in found
    ]
    lines += [[*_words(name, results["ratios"])] for name in BOUNDS if name in results["ratios"]]
    return table(("", "found", "asked", ""), lines)


def _compared(one: Part) -> str:
    server = f", {one['scene']} ms" if one["scene"] in LATENCIES else ""
    return f"{one['of']} : {one['to']}{server}"


BOUNDS: Final = {
    "capacity_efficiency": ("server that refuses: pages/s : optimum", 0.92, True),
    "capacity_429_share": ("server that refuses: share of 429", 0.03, False),
    "overhead_us": ("small call: µs more than bare httpx", 80.0, False),
    "memory_growth": ("memory of most rows : of 100,000", 1.15, False),
}
"""What each figure is, its bound, and whether that is a floor."""


def _words(name: str, found: Mapping[str, float]) -> tuple[str, str, str, str]:
    what, bound, floor = BOUNDS[name]
    met = found[name] >= bound if floor else found[name] <= bound
    sign = "" if floor else "at most "
    return what, f"{found[name]:.3g}", f"{sign}{bound:g}", "" if met else "missed"


def limits(limit: Part) -> str:
    """Pages per second, and refusals, by server and limit."""
    lines = [
        (
            f"{one['server']}: {one['policy']}",
            f"{one['of_optimum']:.0%}",
            f"{one['refused']:.0f}",
            f"{one['refused_share']:.1%}",
        )
        for one in limit["results"]
    ]
    return table(("server: limit", "of optimum", "429s", "share"), lines)


def strategies(found: Part) -> str:
    """Rows per second by strategy."""
    lines = [
        (
            f"{one['skip_us']:g} µs",
            *(f"{one[name]:,}" for name in ("offsets", "ranges", "auto")),
            one["chosen"],
            f"{one['auto_of_faster']:.2f}",
        )
        for one in found["results"]
    ]
    head = ("per row skipped", "offsets", "ranges", "auto", "auto chose", "auto : faster")
    return table(head, lines)


def memory(found: Part) -> str:
    """Peak of memory by rows."""
    lines = [
        (
            f"{one['rows']:,} rows, {one['latency_ms']} ms",
            f"{one['peak_mb']:.0f}",
            f"{one['growth']:.2f}",
        )
        for one in found["results"]
    ]
    return table(("", "peak MB", "growth"), lines)


def costs(results: Part) -> str:
    """What else costs time."""
    found, imports = results["parts"]["costs"], results["parts"]["import_time"]["results"]
    calls, server = found["small_calls_us"], found["page_server"]
    lines = [
        *((f"import, {one['environment']}", f"{one['import_median']:.2f} s") for one in imports),
        ("`kobo-async --version`", f"{found['command_s']:.2f} s"),
        ("first row of 100,000, once imported", f"{found['first_row_s'] * 1000:.0f} ms"),
        ("small call, bare httpx : kobo_async", " : ".join(f"{t:.0f} µs" for t in calls.values())),
        ("page server : its fastest client", f"{server['sends'] / server['fastest_client']:.1f}"),
    ]
    return table(("", "cost"), lines)


def sinks(found: Part) -> str:
    """Rows per second that each sink takes, alone, with decoding, and with the download."""
    ways = {"alone": "sink alone", "decoding": "with decoding", "both": "whole pull"}
    heads = [head for way in ways.values() for head in (f"{way}, rows/s", "of download")]
    lines = [[one["sink"], *_speeds(one, ways)] for one in found["results"]]
    return table(("household rows", *heads), lines)


def _speeds(one: Part, ways: Iterable[str]) -> Iterator[str]:
    for way in ways:
        yield f"{one[way]:,.0f}"
        yield f"{one[f'{way}_share']:.2f}"


def typed(found: Part) -> str:
    """Rows per second of the steps from bytes to columns."""
    steps = list(next(iter(found["results"].values())))
    lines = [
        [name, *(f"{one[step]:,.0f}" for step in steps)] for name, one in found["results"].items()
    ]
    return table(("rows/s", *steps), lines)


def machine(results: Part) -> str:
    """Say what was measured on, and whether it was quiet."""
    load = results["load_before"]
    busy = load is None or load > QUIET
    kind = "A quick run, too short to be judged. " if results["quick"] else ""
    state = f"The machine was busy (load {load}): read ratios, not rates." if busy else ""
    return f"{kind}{describe(results['machine'])}. {results['minutes']:g} minutes. {state}".strip()


PARTS: Final[Mapping[str, tuple[str, Callable[[Part], str]]]] = {
    "throughput": ("fetch", throughput),
    "others": ("fetch", others),
    "peers": ("fetch", peers),
    "limits": ("limit", limits),
    "strategies": ("strategies", strategies),
    "memory": ("memory", memory),
    "sinks": ("sinks", sinks),
    "typed": ("typed", typed),
}


def regions(results: Part) -> Iterator[tuple[str, str]]:
    """Yield what each region is to hold, as far as it was measured."""
    parts = results["parts"]
    yield "machine", machine(results)
    for name, (part, lay_out) in PARTS.items():
        if part in parts:
            yield name, lay_out(parts[part])
    if "fetch" in parts:
        yield "ratios", ratios(results)
    if {"costs", "import_time"} <= parts.keys():
        yield "costs", costs(results)


def main() -> None:
    """Rewrite the page, and draw the plots."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("results", type=Path)
    results = json.loads(parser.parse_args().results.read_text("utf-8"))
    page = DOCS / "performance.md"
    text = page.read_text("utf-8")
    for name, body in regions(results):
        region = REGION.format(name=name, body=f"\n{body}\n")
        pattern = re.escape(f"<!-- measured: {name} -->") + r"\n.*?<!-- end -->"
        text = re.sub(pattern, lambda _, new=region: new, text, flags=re.DOTALL)
    page.write_text(text, encoding="utf-8")
    draw(results["parts"], DOCS.parent / "images")


if __name__ == "__main__":
    main()
