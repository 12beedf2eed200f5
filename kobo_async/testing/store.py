"""The rows of one form: ids in order, rows made or encoded only when someone looks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import attrs
import orjson

from kobo_async.testing.mongo import Test, compile_query
from kobo_async.testing.plan import Plan, make_plan

Row = dict[str, Any]
_CACHED_ROWS = 20_000
_CACHED_QUERIES = 8


class Maker(Protocol):
    """Makes the row of an id; the same row each time, and never an edited one."""

    def encoded(self, number: int, /) -> bytes:
        """Return the row as JSON."""
        ...

    def owner_of(self, uuid: str, /) -> int | None:
        """Return the id whose row was made with this uuid."""
        ...


@attrs.frozen
class Selection:
    """Ids that match, in `_id` order: `ids[low:high]`. Copies nothing."""

    ids: Sequence[int]
    low: int
    high: int

    @property
    def count(self) -> int:
        """Number of matching rows."""
        return self.high - self.low

    def page(self, start: int, limit: int | None, *, descending: bool = False) -> Sequence[int]:
        """Return one page of ids."""
        stop = self.count if limit is None else min(self.count, start + limit)
        if start >= stop:
            return ()
        if descending:
            return self.ids[self.high - stop : self.high - start][::-1]
        return self.ids[self.low + start : self.low + stop]


class RowStore(Mapping[int, Row]):
    """Rows by `_id`, read-only as a mapping. What it hands out are copies.

    Rows that nobody has touched come from the maker; those that were loaded, inserted or
    changed are kept.
    """

    def __init__(self, ids: Iterable[int], maker: Maker) -> None:
        self.revision = 0
        self._ids = sorted(ids)
        self._maker = maker
        self._kept: dict[int, Row] = {}
        self._uuids: dict[str, int] = {}
        self._encoded: dict[int, bytes] = {}
        self._selected: dict[str, tuple[int, Selection]] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[int]:
        return iter(tuple(self._ids))

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int):
            return False
        place = bisect_left(self._ids, number)
        return place < len(self._ids) and self._ids[place] == number

    def __getitem__(self, number: int) -> Row:
        if number not in self:
            raise KeyError(number)
        row: Row = orjson.loads(self.encoded(number))
        return row

    @property
    def last(self) -> int:
        """Highest id, 0 without rows."""
        return self._ids[-1] if self._ids else 0

    @property
    def first(self) -> int:
        """Lowest id, 0 without rows."""
        return self._ids[0] if self._ids else 0

    def encoded(self, number: int) -> bytes:
        """Return a row as JSON."""
        found = self._encoded.get(number)
        if found is None:
            kept = self._kept.get(number)
            found = orjson.dumps(kept) if kept is not None else self._maker.encoded(number)
            if len(self._encoded) >= _CACHED_ROWS:
                del self._encoded[next(iter(self._encoded))]
            self._encoded[number] = found
        return found

    def keep(self, rows: Mapping[int, Row]) -> None:
        """Add many rows at once."""
        self._ids = sorted({*self._ids, *rows})
        self._kept.update(rows)
        for number, row in rows.items():
            for uuid in _uuids(row):
                self._uuids[uuid] = number
        self.revision += 1

    def put(self, row: Row) -> None:
        """Add or replace a row."""
        number = row["_id"]
        if number in self:
            self._forget(number)
        else:
            insort(self._ids, number)
        self._kept[number] = row
        for uuid in _uuids(row):
            self._uuids[uuid] = number
        self.revision += 1

    def remove(self, number: int) -> None:
        """Delete a row."""
        if number not in self:
            raise KeyError(number)
        del self._ids[bisect_left(self._ids, number)]
        self._forget(number)
        self.revision += 1

    def _forget(self, number: int) -> None:
        self._encoded.pop(number, None)
        for uuid in _uuids(self._kept.pop(number, {})):
            self._uuids.pop(uuid, None)

    def find_uuid(self, uuid: str) -> int | None:
        """Return the id of a row by its current or its root uuid (observed §5)."""
        number = self._uuids.get(uuid)
        if number is None:
            number = self._maker.owner_of(uuid)
        return number if number is not None and number in self else None

    def select(self, query: dict[str, Any]) -> Selection:
        """Return the rows that match an escaped query; the last few answers are remembered."""
        if not query:
            return Selection(self._ids, 0, len(self._ids))
        key = repr(query)
        known = self._selected.get(key)
        if known and known[0] == self.revision:
            return known[1]
        found = self._search(query)
        if len(self._selected) >= _CACHED_QUERIES:
            del self._selected[next(iter(self._selected))]
        self._selected[key] = self.revision, found
        return found

    def _search(self, query: dict[str, Any]) -> Selection:
        test = compile_query(query)
        plan = make_plan(query)
        low, high = self._bounds(plan)
        if plan.exact:
            return Selection(self._ids, low, high)
        ids = [n for n in self._candidates(plan, low, high) if self._passes(n, test)]
        return Selection(ids, 0, len(ids))

    def _bounds(self, plan: Plan) -> tuple[int, int]:
        low = 0 if plan.low is None else bisect_left(self._ids, plan.low)
        high = len(self._ids) if plan.high is None else bisect_right(self._ids, plan.high)
        return low, max(low, high)

    def _candidates(self, plan: Plan, low: int, high: int) -> Iterable[int]:
        if plan.ids is not None:
            return sorted({number for number in plan.ids if number in self})
        if plan.uuids is not None:
            found = {self.find_uuid(uuid.removeprefix("uuid:")) for uuid in plan.uuids}
            return sorted(number for number in found if number is not None)
        if plan.edited:
            return sorted(self._kept)
        return self._ids[low:high]

    def _passes(self, number: int, test: Test) -> bool:
        row = self._kept.get(number)
        return test(row if row is not None else orjson.loads(self._maker.encoded(number)))


def _uuids(row: Row) -> Iterator[str]:
    for field in ("meta/rootUuid", "_uuid"):
        uuid = row.get(field)
        if uuid:
            yield uuid.removeprefix("uuid:")
