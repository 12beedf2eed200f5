"""How the answers to each kind of question become cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import orjson

from kobo_async.forms import geometry, values
from kobo_async.forms.columns import Cells, Holds, Read
from kobo_async.forms.schema import Kind
from kobo_async.forms.values import Report, each

SCALARS: Final[Mapping[Kind, tuple[Holds, Callable[[str], Any]]]] = {
    Kind.TEXT: (Holds.TEXT, values.text),
    Kind.MEDIA: (Holds.TEXT, values.text),
    Kind.INTEGER: (Holds.INTEGER, values.integer),
    Kind.DECIMAL: (Holds.DECIMAL, values.decimal),
    Kind.BOOLEAN: (Holds.BOOLEAN, values.agreed),
    Kind.DATE: (Holds.DATE, values.day),
}
SHAPES: Final = {
    Kind.GEOPOINT: ("POINT", "Point"),
    Kind.GEOTRACE: ("LINESTRING", "LineString"),
    Kind.GEOSHAPE: ("POLYGON", "Polygon"),
}
MINUTE: Final = timedelta(minutes=1)


def scalar(read: Callable[[str], Any]) -> Read:
    """Make one column, cell by cell."""

    def cells(answers: Cells, report: Report) -> Sequence[Cells]:
        return (each(read, answers, report),)

    return cells


def clock_time(*, offsets: bool) -> Read:
    """Make a column of times of the day, and one of their offsets in minutes."""

    def cells(answers: Cells, report: Report) -> Sequence[Cells]:
        found = each(values.hour, answers, report)
        naive = [None if one is None else one.replace(tzinfo=None) for one in found]
        return (naive, _minutes(found)) if offsets else (naive,)

    return cells


def moments(*, offsets: bool) -> Read:
    """Make a column of aware datetimes, and one of their offsets in minutes."""

    def cells(answers: Cells, report: Report) -> Sequence[Cells]:
        found = each(values.moment, answers, report)
        return (found, _minutes(found)) if offsets else (found,)

    return cells


def _minutes(found: Cells) -> Cells:
    offsets = [None if one is None else one.utcoffset() for one in found]
    return [None if offset is None else offset // MINUTE for offset in offsets]


def one_choice(labels: Mapping[str, str], *, open_ended: bool) -> Read:
    """Make a column of choices, as names or as labels."""

    def read(text: str) -> str:
        if text in labels:
            return labels[text]
        if open_ended:
            return text
        raise ValueError("not one of the choices")

    return scalar(read)


def choices(labels: Mapping[str, str], *, whole: Holds | None, indicators: bool, flag: Any) -> Read:
    """Make a column of what was chosen, and one for each choice.

    `whole` says what the first column holds, None for no such column; `flag` turns whether a
    choice was made into a cell.
    """

    def cells(answers: Cells, report: Report) -> Sequence[Cells]:
        found = each(values.words, answers, report)
        made: list[Cells] = []
        if whole:
            named = [
                None if one is None else [labels.get(name, name) for name in one] for one in found
            ]
            made.append(named if whole is Holds.TEXTS else _joined(named))
        if indicators:
            sets = [None if one is None else set(one) for one in found]
            made += ([None if s is None else flag(name in s) for s in sets] for name in labels)
        return made

    return cells


def _joined(found: Cells) -> Cells:
    return [None if one is None else " ".join(one) for one in found]


def place(kind: Kind, geometry_as: str, number: Callable[[str], Any]) -> Read:
    """Make a column of places; a point also gives latitude, longitude, altitude, precision."""
    is_point = kind is Kind.GEOPOINT
    in_wkt, in_json = SHAPES[kind]

    def cells(answers: Cells, report: Report) -> Sequence[Cells]:
        found = each(geometry.points, answers, report)
        if geometry_as == "text":
            shown = [a if f else None for a, f in zip(answers, found, strict=True)]
        else:
            write, name = (
                (geometry.wkt, in_wkt) if geometry_as == "wkt" else (geometry.geojson, in_json)
            )
            shown = [None if f is None else write(name, f) for f in found]
        if not is_point:
            return (shown,)
        return (shown, *([f and number(f[0][part]) for f in found] for part in range(4)))

    return cells


def system(path: str) -> Read:
    """Make a column of what the server adds to a submission."""
    if path == "_validation_status":
        return lambda answers, _: ([(a or {}).get("label") for a in answers],)
    if path == "_id":
        return lambda answers, _: (answers,)
    return lambda answers, _: ([_plain(a) for a in answers],)


def _plain(answer: Any) -> str | None:
    if answer is None or isinstance(answer, str):
        return answer
    return None if answer in ([], {}) else orjson.dumps(answer).decode()


TIMES: Final = {Kind.DATETIME: (Holds.TIMESTAMP, moments), Kind.TIME: (Holds.TIME, clock_time)}
