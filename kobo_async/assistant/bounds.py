"""What a tool tells: no more than a reader takes in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any, Final

import orjson

from kobo_async.errors import QueryError

MOST_ROWS: Final = 200
"""Rows in one answer."""
MOST_BYTES: Final = 100_000
"""JSON in one answer."""
LONGEST_TEXT: Final = 2_000
"""Characters of one text."""
LONGEST_LIST: Final = 500
"""Items of one list."""


def limited(limit: int) -> int:
    """Return a number of rows, if it may be asked for.

    Raises:
        QueryError: otherwise.
    """
    if not 1 <= limit <= MOST_ROWS:
        raise QueryError(f"limit is 1 to {MOST_ROWS}")
    return limit


def fitting(items: Iterable[Any]) -> list[Any]:
    """Return the first of some items: as many as fit into an answer, with long texts and lists cut.

    Raises:
        QueryError: where not even one fits.
    """
    kept: list[Any] = []
    room = MOST_BYTES
    for item in items:
        short = shortened(item)
        room -= len(orjson.dumps(short, default=str))
        if room < 0 and not kept:
            raise QueryError(f"one item alone has over {MOST_BYTES:,} bytes: ask for fewer fields")
        if room < 0:
            break
        kept.append(short)
    return kept


def shortened(value: Any) -> Any:
    """Return the same as JSON values, with long texts and lists cut, and that told."""
    match value:
        case str() if len(value) > LONGEST_TEXT:
            return f"{value[:LONGEST_TEXT]}… ({len(value):,} characters)"
        case date() | time():
            return value.isoformat()
        case Mapping():
            return {shortened(key): shortened(inner) for key, inner in value.items()}
        case list() | tuple():
            more = [f"… ({len(value):,} items)"] if len(value) > LONGEST_LIST else []
            return [shortened(inner) for inner in value[:LONGEST_LIST]] + more
    return value
