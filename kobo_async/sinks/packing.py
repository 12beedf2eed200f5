"""Compressed files: the end of a name says how, `.gz` or `.zst`."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from typing import Any, Final, Protocol

from kobo_async.extras import needed
from kobo_async.sinks.base import FileSink, Target

GZIP_LEVEL: Final = 3
ZSTD_LEVEL: Final = 3


class Packed(Protocol):
    """What takes bytes until it is closed; the file below stays open."""

    def write(self, data: bytes, /) -> object:
        """Take some more bytes."""
        ...

    def close(self) -> object:
        """Write what is still held back."""
        ...


class Plain:
    """A file as it is."""

    def __init__(self, file: Any) -> None:
        self.write = file.write

    def close(self) -> None:
        """Leave the file to its owner."""


def packer(file: Any, name: Target) -> Packed:
    """Return what writes to an open file as its name asks.

    The same rows make the same bytes: no time and no name stand in the file.

    Raises:
        ConfigError: for `.zst` without the extra `zstd`.
    """
    text = str(name).lower()
    if text.endswith(".gz"):
        return gzip.GzipFile(
            filename="", mode="wb", compresslevel=GZIP_LEVEL, fileobj=file, mtime=0
        )
    if text.endswith(".zst"):
        with needed("zstd"):
            import zstandard  # noqa: PLC0415 - the extra is needed for this suffix alone
        pack = zstandard.ZstdCompressor(level=ZSTD_LEVEL)
        return pack.stream_writer(file, closefd=False)
    return Plain(file)


class PackedSink(FileSink):
    """The context of the sinks that write bytes one after the other."""

    def __init__(self, target: Target, *others: Target) -> None:
        super().__init__(target, *others)
        self._targets = (target, *others)
        self._packed: list[Packed] = []

    async def _begin(self) -> None:
        pairs = zip(self._drafts, self._targets, strict=True)
        self._packed = [packer(draft.file, target) for draft, target in pairs]

    async def _put(self, data: bytes, place: int = 0) -> None:
        """Write to the file at this place among the targets."""
        await self._put_all([(place, data)])

    async def _put_all(self, parts: Sequence[tuple[int, bytes]]) -> None:
        """Write to the files at these places among the targets, while the next page is made."""
        if not self._packed:
            raise RuntimeError("a sink is written to inside `async with`")
        await self._turns.leave(self._write, parts)

    def _write(self, parts: Sequence[tuple[int, bytes]]) -> None:
        for place, data in parts:
            self._packed[place].write(data)

    async def _finish(self) -> None:
        await self._run(self._undo)

    def _undo(self) -> None:
        for packed in self._packed:
            packed.close()
