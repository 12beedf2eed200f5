"""The project history as a feed of changes.

The history has neither ids nor fractions of seconds, and shows every page of submissions that
anybody reads. So: entries are asked for by their action, from some minutes before the mark on
(a request may take two minutes, and its entry is written last), and applied as often as they
come. A mark is the time of an entry. As long as the history still reaches back to it, nothing
after it has been lost (`api-facts §3.6`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import attrs

from kobo_async.models.log import HistoryEntry
from kobo_async.resources.history import CHANGES, History

ANALYSES: Final = (
    *("modify-qa-data", "modify-automatic-qa-data"),
    *("verify-manual-qa-data", "verify-automatic-qa-data"),
    *("unverify-manual-qa-data", "unverify-automatic-qa-data"),
)
ACTIONS: Final = (*CHANGES, *ANALYSES, "in-trash")
OVERLAP: Final = timedelta(seconds=150)
SECOND: Final = timedelta(seconds=1)


@attrs.frozen
class Touched:
    """What the history names: submissions by root uuid, attachments that were deleted by uid."""

    submissions: Sequence[str]
    attachments: Sequence[str]


@attrs.frozen
class Feed:
    """The history of one project."""

    history: History
    asset: str

    async def mark(self) -> datetime | None:
        """Return the time of the newest entry of any kind; None for an empty history."""
        newest = await self.history.list(self.asset, page_size=1).first()
        return newest.date_created if newest else None

    async def reaches(self, mark: datetime) -> bool:
        """Tell whether the history still goes back to a mark."""
        until = mark + SECOND
        return await self.history.list(self.asset, until=until, page_size=1).first() is not None

    async def since(self, mark: datetime) -> Touched:
        """Return what changed after a mark, and maybe a little before."""
        submissions: dict[str, None] = {}
        attachments: dict[str, None] = {}
        async for entry in self.history.list(self.asset, actions=ACTIONS, since=mark - OVERLAP):
            if entry.root_uuid:
                submissions[entry.root_uuid] = None
            elif uid := _attachment(entry):
                attachments[uid] = None
        return Touched(list(submissions), list(attachments))


def _attachment(entry: HistoryEntry) -> str | None:
    uid = entry.metadata.get("attachment_uid")
    return uid if isinstance(uid, str) else None
