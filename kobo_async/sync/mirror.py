"""What a synchronisation needs of the place it writes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from kobo_async.known import Known
from kobo_async.resources.submissions import Row


class Mirror(Protocol):
    """A copy of one project's submissions, with what must be remembered about them.

    `apply` is atomic: all of it is there afterwards, or, when it fails or the process dies,
    nothing. Rows are replaced by `_id` together with their repeats; what was marked as deleted
    and comes again lives again.
    """

    async def state(self) -> Mapping[str, Any]:
        """Return what the last `apply` with a state left; empty at first.

        With `"outdated": True` in it, all rows are written anew, whether they changed or not.
        """
        ...

    async def count(self) -> int:
        """Count the submissions that are not deleted."""
        ...

    async def known(self, after: int, limit: int, /) -> Sequence[Known]:
        """Return what is known of the first submissions with higher ids that are not deleted."""
        ...

    async def having(self, ids: Sequence[int], root_uuids: Sequence[str], /) -> Sequence[Known]:
        """Return what is known of these submissions, as far as they are there and not deleted."""
        ...

    async def apply(
        self,
        rows: Sequence[Row],
        known: Sequence[Known],
        removed: Sequence[int],
        state: Mapping[str, Any] | None,
    ) -> None:
        """Write rows and what to know of them, remove others, and remember the state if given."""
        ...
