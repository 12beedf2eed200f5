"""JSON in a cell: for what has no column of its own."""

from __future__ import annotations

import json
from typing import Any

import orjson


def as_json(value: Any) -> str:
    """Write a value as JSON, whatever numbers and texts are in it."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def from_json(text: str) -> Any:
    """Read what `as_json` wrote."""
    return json.loads(text)
