"""The project of the page server, as far as other clients look at it before they read rows."""

from __future__ import annotations

from typing import Any

from _form import CONTENT
from _rows import ASSET

PATH = f"/api/v2/assets/{ASSET}"
NAMELESS = ("end_group", "end_repeat")


def asset(origin: str, path: str) -> dict[str, Any] | None:
    """Answer for the list of projects, and for the one there is."""
    if path in {"/api/v2/assets.json", "/api/v2/assets/"}:
        return {"count": 1, "next": None, "previous": None, "results": [_asset(origin)]}
    if path in {f"{PATH}.json", f"{PATH}/"}:
        return _asset(origin)
    return None


def _asset(origin: str) -> dict[str, Any]:
    return {
        "uid": ASSET,
        "name": "Household",
        "asset_type": "survey",
        "owner__username": "alice",
        "date_created": "2026-01-01T00:00:00Z",
        "date_modified": "2026-01-01T00:00:00Z",
        "version_id": "vpkhoCjzeZyxd5rBWZ7bea",
        "has_deployment": True,
        "deployment__submission_count": 0,
        "summary": {"geo": True, "naming_conflicts": []},
        "url": f"{origin}{PATH}.json",
        "data": f"{origin}{PATH}/data.json",
        "content": _labelled(),
    }


def _labelled() -> dict[str, Any]:
    """Return the form with what a server adds to it."""
    survey = [
        row
        if row["type"] in NAMELESS
        else {**row, "$autoname": row["name"], "label": [row["name"]]}
        for row in CONTENT["survey"]
    ]
    choices = [{**choice, "label": [choice["name"]]} for choice in CONTENT["choices"]]
    return {**CONTENT, "survey": survey, "choices": choices}
