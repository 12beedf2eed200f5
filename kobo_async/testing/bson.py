"""Mongo's rules for values: types, order, equality."""

from __future__ import annotations

from typing import Any, Final

MISSING: Final = object()
NULL, NUMBER, TEXT, OBJECT, ARRAY, BOOLEAN = range(6)


class QueryError(Exception):
    """MongoDB refuses the query."""


def equal(found: Any, wanted: Any) -> bool:
    """Compare as Mongo does: types count, null means absent too, lists match by element."""
    if wanted is None:
        return found is MISSING or found is None or (isinstance(found, list) and None in found)
    if same(found, wanted):
        return True
    return isinstance(found, list) and any(same(one, wanted) for one in found)


def same(left: Any, right: Any) -> bool:
    """Tell whether two values are equal, type included."""
    return bson_rank(left) == bson_rank(right) and bool(left == right)


def bson_rank(value: Any) -> int:
    """Return the place of the value's type in Mongo's order of types."""
    if value is None or value is MISSING:
        return NULL
    kind = type(value)
    if kind is str:
        return TEXT
    if kind is bool:
        return BOOLEAN
    if kind is int or kind is float:
        return NUMBER
    return OBJECT if kind is dict else ARRAY


def sort_key(value: Any) -> tuple[int, Any]:
    """Return a key that sorts values of any type as Mongo does, absent first."""
    rank = bson_rank(value)
    if rank in {NUMBER, TEXT, BOOLEAN}:
        return rank, value
    if rank == ARRAY:
        return min((sort_key(one) for one in value), default=(NULL, ""))
    return rank, "" if rank == NULL else str(value)


def truthy(value: Any) -> bool:
    """Tell whether an expression holds."""
    return value is not MISSING and value is not None and value is not False and value != 0
