"""How long recordings are (models.md §3.4)."""

from __future__ import annotations

import wave
from io import BytesIO
from typing import Any, Final

from kobo_async.testing.messages import RefusedError, Reply, json_reply
from kobo_async.testing.views import Asked, View
from kobo_async.testing.views_data import check_deployed, check_rows, select
from kobo_async.testing.views_media import content_of

_MOST: Final = 200


def _check(asked: Asked) -> None:
    check_rows(asked)
    check_deployed(asked.existing)


def _durations(asked: Asked) -> Reply:
    """Measure files, in the order asked; unknown ones are left out without a word."""
    wanted = _wanted(asked.fields)
    entries = _entries(asked, set(wanted))
    found = [
        {"uid": uid, "seconds": seconds_of(content_of(asked.existing, entries[uid]))}
        for uid in wanted
        if uid in entries
    ]
    return json_reply({"attachments": found, "total": sum(one["seconds"] or 0 for one in found)})


def _wanted(data: dict[str, Any]) -> list[str]:
    uids = data.get("attachment_uids")
    if uids is None:
        raise RefusedError(400, {"attachment_uids": ["This field is required."]})
    if not uids or len(uids) > _MOST:
        few, many = "This list may not be empty.", "Ensure this field has no more than {} elements."
        raise RefusedError(400, {"attachment_uids": [many.format(_MOST) if uids else few]})
    return list(dict.fromkeys(uids))


def _entries(asked: Asked, uids: set[str]) -> dict[str, dict[str, Any]]:
    form = asked.existing
    rows = (form.store[number] for number in select(asked, {}).page(0, None))
    return {
        entry["uid"]: entry
        for row in rows
        for entry in row["_attachments"]
        if entry["uid"] in uids and not entry["is_deleted"]
    }


def seconds_of(content: bytes) -> int | None:
    """Return the length of a WAV file; None for everything else."""
    try:
        with wave.open(BytesIO(content)) as sound:
            return int(sound.getnframes() / sound.getframerate() + 0.5)
    except (wave.Error, EOFError):
        return None


DURATIONS = View(allow="POST, OPTIONS", handlers={"POST": _durations}, check=_check)
