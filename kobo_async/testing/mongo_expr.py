"""`$expr`: the few aggregation operators that pass KPI's key filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from kobo_async.testing.bson import MISSING, QueryError, bson_rank, sort_key, truthy

Expression = Callable[[Any], Any]


def compile_expr(node: Any) -> Expression:
    """Compile an expression over a row.

    Comparisons follow Mongo's order of types: an answer (text) is always greater than a number.
    An escaped operator such as `$eq` is a key of an object here, and an object is true for
    every row.
    """
    if isinstance(node, str) and node.startswith("$"):
        return _field(node[1:])
    if isinstance(node, list):
        parts = [compile_expr(one) for one in node]
        return lambda row: [part(row) for part in parts]
    if not isinstance(node, dict) or not node:
        return lambda _: node
    name = next(iter(node))
    if not name.startswith("$"):
        return lambda _: node
    if len(node) != 1:
        raise QueryError("an object representing an expression must have exactly one field")
    return _call(name, node[name])


def _field(path: str) -> Expression:
    names = path.split(".")

    def read(row: Any) -> Any:
        for name in names:
            row = row.get(name, MISSING) if isinstance(row, dict) else MISSING
        return row

    return read


def _call(name: str, operand: Any) -> Expression:
    parts = [compile_expr(one) for one in (operand if isinstance(operand, list) else [operand])]
    if name in _COMPARE:
        return _comparison(name, parts)
    if name == "$and":
        return lambda row: all(truthy(part(row)) for part in parts)
    if name == "$or":
        return lambda row: any(truthy(part(row)) for part in parts)
    if name == "$not":
        return lambda row: not truthy(parts[0](row))
    if name == "$ifNull":
        return lambda row: _first(part(row) for part in parts)
    if name == "$in":
        return lambda row: _contains(parts[0](row), parts[-1](row))
    raise QueryError(f"unrecognized expression '{name}'")


def _comparison(name: str, parts: list[Expression]) -> Expression:
    if len(parts) != 2:
        raise QueryError(f"expression {name} takes exactly 2 arguments")
    left, right = parts
    compare = _COMPARE[name]
    return lambda row: compare(_order(left(row)), _order(right(row)))


def _order(value: Any) -> tuple[int, Any]:
    return (-1, "") if value is MISSING else sort_key(value)


def _first(values: Any) -> Any:
    found = MISSING
    for found in values:
        if found is not None and found is not MISSING:
            return found
    return found


def _contains(value: Any, values: Any) -> bool:
    if not isinstance(values, list):
        raise QueryError("$in requires an array as a second argument")
    return any(bson_rank(value) == bson_rank(one) and value == one for one in values)


_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "$gt": lambda left, right: left > right,
    "$gte": lambda left, right: left >= right,
    "$lt": lambda left, right: left < right,
    "$lte": lambda left, right: left <= right,
    "$ne": lambda left, right: left != right,
}
