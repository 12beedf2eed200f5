"""One file from the server, whole, however often the connection breaks.

What arrived of a file is kept, also by a process that ends. The next attempt asks for the rest,
and for the last byte once more: so there is always something to send, and a file that was whole
already is recognised. Servers that do not send parts send everything again (`observed §6`).
Smaller images are made by the server when they are asked for, and always fetched from the start.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import attrs

from kobo_async.attachments.entries import Wanted
from kobo_async.errors import (
    ApiError,
    ConnectionLost,
    NotFound,
    RequestTimeout,
    UnexpectedShape,
)
from kobo_async.pages import Body
from kobo_async.resources.attachments import Attachments, Size
from kobo_async.wire import whole_number

ATTEMPTS: Final = 3
"""How often in a row a file may break off without getting longer."""
PARTIAL: Final = 206
PART: Final = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)")


@attrs.frozen
class Extent:
    """Where a body begins in its file, and how long the file is, if the server says so."""

    first: int
    size: int | None


@attrs.frozen
class Fetcher:
    """Fetches the attachments of one project.

    Attributes:
        received: told of every piece, in bytes.
    """

    _attachments: Attachments
    _asset: str
    received: Callable[[int], None]

    async def fetch(self, wanted: Wanted, size: Size, path: Path) -> int:
        """Fetch a file and return its length; where there is no such size of it, the original.

        Raises:
            KoboError: when it cannot be had; what arrived of it stays in `path`.
        """
        try:
            return await self._persist(wanted, size, path)
        except NotFound:
            if size == "original":
                raise
            forget(path)
            return await self._persist(wanted, "original", path)

    async def _persist(self, wanted: Wanted, size: Size, path: Path) -> int:
        there = longest = length(path)
        failures = 0
        while True:
            try:
                first = max(there - 1, 0) if size == "original" else 0
                return await self._once(wanted, size, path, first)
            except (ConnectionLost, RequestTimeout):
                there = length(path)
                failures = 0 if there > longest else failures + 1
                longest = max(longest, there)
                if failures >= ATTEMPTS:
                    raise

    async def _once(self, wanted: Wanted, size: Size, path: Path, first: int) -> int:
        opened = self._attachments.stream(
            self._asset, wanted.submission, wanted.uid, size=size, first=first
        )
        try:
            async with opened as body:
                _check_kind(body.headers, wanted)
                extent = _extent(body.headers)
                placed = body.status != PARTIAL or "content-range" in body.headers
                if not placed or extent.first not in {0, first}:
                    forget(path)
                    raise ConnectionLost("a part of the file that is not the one asked for")
                return await self._write(body, extent, path)
        except ApiError as error:
            if error.status != 416:
                raise
            forget(path)
            raise ConnectionLost("what arrived before is longer than the file") from error

    async def _write(self, body: Body, extent: Extent, path: Path) -> int:
        with path.open("r+b" if extent.first else "wb") as file:
            if extent.first:
                file.seek(extent.first)
                file.truncate()
            async for piece in body:
                file.write(piece)
                self.received(len(piece))
            size = file.tell()
        if extent.size is not None and size != extent.size:
            raise ConnectionLost(f"{size} of {extent.size} bytes arrived")
        return size


def forget(path: Path) -> None:
    """Remove a file, if it is there."""
    path.unlink(missing_ok=True)


def length(path: Path) -> int:
    """Return the bytes of a file, 0 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _extent(headers: Mapping[str, str]) -> Extent:
    place = headers.get("content-range")
    if place is not None:
        part = PART.fullmatch(place)
        if part is None:
            raise UnexpectedShape(f"a part of a file at {place[:30]!r}")
        size = int(part[2]) + 1 if part[3] == "*" else int(part[3])
        return Extent(int(part[1]), size)
    declared = whole_number(headers.get("content-length", ""))
    plain = headers.get("content-encoding", "identity") == "identity"
    return Extent(0, declared if plain else None)


def _check_kind(headers: Mapping[str, str], wanted: Wanted) -> None:
    """Refuse the page of a portal that stands in for the file."""
    if headers.get("content-type", "").startswith("text/html") and wanted.mimetype != "text/html":
        raise UnexpectedShape(f"an HTML page instead of {wanted.mimetype or 'a file'}")
