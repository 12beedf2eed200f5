"""Queries that cannot silently match nothing.

The data list takes a MongoDB query as JSON. The server answers 200 with no rows, instead of an
error, to operators it does not know (`$eq` among them), to dotted names, and to numbers compared
with answers, which are all strings (`api-facts §3.2`). `checked` refuses those before anything is
sent; `Unchecked` lets a query pass as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, TypeAlias

import attrs
import orjson

from kobo_async.errors import QueryError

LOGIC = frozenset({"$and", "$or"})
COMPARISONS = frozenset({"$gt", "$gte", "$lt", "$lte", "$ne"})
LISTS = frozenset({"$in", "$nin", "$all"})
OTHERS = frozenset({"$not", "$elemMatch", "$exists", "$regex", "$options"})
OPERATORS = LOGIC | COMPARISONS | LISTS | OTHERS | {"$expr", "$ifNull"}
DOTTED = "_validation_status."
NOT_TEXT = ("_geolocation", "_attachments", DOTTED, "_supplementalDetails")
TIME = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d)?)?)?)?)?")


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
    _check_object(where)
    return where


def canonical(where: Where) -> str:
    """Write a query, checked, as a text that is the same for the same query; empty for none."""
    query = checked(where)
    return orjson.dumps(query, dict, orjson.OPT_SORT_KEYS).decode() if query else ""


def both(where: Mapping[str, Any] | None, more: Mapping[str, Any]) -> Mapping[str, Any]:
    """Combine two queries so that a row must fit both."""
    return {"$and": [where, more]} if where else more


def zoned(moment: Any) -> datetime:
    """Return a time that is the same everywhere.

    Raises:
        QueryError: for a time without a zone, and for anything else.
    """
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise QueryError(f"a time with a zone is needed, datetime(..., tzinfo=UTC), not {moment!r}")
    return moment


def _check_object(query: object, *, text: bool = True) -> None:
    """Check a query, or a part of one; `text` tells whether its values are answers."""
    if not isinstance(query, Mapping):
        raise QueryError(f"a query is a JSON object such as {{'name': 'x'}}, not {query!r}")
    for key, value in _named(query):
        if key == "$expr":
            _check_expression(value)
        elif key.startswith("$"):
            _check_logic(key, value, text=text)
        else:
            _check_name(key)
            _check_value(key, value, text=text and not key.startswith(NOT_TEXT))


def _named(query: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in query.items():
        if not isinstance(key, str):
            raise QueryError(f"names are text, {key!r} is not")
        yield key, value


def _check_expression(value: Any) -> None:
    """Check the operators of `$expr`, wherever they stand; the server escapes those too."""
    if isinstance(value, Mapping):
        for key, inner in _named(value):
            if key.startswith("$"):
                _known(key)
            _check_expression(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check_expression(inner)


def _check_logic(key: str, value: Any, *, text: bool) -> None:
    if key not in LOGIC:
        raise QueryError(_unknown(key))
    if not value:
        raise QueryError(f"{key} takes a list of queries, and not an empty one")
    for part in _listed(key, value):
        _check_object(part, text=text)


def _check_name(name: str) -> None:
    if "." in name and not name.startswith(DOTTED):
        raise QueryError(
            f"{name!r} matches nothing: the server escapes dots. Inside a list use "
            "{'repeat': {'$elemMatch': {'repeat/question': 'value'}}}"
        )


def _check_value(name: str, value: Any, *, text: bool) -> None:
    if isinstance(value, Mapping):
        for operator, operand in _named(value):
            _known(operator)
            _check_operator(name, operator, operand, text=text)
    elif text and isinstance(value, list | tuple):
        raise QueryError(f"{name!r} is no list; for one of several write {{'$in': {value!r}}}")
    else:
        _check_scalar(name, value, text=text)


def _check_operator(name: str, operator: str, operand: Any, *, text: bool) -> None:
    if operator in COMPARISONS:
        _check_compared(name, operand, text=text)
    elif operator in LISTS:
        for item in _listed(operator, operand):
            _check_item(name, item, text=text)
    elif operator == "$elemMatch":
        _check_element(name, operand, text=text)
    elif operator == "$not":
        _expect(operator, operand, Mapping, "an object such as {'$regex': '^x'}")
        _check_value(name, operand, text=text)
    elif operator == "$exists":
        _expect(operator, operand, bool, "true or false")
    elif operator in {"$regex", "$options"}:
        _expect(operator, operand, str, "text")
        _expect_no_id(name, operand)
    else:
        raise QueryError(f"{operator} stands beside names, not below {name!r}")


def _check_item(name: str, item: Any, *, text: bool) -> None:
    if isinstance(item, Mapping):
        _check_value(name, item, text=text)
    else:
        _check_compared(name, item, text=text)


def _check_element(name: str, operand: Any, *, text: bool) -> None:
    """Check what one element of a list must be: a query, or something to compare with."""
    if isinstance(operand, Mapping) and set(operand) & (COMPARISONS | LISTS):
        _check_value(name, operand, text=text)
    else:
        _check_object(operand, text=text)


def _listed(operator: str, operand: Any) -> Iterable[Any]:
    if not isinstance(operand, list | tuple):
        raise QueryError(f"{operator} takes a list")
    return operand


def _expect(operator: str, operand: Any, kind: type[Any], what: str) -> None:
    if not isinstance(operand, kind):
        raise QueryError(f"{operator} takes {what}, not {operand!r}")


def _check_compared(name: str, value: Any, *, text: bool) -> None:
    """Check a value below an operator, where the server converts nothing."""
    _expect_no_id(name, value)
    _check_scalar(name, value, text=text)


def _expect_no_id(name: str, value: Any) -> None:
    if name == "_id" and value is not None and not _is_integer(value):
        raise QueryError(f"_id is an integer here, {value!r} matches nothing")


def _check_scalar(name: str, value: Any, *, text: bool) -> None:
    if isinstance(value, date):
        raise QueryError(
            f"{name!r}: send dates as text; _submission_time is UTC as '2026-11-21T00:20:00'"
        )
    if name == "_id":
        _check_id(value)
    elif text and isinstance(value, int | float):
        raise QueryError(
            f"{name!r}: answers are stored as text, so {value!r} matches nothing; "
            f"write {str(value)!r}, and mind that comparisons then go by text"
        )
    if name == "_submission_time" and isinstance(value, str) and not TIME.fullmatch(value):
        raise QueryError(
            f"_submission_time is compared as text: write UTC without zone and fraction, "
            f"'2026-11-21T00:20:00', not {value!r}"
        )


def _check_id(value: Any) -> None:
    if value is None:
        raise QueryError("_id null is an error page on the server")
    if not _is_integer(value) and not (isinstance(value, str) and re.fullmatch("[0-9]+", value)):
        raise QueryError(f"_id is an integer, {value!r} matches nothing")


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _known(operator: str) -> None:
    if operator not in OPERATORS:
        raise QueryError(_unknown(operator))


def _unknown(operator: str) -> str:
    hint = " (equality is {'name': 'value'})" if operator == "$eq" else ""
    return f"{operator} matches nothing on this server{hint}; known: {' '.join(sorted(OPERATORS))}"
