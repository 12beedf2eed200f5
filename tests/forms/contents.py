"""Contents of assets, written short."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def row(text: str, **columns: Any) -> dict[str, Any]:
    """Return a row of a survey from `type name`."""
    type_, _, name = text.partition(" ")
    return {"type": type_, **({"name": name} if name else {}), **columns}


def survey(*rows: str | dict[str, Any], **sheets: Any) -> dict[str, Any]:
    """Return a content with these rows, given as `type name` or whole."""
    return {"survey": [row(one) if isinstance(one, str) else one for one in rows], **sheets}


def listed(name: str, choices: Iterable[str], **columns: Any) -> list[dict[str, Any]]:
    """Return the rows of a list of choices."""
    return [{"list_name": name, "name": choice, **columns} for choice in choices]
