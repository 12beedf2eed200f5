"""Cells as texts: how SQLite keeps what it has no type for, and what a widened column holds.

Moments are ISO 8601 in UTC, lists and objects are JSON, truth is `true` and `false`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Final

import orjson

from kobo_async.forms.columns import Cells, Holds
from kobo_async.sinks.once import Write, dated, decimals, integers, singly


def utc(moment: datetime) -> str:
    """Write a moment; on the first and last day of the calendar it keeps its offset."""
    try:
        return moment.astimezone(UTC).isoformat()
    except OverflowError:
        return moment.isoformat()


def _in_utc(moments: Cells) -> Cells:
    try:
        return dated([moment.astimezone(UTC) for moment in moments])
    except OverflowError:
        return list(map(utc, moments))


def _truth(value: bool) -> str:  # noqa: FBT001 - a cell
    return "true" if value else "false"


def _json(value: list[str]) -> str:
    return orjson.dumps(value).decode()


WRITERS: Final[Mapping[Holds, Write]] = {
    Holds.INTEGER: integers,
    Holds.DECIMAL: decimals,
    Holds.BOOLEAN: singly(_truth),
    Holds.DATE: dated,
    Holds.TIME: singly(time.isoformat),
    Holds.TIMESTAMP: _in_utc,
    Holds.TEXTS: singly(_json),
}


def widest(one: Holds, other: Holds) -> Holds:
    """Return what can hold the cells of both: numbers become decimals, all else texts."""
    if one is other:
        return one
    return Holds.DECIMAL if {one, other} == {Holds.INTEGER, Holds.DECIMAL} else Holds.TEXT
