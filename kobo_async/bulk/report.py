"""What a download says about itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import attrs

from kobo_async.events import Event, Replied, Retrying


@attrs.frozen
class Gap:
    """Ids that could not be read: above `after`, up to `upto`."""

    after: int
    upto: int
    error: str


@attrs.frozen(kw_only=True)
class Completeness:
    """What a download delivered, measured against what there was.

    Where `complete` is true, every row that existed during the whole download was delivered
    exactly once. That is proved by ids, not by counts (see `kobo_async.bulk.download`).

    Attributes:
        asset: uid of the project.
        strategy: how pages were cut: `offsets`, `ranges`, or one after the other.
        expected: rows on the server at the start.
        delivered: rows handed out. They may be fewer than expected (`vanished`), or more where
            rows with earlier ids became visible meanwhile.
        missing: rows that exist and could not be read; None where even their number is unknown.
        arrived: rows newer than the newest one at the start, left to the next download; None
            where the server did not tell.
        vanished: rows that were deleted before they could be read.
        requests: HTTP requests, repeated ones included.
        retries: requests that had to be repeated.
        seconds: from the first request to the last row.
        last_id: highest `_id` dealt with; give it as `after` to go on from there.
        gaps: ids that could not be read.
        complete: whether everything was read to the end, without gaps.
    """

    asset: str
    strategy: str
    expected: int
    delivered: int
    missing: int | None
    arrived: int | None
    vanished: int
    requests: int
    retries: int
    seconds: float
    last_id: int
    gaps: tuple[Gap, ...]
    complete: bool

    @property
    def rows_per_second(self) -> float:
        """Rows delivered per second."""
        return self.delivered / self.seconds if self.seconds else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        rounded = {"seconds": round(self.seconds, 3)}
        return attrs.asdict(self) | rounded | {"rows_per_second": round(self.rows_per_second, 1)}

    def __str__(self) -> str:
        state = "complete" if self.complete else "INCOMPLETE"
        missing = "an unknown number" if self.missing is None else self.missing
        return (
            f"{state}: {self.delivered} of {self.expected} rows of {self.asset} delivered, "
            f"{missing} missing, {self.vanished} vanished, {self.arrived or 0} arrived; "
            f"{self.requests} requests, {self.retries} of them repeated, {self.seconds:.1f} s"
        )


@attrs.frozen
class Progress:
    """How far a download is, in rows."""

    delivered: int
    expected: int


OnProgress: TypeAlias = Callable[[Progress], None]


class Tally:
    """Counts the requests of one download."""

    def __init__(self) -> None:
        self.requests = 0
        self.retries = 0

    def __call__(self, event: Event) -> None:
        """Count one event."""
        if isinstance(event, Replied):
            self.requests += 1
        elif isinstance(event, Retrying):
            self.retries += 1
