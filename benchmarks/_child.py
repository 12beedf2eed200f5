"""Lets one contestant read everything, in a process of its own: `_child.py NAME JOB`."""

from __future__ import annotations

import json
import resource
import sys
import time
from importlib import import_module
from pathlib import Path

from _common import pin
from contestants import Job

KILO = 1 if sys.platform == "darwin" else 1024


def _peak_mb() -> float:
    """Return the most memory this process held.

    The kernel's own mark is preferred: `ru_maxrss` also remembers what the parent held.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text("utf-8").splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KILO / 1e6


def main() -> None:
    """Run the contestant and print what it saw."""
    name, told = sys.argv[1:]
    job = Job(**json.loads(told))
    pin(job.core)
    contestant = import_module(f"contestants.{name}")
    fetch, prepare = contestant.fetch, getattr(contestant, "prepare", None)
    if prepare:
        prepare(job)
    started, busy = time.perf_counter(), time.process_time()
    seen = fetch(job)
    seconds = time.perf_counter() - started
    figures = {
        "rows": seen.rows,
        "id_sum": seen.id_sum,
        "seconds": seconds,
        "cpu_seconds": time.process_time() - busy,
        "peak_mb": _peak_mb(),
        "extra": seen.extra,
    }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
