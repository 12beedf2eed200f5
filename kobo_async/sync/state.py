"""What one run leaves to the next, inside the mirror."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Self

import attrs

from kobo_async.errors import ConfigError, SyncStopped
from kobo_async.models.asset import Asset
from kobo_async.resources.submissions import Row

FORMAT: Final = 1


@attrs.frozen
class State:
    """How far a mirror has come.

    Attributes:
        asset: the project it is a copy of.
        loaded: whether every submission has been copied once.
        last_id: every submission up to here has been copied at some time.
        mark: time of a history entry; everything logged before it has been dealt with.
        swept: time of the last comparison of all ids, in seconds since 1970.
        validated: time of the newest validation status that was copied, in seconds since 1970, by
            the clock of the server.
        modified: highest modification time of a submission, where the server has one.
        filter: the condition on submissions, as JSON; empty without one.
        outdated: whether the rows were laid out for the form as it was earlier, and must all be
            written anew.
        partial: whether the caller could see only some submissions; None where that is not known.
    """

    asset: str
    loaded: bool = False
    last_id: int = 0
    mark: datetime | None = None
    swept: float = 0.0
    validated: int = 0
    modified: str = ""
    filter: str = ""
    outdated: bool = False
    partial: bool | None = None

    @classmethod
    def read(cls, kept: Mapping[str, Any], asset: str, where: str) -> Self:
        """Read what a mirror kept.

        Raises:
            ConfigError: for a mirror of something else.
        """
        if not kept:
            return cls(asset, filter=where)
        if kept.get("format") != FORMAT:
            raise ConfigError("the mirror was written by a later version of kobo_async: upgrade")
        if (kept["asset"], kept["filter"]) != (asset, where):
            raise ConfigError(
                f"the mirror is one of {kept['asset']} {kept['filter']}, not of {asset} {where}: "
                "give every project and filter a mirror of its own"
            )
        mark = datetime.fromisoformat(kept["mark"]) if kept["mark"] else None
        read = {name: kept[name] for name in ("loaded", "last_id", "swept", "modified")}
        later = {name: kept[name] for name in ("validated", "outdated", "partial") if name in kept}
        return cls(asset, mark=mark, filter=where, **read, **later)

    def seen_by(self, asset: Asset) -> Self:
        """Note how much the caller can see.

        Raises:
            SyncStopped: if that is less than before: what cannot be seen is not gone.
        """
        partial = bool(asset.allows("partial_submissions")) and not asset.allows("view_submissions")
        if partial and self.partial is False:
            raise SyncStopped(
                f"this account may see only some submissions of {asset.uid} now, and the others "
                "would be taken for deleted: nothing was changed; ask the owner for "
                "view_submissions, or begin another mirror"
            )
        return attrs.evolve(self, partial=partial)

    def after(self, rows: Sequence[Row], last_id: int) -> Self:
        """Return the state once these rows have been copied."""
        modified = [str(row["_date_modified"]) for row in rows if row.get("_date_modified")]
        statuses = [row.get("_validation_status") or {} for row in rows]
        return attrs.evolve(
            self,
            last_id=max(self.last_id, last_id),
            validated=max([self.validated, *(one.get("timestamp", 0) for one in statuses)]),
            modified=max([self.modified, *modified]),
        )

    def write(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        mark = self.mark.isoformat() if self.mark else None
        return attrs.asdict(self) | {"mark": mark, "format": FORMAT}
