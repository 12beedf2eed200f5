"""Whether a client that works for hours through faults stays as small as it was.

Round by round it downloads, makes tables, mirrors files, exports, submits and follows, all at the
same time, from a fake server in another process that fails at random. Between two rounds, when
nothing is under way, memory and open descriptors are read. The slope of the memory after the
warm-up is told with its interval (`_slope.py`).

Allocators keep what was freed for later, in arenas of each thread, and grow by a megabyte or two
whenever jobs happen to need more at the same time than ever before: such steps come for hours, and
hide what is lost. So they are asked to give back what is free before the memory is read. Where
that is not possible, the slope is that of the allocators, too.

The interpreter has a table of names as well, into which `pathlib` puts the name of every file.
About a hundred come and go in a round. When its free places have been used once, it is made twice
as large, and that is the end of it: 2 MB in the 293rd round. So it is filled after the first
one, by which everything is imported.

Runs that are shorter than half an hour show what was lost and left open, but are no judge of the
slope.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import gc
import json
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import attrs
import psutil
import pyarrow as pa
from _common import arguments, headline, table, verdict, write_json
from _slope import per_hour
from _soaked import Site, Work

from kobo_async import KoboClient, RetryPolicy, Timeouts
from kobo_async.testing import FakeKobo, Fault, serve
from kobo_async.testing.messages import RequestInfo

MOST_GROWTH = 1.0
"""MB per hour that are allowed after the warm-up."""
WARM_UP = 0.25
"""Part of the run that does not count."""
JUDGED = 30
"""Minutes that a run must take at least for its slope to count."""
NAMES = 50_000
"""More than the interpreter's table of names has places left with all of this imported."""
STILL, MOVING, KEPT = 200, 200, 100
QUICK_MINUTES = 0.3
FAULTS = [
    Fault.reset(probability=0.02),
    Fault.truncate(0.6, probability=0.02),
    Fault.status(429, probability=0.01),
    Fault.status(429, retry_after=0.05, probability=0.005),
    Fault.status(500, probability=0.005),
    Fault.status(502, probability=0.02),
    Fault.status(503, probability=0.01),
    Fault.garbage("json", match=r"/data/$", probability=0.01),
    Fault.slow(4, 0.01, probability=0.02),
    Fault.latency(0.05, probability=0.05),
]
HASTY = RetryPolicy(first_wait=0.01, longest_wait=0.2, deadline=60)


@attrs.define
class Soak:
    """What was read between the rounds.

    Attributes:
        seen: seconds since the start, MB of memory, open descriptors.
        unhandled: exceptions that are no typed error, and those that nobody was told of.
    """

    seen: list[tuple[float, float, int]] = attrs.Factory(list)
    unhandled: list[str] = attrs.Factory(list)

    def look(self, started: float) -> None:
        """Read memory and descriptors, now that nothing is under way."""
        gc.collect()
        _give_back()
        process = psutil.Process()
        memory = process.memory_info().rss / 1e6
        self.seen.append((time.monotonic() - started, memory, process.num_fds()))

    def figures(self) -> dict[str, Any]:
        """Sum up what was read after the warm-up."""
        late = [one for one in self.seen if one[0] >= WARM_UP * self.seen[-1][0]]
        seconds, memory, descriptors = zip(*late, strict=True)
        part = max(1, len(late) // 4)
        return {
            "rounds": len(self.seen),
            "seconds": round(self.seen[-1][0], 1),
            "mb": round(median(memory), 1),
            "mb_per_hour": [round(one, 2) for one in per_hour(seconds, memory)],
            "descriptors": [median(descriptors[:part]), median(descriptors[-part:])],
            "most_descriptors": max(descriptors),
            "unhandled": self.unhandled,
            "seen": [[round(one, 2) for one in seen] for seen in self.seen],
        }


def _fill_names() -> None:
    """Let the interpreter's table of names grow."""
    for number in range(NAMES):
        sys.intern(f"name {number}")


def _give_back() -> None:
    """Let allocators hand to the system what nothing uses."""
    pa.default_memory_pool().release_unused()
    with suppress(AttributeError):  # of glibc
        ctypes.CDLL(None).malloc_trim(0)


async def _serve(seed: int) -> None:
    fake = FakeKobo(seed=seed)
    still, moving = fake.add_form("Still", rows=STILL), fake.add_form("Moving", rows=MOVING)

    def forget(_: RequestInfo) -> None:
        del fake.requests[:-KEPT]

    fake.on_request = forget
    async with serve(fake) as url:
        site = Site(
            url=url,
            token=fake.token,
            still=still.uid,
            still_ids=sorted(still.rows),
            still_files=sum(len(row["_attachments"]) for row in still.rows.values()),
            moving=moving.uid,
            moving_ids=sorted(moving.rows),
        )
        print(json.dumps(attrs.asdict(site)), flush=True)
        fake.faults.add(*FAULTS)
        await asyncio.to_thread(sys.stdin.read)
        print(fake.faults.fired(), flush=True)


@contextmanager
def _serving(faults: list[int]) -> Iterator[Site]:
    """Run the server; `faults` is told how many there were."""
    process = subprocess.Popen(
        [sys.executable, __file__, "--serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield Site(**json.loads(process.stdout.readline()))
    finally:
        told, _ = process.communicate("")
        faults.append(int(told or 0))


async def _work(site: Site, minutes: float, folder: Path) -> tuple[Soak, Work]:
    soak, started = Soak(), time.monotonic()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: soak.unhandled.append(str(context)))
    quick = Timeouts(connect=2, read=5, write=5, total=20)
    async with KoboClient(site.url, token=site.token, retry=HASTY, timeouts=quick) as client:
        work = Work(client, site, folder)
        while time.monotonic() - started < 60 * minutes:
            told = await asyncio.gather(
                *(work.run(name, job) for name, job in work.jobs().items()),
                return_exceptions=True,
            )
            soak.unhandled += [repr(one) for one in told if one is not None]
            if not soak.seen:
                _fill_names()
            soak.look(started)
    return soak, work


def _options() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--minutes", type=float, help="60 for a figure that can be trusted")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.minutes = options.minutes or (QUICK_MINUTES if options.quick else 60)
    return options


def _tell(figures: dict[str, Any], *, quick: bool) -> bool:
    first, last = figures["descriptors"]
    lost = sum(figures["lost"].values())
    slope, least, most = figures["mb_per_hour"]
    short = figures["seconds"] < 60 * JUDGED
    wanted = [
        ("rows or files lost or doubled", lost, lost == 0),
        ("unhandled exceptions", len(figures["unhandled"]), not figures["unhandled"]),
        ("descriptors, first and last quarter", f"{first:g}, {last:g}", last <= first + 1),
        (
            f"MB per hour{' (too short to be judged)' * short}",
            f"{slope} ({least} to {most})",
            short or slope < MOST_GROWTH,
        ),
    ]
    headline(
        f"{figures['rounds']} rounds in {figures['seconds']:.0f} s through {figures['faults']:,} "
        f"faults; {figures['rows']:,} rows read, {figures['mb']} MB held",
        quick=quick,
    )
    print(table(["", "", ""], [[name, value, verdict(met=met)] for name, value, met in wanted]))
    jobs = [
        [name, times] for name, times in (*figures["done"].items(), *figures["refused"].items())
    ]
    print(f"\n{table(['job, or what it was told', 'times'], jobs)}")
    return all(met for _, _, met in wanted)


def main() -> None:
    """Soak, print the tables, write the figures; end with 1 where something is lost or grows."""
    options = _options()
    if options.serve:
        asyncio.run(_serve(7))
        return
    warnings.simplefilter("default", ResourceWarning)
    faults: list[int] = []
    with TemporaryDirectory() as folder, _serving(faults) as site:
        soak, work = asyncio.run(_work(site, options.minutes, Path(folder)))
    figures = {
        **soak.figures(),
        "faults": faults[0],
        "rows": work.rows,
        "lost": dict(work.lost),
        "done": dict(work.done),
        "refused": dict(work.refused),
    }
    met = _tell(figures, quick=options.quick)
    write_json(options.json, {"benchmark": "soak", **figures})
    sys.exit(not met)


if __name__ == "__main__":
    main()
