"""How fast rows become typed columns, and columns become Arrow arrays.

Pages of 1,000 rows are taken through one after the other on one core, from the bytes that the
server sends, and what was made of a page is dropped before the next, as a download into a file
does. The time is that of the process, for each page in its best of several rounds: other programs
make a round slower, never faster; and choices have been seen before, as after the first pages of a
download. `dicts` is the measure: decoding the same bytes without knowing the form.

The benchmark form has the 35 keys of `_rows.py`; the real form is the one that the maintainers
keep with its submissions in `KOBO_SHARED`, and is left out where that is absent.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import os
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import attrs
import orjson
from _common import arguments, cores, headline, pin, table, verdict, write_json
from _form import CONTENT
from _rows import bodies

from kobo_async.forms.columns import Layout, TableOptions
from kobo_async.forms.compiled import PageDecoder
from kobo_async.forms.content import read_form
from kobo_async.forms.layout import lay_out
from kobo_async.forms.tabulate import Tabulator
from kobo_async.tables.arrow import ArrowTables

PAGE = 1000
GOAL = 60_000
STEPS = ("dicts", "decode", "typed", "Arrow")
SHARED = Path(os.environ.get("KOBO_SHARED", Path(__file__).parents[2] / "shared"))
REAL = SHARED / "kpi" / "data" / "household"


@attrs.frozen
class Case:
    """A form, and pages of its submissions as the server encodes them."""

    name: str
    layout: Layout
    pages: Sequence[bytes]
    rows: int


def _cases() -> Iterator[Case]:
    layout = lay_out(read_form(CONTENT, "Household"), TableOptions())
    encoded = [b'{"_id":%d' % number + body for number, body in enumerate(bodies("household"), 1)]
    yield Case("benchmark form", layout, _paged(encoded), len(encoded))
    if REAL.is_dir():
        asset = json.loads((REAL / "asset.json").read_text("utf-8"))
        lines = gzip.decompress((REAL / "submissions.jsonl.gz").read_bytes()).splitlines()
        kept = lines[: len(lines) // PAGE * PAGE]
        layout = lay_out(read_form(asset["content"], asset["name"]), TableOptions())
        yield Case("real form", layout, _paged(kept), len(kept))


def _paged(rows: Sequence[bytes]) -> list[bytes]:
    starts = range(0, len(rows), PAGE)
    return [b'{"results":[%b]}' % b",".join(rows[start : start + PAGE]) for start in starts]


def _measure(case: Case, rounds: int) -> dict[str, float]:
    """Return rows per second of every step, each page in its best round."""
    run = _Run(case.layout)
    best = [[math.inf] * len(STEPS) for _ in case.pages]
    for _ in range(rounds):
        for place, page in enumerate(case.pages):
            best[place] = list(map(min, best[place], run.times(page)))
    sums = dict(zip(STEPS, map(sum, zip(*best, strict=True)), strict=True))
    sums["typed, Arrow"] = sums["typed"] + sums["Arrow"]
    sums["all three"] = sums["decode"] + sums["typed, Arrow"]
    return {name: case.rows / seconds for name, seconds in sums.items()}


class _Run:
    def __init__(self, layout: Layout) -> None:
        self._decoder = PageDecoder(layout)
        self._tabulator = Tabulator(layout, self._decoder.shapes)
        self._arrow = ArrowTables(layout)

    def times(self, page: bytes) -> list[float]:
        """Return the seconds of every step."""
        times = [time.process_time()]
        orjson.loads(page)
        times.append(time.process_time())
        decoded = self._decoder.decode(page)
        times.append(time.process_time())
        assert decoded is not None
        batches = self._tabulator.add(decoded[1]["results"])
        times.append(time.process_time())
        for batch in batches:
            self._arrow.convert(batch)
        times.append(time.process_time())
        return [end - start for start, end in pairwise(times)]


def _options() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int)
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 60)
    return options


def main() -> None:
    """Measure, print the table, write the figures."""
    options = _options()
    pin(cores()[1])
    results = {case.name: _measure(case, options.rounds) for case in _cases()}
    headline(f"rows/s on one core, best of {options.rounds} rounds", quick=options.quick)
    steps = list(next(iter(results.values())))
    lines = [[name, *(f"{found[step]:,.0f}" for step in steps)] for name, found in results.items()]
    print(table(["", *steps], lines))
    met = results["benchmark form"]["typed, Arrow"] >= GOAL
    print(f"\ntyped, Arrow of the benchmark form, goal {GOAL:,}: {verdict(met=met)}")
    for name, found in results.items():
        print(
            f"{name}: typed, Arrow {found['typed, Arrow'] / found['dicts']:.2f} x as fast as dicts "
            f"are decoded; all three take {found['dicts'] / found['all three']:.1f} x their time"
        )
    write_json(options.json, {"results": results, "goal": GOAL, "met": met})


if __name__ == "__main__":
    sys.exit(main())
