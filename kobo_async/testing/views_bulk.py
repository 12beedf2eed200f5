"""Many submissions at once: edit, delete, validate (observed §5)."""

from __future__ import annotations

from typing import Any

from kobo_async.testing.bulk import UID, chosen_rows, read_payload
from kobo_async.testing.messages import PLAIN_VARY, CrashError, RefusedError, Reply, json_reply
from kobo_async.testing.rowlife import STATUSES
from kobo_async.testing.views import Asked, View
from kobo_async.testing.views_rows import CHANGE, DELETE, VALIDATE, checked_by

_UNTOUCHED = frozenset({"__version__", "formhub", "meta"})


def _edit(asked: Asked) -> Reply:
    payload = read_payload(asked.data, "data")
    rows = chosen_rows(asked, payload, CHANGE, strict=False)
    if not rows:
        raise RefusedError(400, ["No submissions match the given `submission_ids`"])
    answers = payload.get("data")
    if not isinstance(answers, dict) or not all(isinstance(v, str) for v in answers.values()):
        raise CrashError
    kept = {k: v for k, v in answers.items() if k.partition("/")[0] not in _UNTOUCHED}
    results = [_edited(asked, number, kept) for number in rows]
    successes = sum(one["status_code"] == 201 for one in results)
    body = {
        "count": len(results),
        "successes": successes,
        "failures": len(results) - successes,
        "results": results,
    }
    return json_reply(body, 200 if successes else 400)


def _edited(asked: Asked, number: int, answers: dict[str, str]) -> dict[str, Any]:
    """Edit one row. A locked one counts as a success that has no root uuid and is not stored."""
    form = asked.existing
    root: str | None = form.store[number]["meta/rootUuid"].removeprefix("uuid:")
    status, message = 201, "Successful submission"
    if not form.active:
        uuid, root, status, message = asked.fake.new_uuid(), None, 400, "Form is not active"
    elif number in form.locked:
        uuid, root = asked.fake.new_uuid(), None
    else:
        uuid = form.alter(number, answers, asked.info.user)
    return {"uuid": uuid, "root_uuid": root, "status_code": status, "message": message}


def _delete(asked: Asked) -> Reply:
    payload = read_payload(asked.data)
    rows = chosen_rows(asked, payload, DELETE, strict=True)
    for number in rows:
        if asked.fake.failing_deletes:
            asked.existing.log_row("delete", number, asked.info.user)
        else:
            asked.existing.delete(number, by=asked.info.user)
    if asked.fake.failing_deletes:
        raise CrashError
    return json_reply({"detail": f"{len(rows)} submissions have been deleted"})


def _validate(asked: Asked) -> Reply:
    """Set the status that was sent; any other uid clears it, and DELETE does just the same."""
    payload = read_payload(asked.data, UID)
    rows = chosen_rows(asked, payload, VALIDATE, strict=True)
    uid = payload[UID] if payload[UID] in STATUSES else None
    for number in rows:
        asked.existing.set_status(number, uid, by=asked.info.user)
    return json_reply({"detail": f"{len(rows)} submissions have been updated"})


BULK = View(
    allow="PATCH, DELETE, OPTIONS",
    handlers={"PATCH": _edit, "DELETE": _delete},
    check=checked_by({"PATCH": CHANGE, "DELETE": DELETE}),
    outside=True,
    negotiated=False,
    vary=PLAIN_VARY,
)
STATUSES_OF_ROWS = View(
    allow="PATCH, DELETE, OPTIONS",
    handlers={"PATCH": _validate, "DELETE": _validate},
    check=checked_by({"PATCH": VALIDATE, "DELETE": VALIDATE}),
    outside=True,
    negotiated=False,
    vary=PLAIN_VARY,
)
