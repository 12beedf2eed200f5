"""What the benchmarks share: the server process, fresh clients, the machine, tables."""

from __future__ import annotations

import argparse
import json
import os
import platform
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import attrs

HERE = Path(__file__).parent
LIBRARIES = (
    *("kobo-async", "httpx", "httpcore", "h11", "anyio", "orjson", "attrs", "requests"),
    *("httpx2", "aiohttp", "msgspec", "isal", "pykobo", "koboextractor"),
)


@attrs.frozen
class Server:
    """A running page server, and what it should be seen to hold."""

    url: str
    uid: str
    rows: int
    id_sum: int
    row_bytes: float
    ca: str | None = None

    def stats(self) -> dict[str, float]:
        """Return what the server counted since it started."""
        context = ssl.create_default_context(cafile=self.ca) if self.ca else None
        address = f"{self.url}/stats"
        with urllib.request.urlopen(address, context=context) as reply:  # noqa: S310 - our own
            stats: dict[str, float] = json.load(reply)
        return stats


@attrs.frozen(kw_only=True)
class Outcome:
    """What a client process measured of itself, and what the server saw of it."""

    seconds: float
    rows: int
    peak_mb: float
    cpu_seconds: float
    requests: int
    refused: int
    most_at_once: int
    server_busy: float
    extra: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def rows_per_second(self) -> float:
        """Rows read per second."""
        return self.rows / self.seconds


class WrongRowsError(Exception):
    """A contestant did not read what the server holds."""


def cores() -> tuple[int | None, int | None]:
    """Choose a core for the server and another one for the client, where that is possible."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    usable = sorted(os.sched_getaffinity(0))
    return (usable[0], usable[-1]) if len(usable) > 1 else (None, None)


def pin(core: int | None) -> None:
    """Keep this process on one core."""
    if core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


@contextmanager
def serving(**options: object) -> Iterator[Server]:
    """Run a page server; options are those of `server.py`."""
    words = [str(HERE / "server.py"), *_as_words({"core": cores()[0], **options})]
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("the page server did not start")
        yield Server(**json.loads(line))
    finally:
        process.terminate()
        process.communicate()


def _as_words(options: Mapping[str, object]) -> Iterator[str]:
    for name, value in options.items():
        if value is not None:
            yield from (f"--{name.replace('_', '-')}", str(value))


def measure(contestant: str, server: Server, **options: object) -> Outcome:
    """Let a contestant read everything in a fresh process, and check what it read."""
    job = {"url": server.url, "uid": server.uid, "core": cores()[1], "ca": server.ca}
    job["options"] = options
    before = server.stats()
    told = run_python(str(HERE / "_child.py"), contestant, json.dumps(job))
    after = server.stats()
    seen = json.loads(told.splitlines()[-1])
    if seen["rows"] != server.rows or seen.pop("id_sum") not in {server.id_sum, None}:
        raise WrongRowsError(f"{contestant} read {seen['rows']} of {server.rows} rows")
    return Outcome(
        requests=int(after["requests"] - before["requests"]),
        refused=int(after["refused"] - before["refused"]),
        most_at_once=int(after["most_at_once"]),
        server_busy=(after["cpu_seconds"] - before["cpu_seconds"]) / seen["seconds"],
        **seen,
    )


def run_python(*words: str) -> str:
    """Run a fresh interpreter and return what it prints.

    It keeps the byte code that it makes, since an installed package has that from the start.
    """
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, *words], env=env, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def machine() -> dict[str, Any]:
    """Describe the machine, without saying whose it is."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "libraries": {name: found for name in LIBRARIES if (found := _version(name))},
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "unknown")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def describe(facts: Mapping[str, Any]) -> str:
    """Put the machine into one line."""
    libraries = ", ".join(f"{name} {found}" for name, found in facts["libraries"].items())
    return f"{facts['cpu']}, {facts['cores']} cores, {facts['python']}; {libraries}"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Lay out a Markdown table."""
    lines = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    bar = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(line, widths) for line in (lines[0], bar, *lines[1:]))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    padded = (f"{cell:>{width}}" for cell, width in others)
    return f"| {first[0]:<{first[1]}} | {' | '.join(padded)} |"


def headline(text: str, *, quick: bool) -> None:
    """Print what was measured, and on what machine."""
    print(text)
    if quick:
        print("a quick run, too short to be judged")
    print(f"{describe(machine())}\n")


def verdict(*, met: bool) -> str:
    """Say whether a target is met."""
    return "met" if met else "MISSED"


def arguments(doc: str | None) -> argparse.ArgumentParser:
    """Return a parser with what all benchmarks understand."""
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a few seconds; not for judging")
    parser.add_argument("--json", metavar="PATH", help="write the figures there; - prints them")
    return parser


def write_json(path: str | None, figures: Mapping[str, Any]) -> None:
    """Write figures, with the machine they belong to."""
    text = json.dumps({"machine": machine(), **figures}, indent=None if path == "-" else 2)
    if path == "-":
        print(text)
    elif path:
        Path(path).write_text(text + "\n", encoding="utf-8")
