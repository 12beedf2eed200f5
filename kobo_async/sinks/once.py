"""Cells as texts, each different one written once.

Readers of answers give one object to all answers that are equal, so cells are told apart by their
identity: that is quick for every kind of them, and never takes two for one that are written
differently, as `-0.0` and `0.0`, or a moment with two offsets from UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from kobo_async.forms.columns import Cells

MOSTLY: Final = 0.5
"""Above this share of different cells it is quicker to write each of them."""


def each(write: Callable[[Any], Any], cells: Cells, empty: Any = None) -> Cells:
    """Write all cells; None becomes `empty`."""
    places = list(map(id, cells))
    known = dict(zip(places, cells, strict=True))
    if len(known) > MOSTLY * len(cells):
        return [empty if cell is None else write(cell) for cell in cells]
    texts = {place: empty if cell is None else write(cell) for place, cell in known.items()}
    if len(texts) == 1:
        return [*texts.values()] * len(cells)
    return list(map(texts.__getitem__, places))


def filled(cells: Cells, empty: Any) -> Cells:
    """Put something in the place of None."""
    return [empty if cell is None else cell for cell in cells] if None in cells else cells
