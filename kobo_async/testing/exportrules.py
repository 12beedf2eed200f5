"""What exports and export settings may say (api-facts §5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from kobo_async.testing.messages import RefusedError

REQUIRED: Final = (
    "fields_from_all_versions",
    "group_sep",
    "hierarchy_in_labels",
    "lang",
    "multiple_select",
    "type",
)
OPTIONAL: Final = (
    "fields",
    "flatten",
    "include_media_url",
    "name",
    "query",
    "submission_ids",
    "xls_types_as_text",
)
_TYPES: Final = ("csv", "geojson", "kml", "spss_labels", "xls")
_SELECTS: Final = ("both", "details", "summary")


def _names(names: Sequence[str], word: str) -> str:
    quoted = [f"'{name}'" for name in names]
    return f"{', '.join(quoted[:-1])} {word} {quoted[-1]}"


def check_settings(
    data: Any, languages: Sequence[str], field: str = "data", subject: str = ""
) -> None:
    """Refuse settings that lack something or say something unknown.

    Errors about the whole are filed under `field` and begin with `subject`.
    """
    if not isinstance(data, dict) or not set(REQUIRED) <= data.keys():
        keys = _names(REQUIRED, "and")
        message = f"{subject}must contain all the following required keys: {keys}"
        raise _refused(field, message)
    if set(data) - {*REQUIRED, *OPTIONAL, "source"}:
        keys = _names([*OPTIONAL, *REQUIRED], "and")
        raise _refused(field, f"{subject}can contain only the following valid keys: {keys}")
    _check_choice(data, "type", _TYPES)
    _check_choice(data, "multiple_select", _SELECTS)
    known = sorted([*languages, "_default", "_xml"])
    if data["lang"] not in known:
        raise _refused("lang", f"for this asset must be either {_names(known, 'or')}")
    _check_optional(data)


def _refused(field: str, message: str) -> RefusedError:
    return RefusedError(400, {field: [message[0].upper() + message[1:]]})


def _check_choice(data: dict[str, Any], name: str, known: Sequence[str]) -> None:
    if data[name] not in known:
        raise _refused(name, f"must be either {_names(known, 'or')}")


def _check_optional(data: dict[str, Any]) -> None:
    for name in ("fields", "submission_ids"):
        if name in data and not isinstance(data[name], list):
            raise _refused(name, "must be an array")
    if "query" in data and not isinstance(data["query"], dict):
        raise _refused("query", "must be a JSON object")
    wants_hierarchy = str(data["hierarchy_in_labels"]).lower() == "true"
    if wants_hierarchy and not data["group_sep"]:
        raise _refused("group_sep", "must be a non-empty value")
