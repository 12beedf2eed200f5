"""The parameters of the data list, refused in the order the server refuses them (observed §4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import attrs

from kobo_async.testing.messages import CrashError, bad
from kobo_async.testing.paging import positive

CRASHING: Final = frozenset({"user", "request", "format_type", "for_output", "skip_count"})
"""Names of Python arguments inside the server: each is a 500 as a query parameter."""
_BAD_JSON: Final = "Value must be valid JSON."


@attrs.frozen
class DataParams:
    """What the data list was asked for.

    Attributes:
        fields: names to show, None = all.
        sort: names and directions, empty = by `_id`.
        limit: None = everything, a bug that `validate_count` sets off.
    """

    query: dict[str, Any]
    fields: tuple[str, ...] | None
    sort: tuple[tuple[str, int], ...]
    start: int
    limit: int | None


def read_params(
    query: Mapping[str, str], default: int, maximum: int, *, is_xml: bool
) -> DataParams:
    """Read and check the parameters."""
    limit = _limit(query, default, maximum)
    if not CRASHING.isdisjoint(query):
        raise CrashError
    if "count" in query:
        message = "This param is not implemented. Use `count` property of the response instead."
        raise bad("count", message)
    counting = bool(query.get("validate_count"))
    if is_xml and not counting:
        _refuse_for_xml(query)
    conditions = _conditions(query)
    if "submission_ids" in query:
        raise bad("submission_ids", "Value must be a list.")
    if counting:
        return DataParams(conditions, None, (), 0, None)
    sort = _sort(query)
    start = positive(query.get("start", "0"))
    if start is None:
        raise bad("start", "A positive integer is required.")
    return DataParams(conditions, _fields(query), sort, start, limit)


def _limit(query: Mapping[str, str], default: int, maximum: int) -> int:
    """Clip without a word; the message of this 400 has no full stop."""
    if "limit" not in query:
        return default
    limit = positive(query["limit"], strict=True)
    if limit is None:
        raise bad("limit", "A positive integer is required")
    return min(limit, maximum)


def _refuse_for_xml(query: Mapping[str, str]) -> None:
    if "sort" in query:
        raise bad("sort", "This param is not supported in `XML` format")
    if "fields" in query:
        raise bad("fields", "This is not supported in `XML` format")


def _json(query: Mapping[str, str], name: str) -> Any:
    try:
        return json.loads(query[name])
    except ValueError:
        raise bad(name, _BAD_JSON) from None


def _conditions(query: Mapping[str, str]) -> dict[str, Any]:
    if "query" not in query:
        return {}
    value = _json(query, "query")
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise CrashError
    return value


def _sort(query: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    if "sort" not in query:
        return ()
    value = _json(query, "sort")
    if not isinstance(value, dict):
        raise CrashError
    try:
        return tuple((name, int(direction)) for name, direction in value.items())
    except (TypeError, ValueError) as error:
        raise CrashError from error


def _fields(query: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the names; a dict counts as the list of its keys, an empty list as all.

    Names that match nothing still leave what is always shown.
    """
    if "fields" not in query:
        return None
    value = _json(query, "fields")
    if not isinstance(value, list | dict) or not all(isinstance(name, str) for name in value):
        raise CrashError
    return tuple(name for name in value if "." not in name) if value else None
