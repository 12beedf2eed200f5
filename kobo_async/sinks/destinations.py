"""Which sink writes to a target: told by the suffix of a file, or by the scheme of an address.

The module of a sink is imported when it is needed, and the packages of its extra with it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, Literal, overload

import attrs

from kobo_async.errors import ConfigError
from kobo_async.forms.columns import Layout
from kobo_async.sinks.base import Sink, TableSink, Target
from kobo_async.sinks.places import is_url, place_of

COLLECTION: Final = "submissions"
PACKED: Final = (".gz", ".zst")


@attrs.frozen
class Format:
    """A sink by its name, and how the layout of its tables must be.

    Attributes:
        takes: `rows` as the server sends them, or `tables`.
        layout: fields of `TableOptions` that the sink relies on.
        raw: whether rows may come as the bytes of JSON objects.
        packs: whether its files can be compressed.
        is_file: whether it writes files.
    """

    module: str
    name: str
    takes: Literal["rows", "tables"] = "tables"
    layout: Mapping[str, Any] = attrs.field(factory=dict)
    raw: bool = False
    packs: bool = False
    is_file: bool = True


_KEYED: Final = {"numbering": "submission"}
_JSONL: Final = Format("jsonl", "JsonLines", "rows", raw=True, packs=True)
_PARQUET: Final = Format("parquet", "Parquet")
_SQL: Final = Format("sql.sink", "Sql", layout=_KEYED, is_file=False)
_MONGO: Final = Format("mongo", "Mongo", "rows", is_file=False)
SUFFIXES: Final[Mapping[str, Format]] = {
    ".jsonl": _JSONL,
    ".ndjson": _JSONL,
    ".csv": Format("csv", "Csv", packs=True),
    ".xlsx": Format("excel", "Excel"),
    ".geojson": Format("geojson", "GeoJson", layout={"geometry": "geojson"}, packs=True),
    ".parquet": _PARQUET,
    ".duckdb": Format("duckdb", "DuckDB", layout=_KEYED, is_file=False),
}
SCHEMES: Final[Mapping[str, Format]] = {
    "sqlite": _SQL,
    "postgresql": _SQL,
    "postgres": _SQL,
    "mongodb": _MONGO,
}


@attrs.frozen
class Destination:
    """A target, and the format that it is written in."""

    target: Target = attrs.field(repr=lambda target: repr(_shown(os.fspath(target))))
    format: Format

    @property
    def takes_tables(self) -> bool:
        """Whether batches of tables are written, and not rows."""
        return self.format.takes == "tables"

    @property
    def takes_raw(self) -> bool:
        """Whether rows may come as the bytes of JSON objects."""
        return self.format.raw

    def check(self) -> None:
        """Make sure that a file can be there, as far as that can be told before it is opened.

        Raises:
            ConfigError: if none can be.
        """
        if self.format.is_file and not os.fspath(self.target).endswith("/"):
            place_of(self.target)

    def for_rows(self, collection: str = COLLECTION) -> Sink:
        """Return the sink for rows; the collection is that of a database which has such.

        Raises:
            ConfigError: for a format of tables, and where nothing can be written.
        """
        if self.takes_tables:
            raise ConfigError(f"{self.format.name} takes tables: give their layout")
        if self.format is not _MONGO:
            sink: Sink = self._kind(self.target)
            return sink
        address, _, named = str(self.target).partition("#")
        documents: Sink = self._kind(address, named or collection)
        return documents

    def for_tables(
        self, layout: Layout, *, safe_formulas: bool = False, prefix: str = ""
    ) -> TableSink:
        """Return the sink for the tables of a layout.

        The prefix stands before the names of tables in SQLite and PostgreSQL.

        Raises:
            ConfigError: for a format of rows, for a layout that it cannot take, for a prefix
                elsewhere, and where nothing can be written.
        """
        if not self.takes_tables:
            raise ConfigError(f"{self.format.name} takes rows as the server sends them, no tables")
        if self.format.layout is _KEYED and layout.tables[0].parent is not None:
            raise ConfigError(
                f"rows in a database are replaced with their submissions: "
                f"the table {layout.form.name!r} is needed, too"
            )
        if prefix and self.format is not _SQL:
            raise ConfigError(f"{self.format.name} takes no prefix: its tables are kept apart")
        options: dict[str, Any] = {"prefix": prefix} if prefix else {}
        if safe_formulas and self._is_csv:
            options["neutralise_formulas"] = True
        sink: TableSink = self._kind(self.target, layout, **options)
        return sink

    @property
    def _is_csv(self) -> bool:
        return self.format is SUFFIXES[".csv"]

    @property
    def _kind(self) -> Any:
        return getattr(import_module(f"kobo_async.sinks.{self.format.module}"), self.format.name)


def destination(target: Target) -> Destination:
    """Tell what writes to a target; see `known` for what there is.

    Raises:
        ConfigError: for a target that does not say what to write.
    """
    text = os.fspath(target)
    scheme = text.partition("://")[0].partition("+")[0].lower() if is_url(text) else ""
    if scheme in SCHEMES:
        return Destination(target, SCHEMES[scheme])
    name = text.rpartition("/")[2].lower()
    if not name:
        return Destination(target, _PARQUET)
    stem, dot, suffix = name.rpartition(".")
    packed = dot + suffix in PACKED
    found = SUFFIXES.get("." + stem.rpartition(".")[2] if packed else dot + suffix)
    if found is None or (packed and not found.packs):
        raise ConfigError(f"{_shown(text)!r} does not say what to write: name {known()}")
    return Destination(target, found)


def known() -> str:
    """List the targets there are."""
    suffixes = ", ".join(SUFFIXES)
    schemes = ", ".join(f"{scheme}://…" for scheme in SCHEMES)
    return f"a file with {suffixes}, a folder/ for Parquet, or {schemes}"


def _shown(text: str) -> str:
    """Leave out user and query of an address: they may hold a password."""
    scheme, mark, rest = text.partition("://")
    rest = rest.partition("?")[0]
    return f"{scheme}{mark}{rest.rpartition('@')[2]}" if mark else text


@overload
def sink_for(target: Target) -> Sink: ...
@overload
def sink_for(target: Target, layout: Layout) -> TableSink: ...
def sink_for(target: Target, layout: Layout | None = None) -> Sink | TableSink:
    """Return the sink that writes to a target: rows, or the tables of a layout.

    `destination` tells beforehand which of the two a target takes, and how its layout must be.

    Raises:
        ConfigError: for an unknown target, for one that takes the other of the two, for a layout
            that it cannot take, and where nothing can be written.
    """
    place = destination(target)
    return place.for_rows() if layout is None else place.for_tables(layout)
