"""Which ids a query can match at all, so that few rows are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

import attrs

from kobo_async.testing.bson import NUMBER, bson_rank

_BOUNDS = frozenset({"$gt", "$gte", "$lt", "$lte"})
_UUID_FIELDS = frozenset({"_uuid", "meta/rootUuid", "meta/instanceID"})


@attrs.define
class Plan:
    """What is known before looking at rows.

    Attributes:
        low, high: bounds of `_id`, both inclusive; None = open.
        ids: the only ids possible, or None.
        uuids: the only uuids possible, or None.
        edited: only rows that were edited are possible.
        exact: the bounds say all there is to say.
    """

    low: float | None = None
    high: float | None = None
    ids: list[int] | None = None
    uuids: list[str] | None = None
    edited: bool = False
    exact: bool = True


def make_plan(query: dict[str, Any]) -> Plan:
    """Read the conditions on `_id` and on uuids that every row must meet."""
    plan = Plan()
    for field, condition in _conjuncts(query):
        if field == "_id":
            _read_id(plan, condition)
        else:
            plan.exact = False
            if field in _UUID_FIELDS:
                _read_uuid(plan, condition)
            elif field == "meta/deprecatedID" and isinstance(condition, dict):
                plan.edited |= bool(condition.get("$exists"))
    return plan


def _conjuncts(query: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in query.items():
        if key == "$and" and isinstance(value, list):
            for part in value:
                yield from _conjuncts(part)
        else:
            yield key, value


def _read_id(plan: Plan, condition: Any) -> None:
    if bson_rank(condition) == NUMBER and isfinite(condition):
        condition = {"$gte": condition, "$lte": condition}
    if not isinstance(condition, dict) or not condition:
        plan.exact = False
        return
    for name, operand in condition.items():
        if name in _BOUNDS and bson_rank(operand) == NUMBER and isfinite(operand):
            _narrow(plan, name, operand)
        else:
            plan.exact = False
            if name == "$in" and isinstance(operand, list) and None not in operand:
                plan.ids = [int(one) for one in operand if _is_whole(one)]


def _is_whole(value: Any) -> bool:
    """Tell whether a value equals an integer."""
    return bson_rank(value) == NUMBER and isfinite(value) and int(value) == value


def _narrow(plan: Plan, name: str, operand: float) -> None:
    whole = int(operand)
    if name in {"$gt", "$gte"}:
        bound = whole + 1 if (name == "$gt" and whole == operand) or whole < operand else whole
        plan.low = bound if plan.low is None else max(plan.low, bound)
        return
    bound = whole - 1 if (name == "$lt" and whole == operand) or whole > operand else whole
    plan.high = bound if plan.high is None else min(plan.high, bound)


def _read_uuid(plan: Plan, condition: Any) -> None:
    if isinstance(condition, str):
        plan.uuids = [condition]
    elif isinstance(condition, dict) and isinstance(condition.get("$in"), list):
        operand = condition["$in"]
        if None not in operand:
            plan.uuids = [one for one in operand if isinstance(one, str)]
