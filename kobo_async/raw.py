"""Rows as the server sent them: stretches of a page, copied out of it when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload


class RawPage(Sequence[bytes]):
    """The rows of a page, each the bytes of a JSON object.

    Args:
        body: where they stand.
        rows: their stretches of it, in order, as anything that `bytes` copies.
    """

    def __init__(self, body: bytes, rows: Sequence[Any]) -> None:
        self._body = body
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[bytes]:
        return map(bytes, self._rows)

    @overload
    def __getitem__(self, place: int) -> bytes: ...
    @overload
    def __getitem__(self, place: slice) -> RawPage: ...
    def __getitem__(self, place: int | slice) -> bytes | RawPage:
        if isinstance(place, slice):
            return RawPage(self._body, self._rows[place])
        return bytes(self._rows[place])

    def lines(self) -> bytes | None:
        """Put each on a line; None where there are line breaks within the page already."""
        if b"\n" in self._body or b"\r" in self._body:
            return None
        return b"\n".join((*self._rows, b""))
