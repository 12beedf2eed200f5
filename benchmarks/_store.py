"""The rows that the page server holds: rising ids with gaps, over a ring of encoded bodies."""

from __future__ import annotations

import random
from array import array
from bisect import bisect_left, bisect_right
from itertools import accumulate, chain
from typing import Any

from _rows import Kind, bodies, probe

FIRST_ID = 100_000_000
ID_AT, ID_DIGITS = len(b',{"_id":'), len(str(FIRST_ID))


class NotUnderstoodError(Exception):
    """A request that this server cannot answer as KPI would."""


class Store:
    """The rows of one project.

    The bodies lie one after the other in one piece of memory, twice around, so that any page is a
    stretch of it: the ids are written in, the stretch is copied once, and a million rows take no
    more memory than a thousand.
    """

    def __init__(self, rows: int, kind: Kind) -> None:
        chance = random.Random(3)
        steps = (chance.randint(1, 3) for _ in range(rows))
        self.ids = array("q", accumulate(steps, initial=FIRST_ID))[1:]
        pool = bodies(kind)
        self._distinct = len(pool)
        self._probes = [probe(body) for body in pool]
        encoded = [b',{"_id":%d%b' % (FIRST_ID, body) for body in pool * 2]
        self._ring = memoryview(bytearray().join(encoded))
        self._begins = list(accumulate(map(len, encoded), initial=0))

    @property
    def row_bytes(self) -> float:
        """Bytes of a row, on average."""
        return self._begins[self._distinct] / self._distinct

    def within(self, query: Any) -> tuple[int, int]:
        """Turn a query on `_id` into a range of places."""
        low, high = 0, len(self.ids)
        for operator, value in _conditions(query):
            if operator in {"$gt", "$gte"}:
                side = bisect_right if operator == "$gt" else bisect_left
                low = max(low, side(self.ids, value))
            else:
                side = bisect_left if operator == "$lt" else bisect_right
                high = min(high, side(self.ids, value))
        return low, max(low, high)

    def rows(self, places: range) -> bytes:
        """Return neighbouring rows."""
        most = self._distinct
        stretches = (places[begin : begin + most] for begin in range(0, len(places), most))
        return b",".join(map(self._stretch, stretches))

    def _stretch(self, places: range) -> bytes:
        ring, begins = self._ring, self._begins
        first = places[0] % self._distinct
        for slot, place in enumerate(places, first):
            begin = begins[slot] + ID_AT
            ring[begin : begin + ID_DIGITS] = b"%d" % self.ids[place]
        return bytes(ring[begins[first] + 1 : begins[first + len(places)]])

    def bare(self, places: range) -> bytes:
        """Return rows reduced to their ids, in any order."""
        probes, most = self._probes, self._distinct
        rows = (b'{"_id":%d%b' % (self.ids[place], probes[place % most]) for place in places)
        return b",".join(rows)


def _conditions(query: Any) -> list[tuple[str, int]]:
    if not isinstance(query, dict):
        raise NotUnderstoodError(f"query {query!r}")
    found: list[tuple[str, int]] = []
    for key, value in query.items():
        if key == "$and":
            found += chain.from_iterable(map(_conditions, value))
        elif key == "_id" and value.keys() <= {"$gt", "$gte", "$lt", "$lte"}:
            found += value.items()
        else:
            raise NotUnderstoodError(f"query {query!r}")
    return found
