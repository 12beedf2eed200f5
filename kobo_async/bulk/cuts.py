"""Where pages are thought to begin and to end.

By offset: places in the list, computed from the count. Each page overlaps its predecessor (see
`download`): a right guess then begins with a row already delivered, and as many rows may vanish
between two pages as overlap, before a seam must be mended with a request of its own. Servers may
walk over all the rows they skip, so that pages get slower the further they reach.

By range: the ids themselves, in ranges that hold about a page. No range depends on another, so
deletions cannot shift anything, and the server skips nothing. How wide a range must be is guessed
from how densely the ids lay so far: a server shares its ids among all projects. What does not fit
into the page of a range is cut again, as densely as the rows of that page lay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil

import attrs

OVERLAP = 100
"""One row in so many is asked for twice."""
FILL = 0.94
"""Share of a page that a range aims at, so that few ranges need a second page."""
MEMORY = 0.7
"""Weight of what was known when the density is learned."""
MOST_PARTS = 16
"""Ranges into which the rest of one is cut at a time: they may turn out uneven."""


@attrs.frozen
class Cut:
    """The first rows with `after < _id <= upto`: all of them, or those from a place on."""

    after: int
    upto: int
    start: int | None = None


class Offsets:
    """Cuts the rows with `after < _id <= upto` by their place, into pages of `size`."""

    def __init__(self, after: int, upto: int, rows: int, size: int) -> None:
        self._after = after
        self._upto = upto
        self._rows = rows
        self._size = size

    def __iter__(self) -> Iterator[Cut]:
        overlap = max(self._size // OVERLAP, 1)
        start = 0
        while start == 0 or start + overlap < self._rows:
            yield Cut(self._after, self._upto, start)
            start += max(self._size - overlap, 1)

    def learn(self, rows: int) -> None:
        """Note how many rows there really are."""
        self._rows = rows


class Ranges:
    """Cuts the rows with `after < _id <= upto` by their ids, into pages of about `size`."""

    def __init__(self, after: int, upto: int, rows: int, size: int) -> None:
        self._after = after
        self._upto = upto
        self._size = size
        self._aim = FILL * size
        self._rows = self._aim
        self._ids = self._aim * (upto - after) / rows

    def __iter__(self) -> Iterator[Cut]:
        after = self._after
        while after < self._upto:
            width = max(1, int(self._aim * self._ids / self._rows))
            upto = min(after + width, self._upto)
            yield Cut(after, upto)
            after = upto

    def learn(self, cut: Cut, rows: int) -> None:
        """Remember how many rows there are per id, the latest ranges weighing most."""
        self._ids = MEMORY * self._ids + cut.upto - cut.after
        self._rows = max(MEMORY * self._rows + rows, 0.5)

    def rest(self, ids: Sequence[int], upto: int, rows: int) -> list[Cut]:
        """Cut the `rows` between a page of `ids` and `upto`, which lie as densely, or less."""
        after = ids[-1]
        parts = 1 if rows <= self._size else min(ceil(rows / self._aim), MOST_PARTS)
        dense = rows * (after - ids[0] + 1) / len(ids)
        width = min(dense, upto - after) / parts
        bounds = [*(after + int(width * part) for part in range(parts)), upto]
        return [Cut(low, high) for low, high in pairwise(bounds) if low < high]
