"""JSON in a cell: for what has no column of its own."""

from __future__ import annotations

import json
from typing import Any

import orjson

from kobo_async.errors import UnexpectedShape


def as_json(value: Any) -> str:
    """Write a value as JSON, whatever numbers and texts are in it.

    Raises:
        UnexpectedShape: for what is nested some hundreds deep.
    """
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        pass
    try:
        return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    except RecursionError:
        raise UnexpectedShape("an answer is nested too deep to be written") from None


def from_json(text: str) -> Any:
    """Read what `as_json` wrote."""
    return json.loads(text)
