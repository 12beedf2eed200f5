"""Cells as texts: how SQLite keeps what it has no type for, and what a widened column holds.

Moments are ISO 8601 in UTC, lists and objects are JSON, truth is `true` and `false`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final

import orjson

from kobo_async.forms.columns import Holds


def utc(moment: datetime) -> str:
    """Write a moment; on the first and last day of the calendar it keeps its offset."""
    try:
        return moment.astimezone(UTC).isoformat()
    except OverflowError:
        return moment.isoformat()


def _truth(value: bool) -> str:  # noqa: FBT001 - a cell
    return "true" if value else "false"


def _json(value: list[str]) -> str:
    return orjson.dumps(value).decode()


WRITERS: Final[Mapping[Holds, Callable[[Any], str]]] = {
    Holds.INTEGER: str,
    Holds.DECIMAL: repr,
    Holds.BOOLEAN: _truth,
    Holds.DATE: date.isoformat,
    Holds.TIME: time.isoformat,
    Holds.TIMESTAMP: utc,
    Holds.TEXTS: _json,
}


def widest(one: Holds, other: Holds) -> Holds:
    """Return what can hold the cells of both: numbers become decimals, all else texts."""
    if one is other:
        return one
    return Holds.DECIMAL if {one, other} == {Holds.INTEGER, Holds.DECIMAL} else Holds.TEXT
