"""How long `import kobo_async` takes in a fresh interpreter, and what it must not import.

httpx imports click, rich and pygments for its own command line whenever they are installed, as
they are with the extra `cli`; so both cases are measured. httpx imports its connection pool, and
that imports trio where installed, with the first client, which is therefore told apart.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from statistics import median
from typing import Any

from _common import arguments, headline, run_python, table, verdict, write_json

BUDGET = 0.35
HTTPX_OPTIONAL = ("click", "rich", "pygments", "trio")
NEVER = (
    *("kobo_async.cli", "kobo_async.testing"),
    *("click", "rich", "uvicorn", "httptools", "pandas", "pyarrow", "openpyxl", "sqlalchemy"),
    *("msgspec", "aiohttp", "httpx2", "duckdb", "psycopg", "asyncpg", "motor", "pytest"),
)
PLAIN = """
import sys, time
for name in {blocked!r}:
    sys.modules[name] = None
started = time.perf_counter()
import kobo_async
kobo_async.KoboClient
imported = time.perf_counter()
kobo_async.KoboClient("https://kobo.invalid", token="benchmark")
print(imported - started, time.perf_counter() - imported)
"""
LOADED = """
import json, sys
{before}
before = set(sys.modules)
from kobo_async import KoboClient
print(json.dumps(sorted(set(sys.modules) - before)))
"""
TRACED = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|( +)(\S+)")
TOP = 12


def _seconds(rounds: int, blocked: tuple[str, ...]) -> tuple[list[float], list[float]]:
    script = PLAIN.format(blocked=blocked)
    pairs = [[float(word) for word in run_python("-c", script).split()] for _ in range(rounds)]
    return [first for first, _ in pairs], [second for _, second in pairs]


def _contributors() -> dict[str, float]:
    """Return milliseconds spent in each package's own modules, without what they import."""
    traced = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "from kobo_async import KoboClient"],
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    spent: dict[str, float] = {}
    for own, _, _, name in TRACED.findall(traced.stderr):
        package = name.partition(".")[0]
        spent[package] = spent.get(package, 0.0) + int(own) / 1000
    return dict(sorted(spent.items(), key=lambda item: -item[1])[:TOP])


def _forbidden() -> list[str]:
    """Name what is imported although nobody asked for it; what httpx imports is not ours."""
    loaded = json.loads(run_python("-c", LOADED.format(before="import httpx")))
    return [name for name in loaded if name.startswith(tuple(f"{one}." for one in NEVER))] + [
        name for name in loaded if name in NEVER
    ]


def _options() -> argparse.Namespace:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int)
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 11)
    return options


def main() -> None:
    """Measure, print the tables, write the figures; fail where something forbidden is imported."""
    options = _options()
    results: list[dict[str, Any]] = []
    for label, blocked in (("everything installed", ()), ("only what is required", HTTPX_OPTIONAL)):
        imports, clients = _seconds(options.rounds, blocked)
        results.append(
            {
                "environment": label,
                "import_median": round(median(imports), 4),
                "import_best": round(min(imports), 4),
                "first_client_median": round(median(clients), 4),
                "met": median(imports) < BUDGET,
            }
        )
    headline(
        f"import kobo_async, {options.rounds} fresh interpreters; budget {BUDGET} s",
        quick=options.quick,
    )
    print(table(["", "median s", "best s", "first client s", ""], [_line(one) for one in results]))
    contributors, forbidden = _contributors(), _forbidden()
    lines = [(name, f"{spent:.1f}") for name, spent in contributors.items()]
    print(f"\n{table(['everything installed, by package', 'own ms'], lines)}")
    print(f"\nimported without need: {', '.join(forbidden) or 'nothing'}")
    figures = {"results": results, "contributors_ms": contributors, "forbidden": forbidden}
    write_json(options.json, figures)
    sys.exit(bool(forbidden))


def _line(one: dict[str, Any]) -> tuple[str, ...]:
    names = ("import_median", "import_best", "first_client_median")
    return (one["environment"], *(f"{one[name]:.3f}" for name in names), verdict(met=one["met"]))


if __name__ == "__main__":
    main()
