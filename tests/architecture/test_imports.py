"""Who may know whom."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

import kobo_async

PACKAGE = Path(kobo_async.__file__).parent
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
NOT_VALUES = {
    "__init__",
    "__main__",
    "api",
    "client",
    "clock",
    "collector",
    "dask",
    "dlt",
    "dryrun",
    "operations",
} | {"sync_api"}
VALUES = tuple(sorted({path.stem for path in PACKAGE.glob("*.py")} - NOT_VALUES))
"""What stands at the top level and knows nothing of the outside."""
PARTS = tuple(f"resources.{path.stem}" for path in PACKAGE.glob("resources/_[!_]*.py"))
"""Resources too large for one module, in parts."""
CORE = (*VALUES, "clock", "collector")
FEATURES = (*CORE, "models", "resources")
LIBRARY = (
    *FEATURES,
    *(
        "api",
        "attachments",
        "bulk",
        "client",
        "config",
        "dryrun",
        "forms",
        "sync",
        "tables",
        "transport",
        "verbs",
    ),
)
NO_IO = frozenset(
    {
        *("asyncio", "http", "io", "multiprocessing", "os", "pathlib", "random", "select"),
        *("selectors", "socket", "ssl", "subprocess", "tempfile", "threading", "time"),
    }
)
"""What pure code has no use for."""


@attrs.frozen
class Rule:
    """What the modules of a part may import.

    Attributes:
        ours: parts of this package.
        theirs: other distributions.
        not_stdlib: modules of the standard library that are out of bounds.
    """

    ours: tuple[str, ...]
    theirs: tuple[str, ...] = ()
    not_stdlib: frozenset[str] = frozenset()


PURE = Rule(VALUES, ("attrs", "orjson"), NO_IO)
# The longest name that fits a module counts.
RULES = {
    **dict.fromkeys(VALUES, PURE),
    "clock": Rule((), ("anyio",)),
    "collector": Rule(()),
    "where": Rule((*VALUES, "forms.content"), ("attrs",), NO_IO),
    "pages": Rule((*VALUES, "collector"), ("attrs", "orjson"), NO_IO),
    "config": Rule(("_version", "config", "errors"), ("attrs",)),
    "config.keyring": Rule(("config", "errors", "extras"), ("keyring",)),
    "models": Rule((*VALUES, "models"), ("attrs",), NO_IO),
    "models.convert": Rule(("errors",), ("attrs", "cattrs", "orjson"), NO_IO),
    "transport": Rule(
        (*CORE, "config", "models.convert", "transport"), ("anyio", "attrs", "tenacity")
    ),
    "transport.http": Rule((*CORE, "config", "transport"), ("anyio", "attrs", "httpx")),
    "transport.inflate": Rule(("errors",), ("isal",)),
    "transport.library": Rule((*CORE, "config", "transport"), ("httpx", "httpx2")),
    "transport.over_aiohttp": Rule(("errors", "transport.pool"), ("aiohttp", "httpx", "yarl")),
    "transport.pooled": Rule(("transport.pool",)),
    "resources": Rule((*VALUES, "models", *PARTS), ("attrs", "orjson"), NO_IO),
    "bulk": Rule((*FEATURES, "bulk"), ("anyio", "attrs", "orjson"), NO_IO),
    "bulk.splitting": Rule((*FEATURES, "bulk"), ("msgspec",), NO_IO),
    "verbs": Rule(
        (*FEATURES, "bulk", "forms.content", "forms.schema", "sinks.base", "sinks.turns", "verbs"),
        ("anyio", "attrs", "orjson"),
    ),
    "attachments": Rule(
        (
            *FEATURES,
            *("attachments", "bulk", "forms.attachments"),
            *("sinks.base", "sinks.names", "sinks.places"),
        ),
        ("anyio", "attrs", "fsspec", "orjson"),
    ),
    "forms": Rule(("collector", "errors", "forms"), ("attrs", "orjson"), NO_IO),
    "forms.compiled": Rule(("forms",), ("msgspec", "orjson"), NO_IO),
    "tables": Rule(
        (*FEATURES, "bulk", "forms", "tables"),
        ("anyio", "attrs", "geopandas", "pandas", "polars", "pyarrow"),
    ),
    "tables.arrow": Rule(
        ("collector", "extras", "forms", "tables.casting", "tables.quick"),
        ("orjson", "pyarrow"),
        NO_IO,
    ),
    "tables.casting": Rule(("extras", "forms"), ("pyarrow",), NO_IO),
    "tables.quick": Rule(("extras", "forms", "tables.casting"), ("pyarrow",), NO_IO),
    "sync": Rule((*FEATURES, "bulk", "sync"), ("anyio", "attrs", "orjson")),
    "api": Rule((*FEATURES, "attachments", "bulk", "sync", "tables", "verbs")),
    "dryrun": Rule((*CORE, "api"), ("attrs",)),
    "sinks": Rule(
        ("errors", "extras", "forms", "known", "models", "raw", "sinks"),
        ("anyio", "attrs", "orjson"),
    ),
    "sinks.base": Rule(("errors", "forms", "sinks"), ("anyio",)),
    "sinks.duckdb": Rule(("errors", "extras", "forms", "sinks"), ("anyio", "duckdb", "pyarrow")),
    "sinks.excel": Rule(("errors", "extras", "forms", "sinks"), ("attrs", "xlsxwriter")),
    "sinks.mongo": Rule(("errors", "extras", "sinks"), ("anyio", "attrs", "bson", "pymongo")),
    "sinks.mongo_mirror": Rule(("errors", "extras", "known", "sinks"), ("attrs", "pymongo")),
    "sinks.packing": Rule(("extras", "sinks"), ("zstandard",)),
    "sinks.parquet": Rule(("errors", "extras", "forms", "sinks"), ("pyarrow",)),
    "sinks.partitions": Rule(("errors", "extras", "forms", "sinks"), ("pyarrow",)),
    "sinks.pile": Rule(("extras", "forms", "tables.arrow"), ("pyarrow",)),
    "sinks.folders": Rule(("errors", "extras", "sinks"), ("fsspec",)),
    "sinks.places": Rule(("errors", "extras", "sinks.steady"), ("fsspec",)),
    "sinks.turns": Rule((), ("anyio",)),
    "sinks.sql": Rule(
        ("errors", "extras", "forms", "known", "sinks"),
        ("anyio", "attrs", "orjson", "psycopg", "sqlalchemy"),
    ),
    "units": Rule(
        (*FEATURES, "attachments", "bulk", "client", "forms", "sinks", "tables", "units"),
        ("anyio", "attrs", "orjson"),
    ),
    "dlt": Rule((*FEATURES, "client", "sync"), ("anyio", "dlt")),
    "dask": Rule(("client", "config", "errors", "extras", "units"), ("anyio", "distributed")),
    "report": Rule(("extras", "forms", "models", "report"), ("attrs", "orjson"), NO_IO),
    "report.charts": Rule(("extras", "report"), ("plotly",), NO_IO),
    "webhook": Rule(
        (*FEATURES, "api", "config", "forms", "sinks.turns", "sync", "webhook"),
        ("anyio", "attrs", "orjson"),
    ),
    "webhook.delivery": Rule(("errors", "known", "xmlread"), ("attrs",), NO_IO),
    "webhook.fastapi": Rule(("api", "extras", "observability", "webhook"), ("fastapi",)),
    "observability": Rule(
        ("config", "events", "extras", "observability", "webhook"), ("attrs", "orjson")
    ),
    "observability.metrics": Rule(
        ("events", "extras", "observability", "webhook"), ("prometheus_client",)
    ),
    "observability.tracing": Rule(
        ("events", "extras", "observability", "webhook"), ("opentelemetry",)
    ),
    "testing": Rule((*FEATURES, "testing"), ("anyio", "attrs", "orjson")),
    "testing.plugin": Rule(("client", "extras", "testing"), ("anyio", "pytest")),
    "testing.listener": Rule(("testing",), ("uvicorn",)),
    "operations": Rule(("call", "resources"), ("attrs",)),
    "client": Rule(LIBRARY, ("attrs",)),
    "assistant": Rule(
        (*FEATURES, "api", "assistant", "client", "config", "extras", "forms", "report", "verbs"),
        ("attrs", "mcp", "orjson"),
    ),
    "migrate": Rule((*FEATURES, "api", "migrate"), ("attrs",)),
    "blocking": Rule(("api", "blocking", "client", "config", "pages"), ("anyio",)),
    "sync_api": Rule(("blocking",)),
    "cli": Rule(
        tuple(
            sorted(
                {
                    *LIBRARY,
                    "assistant",
                    "cli",
                    "migrate",
                    "observability",
                    "operations",
                    "report",
                    "sinks",
                    "testing",
                    "webhook",
                }
                - {"transport"}
            )
        ),
        ("anyio", "attrs", "click", "orjson", "rich"),
    ),
    "cli.receive": Rule(
        ("api", "cli", "errors", "extras", "webhook"), ("attrs", "click", "uvicorn")
    ),
    "__main__": Rule(("cli",)),
    "": Rule(LIBRARY),
}


def rule(module: str) -> Rule:
    part = module.removeprefix("kobo_async").removeprefix(".")
    fitting = [name for name in RULES if _within(part, name)]
    return RULES[max(fitting, key=len, default="")]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            assert node.module
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module


def allowed(name: str, rule: Rule) -> bool:
    top, _, inner = name.partition(".")
    if top == "kobo_async":
        return any(_within(inner, part) for part in rule.ours)
    if top in sys.stdlib_module_names:
        return top not in rule.not_stdlib
    return top in rule.theirs


def _within(name: str, part: str) -> bool:
    return name == part or name.startswith(f"{part}.")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_its_part_may_know(module: str):
    forbidden = {name for name in imports(MODULES[module]) if not allowed(name, rule(module))}
    assert not forbidden, f"{module} must not import {', '.join(sorted(forbidden))}"


def test_every_rule_is_about_a_module_or_a_planned_one():
    planned = {"__main__", "cli", "sinks", "operations", "tables"}
    parts = {module.removeprefix("kobo_async").removeprefix(".") for module in MODULES}
    assert set(RULES) <= parts | planned


def test_the_http_library_stands_where_it_is_set_up_and_where_it_is_chosen():
    knowing = [module for module, path in MODULES.items() if "httpx" in set(imports(path))]
    places = ("http", "library", "over_aiohttp")
    assert knowing == [f"kobo_async.transport.{place}" for place in places]


def test_every_folder_of_modules_is_a_package():
    folders = {path.parent for path in MODULES.values()}
    assert all((folder / "__init__.py").exists() for folder in folders)


def test_every_name_is_imported_from_where_it_is_defined():
    """Packages that users import from pass names on; elsewhere everything has one place."""
    packages = {name for name, path in MODULES.items() if path.name == "__init__.py"}
    packages -= {
        f"kobo_async{part}"
        for part in ("", ".cli", ".config", ".migrate", ".sinks", ".testing", ".units")
    }
    assert not [name for name in packages if set(imports(MODULES[name]))]
