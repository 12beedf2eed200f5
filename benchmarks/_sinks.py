"""The sinks that are measured, by the names they have in the tables.

PostgreSQL is one of them if `KOBO_BENCH_POSTGRESQL=postgresql://…` names a database; every run
makes a schema of its own there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal

import attrs
from _form import CONTENT

from kobo_async.forms.columns import Layout, TableOptions
from kobo_async.forms.layout import lay_out
from kobo_async.forms.versions import merged


@attrs.frozen
class Candidate:
    """A sink, and what it is given.

    Attributes:
        module: its module among the sinks.
        kind: its class.
        target: a file in a folder of its own, or an address with `{folder}`.
        takes: `raw` rows as the server sends them, or `tables`.
        geometry: how places must be written in its tables.
    """

    module: str
    kind: str
    target: str
    takes: Literal["raw", "tables"] = "tables"
    geometry: Literal["wkt", "geojson"] = "wkt"

    def layout(self) -> Layout:
        """Lay out the tables of the household form, their keys as databases need them."""
        options = TableOptions(numbering="submission", geometry=self.geometry)
        return lay_out(merged([CONTENT], "household"), options)

    def open(self, folder: Path, layout: Layout) -> Any:
        """Make the sink, to be entered."""
        kind = getattr(import_module(f"kobo_async.sinks.{self.module}"), self.kind)
        target = self.target.format(folder=folder) if "://" in self.target else folder / self.target
        return kind(target, layout) if self.takes == "tables" else kind(target)


def _postgresql() -> Mapping[str, Candidate]:
    address = os.environ.get("KOBO_BENCH_POSTGRESQL")
    if not address:
        return {}
    joined = "&" if "?" in address else "?"
    return {"PostgreSQL": Candidate("sql.sink", "Sql", f"{address}{joined}schema={{folder.name}}")}


SINKS: Final[Mapping[str, Candidate]] = {
    "JSON lines": Candidate("jsonl", "JsonLines", "data.jsonl", "raw"),
    "JSON lines, gzip": Candidate("jsonl", "JsonLines", "data.jsonl.gz", "raw"),
    "JSON lines, zstd": Candidate("jsonl", "JsonLines", "data.jsonl.zst", "raw"),
    "CSV": Candidate("csv", "Csv", "data.csv"),
    "CSV, gzip": Candidate("csv", "Csv", "data.csv.gz"),
    "GeoJSON": Candidate("geojson", "GeoJson", "data.geojson", geometry="geojson"),
    "XLSX": Candidate("excel", "Excel", "data.xlsx"),
    "Parquet": Candidate("parquet", "Parquet", "data.parquet"),
    "DuckDB": Candidate("duckdb", "DuckDB", "data.duckdb"),
    "SQLite": Candidate("sql.sink", "Sql", "sqlite:///{folder}/data.db"),
    **_postgresql(),
}
