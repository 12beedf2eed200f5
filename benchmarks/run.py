"""Runs all benchmarks one after the other: `python run.py --json results.json`.

That takes 40 to 45 minutes; `--only` runs a part.

The last line printed is one JSON object with the ratios that are asked for. `--quick` measures what
they need alone, in less than a minute: a first idea, too short to be judged. `report.py` puts what
`--json` wrote into the documentation.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import attrs
from _common import HERE, arguments, run_python, write_json

KEYS: Final = (
    *("vs_httpx", "accelerated_vs_aiohttp", "raw_jsonl_vs_aiohttp"),
    *("vs_sequential_0", "vs_sequential_50", "vs_sequential_300", "vs_pykobo"),
    *("capacity_efficiency", "capacity_429_share", "sqlite_vs_aiohttp", "parquet_vs_aiohttp"),
    *("all_vs_stream", "overhead_us", "memory_growth"),
)


@attrs.frozen
class Part:
    """One script, and what it is told in a full run and in a quick one; None leaves it out."""

    name: str
    full: Sequence[str] | None = ()
    quick: Sequence[str] | None = None


PARTS: Final = (
    Part("memory", ["--latency", "50"], ["--quick", "--latency", "0"]),
    Part("limit", quick=["--quick"]),
    Part("fetch", quick=["--quick"]),
    Part("costs", quick=["--quick"]),
    Part("import_time", quick=["--quick"]),
    Part("strategies"),
    Part("sinks", ["--rows", "20000"]),
    Part("typed", ["--rounds", "20"]),
    Part("attachments"),
)


def _run(part: Part, *, quick: bool) -> dict[str, Any] | None:
    """Run one script, print what it prints, and return its figures."""
    words = part.quick if quick else part.full
    if words is None:
        return None
    started = time.perf_counter()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "figures.json"
        text = run_python(str(HERE / f"{part.name}.py"), *words, "--json", str(path))
        figures: dict[str, Any] = json.loads(path.read_text("utf-8"))
    print(f"\n== {part.name}, {time.perf_counter() - started:.0f} s\n\n{text}", flush=True)
    return figures


def ratios(parts: Mapping[str, Any]) -> dict[str, float]:
    """Pick out what is asked for."""
    found = {one["name"]: one["ratio"] for one in parts.get("fetch", {}).get("ratios", ())}
    for one in parts.get("limit", {}).get("results", ()):
        if one["key"] == "capacity" and one["policy"].startswith("adaptive"):
            found["capacity_efficiency"] = one["of_optimum"]
            found["capacity_429_share"] = one["refused_share"]
    if "costs" in parts:
        found["overhead_us"] = parts["costs"]["overhead_us"]
    if "memory" in parts:
        found["memory_growth"] = max(one["growth"] for one in parts["memory"]["results"])
    return {key: found[key] for key in KEYS if key in found}


def _load() -> float | None:
    """Return how many programs wanted the processor in the last minute."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def _options() -> argparse.Namespace:
    parser = arguments(__doc__)
    names = [part.name for part in PARTS]
    parser.add_argument("--only", nargs="+", choices=names, help="leave out the other parts")
    return parser.parse_args()


def main() -> None:
    """Measure everything."""
    options = _options()
    load, started = _load(), time.perf_counter()
    wanted = [part for part in PARTS if not options.only or part.name in options.only]
    measured = {part.name: _run(part, quick=options.quick) for part in wanted}
    parts = {name: figures for name, figures in measured.items() if figures}
    found = ratios(parts)
    minutes = round((time.perf_counter() - started) / 60, 1)
    about = {"quick": options.quick, "load_before": load, "minutes": minutes}
    print(f"\n{minutes:.1f} minutes", file=sys.stderr)
    if options.json:
        write_json(options.json, {**about, "ratios": found, "parts": parts})
    print(json.dumps(found))


if __name__ == "__main__":
    main()
