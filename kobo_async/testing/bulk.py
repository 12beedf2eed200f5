"""The payload of bulk requests, and which rows it means (observed §5, api-facts §3.7)."""

from __future__ import annotations

import json
from typing import Any, Final

from kobo_async.testing.messages import FORBIDDEN, CrashError, RefusedError
from kobo_async.testing.views import Asked
from kobo_async.testing.views_data import check_deployed, select

UID: Final = "validation_status.uid"


def read_payload(data: Any, wants: str | None = None) -> dict[str, Any]:
    """Read and check `{"payload": ...}`; edits want `data`, validation wants a status uid."""
    if not isinstance(data, dict):
        text = f"Invalid data. Expected a dictionary, but got {type(data).__name__}."
        raise RefusedError(400, {"non_field_errors": [text]})
    if "payload" not in data:
        raise _bad("This field is required.")
    payload = _decoded(data["payload"])
    if not isinstance(payload, dict):
        raise CrashError
    _check(payload, wants)
    return payload


def _check(payload: dict[str, Any], wants: str | None) -> None:
    """Refuse in the order the server refuses; without ids, edits need no `data` here."""
    if "submission_ids" in payload:
        payload["submission_ids"] = _ids(payload["submission_ids"])
        if wants == "data" and not payload.get("data"):
            raise _bad("`data` is required")
    elif "query" not in payload and not payload.get("confirm"):
        raise _bad("Confirmation is required")
    if wants == UID and UID not in payload:
        raise _bad(f"`{UID}` is required")


def _bad(text: str) -> RefusedError:
    return RefusedError(400, {"payload": [text]})


def _decoded(payload: Any) -> Any:
    if not isinstance(payload, str):
        return payload
    try:
        return json.loads(payload)
    except ValueError:
        raise _bad("Unable to parse JSON") from None


def _ids(value: Any) -> list[int]:
    if not isinstance(value, list):
        raise CrashError
    try:
        ids = list(dict.fromkeys(int(one) for one in value))
    except ValueError:
        raise _bad("`submission_ids` must only contain integer values") from None
    except TypeError:
        raise CrashError from None
    if not ids:
        raise _bad("`submission_ids` must contain at least one value")
    return ids


def chosen_rows(
    asked: Asked, payload: dict[str, Any], permission: str, *, strict: bool
) -> list[int]:
    """Return the rows that are meant; the user needs the permission for every one of them.

    Unknown ids are left out without a word, or one is a 400 for all if `strict`.
    """
    check_deployed(asked.existing)
    ids, query = payload.get("submission_ids"), payload.get("query") or {}
    if ids is None:
        return _matching(asked, query, payload.get("confirm"), permission)
    if query:
        raise CrashError
    known = [number for number in ids if number in asked.existing.store]
    if strict and len(known) < len(ids):
        raise RefusedError(400, {"detail": "One or more submission ids are invalid"})
    if select(asked, {"_id": {"$in": known}}, permission).count < len(known):
        raise RefusedError(403, FORBIDDEN)
    return sorted(known)


def _matching(asked: Asked, query: Any, confirm: Any, permission: str) -> list[int]:
    """Return the rows that match; all of them have to be confirmed, or it is a 500."""
    if not isinstance(query, dict) or (not query and confirm is not True):
        raise CrashError
    found = select(asked, query, permission)
    return list(found.page(0, None))
