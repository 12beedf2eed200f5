"""What a run of a synchronisation did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import attrs

Strategy: TypeAlias = Literal["auto", "history", "sweep", "edits"]


@attrs.frozen(kw_only=True)
class SyncReport:
    """What changed in the mirror.

    Attributes:
        asset: uid of the project.
        strategy: `load` for the first copy, `history`, `sweep` or `edits`.
        reason: why this strategy.
        new: submissions that were not in the mirror.
        edited: submissions whose answers, attachments or supplements changed.
        statuses: submissions of which only the validation status was set or cleared.
        deleted: submissions that are gone from the server, or from the filter.
        unchanged: submissions of the mirror that stayed as they were.
        requests: HTTP requests, repeated ones included.
        seconds: how long it took.
        unseen: kinds of changes that this strategy cannot see in this project; a sweep sees all.
    """

    asset: str
    strategy: str
    reason: str
    new: int
    edited: int
    statuses: int
    deleted: int
    unchanged: int
    requests: int
    seconds: float
    unseen: Sequence[str] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return attrs.asdict(self) | {"seconds": round(self.seconds, 3)}

    def __str__(self) -> str:
        text = (
            f"{self.asset}: {self.new} new, {self.edited} edited, {self.statuses} validated, "
            f"{self.deleted} deleted, {self.unchanged} unchanged; "
            f"{self.strategy} ({self.reason}), {self.requests} requests, {self.seconds:.1f} s"
        )
        return f"{text}; not seen: {', '.join(self.unseen)}" if self.unseen else text
