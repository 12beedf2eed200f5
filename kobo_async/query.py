"""Queries that cannot silently match nothing.

The data list takes a MongoDB query as JSON. The server answers 200 with no rows, instead of an
error, to operators it does not know (`$eq` among them), to dotted names, and to numbers compared
with answers, which are all strings (`api-facts §3.2`). `checked` refuses those before anything is
sent; `Unchecked` lets a query pass as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeAlias

import attrs

from kobo_async.errors import QueryError

OPERATORS = frozenset(
    {
        *("$and", "$or", "$not", "$expr", "$ifNull"),
        *("$in", "$nin", "$all", "$elemMatch"),
        *("$exists", "$ne", "$gt", "$gte", "$lt", "$lte"),
        *("$regex", "$options"),
    }
)
NOT_TEXT = ("_id", "_geolocation", "_attachments", "_validation_status.", "_supplementalDetails")
DOTTED = "_validation_status."


@attrs.frozen
class Unchecked:
    """A query that is sent as it stands."""

    query: Mapping[str, Any]


Where: TypeAlias = Mapping[str, Any] | Unchecked | None


def checked(where: Where) -> Mapping[str, Any] | None:
    """Return the query if the server will take it at its word.

    Raises:
        QueryError: when the server would answer with no rows, or with an error page.
    """
    if where is None:
        return None
    if isinstance(where, Unchecked):
        return where.query
    if not isinstance(where, Mapping):
        raise QueryError(f"a query is a JSON object such as {{'name': 'x'}}, not {where!r}")
    _check_object(where)
    return where


def both(where: Mapping[str, Any] | None, more: Mapping[str, Any]) -> Mapping[str, Any]:
    """Combine two queries so that a row must fit both."""
    return {"$and": [where, more]} if where else more


def _check_object(query: Mapping[str, Any]) -> None:
    for key, value in query.items():
        if key == "$expr":
            continue
        if key.startswith("$"):
            _check_group(key, value)
        else:
            _check_name(key)
            _check_value(key, value)


def _check_group(key: str, value: Any) -> None:
    if key not in {"$or", "$and"}:
        raise QueryError(_unknown(key))
    if not isinstance(value, list | tuple) or not value:
        raise QueryError(f"{key} takes a list of queries")
    for part in value:
        checked(part)


def _check_name(name: str) -> None:
    if "." in name and not name.startswith(DOTTED):
        raise QueryError(
            f"{name!r} matches nothing: the server escapes dots. Inside a list use "
            "{'repeat': {'$elemMatch': {'repeat/question': 'value'}}}"
        )


def _check_value(name: str, value: Any) -> None:
    if isinstance(value, Mapping):
        for operator, operand in value.items():
            _check_operator(name, operator, operand)
    else:
        _check_scalar(name, value)


def _check_operator(name: str, operator: str, operand: Any) -> None:
    if operator not in OPERATORS:
        raise QueryError(_unknown(operator))
    if operator == "$elemMatch":
        checked(operand)
    elif operator == "$not":
        _check_value(name, operand)
    elif operator in {"$in", "$nin", "$all"}:
        for item in _listed(operator, operand):
            _check_scalar(name, item, compared=True)
    elif operator not in {"$exists", "$options", "$regex"}:
        _check_scalar(name, operand, compared=True)


def _listed(operator: str, operand: Any) -> Iterable[Any]:
    if not isinstance(operand, list | tuple):
        raise QueryError(f"{operator} takes a list")
    return operand


def _check_scalar(name: str, value: Any, *, compared: bool = False) -> None:
    if isinstance(value, datetime | date):
        raise QueryError(
            f"{name!r}: send dates as text; _submission_time is UTC as '2026-11-21T00:20:00'"
        )
    if name == "_id":
        _check_id(value, compared=compared)
    elif isinstance(value, int | float) and not name.startswith(NOT_TEXT):
        raise QueryError(
            f"{name!r}: answers are stored as text, so {value!r} matches nothing; "
            f"write {str(value)!r}, and mind that comparisons then go by text"
        )
    if name == "_submission_time" and isinstance(value, str) and not _plain_time(value):
        raise QueryError(
            f"_submission_time is compared as text: write UTC without zone and fraction, "
            f"'2026-11-21T00:20:00', not {value!r}"
        )


def _check_id(value: Any, *, compared: bool) -> None:
    if value is None:
        raise QueryError("_id null is an error page on the server")
    if compared and not isinstance(value, int):
        raise QueryError(f"_id is an integer here, {value!r} matches nothing")


def _plain_time(text: str) -> bool:
    return "." not in text and "+" not in text and not text.endswith(("Z", "z"))


def _unknown(operator: str) -> str:
    hint = " (equality is {'name': 'value'})" if operator == "$eq" else ""
    return f"{operator} matches nothing on this server{hint}; known: {' '.join(sorted(OPERATORS))}"
