"""Rows as CSV: UTF-8, commas, one header line.

Which columns there are is known only after the last row, so that rows are first put aside in an
unnamed file in the same folder. Answers stand as they are; repeats and other values that are not
text stand as JSON.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any, Protocol

import anyio.lowlevel
import anyio.to_thread
import orjson

from kobo_async.sinks.base import FileSink, Row
from kobo_async.sinks.jsonl import encode

SYSTEM = ("_", "meta/", "formhub/")
AT_ONCE = 500


class Table(Protocol):
    """What `csv.writer` makes."""

    def writerow(self, row: Iterable[str], /) -> object:
        """Write one line."""
        ...

    def writerows(self, rows: Iterable[Iterable[str]], /) -> object:
        """Write many lines."""
        ...


class Columns:
    """Collects the names of columns in the order in which the form asks.

    Rows leave out what was not answered, so that no row need hold all names: a new one goes
    behind the one before it in its row. What the system adds comes last.
    """

    def __init__(self) -> None:
        self._names: list[str] = []
        self._known: set[str] = set()

    def learn(self, row: Row) -> None:
        """Note the names of a row."""
        if row.keys() <= self._known:
            return
        place = 0
        for name in row:
            if name in self._known:
                place = self._names.index(name) + 1
            else:
                self._names.insert(place, name)
                self._known.add(name)
                place += 1

    def names(self) -> list[str]:
        """Return the names, in order."""
        return sorted(self._names, key=lambda name: name.startswith(SYSTEM))


class Csv(FileSink):
    """A file of comma separated values."""

    def __init__(self, target: str | Path) -> None:
        super().__init__(target)
        self._columns = Columns()
        self._aside: IO[bytes] | None = None

    async def write(self, rows: Sequence[Row], /) -> None:
        """Take some more rows."""
        if self._aside is None:
            aside = tempfile.TemporaryFile(dir=self._draft.target.parent)  # noqa: SIM115 - closed at the end
            self._aside = self._cleanup.enter_context(aside)
        for row in rows:
            self._columns.learn(row)
        await anyio.to_thread.run_sync(self._aside.write, encode(rows))

    async def _finish(self) -> None:
        """Write the header, and then the rows from where they were put aside."""
        if self._aside is None:
            return
        self._aside.seek(0)
        text = io.TextIOWrapper(self._draft.file, encoding="utf-8", newline="")
        try:
            await self._copy(self._aside, csv.writer(text))
        finally:
            text.detach()

    async def _copy(self, aside: IO[bytes], table: Table) -> None:
        names = self._columns.names()
        table.writerow(names)
        while lines := list(islice(aside, AT_ONCE)):
            table.writerows(_cells(orjson.loads(line), names) for line in lines)
            await anyio.lowlevel.checkpoint()


def _cells(row: Row, names: Iterable[str]) -> Iterator[str]:
    return (_cell(row.get(name)) for name in names)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
