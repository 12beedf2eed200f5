"""The plots of the documentation, as SVG that is the same for the same figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from _scenes import BARE, BEST, BEST_FIXED, BEST_RAW, CEILING, FIXED, LOOP, SDK
from matplotlib.axes import Axes
from matplotlib.figure import Figure

SIZE: Final = (7.0, 3.6)
LATENCIES: Final = ("0", "50", "300")
Part = Mapping[str, Any]


def draw(parts: Mapping[str, Part], folder: Path) -> None:
    """Draw what was measured."""
    mpl.rcParams["svg.hashsalt"] = "kobo_async"
    folder.mkdir(exist_ok=True)
    if "fetch" in parts:
        scenes = {scene["key"]: scene for scene in parts["fetch"]["scenes"]}
        _by_latency(scenes, folder / "rows-by-latency.svg")
        _by_concurrency(scenes, folder / "rows-by-concurrency.svg")
    if "memory" in parts:
        _by_rows(parts["memory"], folder / "memory-by-rows.svg")
    if "limit" in parts:
        _refusals(parts["limit"], folder / "refusals-by-limit.svg")


def _save(figure: Figure, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None, "Creator": None})


def _axes(title: str, x: str, y: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=SIZE)
    axes = figure.subplots()
    axes.set(title=title, xlabel=x, ylabel=y)
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _bars(axes: Axes, groups: Sequence[str], series: Mapping[str, Sequence[float]]) -> None:
    width = 0.8 / max(len(series), 1)
    for number, (label, heights) in enumerate(series.items()):
        places = [place + number * width - 0.4 + width / 2 for place in range(len(groups))]
        axes.bar(places, heights, width, label=label)
    axes.set_xticks(range(len(groups)), groups)
    axes.legend(fontsize="x-small", frameon=False)


def _by_latency(scenes: Mapping[str, Part], path: Path) -> None:
    found = [scenes[key] for key in LATENCIES if key in scenes]
    labels = [
        label
        for label in (SDK, BEST, BEST_RAW, BARE, CEILING, LOOP)
        if all(label in scene["contestants"] for scene in found)
    ]
    figure, axes = _axes("Rows per second, by latency", "", "rows/s")
    rates = {
        label: [scene["contestants"][label]["rows_per_second"] for scene in found]
        for label in labels
    }
    _bars(axes, [scene["title"] for scene in found], rates)
    _save(figure, path)


def _by_concurrency(scenes: Mapping[str, Part], path: Path) -> None:
    prefix = "together-"
    found = sorted(
        (int(key.removeprefix(prefix)), scene)
        for key, scene in scenes.items()
        if key.startswith(prefix)
    )
    if not found:
        return
    figure, axes = _axes("Rows per second, by requests at once, 50 ms", "requests", "rows/s")
    for label in (FIXED, BEST_FIXED, BARE, CEILING):
        points = [
            (number, scene["contestants"][label]["rows_per_second"])
            for number, scene in found
            if label in scene["contestants"]
        ]
        axes.plot(*zip(*points, strict=True), marker="o", label=label.removesuffix(", 16 at once"))
    axes.set_xscale("log", base=2)
    axes.set_xticks([number for number, _ in found], [str(number) for number, _ in found])
    axes.legend(fontsize="x-small", frameon=False)
    _save(figure, path)


def _by_rows(memory: Part, path: Path) -> None:
    figure, axes = _axes("Peak memory of streaming, by rows", "rows", "MB")
    for latency in dict.fromkeys(one["latency_ms"] for one in memory["results"]):
        points = [
            (one["rows"], one["peak_mb"])
            for one in memory["results"]
            if one["latency_ms"] == latency
        ]
        axes.plot(*zip(*points, strict=True), marker="o", label=f"{latency} ms")
    axes.set_ylim(bottom=0)
    axes.legend(fontsize="x-small", frameon=False)
    _save(figure, path)


def _refusals(limit: Part, path: Path) -> None:
    servers = list(dict.fromkeys(one["server"] for one in limit["results"] if one["refused"]))
    policies = list(dict.fromkeys(one["policy"] for one in limit["results"]))
    found = {(one["server"], one["policy"]): one["refused"] for one in limit["results"]}
    figure, axes = _axes("Refused requests (429), by limit", "", "of 300 pages and more")
    heights = {
        policy: [found.get((server, policy), 0) for server in servers] for policy in policies
    }
    _bars(axes, [server.replace(", ", ",\n", 1) for server in servers], heights)
    _save(figure, path)
