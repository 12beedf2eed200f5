"""Where an answer stands in a row: groups are prefixes of keys, repeats are lists."""

from __future__ import annotations

import re
from typing import Any, Final

from kobo_async.testing.messages import CrashError

_STEP: Final = re.compile(r"(?P<name>[^\[\]]+)(?:\[(?P<place>[1-9][0-9]*)\])?")


def repeats_of(content: dict[str, Any]) -> frozenset[str]:
    """Return the paths of the repeats of a form."""
    survey = content.get("survey", [])
    return frozenset(row["$xpath"] for row in survey if row["type"] == "begin_repeat")


def set_answer(row: dict[str, Any], content: dict[str, Any], path: str, value: Any) -> None:
    """Set an answer; None and '' remove it. Unknown paths are made (observed §5).

    `members[2]/age` names the second instance of a repeat, `members/age` the first; a repeat
    without instances gets one.

    Raises:
        CrashError: for an instance that is not there.
    """
    repeats = repeats_of(content)
    key = ""
    *steps, last = path.split("/")
    for step in steps:
        name, place = _read(step)
        key += name
        if key in repeats:
            row = _instance(row.setdefault(key, [{}]), place)
        elif place != 1:
            raise CrashError
        key += "/"
    if value is None or value == "":
        row.pop(key + last, None)
    else:
        row[key + last] = value


def _read(step: str) -> tuple[str, int]:
    match = _STEP.fullmatch(step)
    if match is None:
        raise CrashError
    return match["name"], int(match["place"] or 1)


def _instance(instances: list[dict[str, Any]], place: int) -> dict[str, Any]:
    if place > len(instances):
        raise CrashError
    return instances[place - 1]
