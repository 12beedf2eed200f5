"""`client.sync`: chooses how to find out what changed, and runs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from kobo_async.bulk.fetch import BulkSubmissions
from kobo_async.bulk.report import Tally
from kobo_async.clock import Clock
from kobo_async.known import FIELDS, SUPPLEMENTS, bare
from kobo_async.models.asset import COSTLY, Asset
from kobo_async.pages import Sender
from kobo_async.query import Where, canonical
from kobo_async.resources.assets import Assets
from kobo_async.resources.history import History
from kobo_async.sync.chooser import Chooser
from kobo_async.sync.engine import Run
from kobo_async.sync.feed import Feed
from kobo_async.sync.fetching import Fetching
from kobo_async.sync.mirror import Mirror
from kobo_async.sync.report import Strategy, SyncReport
from kobo_async.sync.state import State

WEEK: Final = 7 * 86_400.0
UNSEEN: Final = ("deletions", "cleared validation statuses", "deleted attachments")
UNLOGGED: Final = ("transcripts", "translations")


@attrs.frozen
class Sync:
    """Copies of projects that follow what happens on the server."""

    _sender: Sender
    _clock: Clock = attrs.field(kw_only=True)
    _window: int = attrs.field(default=16, kw_only=True)

    async def run(
        self,
        uid_asset: str,
        mirror: Mirror,
        *,
        where: Where = None,
        strategy: Strategy = "auto",
        max_delete_fraction: float = 0.05,
        sweep_every: float = WEEK,
    ) -> SyncReport:
        """Bring a mirror up to date: new, edited and deleted submissions, validation statuses.

        It may be stopped and repeated at any time. Submissions that change during the run are
        followed by the next one.

        Args:
            uid_asset: the project.
            mirror: where the copy stands; it remembers how far it has come.
            where: copy only these submissions; always the same for one mirror.
            strategy: `history` reads the project history and fetches what it names; it is cheap
                and needs `manage_asset`, and finds all that the server logs. `sweep` compares
                the ids and uuids of all submissions, and finds every change. `edits` only looks
                for new, edited and validated submissions. Reports say what is not seen. `auto`
                takes the history where it may and where it reaches back to the last run, and a
                sweep otherwise.
            max_delete_fraction: the run stops before it deletes more than this part of the copy.
            sweep_every: seconds after which `auto` sweeps all the same, to find what the history
                does not tell, such as deletions by administrators of the server.

        Permission: `view_submissions`; for the history `manage_asset` too.
        Errors: SyncStopped; ConfigError for a mirror of something else; IncompleteDownload;
        otherwise see `submissions.stream`.
        """
        tally = Tally()
        sender = self._sender.observed(tally)
        started = self._clock.monotonic()
        asset = await Assets(sender).get(uid_asset, exclude=COSTLY)
        kept = State.read(await mirror.state(), uid_asset, canonical(where))
        state = kept.seen_by(asset)
        submissions = BulkSubmissions(sender, clock=self._clock, window=self._window)
        run = Run(
            fetching=Fetching(submissions, uid_asset, where),
            feed=Feed(History(sender), uid_asset),
            mirror=mirror,
            clock=self._clock,
            state=state,
            fields=(*FIELDS, *(SUPPLEMENTS,) * bool(asset.advanced_features)),
            max_delete_fraction=max_delete_fraction,
        )
        chooser = Chooser(run, state, asset, strategy, sweep_every)
        await chooser.go()
        live = await mirror.count()
        counts = {name: run.counts[name] for name in ("new", "edited", "statuses", "deleted")}
        return SyncReport(
            asset=uid_asset,
            strategy=chooser.strategy,
            reason=chooser.reason,
            **counts,
            unchanged=live - counts["new"] - counts["edited"] - counts["statuses"],
            requests=tally.requests,
            seconds=self._clock.monotonic() - started,
            unseen=_unseen(chooser.strategy, asset),
        )

    async def take(
        self, uid_asset: str, mirror: Mirror, root_uuids: Sequence[str], *, where: Where = None
    ) -> None:
        """Copy these submissions into a mirror as they are now, as after a notification.

        What the server does not have any more is removed. How far the mirror has come stays as
        it is: the next `run` looks at everything that changed since the last one.

        Permission: `view_submissions`. Errors: see `submissions.list`.
        """
        submissions = BulkSubmissions(self._sender, clock=self._clock, window=self._window)
        run = Run(
            fetching=Fetching(submissions, uid_asset, where),
            feed=Feed(History(self._sender), uid_asset),
            mirror=mirror,
            clock=self._clock,
            state=None,
        )
        await run.take([bare(uuid) for uuid in root_uuids])


def _unseen(strategy: str, asset: Asset) -> Sequence[str]:
    if strategy == "edits":
        return UNSEEN
    return UNLOGGED if strategy == "history" and asset.advanced_features else ()
