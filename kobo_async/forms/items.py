"""The rows of each table in a page of submissions, a column at a time, and where each comes from.

A page of dicts and a page that was decoded by `compiled.py` are both `Answers` here, and nothing
above knows which it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, Protocol, TypeAlias

import attrs

from kobo_async.forms.columns import Table

Row: TypeAlias = Mapping[str, Any]


@attrs.frozen
class Answers:
    """What stands in some rows of one table.

    Attributes:
        count: of the rows.
        columns: by the path of the question, a cell for each row; None where nothing was answered.
        unknown: answers to what no version of the form asks: by the place of the row, then by key.
    """

    count: int
    columns: Mapping[str, Sequence[Any]]
    unknown: Mapping[int, Row] = attrs.field(factory=dict)


class Shape(Protocol):
    """What rows of one table are, and how their answers are found.

    Attributes:
        kind: the type of every row.
        is_sure: whether answers to a repeat can be nothing but lists of such rows.
    """

    kind: type
    is_sure: bool

    def read(self, rows: Sequence[Any]) -> Answers:
        """Put the answers of some rows into columns."""
        ...


class DictShape:
    """Rows as they are decoded without knowing the form.

    Args:
        paths: of the columns that are needed.
        known: all keys that the form or the server is known to write.
    """

    kind: type = dict
    is_sure = False

    def __init__(self, paths: Sequence[str], known: set[str]) -> None:
        self._paths = paths
        self._known = known

    def read(self, rows: Sequence[Row]) -> Answers:
        """Put the answers of some rows into columns; a row at a time, as they lie in memory."""
        found = [list(map(row.get, self._paths)) for row in rows]
        columns = map(list, zip(*found, strict=True)) if rows else ([] for _ in self._paths)
        keys = set().union(*rows) - self._known
        unknown = {
            place: {key: row[key] for key in row if key in keys}
            for place, row in enumerate(rows if keys else ())
        }
        return Answers(len(rows), dict(zip(self._paths, columns, strict=True)), unknown)


@attrs.define
class Items:
    """Rows of one table.

    Attributes:
        around: for each, the place of the row around it in the table of the parent.
        submissions: for each, the place of its submission in the page.
        numbers: for each, its `_index`.
    """

    table: Table
    answers: Answers
    around: Sequence[int]
    submissions: Sequence[int]
    numbers: Sequence[int] = ()


def whole(table: Table, answers: Answers) -> Items:
    """Return the submissions themselves."""
    places = range(answers.count)
    return Items(table, answers, places, places)


def nested(
    table: Table, shape: Shape, outer: Items, odd: Callable[[int, str | None], None]
) -> Items:
    """Return the rows of a repeat.

    `odd` is told of answers that are no lists of rows: their place, and the reason; None where
    there is nothing wrong but an empty list, which says no more than no list does.
    """
    answers = outer.answers.columns[table.path]
    places = [place for place, answer in enumerate(answers) if answer is not None]
    found = given = [answers[place] for place in places]
    if not all(given) or not (shape.is_sure or _are_rows(given, shape.kind)):
        found = [_rows(one, shape.kind) for one in given]
        for place, answer, inside in zip(places, given, found, strict=True):
            if inside is not answer or not inside:
                odd(place, None if answer == [] else "not a list of rows")
    around = list(chain.from_iterable(map(repeat, places, map(len, found))))
    inner = outer.table.parent is not None
    submissions = [outer.submissions[place] for place in around] if inner else around
    return Items(table, shape.read(list(chain.from_iterable(found))), around, submissions)


def _are_rows(answers: Sequence[Any], kind: type) -> bool:
    """Tell, all of them at a time, whether answers are nothing but lists of rows."""
    return {*map(type, answers)} <= {list} and {*map(type, chain.from_iterable(answers))} <= {kind}


def _rows(answer: Any, kind: type) -> list[Any]:
    """Return the rows of an answer: itself if it is made of nothing else."""
    if type(answer) is not list:
        return []
    return answer if {*map(type, answer)} <= {kind} else [o for o in answer if type(o) is kind]


def within(places: Sequence[int]) -> Sequence[int]:
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
        yield from [""] * mine.answers.count
        return
    outer = items[mine.table.parent]
    above = list(xpaths(items, mine.table.parent))
    step = mine.table.path.removeprefix(outer.table.path)
    for place, number in zip(mine.around, within(mine.around), strict=True):
        yield f"{above[place]}{step}[{number}]"
