"""What a place of tables offers to those who keep it equal to a server over time.

A `TableSink` takes one download. A `MirrorStore` is kept: submissions are replaced, removed or
marked as deleted, and whoever does it keeps a state beside them that cannot disagree with them.
The methods are called inside a transaction of the store, which they do not begin or end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from kobo_async.forms.columns import Batch


class MirrorStore(Protocol):
    """A copy of the submissions of one project, as tables."""

    async def prepare(self) -> None:
        """Bring the tables up to the form; to be called first in every transaction."""
        ...

    async def upsert(self, batches: Sequence[Batch], /) -> None:
        """Write submissions by `_id`, with all of their repeats, over what is there of them.

        Those that were marked as deleted live again.
        """
        ...

    async def remove(self, ids: Sequence[int], /) -> None:
        """Remove submissions and their repeats; ids that are not there do no harm."""
        ...

    async def mark_deleted(self, ids: Sequence[int], when: datetime, /) -> None:
        """Note when submissions were deleted; those that are marked keep their time."""
        ...

    def known(
        self, paths: Sequence[str], /, *, after: int = 0, deleted: bool = False
    ) -> AsyncIterator[tuple[Any, ...]]:
        """Iterate over `_id` and other answers of the submissions, by rising `_id`.

        Never all of them are held at once. Those that are marked as deleted only come if
        `deleted` asks for them.
        """
        ...

    async def read_state(self, key: str, /) -> Any:
        """Return the JSON that was written under a key; None if nothing was."""
        ...

    async def write_state(self, key: str, state: Any, /) -> None:
        """Write JSON under a key, in the same transaction as the data."""
        ...
