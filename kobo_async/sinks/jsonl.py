"""Rows as JSON, one per line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from operator import contains
from types import TracebackType
from typing import Protocol, Self, TypeAlias, cast

import anyio.to_thread
import orjson

from kobo_async.raw import RawPage
from kobo_async.sinks.base import Row
from kobo_async.sinks.packing import PackedSink


class Writable(Protocol):
    """What a stream needs of a file."""

    def write(self, data: bytes, /) -> object:
        """Write all of it."""
        ...

    def flush(self) -> object:
        """Hand it on."""
        ...


RawRows: TypeAlias = Sequence[bytes]
"""Rows as JSON already, such as those of `submissions.stream(uid, as_="raw")`."""


def encode(rows: Sequence[Row] | RawRows) -> bytes:
    """Write rows as lines of JSON, their values unchanged; raw rows as they are."""
    if isinstance(rows, RawPage) and (lines := rows.lines()) is not None:
        return lines
    if rows and isinstance(rows[0], bytes):
        return _lines(cast(RawRows, rows))
    return b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def _lines(rows: RawRows) -> bytes:
    """Join raw rows. A line break in JSON stands between its parts, never inside a text."""
    lines = b"\n".join((*rows, b""))
    if b"\r" not in lines and not any(map(contains, rows, repeat(b"\n"))):
        return lines
    return b"".join(b"%b\n" % b" ".join(row.splitlines()) for row in rows)


class JsonLines(PackedSink):
    """A file with one JSON object per line; `.gz` or `.zst` at the end of its name packs it.

    Rows are dicts, or raw: the bytes of a JSON object each.
    """

    async def write(self, rows: Sequence[Row] | RawRows, /) -> None:
        """Take some more rows."""
        await self._put(encode(rows))


class JsonLinesStream:
    """An open binary file, such as a pipe, that gets one JSON object per line.

    What was written cannot be undone; the file is left open. A reader that takes its time does
    not stop the download behind it.
    """

    def __init__(self, file: Writable) -> None:
        self._file = file

    async def write(self, rows: Sequence[Row] | RawRows, /) -> None:
        """Take some more rows."""
        await anyio.to_thread.run_sync(self._put, encode(rows), abandon_on_cancel=True)

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._file.flush()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        return None
