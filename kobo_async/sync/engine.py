"""One run: find what changed, fetch it, write it, remember how far that went.

Everything is written in steps that may be repeated: rows with what is known of them, in one
transaction each. The state that says that a run is done comes with its last step. A run that
dies anywhere is simply run again.

Where the theory stands: `known.py` (how a change is told), `feed.py` (the project history),
`sweep.py` (all ids), `bulk/download.py` (why a download is complete).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import attrs

from kobo_async.clock import Clock
from kobo_async.errors import SyncStopped
from kobo_async.known import FIELDS, Known
from kobo_async.resources.submissions import Row
from kobo_async.sync.feed import Feed
from kobo_async.sync.fetching import Fetching, by_attachment, by_id, by_root_uuid
from kobo_async.sync.mirror import Mirror
from kobo_async.sync.state import State
from kobo_async.sync.sweep import compare


@attrs.define
class Run:
    """A run of one project into one mirror.

    Attributes:
        fields: what tells the state of a submission in a comparison of all.
        state: how far the mirror has come; None where a run has no say in that.
        counts: what was done, by the names of `SyncReport`.
        fetched: root uuids of the submissions that were read in this run.
    """

    fetching: Fetching
    feed: Feed
    mirror: Mirror
    clock: Clock
    state: State | None
    fields: Sequence[str] = FIELDS
    max_delete_fraction: float = 1.0
    counts: Counter[str] = attrs.field(factory=Counter)
    fetched: set[str] = attrs.field(factory=set)

    async def take(self, root_uuids: Sequence[str]) -> None:
        """Copy these submissions as they are now, and remove those that do not exist."""
        for condition in by_root_uuid(root_uuids):
            await self._write(await self.fetching.rows(condition))
        missing = [uuid for uuid in root_uuids if uuid not in self.fetched]
        known = await self.mirror.having((), missing)
        await self._verify([one.id for one in known])

    async def take_new(self, after: int) -> None:
        """Copy the submissions with higher ids than any before, page by page."""
        submissions, asset = self.fetching.submissions, self.fetching.asset
        pages = submissions.pages(asset, where=self.fetching.where, after=after)
        async with pages as batches:
            async for rows in batches:
                await self._write(rows, last_id=rows[-1]["_id"])

    async def follow_history(self, mark: datetime) -> bool:
        """Copy what the history names; tell whether that was everything."""
        touched = await self.feed.since(mark)
        await self.take([uuid for uuid in touched.submissions if uuid not in self.fetched])
        return await self._follow_attachments(touched.attachments) and await self._counts_agree()

    async def _follow_attachments(self, uids: Sequence[str]) -> bool:
        found: set[str] = set()
        for condition in by_attachment(uids):
            rows = await self.fetching.rows(condition)
            await self._write(rows)
            found.update(str(one.get("uid")) for row in rows for one in row["_attachments"])
        return found.issuperset(uids)

    async def _counts_agree(self) -> bool:
        """Doubt the history if the numbers differ; that they agree proves nothing."""
        fetching = self.fetching
        there = await fetching.submissions.count(fetching.asset, where=fetching.where)
        return there == await self.mirror.count()

    async def sweep(self) -> None:
        """Compare all submissions with the mirror, copy what differs, remove what is gone."""
        fetching = self.fetching
        pages = fetching.submissions.pages(fetching.asset, where=fetching.where, fields=self.fields)
        async with pages as batches:
            found = await compare(batches, self.mirror)
            assert batches.report is not None
            proved = batches.report.last_id
        await self._verify([*found.changed, *(one for one in found.gone if one > proved)])
        await self._remove([one for one in found.gone if one <= proved])

    async def look_at(self, rows: Sequence[Row]) -> None:
        """Copy those submissions that differ, of which only the fields are given."""
        there = [Known.of(row) for row in rows]
        here = set(await self.mirror.having([one.id for one in there], ()))
        await self._verify([one.id for one in there if one not in here])

    async def _verify(self, ids: Sequence[int]) -> None:
        """Copy these submissions, and remove those that do not exist."""
        found: set[int] = set()
        for condition in by_id(ids):
            rows = await self.fetching.rows(condition)
            await self._write(rows)
            found.update(row["_id"] for row in rows)
        gone = await self.mirror.having([one for one in ids if one not in found], ())
        await self._remove([one.id for one in gone])

    async def _write(self, rows: Sequence[Row], last_id: int = 0) -> None:
        now = [Known.of(row) for row in rows]
        before = {one.id: one for one in await self.mirror.having([one.id for one in now], ())}
        new = [(row, one) for row, one in zip(rows, now, strict=True) if before.get(one.id) != one]
        self.counts.update(_change(before.get(one.id), one) for _, one in new)
        self.fetched.update(one.root_uuid for one in now)
        if self.state:
            self.state = self.state.after(rows, last_id)
        if self.state and self.state.outdated:
            await self._apply(rows, now, ())
        else:
            await self._apply([row for row, _ in new], [one for _, one in new], ())

    async def _remove(self, gone: Sequence[int]) -> None:
        if not gone:
            return
        live = await self.mirror.count()
        self._guard(len(gone), live)
        self.counts["deleted"] += len(gone)
        await self._apply((), (), gone)

    def _guard(self, gone: int, live: int) -> None:
        allowed = self.max_delete_fraction * (live + self.counts["deleted"])
        if gone + self.counts["deleted"] > allowed:
            raise SyncStopped(
                f"{gone} of {live} submissions of {self.fetching.asset} are gone from the server, "
                f"more than max_delete_fraction={self.max_delete_fraction:g} allows: nothing of "
                "that was deleted here; raise the fraction if it is right"
            )

    async def _apply(
        self, rows: Sequence[Row], known: Sequence[Known], removed: Sequence[int]
    ) -> None:
        await self.mirror.apply(rows, known, removed, self.state.write() if self.state else None)

    async def remember(self, state: State) -> None:
        """Note in the mirror that everything up to this state is done."""
        self.state = state
        await self._apply((), (), ())


def _change(before: Known | None, now: Known) -> str:
    if before is None:
        return "new"
    same = attrs.evolve(before, status=now.status) == now
    return "statuses" if same else "edited"
