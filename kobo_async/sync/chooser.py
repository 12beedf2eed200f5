"""Chooses how to find out what changed, and goes through with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import attrs

from kobo_async.errors import NotFound, PermissionDenied
from kobo_async.models.asset import Asset
from kobo_async.query import Unchecked, both, checked
from kobo_async.sync.engine import Run
from kobo_async.sync.report import Strategy
from kobo_async.sync.state import State

LATE: Final = 15 * 60
"""Seconds after which even a slow change has become visible."""
RECENT: Final = 1_000


@attrs.define
class Chooser:
    """One run, from the choice of a strategy to the state that says that it is done."""

    run: Run
    state: State
    asset: Asset
    asked: Strategy
    sweep_every: float
    strategy: str = ""
    reason: str = "asked for"

    async def go(self) -> None:
        """Do everything in its order: the mark is taken before anything is read."""
        run, state = self.run, self.state
        mark = await self._mark()
        fresh = not state.last_id and not state.loaded
        if fresh:
            run.state = attrs.evolve(state, mark=mark)
            self.strategy, self.reason = "load", "first copy"
        else:
            await self._choose(mark)
        await run.take_new(0 if state.outdated else state.last_id)
        if not fresh:
            await self._reconcile()
        if state.outdated:
            self.reason += "; all rows were written anew, for the form changed"
        await run.remember(self._done(mark))

    async def _mark(self) -> datetime | None:
        """Tell where the history stands; older servers keep none, and some show it to nobody."""
        if self.asked != "history" and not self.asset.allows("manage_asset"):
            return None
        try:
            return await self.run.feed.mark()
        except (NotFound, PermissionDenied):
            if self.asked == "history":
                raise
            return None

    def _done(self, mark: datetime | None) -> State:
        assert self.run.state is not None
        now = self.run.clock.wall()
        swept = now if self.strategy in {"load", "sweep"} else self.state.swept
        dealt_with = self.state.mark if self.strategy == "edits" else mark
        return attrs.evolve(
            self.run.state, loaded=True, mark=dealt_with, swept=swept, outdated=False
        )

    async def _choose(self, mark: datetime | None) -> None:
        if self.asked != "auto":
            self.strategy = self.asked
            return
        self.strategy = "sweep"
        if mark is None:
            self.reason = "the history may not be read"
        elif self.state.mark is None:
            self.reason = "the history could not be read before"
        elif not await self.run.feed.reaches(self.state.mark):
            self.reason = "the history does not reach back to the last run"
        elif self.state.loaded and self.run.clock.wall() - self.state.swept >= self.sweep_every:
            self.reason = "it is time to compare everything"
        else:
            self.strategy, self.reason = "history", "the history may be read"

    async def _reconcile(self) -> None:
        if self.strategy == "edits":
            await self._edits()
        elif self.strategy == "history" and self.state.mark is not None:
            if not await self.run.follow_history(self.state.mark):
                self.strategy, self.reason = "sweep", "the history did not tell everything"
                await self.run.sweep()
        else:
            self.strategy = "sweep"
            await self.run.sweep()

    async def _edits(self) -> None:
        edited: dict[str, Any] = {"meta/deprecatedID": {"$exists": True}}
        if self.state.modified:
            edited = {"_date_modified": {"$gte": self.state.modified}}
        validated = {"_validation_status.timestamp": {"$gte": self.state.validated - LATE}}
        recent = {"_id": {"$gt": self.state.last_id - RECENT}}
        fetching = self.run.fetching
        for condition in (edited, validated, recent):
            where = Unchecked(both(checked(fetching.where), condition))
            pages = fetching.submissions.pages(fetching.asset, where=where, fields=self.run.fields)
            async with pages as batches:
                async for rows in batches:
                    await self.run.look_at(rows)
