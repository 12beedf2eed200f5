"""Packed bodies, unpacked piece by piece, by the fastest library that is there.

A piece has a bounded size however much it was packed: whoever adds up the pieces can stop in time.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any, Final

from kobo_async.errors import ConnectionLost

PACKINGS: Final = ("gzip", "deflate")
"""They unpack to a thousand times their size at most; others have no bound."""
LARGEST_PIECE: Final = 2**20
GZIP: Final = 16 + zlib.MAX_WBITS
HEADER: Final = 2
"""Bytes that tell whether there is a header."""


@cache
def library() -> Any:
    """Return `isal.isal_zlib` where it is installed, and `zlib` elsewhere."""
    try:
        return import_module("isal.isal_zlib")
    except ModuleNotFoundError:
        return zlib


class Inflater:
    """Unpacks one body."""

    def __init__(self, packing: str, label: str) -> None:
        self._packing = packing
        self._label = label
        self._head = b""
        self._zlib: Any = None

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        """Unpack some more.

        Raises:
            ConnectionLost: for what is not packed in this way.
        """
        if self._zlib is None:
            packed = self._head = self._head + packed
            if len(packed) < HEADER:
                return
            self._zlib = library().decompressobj(_window(self._packing, packed))
        while packed:
            piece = self._next(packed)
            packed = self._zlib.unconsumed_tail
            if piece:
                yield piece

    def finish(self) -> Iterator[bytes]:
        """Return what is held back.

        Raises:
            ConnectionLost: for a body that was cut off.
        """
        while self._zlib and (piece := self._next(b"")):
            yield piece
        if self._head and not (self._zlib and self._zlib.eof):
            raise ConnectionLost("the packed reply broke off", self._label)

    def _next(self, packed: bytes) -> bytes:
        try:
            piece: bytes = self._zlib.decompress(packed, LARGEST_PIECE)
        except (zlib.error, library().error) as error:
            raise ConnectionLost(f"not packed as it says: {error}", self._label) from error
        return piece


def _window(packing: str, head: bytes) -> int:
    """Return what zlib calls `wbits`; some servers leave out the header of `deflate`."""
    if packing == "gzip":
        return GZIP
    headed = head[0] & 15 == zlib.DEFLATED and int.from_bytes(head[:HEADER]) % 31 == 0
    return zlib.MAX_WBITS if headed else -zlib.MAX_WBITS
