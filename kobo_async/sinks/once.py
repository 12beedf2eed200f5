"""Cells as texts, each different one written once, and many at a time.

Readers of answers give one object to all answers that are equal, so cells are told apart by their
identity: that is quick for every kind of them, and never takes two for one that are written
differently, as `-0.0` and `0.0`, or a moment with two offsets from UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import repeat
from operator import is_
from typing import Any, Final, TypeAlias

import orjson

from kobo_async.forms.columns import Cells

Write: TypeAlias = Callable[[Cells], Cells]
"""Writes cells of which there is at least one, and none is None."""
UNLIKE_REPR: Final = ("e", "0.0000")
"""Where JSON has a number whose `repr` may be in another form."""


def singly(write: Callable[[Any], Any]) -> Write:
    """Write cells one by one."""
    return lambda cells: list(map(write, cells))


def dated(cells: Cells) -> Cells:
    """Write dates or moments as `isoformat` does, which takes five times as long.

    Not times of the day: orjson 3.13 leaves zeros out of their microseconds.
    """
    return orjson.dumps(cells).decode()[2:-2].split('","')


def integers(cells: Cells, empty: str = "") -> Cells:
    """Write whole numbers of 64 bits, None as `empty`; quicker than looking for equal ones."""
    text = orjson.dumps(cells).decode()[1:-1]
    return text.replace("null", empty).split(",") if cells else []


def decimals(cells: Cells, empty: str = "") -> Cells:
    """Write numbers as `repr` does, which takes four times as long, None as `empty`."""
    text = orjson.dumps(cells).decode()[1:-1]
    if any(mark in text for mark in UNLIKE_REPR):
        return [empty if cell is None else repr(cell) for cell in cells]
    return text.replace("null", empty).split(",") if cells else []


def each(write: Write, cells: Cells, empty: Any = None) -> Cells:
    """Write all cells; None becomes `empty`."""
    first = cells[0] if cells else None
    if first is not None and all(map(is_, cells, repeat(first))):
        return write([first]) * len(cells)
    places = list(map(id, cells))
    known = dict(zip(places, cells, strict=True))
    if len(known) == len(cells) and None not in cells:
        return write(cells) if cells else cells
    known.pop(id(None), None)
    texts = dict(zip(known, write([*known.values()]), strict=True)) if known else {}
    texts[id(None)] = empty
    return list(map(texts.__getitem__, places))


def filled(cells: Cells, empty: Any) -> Cells:
    """Put something in the place of None."""
    return [empty if cell is None else cell for cell in cells] if None in cells else cells
