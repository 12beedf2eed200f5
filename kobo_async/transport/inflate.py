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
HEADLESS: Final = -zlib.MAX_WBITS
"""What some servers send for `deflate`."""


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
        self._library = library()
        self._zlib = self._library.decompressobj(GZIP if packing == "gzip" else zlib.MAX_WBITS)
        self._may_be_headless = packing == "deflate"
        self._label = label
        self._begun = False

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        """Unpack some more.

        Raises:
            ConnectionLost: for what is not packed in this way.
        """
        self._begun = self._begun or bool(packed)
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
        while self._begun and (piece := self._next(b"")):
            yield piece
        if self._begun and not self._zlib.eof:
            raise ConnectionLost("the packed reply broke off", self._label)

    def _next(self, packed: bytes) -> bytes:
        try:
            piece: bytes = self._zlib.decompress(packed, LARGEST_PIECE)
        except (zlib.error, self._library.error) as error:
            if not self._may_be_headless:
                raise ConnectionLost(f"not packed as it says: {error}", self._label) from error
            self._may_be_headless = False
            self._zlib = self._library.decompressobj(HEADLESS)
            return self._next(packed)
        self._may_be_headless = False
        return piece
