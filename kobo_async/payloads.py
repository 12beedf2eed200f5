"""Ids, uuids, statuses and answers as they go into writes.

What the server would misread, store wrongly or answer with an error page is refused before
anything is sent.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from kobo_async.errors import QueryError
from kobo_async.known import bare

ValidationUid: TypeAlias = Literal[
    "validation_status_approved",
    "validation_status_not_approved",
    "validation_status_on_hold",
]
KEPT_BY_SERVER = frozenset(
    {
        *("__version__", "formhub", "meta"),
        *("_id", "_uuid", "_xform_id_string", "_submission_time", "_submitted_by", "_status"),
        *("_geolocation", "_validation_status", "_attachments", "_supplementalDetails"),
    }
)
"""First parts of paths that are no answers: edits of them are dropped, or make new answers."""

_STEP = r"[^\W\d][\w.-]*(?:\[[1-9]\d*\])?"
_PATH = re.compile(rf"{_STEP}(?:/{_STEP})*")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def row_ids(ids: Sequence[Any]) -> list[int]:
    """Check the ids of submissions, and leave out repetitions.

    Raises:
        QueryError: for an empty list, and for anything but integers.
    """
    if isinstance(ids, str) or not ids:
        raise QueryError(f"submission_ids is a list of the integers in `_id`, not {ids!r}")
    for one in ids:
        if not isinstance(one, int) or isinstance(one, bool):
            raise QueryError(f"submissions are named by the integer in `_id` here, not by {one!r}")
    return list(dict.fromkeys(ids))


def bare_uuids(uuids: Sequence[str]) -> list[str]:
    """Cut `uuid:` off root uuids, and leave out repetitions.

    Raises:
        QueryError: for an empty list, and for ids in place of uuids.
    """
    if isinstance(uuids, str) or not uuids:
        raise QueryError(f"a list of root uuids is needed, not {uuids!r}")
    for one in uuids:
        if not isinstance(one, str):
            raise QueryError(f"submissions are named by `meta/rootUuid` here, not by {one!r}")
    return list(dict.fromkeys(map(bare, uuids)))


def answers(data: Mapping[str, object]) -> dict[str, str]:
    """Encode answers by path, as a bulk edit takes them: all values are texts.

    Texts pass as they are, numbers and dates are written out, and a list of choice names is
    joined by spaces, as the answers of a select_multiple are.

    Raises:
        QueryError: for paths that are no answers, and for values without a text of their own.
    """
    if not data:
        raise QueryError("nothing to change: give answers by path, {'group/question': 'value'}")
    return {_checked_path(path): _text(path, value) for path, value in data.items()}


def _checked_path(path: str) -> str:
    if not _PATH.fullmatch(path):
        raise QueryError(f"{path!r} is no path: write 'group/question' or 'repeat[2]/question'")
    if path.partition("/")[0] in KEPT_BY_SERVER:
        raise QueryError(f"{path!r} is kept by the server and cannot be edited")
    return path


def _text(path: str, value: object) -> str:
    if isinstance(value, list | tuple):
        return " ".join(_choice(path, name) for name in value)
    if isinstance(value, str):
        if found := _NOT_XML.search(value):
            raise QueryError(f"{path!r}: {found[0]!r} cannot be stored, it is not allowed in XML")
        return value
    text = _written_out(value)
    if text is None:
        raise QueryError(f"{path!r}: {value!r} is no answer: {_advice(value)}")
    return text


def _choice(path: str, name: object) -> str:
    if not isinstance(name, str) or not name or any(map(str.isspace, name)):
        raise QueryError(f"{path!r}: {name!r} is no choice: {_advice(name)}")
    return _text(path, name)


def _written_out(value: object) -> str | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float | Decimal):
        form = "f" if isinstance(value, Decimal) else ""
        return format(value, form) if math.isfinite(value) else None
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds") if value.tzinfo else None
    return value.isoformat() if isinstance(value, date) else None


def _advice(value: object) -> str:
    if value is None:
        return "write '' to empty it"
    if isinstance(value, bool):
        return "write the name of the choice"
    if isinstance(value, Mapping):
        return "a repeat is edited by instance, 'repeat[2]/question', or with openrosa.submit"
    if isinstance(value, datetime):
        return "give it a time zone"
    return "write it as text"
