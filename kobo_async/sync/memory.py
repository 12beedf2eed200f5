"""Mirrors in memory: for tests, and for programs that keep the rows themselves."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kobo_async.known import Known
from kobo_async.resources.submissions import Row


class MemoryIndex:
    """What is known of the submissions of one project: a mirror, but for the rows.

    Args:
        known: what is known of those that are there already.
        state: what the last run left.
    """

    def __init__(self, known: Iterable[Known] = (), state: Mapping[str, Any] | None = None) -> None:
        self._known = {one.id: one for one in known}
        self._ids_by_uuid = {one.root_uuid: one.id for one in self._known.values()}
        self._state: Mapping[str, Any] = state or {}

    async def state(self) -> Mapping[str, Any]:
        """Return what the last `apply` left."""
        return self._state

    async def count(self) -> int:
        """Count the submissions."""
        return len(self._known)

    async def known(self, after: int, limit: int, /) -> Sequence[Known]:
        """Return what is known of the first submissions with higher ids."""
        ids = sorted(self._known)
        begin = bisect_right(ids, after)
        return [self._known[one] for one in ids[begin : begin + limit]]

    async def having(self, ids: Sequence[int], root_uuids: Sequence[str], /) -> Sequence[Known]:
        """Return what is known of these submissions, as far as they are there."""
        by_uuid = [self._ids_by_uuid[one] for one in root_uuids if one in self._ids_by_uuid]
        return [self._known[one] for one in {*ids, *by_uuid} if one in self._known]

    def note(
        self, known: Sequence[Known], removed: Sequence[int], state: Mapping[str, Any] | None
    ) -> None:
        """Note what to know of submissions, forget others, and remember the state if given."""
        for number in removed:
            if gone := self._known.pop(number, None):
                self._ids_by_uuid.pop(gone.root_uuid, None)
        for one in known:
            self._known[one.id] = one
            self._ids_by_uuid[one.root_uuid] = one.id
        if state is not None:
            self._state = dict(state)


class MemoryMirror(MemoryIndex):
    """The submissions of one project as a dict.

    Attributes:
        rows: by `_id`; without those that were deleted.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[int, Row] = {}

    async def apply(
        self,
        rows: Sequence[Row],
        known: Sequence[Known],
        removed: Sequence[int],
        state: Mapping[str, Any] | None,
    ) -> None:
        """Take rows and what to know of them, drop others, and remember the state if given."""
        self.note(known, removed, state)
        for number in removed:
            self.rows.pop(number, None)
        self.rows.update((row["_id"], dict(row)) for row in rows)
