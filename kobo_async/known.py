"""What a mirror remembers of each submission, so that a change can be told.

The server keeps no modification time. But an edit gives a submission a new `_uuid`, a validation
status has a time of its own, and attachments are marked when they are deleted
(`api-facts §3.5`). If nothing of that differs, the submission is the same.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

import attrs
import orjson

FIELDS: Final = ("_uuid", "meta/rootUuid", "_validation_status", "_attachments", "_date_modified")
"""What must be asked for to know a submission; `_id` always comes along."""
SUPPLEMENTS: Final = "_supplementalDetails"


@attrs.frozen
class Known:
    """The identity of a submission and the state it was copied in.

    Attributes:
        id: its `_id`, constant for life.
        root_uuid: its first uuid without `uuid:`, constant for life.
        uuid: its current uuid, new after every edit.
        status: its validation status and the time it was set; empty without one.
        rest: digest of what else can change without an edit.
    """

    id: int
    root_uuid: str
    uuid: str
    status: str = ""
    rest: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Known:
        """Tell what to remember of a row."""
        return cls(
            id=row["_id"],
            root_uuid=root_uuid(row),
            uuid=str(row.get("_uuid") or ""),
            status=_status(row.get("_validation_status")),
            rest=_rest(row),
        )


def bare(uuid: str) -> str:
    """Take `uuid:` away, with which submissions write a uuid and the history does not."""
    return uuid.removeprefix("uuid:")


def root_uuid(row: Mapping[str, Any]) -> str:
    """Return the first uuid of a row, without `uuid:`; of rows from long ago, the current one."""
    return bare(str(row.get("meta/rootUuid") or row.get("_uuid") or ""))


def _status(status: Any) -> str:
    if not isinstance(status, Mapping) or not status:
        return ""
    return "{uid} {timestamp} {by_whom}".format_map(defaultdict(str, status))


def _rest(row: Mapping[str, Any]) -> str:
    files = sorted(
        str(one.get("uid"))
        for one in row.get("_attachments") or ()
        if isinstance(one, Mapping) and not one.get("is_deleted")
    )
    held = [files, row.get("_date_modified"), row.get(SUPPLEMENTS) or None]
    if held == [[], None, None]:
        return ""
    written = orjson.dumps(held, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(written, digest_size=12).hexdigest()
