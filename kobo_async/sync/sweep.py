"""Compares every id and uuid of the server with those of a mirror.

Both come in the order of `_id`, so that neither is ever held whole. The download behind it is
complete or raises (`kobo_async.bulk.download`), so that what it does not show is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from kobo_async.bulk.fetch import Batches
from kobo_async.known import Known
from kobo_async.resources.submissions import Row
from kobo_async.sync.mirror import Mirror

AT_ONCE: Final = 10_000


@attrs.define
class Differences:
    """Ids that are new or changed on the server, and ids that it does not show any more."""

    changed: list[int] = attrs.field(factory=list)
    gone: list[int] = attrs.field(factory=list)


class KnownInOrder:
    """Reads what a mirror knows, by rising ids."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._ready: list[Known] = []
        self._after = 0
        self._ended = False

    async def upto(self, last: int) -> dict[int, Known]:
        """Return what has not been returned yet, up to an id."""
        while not self._ended and self._after < last:
            await self._read()
        found = {one.id: one for one in self._ready if one.id <= last}
        self._ready = self._ready[len(found) :]
        return found

    async def rest(self) -> list[int]:
        """Return all remaining ids."""
        while not self._ended:
            await self._read()
        return [one.id for one in self._ready]

    async def _read(self) -> None:
        more = await self._mirror.known(self._after, AT_ONCE)
        self._ready += more
        self._ended = not more
        self._after = more[-1].id if more else self._after


async def compare(pages: Batches[Row], mirror: Mirror) -> Differences:
    """Compare a download of what `known.FIELDS` names with the mirror."""
    known, found = KnownInOrder(mirror), Differences()
    async for rows in pages:
        here = await known.upto(rows[-1]["_id"])
        found.changed += _changed([Known.of(row) for row in rows], here)
        found.gone += sorted(here)
    found.gone += await known.rest()
    return found


def _changed(rows: Sequence[Known], here: dict[int, Known]) -> list[int]:
    """Return the ids that differ, and take those that the server shows out of `here`."""
    return [row.id for row in rows if here.pop(row.id, None) != row]
