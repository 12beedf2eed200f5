"""The rows of each table in a page of submissions, and where each comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from kobo_async.forms.columns import Table

Row: TypeAlias = Mapping[str, Any]


@attrs.define
class Items:
    """Rows of one table.

    Attributes:
        rows: as they were sent.
        around: for each, the place of the row around it in the table of the parent.
        submissions: for each, the place of its submission in the page.
        numbers: for each, its `_index`.
    """

    table: Table
    rows: Sequence[Row]
    around: list[int]
    submissions: list[int]
    numbers: list[int] = attrs.field(factory=list)


def whole(table: Table, rows: Sequence[Row]) -> Items:
    """Return the submissions themselves."""
    places = list(range(len(rows)))
    return Items(table, rows, places, places)


def nested(table: Table, outer: Items, odd: Callable[[int, str | None], None]) -> Items:
    """Return the rows of a repeat.

    `odd` is told of answers that are no lists of rows: their place, and the reason; None where
    there is nothing wrong but an empty list, which says no more than no list does.
    """
    found = Items(table, [], [], [])
    rows: list[Row] = []
    for place, row in enumerate(outer.rows):
        if (answer := row.get(table.path)) is None:
            continue
        inside = _dicts(answer) if type(answer) is list else []
        if not inside or len(inside) != len(answer):
            odd(place, None if answer == [] else "not a list of rows")
        rows += inside
        found.around += [place] * len(inside)
        found.submissions += [outer.submissions[place]] * len(inside)
    found.rows = rows
    return found


def _dicts(answer: list[Any]) -> list[Row]:
    return answer if {*map(type, answer)} == {dict} else [o for o in answer if type(o) is dict]


def within(places: Sequence[int]) -> list[int]:
    """Count equal neighbours from 1."""
    numbers, last, number = [], None, 0
    for place in places:
        number = number + 1 if place == last else 1
        last = place
        numbers.append(number)
    return numbers


def xpaths(items: Mapping[str, Items], name: str) -> Iterator[str]:
    """Yield the path of each row of a table, with its place in each repeat: `members[2]`."""
    mine = items[name]
    if mine.table.parent is None:
        yield from [""] * len(mine.rows)
        return
    outer = items[mine.table.parent]
    above = list(xpaths(items, mine.table.parent))
    step = mine.table.path.removeprefix(outer.table.path)
    for place, number in zip(mine.around, within(mine.around), strict=True):
        yield f"{above[place]}{step}[{number}]"
