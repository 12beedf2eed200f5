"""The query language of the data list: MongoDB behind KPI's key filter (observed §4).

Keys are filtered first (`safe`): what is not on the list of operators becomes the name of a
field that no row has, so the query is accepted and finds nothing. What is left is compiled to
a predicate over row dicts. `QueryError` is what Mongo itself refuses: 400.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from kobo_async.testing.bson import (
    BOOLEAN,
    MISSING,
    NUMBER,
    TEXT,
    QueryError,
    bson_rank,
    equal,
    truthy,
)
from kobo_async.testing.messages import CrashError
from kobo_async.testing.mongo_expr import compile_expr

OPERATORS: Final = frozenset(
    [
        "$or",
        "$and",
        "$in",
        "$nin",
        "$not",
        "$exists",
        "$gt",
        "$gte",
        "$lt",
        "$lte",
        "$regex",
        "$options",
        "$all",
        "$elemMatch",
        "$ne",
        "$expr",
        "$ifNull",
    ]
)
RESERVED: Final = "_validation_status."
Test = Callable[[Any], bool]


def safe(node: dict[str, Any]) -> dict[str, Any]:
    """Escape the keys that must not reach Mongo and make a single `_id` a number.

    `{"_id": null}` crashes the server (api-facts §3.2).
    """
    kept: dict[str, Any] = {}
    escaped: dict[str, Any] = {}
    for key, value in node.items():
        clean = _safe_value(key, value)
        name = _safe_key(key)
        (kept if name == key else escaped)[name] = clean
    return {**kept, **escaped}


def _safe_value(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return safe(value)
    if isinstance(value, list):
        return [safe(one) if isinstance(one, dict) else one for one in value]
    if key == "_id":
        try:
            return int(value)
        except ValueError:
            return value
        except (TypeError, OverflowError) as error:
            raise CrashError from error
    return value


def _safe_key(key: str) -> str:
    if key in OPERATORS or key.startswith(RESERVED):
        return key
    name = re.sub(r"^\$", "JA==", key)
    return name.replace(".", "Lg==")


def compile_query(query: dict[str, Any]) -> Test:
    """Compile an escaped query to a predicate over rows."""
    tests = [_clause(key, value) for key, value in query.items()]
    if len(tests) == 1:
        return tests[0]
    return lambda row: all(test(row) for test in tests)


def _clause(key: str, value: Any) -> Test:
    if key in {"$and", "$or"}:
        return _boolean(key, value)
    if key == "$expr":
        expression = compile_expr(value)
        return lambda row: truthy(expression(row))
    if key.startswith("$"):
        raise QueryError(f"unknown top level operator: {key}")
    test = _condition(value)
    return lambda row: test(read_field(row, key))


def _boolean(key: str, parts: Any) -> Test:
    if not isinstance(parts, list) or not parts or not all(isinstance(p, dict) for p in parts):
        raise QueryError(f"{key} must be a nonempty array of objects")
    tests = [compile_query(part) for part in parts]
    if key == "$and":
        return lambda row: all(test(row) for test in tests)
    return lambda row: any(test(row) for test in tests)


def read_field(row: Any, name: str) -> Any:
    """Return the value of a field; only `_validation_status.x` is looked up by its dots."""
    if not name.startswith(RESERVED):
        return row.get(name, MISSING)
    for part in name.split("."):
        row = row.get(part, MISSING) if isinstance(row, dict) else MISSING
    return row


def _condition(value: Any) -> Test:
    if not isinstance(value, dict) or not value or not next(iter(value)).startswith("$"):
        return lambda found: equal(found, value)
    tests = [_operator(name, operand, value) for name, operand in value.items()]
    return lambda found: all(test(found) for test in tests)


def _operator(name: str, operand: Any, siblings: dict[str, Any]) -> Test:
    if name in _COMPARE:
        return _comparison(name, operand)
    if name == "$options" and "$regex" in siblings:
        return lambda _: True
    make = _OPERATORS.get(name)
    if make is None:
        raise QueryError(f"unknown operator: {name}")
    return make(operand, siblings)


def _not_equal(operand: Any, _: Any) -> Test:
    return lambda found: not equal(found, operand)


def _among(operand: Any, _: Any) -> Test:
    values = _array("$in", operand)
    if all(type(value) is int for value in values):
        numbers = frozenset(values)
        return lambda found: (
            found in numbers if type(found) is int else any(equal(found, v) for v in values)
        )
    return lambda found: any(equal(found, value) for value in values)


def _not_among(operand: Any, siblings: Any) -> Test:
    test = _among(operand, siblings)
    return lambda found: not test(found)


def _exists(operand: Any, _: Any) -> Test:
    wanted = bool(operand)
    return lambda found: (found is not MISSING) is wanted


def _all(operand: Any, _: Any) -> Test:
    if not isinstance(operand, list):
        raise CrashError
    return lambda found: bool(operand) and all(equal(found, value) for value in operand)


def _negation(operand: Any, _: Any) -> Test:
    if not isinstance(operand, dict) or not operand:
        raise QueryError("$not needs a regex or a document")
    if not next(iter(operand)).startswith("$"):
        raise QueryError("$not needs operators")
    test = _condition(operand)
    return lambda found: not test(found)


def _element(operand: Any, _: Any) -> Test:
    if not isinstance(operand, dict):
        raise QueryError("$elemMatch needs an Object")
    if operand and next(iter(operand)).startswith("$") and next(iter(operand)) not in _LOGICAL:
        test = _condition(operand)
        return lambda found: isinstance(found, list) and any(test(one) for one in found)
    inner = compile_query(operand)
    return lambda found: (
        isinstance(found, list) and any(isinstance(one, dict) and inner(one) for one in found)
    )


def _regex(operand: Any, siblings: dict[str, Any]) -> Test:
    if not isinstance(operand, str):
        raise QueryError("$regex has to be a string")
    flags = re.RegexFlag(0)
    for letter in str(siblings.get("$options", "")):
        flags |= _FLAGS.get(letter, re.RegexFlag(0))
    try:
        pattern = re.compile(operand, flags)
    except re.error as error:
        raise CrashError from error
    return lambda found: any(isinstance(v, str) and pattern.search(v) for v in _each(found))


def _array(name: str, operand: Any) -> list[Any]:
    if not isinstance(operand, list):
        raise QueryError(f"{name} needs an array")
    return operand


def _comparison(name: str, operand: Any) -> Test:
    compare = _COMPARE[name]
    if operand is None:
        inclusive = name in {"$gte", "$lte"}
        return lambda found: inclusive and equal(found, None)
    rank = bson_rank(operand)
    if rank not in {NUMBER, TEXT, BOOLEAN}:
        return lambda _: False
    return lambda found: any(bson_rank(v) == rank and compare(v, operand) for v in _each(found))


def _each(found: Any) -> Iterable[Any]:
    return found if isinstance(found, list) else (found,)


_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "$gt": lambda found, operand: found > operand,
    "$gte": lambda found, operand: found >= operand,
    "$lt": lambda found, operand: found < operand,
    "$lte": lambda found, operand: found <= operand,
}
_OPERATORS: Final[dict[str, Callable[[Any, dict[str, Any]], Test]]] = {
    "$ne": _not_equal,
    "$in": _among,
    "$nin": _not_among,
    "$exists": _exists,
    "$all": _all,
    "$not": _negation,
    "$elemMatch": _element,
    "$regex": _regex,
}
_LOGICAL: Final = {"$and", "$or", "$expr"}
_FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}
