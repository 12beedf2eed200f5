"""What is measured with each kind of server, and by whom; and which ratios must come out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Final

import attrs
from _rows import Kind, kept

EQUAL: Final = 16
"""Requests at the same time where contestants must not differ in that."""
SDK, FIXED, RAW = "kobo_async", "kobo_async, 16 at once", "kobo_async, raw rows"
NEXT, BEST = "kobo_async, httpx2", "kobo_async, aiohttp"
BEST_FIXED, BEST_RAW = "kobo_async, aiohttp, 16 at once", "kobo_async, aiohttp, raw rows"
BEST_LOOP = "kobo_async, aiohttp, uvloop"
FILE = "kobo_async, aiohttp, raw rows to JSONL"
SQLITE, PARQUET = "kobo_async, aiohttp, into SQLite", "kobo_async, aiohttp, into Parquet"
ALL = "kobo_async, all() in a list"
BARE, CEILING = "httpx + orjson, 16 at once", "aiohttp + orjson, 16 at once"
LOOP, SESSION = "requests, follow next", "requests with a session, follow next"
PYKOBO, EXTRACTOR = "pykobo, server without a cap", "koboextractor, server without a cap"
WIRE = "bytes only, 16 at once"
_AIO, _ALIKE, _FIXED = {"http": "aiohttp"}, {"concurrency": EQUAL}, {"fixed": EQUAL}


@attrs.frozen
class Contestant:
    """A way to read all rows: a module of `contestants` with options, and what it needs."""

    module: str
    options: Mapping[str, Any] = attrs.field(factory=dict)
    needs: str = "httpx"


CONTESTANTS: Final[Mapping[str, Contestant]] = {
    SDK: Contestant("sdk"),
    FIXED: Contestant("sdk", _FIXED),
    RAW: Contestant("sdk", {"raw": True}, "msgspec"),
    NEXT: Contestant("sdk", {"http": "httpx2"}, "httpx2"),
    BEST: Contestant("sdk", _AIO, "aiohttp"),
    BEST_FIXED: Contestant("sdk", {**_AIO, **_FIXED}, "aiohttp"),
    BEST_RAW: Contestant("sdk", {**_AIO, "raw": True}, "aiohttp"),
    BEST_LOOP: Contestant("sdk", {**_AIO, "uvloop": True}, "uvloop"),
    FILE: Contestant("sdk", {**_AIO, "raw": True, "jsonl": True}, "aiohttp"),
    SQLITE: Contestant("pull", {**_AIO, "sink": "SQLite"}, "sqlalchemy"),
    PARQUET: Contestant("pull", {**_AIO, "sink": "Parquet"}, "pyarrow"),
    ALL: Contestant("sdk", {"all": True}),
    BARE: Contestant("bare_httpx", _ALIKE),
    CEILING: Contestant("bare_aiohttp", _ALIKE, "aiohttp"),
    LOOP: Contestant("requests_loop", {}, "requests"),
    SESSION: Contestant("requests_loop", {"session": True}, "requests"),
    PYKOBO: Contestant("with_pykobo", {}, "pykobo"),
    EXTRACTOR: Contestant("with_koboextractor", {}, "koboextractor"),
    WIRE: Contestant("wire", {**_ALIKE}),
}


@attrs.frozen(kw_only=True)
class Scene:
    """A server, and who reads from it.

    Attributes:
        labels: contestants; those whose library is not installed stay away.
        rows: how many rows there are; `fewer` for those who would take minutes.
        options: what all contestants are told beyond their own options.
    """

    key: str
    title: str
    labels: Sequence[str]
    rows: int
    fewer: Mapping[str, int] = attrs.field(factory=dict)
    kind: Kind = "household"
    rules: Mapping[str, object] = attrs.field(factory=dict)
    options: Mapping[str, object] = attrs.field(factory=dict)

    def present(self) -> Iterator[tuple[str, Contestant]]:
        """Yield who can take part."""
        for label in self.labels:
            if find_spec(CONTESTANTS[label].needs):
                yield label, CONTESTANTS[label]


_ACCELERATED = (RAW, NEXT, BEST, BEST_FIXED, BEST_LOOP, BEST_RAW)
_SHORT = (SDK, BEST, BEST_RAW, BARE, CEILING, LOOP)


def full() -> list[Scene]:
    """Return everything that is measured."""
    many, some = 100_000, 20_000
    slow = {LOOP: 15_000}
    everyone = (SDK, FIXED, *_ACCELERATED, FILE, BARE, CEILING, LOOP, SESSION)
    found = [
        _at(0, (*everyone, ALL, WIRE), many),
        _at(50, (*everyone[:-1], SQLITE, PARQUET), many, {LOOP: 50_000}),
        _at(300, (SDK, FIXED, BEST, BEST_FIXED, BEST_RAW, BARE, CEILING, LOOP), many, slow),
        *(_together(number) for number in (1, 4, 8, 32)),
        _scene("skip", "50 ms, and 5 µs for every row that is skipped", some, {"skip_cost": 5e-6}),
        _scene("gzip", "50 ms, pages packed with gzip", some, {"gzip": 1}),
        _scene("tls", "50 ms, TLS", some, {"tls": "."}),
        Scene(
            key="faults",
            title="50 ms, 2 % of requests fail; who does not repeat them stays away",
            labels=(SDK, BEST, BEST_RAW),
            rows=some,
            rules={"latency": 0.05, "faults": 0.02},
        ),
        Scene(
            key="slow",
            title="50 ms, the reader takes 50 ms for every 1,000 rows",
            labels=(SDK, BEST, LOOP),
            rows=some,
            rules={"latency": 0.05},
            options={"pause": 0.05},
        ),
        _scene("small", "50 ms, rows of 0.5 KB", some, {}, "small"),
        _scene("real-household", "50 ms, real rows of `household`", some, {}, "real-household"),
        _scene("real-simple", "50 ms, real rows of `simple`", some, {}, "real-simple"),
        _uncapped(20_000),
    ]
    return [one for one in found if not one.kind.startswith("real") or kept(one.kind).exists()]


def quick() -> list[Scene]:
    """Return what the ratios need, in as few seconds as give a first idea of them."""
    some, slow = 20_000, {LOOP: 10_000, SQLITE: 20_000, PARQUET: 20_000}
    return [
        _at(0, (SDK, FIXED, BEST_FIXED, BARE, CEILING, LOOP, ALL), some),
        _at(50, (SDK, FILE, SQLITE, PARQUET, CEILING, LOOP), 60_000, slow),
        _at(300, (SDK, LOOP), 100_000, {LOOP: 5_000}),
        _uncapped(15_000),
    ]


def _at(
    latency: int, labels: Sequence[str], rows: int, fewer: Mapping[str, int] | None = None
) -> Scene:
    return Scene(
        key=str(latency),
        title=f"{latency} ms",
        labels=labels,
        rows=rows,
        fewer=fewer or {},
        rules={"latency": latency / 1000},
    )


def _together(number: int) -> Scene:
    """So many requests at the same time, for the picture of concurrency."""
    return Scene(
        key=f"together-{number}",
        title=f"50 ms, {number} at once",
        labels=(FIXED, BEST_FIXED, BARE, CEILING),
        rows=20_000,
        rules={"latency": 0.05},
        options={"fixed": number, "concurrency": number},
    )


def _scene(
    key: str, title: str, rows: int, rules: Mapping[str, object], kind: Kind = "household"
) -> Scene:
    return Scene(
        key=key,
        title=title,
        labels=_SHORT,
        rows=rows,
        fewer={LOOP: 10_000},
        kind=kind,
        rules={"latency": 0.05, **rules},
    )


def _uncapped(rows: int) -> Scene:
    return Scene(
        key="uncapped",
        title="0 ms, a server without a cap",
        labels=(SDK, PYKOBO, EXTRACTOR),
        rows=rows,
        kind="counted",
        rules={"most": 10**6},
    )


@attrs.frozen
class Target:
    """What one contestant must reach, as a multiple of another one with the same server."""

    name: str
    scene: str
    of: str
    to: str
    at_least: float


TARGETS: Final = (
    Target("vs_httpx", "0", FIXED, BARE, 0.90),
    Target("vs_httpx_50", "50", FIXED, BARE, 0.90),
    Target("vs_httpx_300", "300", FIXED, BARE, 0.90),
    Target("accelerated_vs_aiohttp", "0", BEST_FIXED, CEILING, 0.85),
    Target("accelerated_vs_aiohttp_50", "50", BEST_FIXED, CEILING, 0.85),
    Target("accelerated_vs_aiohttp_300", "300", BEST_FIXED, CEILING, 0.85),
    Target("raw_jsonl_vs_aiohttp", "50", FILE, CEILING, 1.15),
    Target("vs_sequential_0", "0", SDK, LOOP, 1.6),
    Target("vs_sequential_50", "50", SDK, LOOP, 4.5),
    Target("vs_sequential_300", "300", SDK, LOOP, 10.0),
    Target("accelerated_vs_sequential_0", "0", BEST, LOOP, 1.9),
    Target("accelerated_vs_sequential_50", "50", BEST, LOOP, 5.0),
    Target("accelerated_vs_sequential_300", "300", BEST, LOOP, 12.0),
    Target("vs_pykobo", "uncapped", SDK, PYKOBO, 20.0),
    Target("sqlite_vs_aiohttp", "50", SQLITE, CEILING, 0.33),
    Target("parquet_vs_aiohttp", "50", PARQUET, CEILING, 0.5),
    Target("all_vs_stream", "0", ALL, SDK, 0.7),
)
