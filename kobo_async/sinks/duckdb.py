"""Tables in a DuckDB file: one SQL table for each, brought up to date in one transaction.

A submission that is there already is replaced, with all its rows of repeats; everything else in
the file stays. A table gains the columns that the form gained, and a column takes the wider type
where the form changed its mind: whole numbers become numbers, anything else text. Columns that
the form lost stay. Labels stand as comments on the columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from kobo_async.errors import ConfigError, DatabaseFailed
from kobo_async.extras import needed
from kobo_async.forms.columns import Batch, Column, Holds, Layout, Table
from kobo_async.sinks.base import Target
from kobo_async.sinks.pile import Pile, id_column
from kobo_async.sinks.places import is_url
from kobo_async.sinks.turns import Turns

with needed("duckdb"):
    import duckdb

if TYPE_CHECKING:
    import pyarrow as pa

TYPES: Final[Mapping[Holds, str]] = {
    Holds.TEXT: "VARCHAR",
    Holds.INTEGER: "BIGINT",
    Holds.DECIMAL: "DOUBLE",
    Holds.BOOLEAN: "BOOLEAN",
    Holds.DATE: "DATE",
    Holds.TIME: "TIME",
    Holds.TIMESTAMP: "TIMESTAMP WITH TIME ZONE",
    Holds.TEXTS: "VARCHAR[]",
    Holds.JSON: "VARCHAR",
}
NUMBERS: Final = frozenset({"BIGINT", "DOUBLE"})
COLUMNS: Final = """
    SELECT column_name, data_type FROM duckdb_columns()
    WHERE schema_name = 'main' AND lower(table_name) = lower(?)
"""
OWNERS: Final = """
    SELECT comment FROM duckdb_tables()
    WHERE schema_name = 'main' AND lower(table_name) = lower(?)
"""
OWNER: Final = "submissions of "
COLUMN_KB: Final = 64
"""What a column needs in memory, twice the 32 kB of its first piece."""


class DuckDB:
    """A DuckDB file with a table for each table of the layout.

    The tables must hold `_id`, and rows of repeats must be numbered within their submission
    (`numbering="submission"`), so that keys stay the same from one time to the next.

    Args:
        target: path of the file; made if it is not there.
        layout: the tables.
        memory_limit: what DuckDB may use, as it writes it; beyond that it writes to the disk. By
            default 256 MB, and 64 kB for each column.

    Raises:
        ConfigError: for such a layout, where no file can be, and for tables of another project.
        DatabaseFailed: if something fails later, such as the disk.
    """

    def __init__(self, target: Target, layout: Layout, *, memory_limit: str = "") -> None:
        if is_url(target) or not Path(target).absolute().parent.is_dir():
            raise ConfigError(f"{target} must be a file in a folder of this machine")
        if len(layout.tables) > 1 and layout.options.numbering != "submission":
            raise ConfigError("lay out the tables with numbering='submission'")
        self._ids = {table.name: _id_of(table) for table in layout.tables}
        self._path = Path(target)
        self._layout = layout
        self._memory_limit = memory_limit or _enough(layout)
        self._pile = Pile(layout)
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._is_new = False
        self._turns = Turns()

    async def write(self, batches: Sequence[Batch], /) -> None:
        """Take some more submissions: the batches of all their tables."""
        if self._pile.add(batches):
            await self._turns.leave(self._put, self._open, self._pile.take())

    @property
    def _open(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            raise RuntimeError("a sink is written to inside `async with`")
        return self._connection

    def _begin(self) -> None:
        self._is_new = not self._path.exists()
        try:
            self._connection = duckdb.connect(self._path)
            self._open.execute("SET memory_limit = ?", [self._memory_limit])
            self._open.execute("SET threads = 1")  # each would hold rows of its own
            self._open.begin()
            for table in self._layout.tables:
                self._prepare(table)
        except duckdb.Error as error:
            raise ConfigError(f"cannot open {self._path}: {error}") from error

    def _prepare(self, table: Table) -> None:
        """Make a table, or make room in it."""
        run, name = self._open.execute, quoted(table.name)
        known = {str(c).casefold(): str(t) for c, t in run(COLUMNS, [table.name]).fetchall()}
        if not known:
            run(f"CREATE TABLE {name} ({', '.join(map(_declared, table.columns))})")
        self._claim(table)
        for column in table.columns if known else ():
            there = known.get(column.name.casefold())
            if there is None:
                run(f"ALTER TABLE {name} ADD COLUMN {_declared(column)}")
            elif (wider := _wider(there, TYPES[column.holds])) != there:
                run(f"ALTER TABLE {name} ALTER {quoted(column.name)} TYPE {wider}")
        for column in table.columns:
            if column.label:
                text = _text(column.label)
                run(f"COMMENT ON COLUMN {name}.{quoted(column.name)} IS {text}")

    def _claim(self, table: Table) -> None:
        """Make sure that rows of two projects never share a table: they would replace each other.

        Its comment says whose it is.
        """
        uid = self._layout.form.uid
        (comment,) = self._open.execute(OWNERS, [table.name]).fetchone() or (None,)
        if uid and comment is None:
            self._open.execute(f"COMMENT ON TABLE {quoted(table.name)} IS {_text(OWNER + uid)}")
        elif uid and comment.startswith(OWNER) and comment != OWNER + uid:
            raise ConfigError(
                f"the table {table.name!r} of {self._path} holds {comment}, not of {uid}: "
                "give every project a file of its own"
            )

    def _put(self, base: duckdb.DuckDBPyConnection, pieces: Mapping[str, pa.Table]) -> None:
        """Write submissions over those that are there.

        Statements find what they read among the variables here: what is registered under a name
        would be kept in memory until the transaction ends.
        """
        main = self._layout.tables[0].name
        _kobo_replaced = pieces[main].select([self._ids[main]]).rename_columns(["id"])
        for name, _kobo_arriving in pieces.items():  # noqa: PERF102 - found by its name
            table, key = quoted(name), quoted(self._ids[name])
            drop = f"DELETE FROM {table} WHERE {key} IN (SELECT id FROM _kobo_replaced)"  # noqa: S608 - quoted
            with self._failing():
                base.execute(drop)
                base.execute(f"INSERT INTO {table} BY NAME SELECT * FROM _kobo_arriving")  # noqa: S608 - quoted

    def _commit(self) -> None:
        self._put(self._open, self._pile.take())
        with self._failing():
            self._open.commit()
            self._open.close()

    @contextmanager
    def _failing(self) -> Iterator[None]:
        """Tell of an error in one line; what DuckDB says beyond that may hold answers."""
        try:
            yield
        except duckdb.Error as error:
            problem = str(error).partition("\n")[0]
            raise DatabaseFailed(f"{self._path}: {problem:.300}") from None

    def _undo(self) -> None:
        """Close the file, which forgets what was not committed; a new one goes altogether."""
        if self._connection is not None:
            self._connection.close()
        if self._is_new:
            for path in (self._path, self._path.with_name(f"{self._path.name}.wal")):
                path.unlink(missing_ok=True)

    async def __aenter__(self) -> Self:
        try:
            await self._turns.run(self._begin)
        except BaseException:
            await self._turns.finish(self._undo)
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        done = False
        try:
            if kind is None:
                await self._turns.run(self._commit)
                done = True
        finally:
            if not done:
                await self._turns.finish(self._undo)


def _enough(layout: Layout) -> str:
    columns = sum(len(table.columns) for table in layout.tables)
    return f"{256 + columns * COLUMN_KB // 1000}MB"


def quoted(name: str) -> str:
    """Quote a name."""
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _declared(column: Column) -> str:
    return f"{quoted(column.name)} {TYPES[column.holds]}"


def _wider(one: str, other: str) -> str:
    """Return the type that takes the values of both."""
    if one == other:
        return one
    return "DOUBLE" if {one, other} == NUMBERS else "VARCHAR"


def _id_of(table: Table) -> str:
    name = id_column(table)
    if name is None:
        raise ConfigError(f"table {table.name!r} has no column _id to replace submissions by")
    return name
