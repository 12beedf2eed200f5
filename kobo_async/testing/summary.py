"""What an asset says about its content."""

from __future__ import annotations

from typing import Any, Final

_GEO: Final = frozenset({"geopoint", "geotrace", "geoshape"})
_META: Final = frozenset(
    {"start", "end", "today", "username", "deviceid", "phonenumber", "audit", "start-geopoint"}
)


def summary_of(content: dict[str, Any]) -> dict[str, Any]:
    """Return the `summary` of an asset; next to nothing without questions."""
    survey = content.get("survey", [])
    if not survey:
        return {"languages": []}
    questions = [row for row in survey if _is_question(row)]
    languages = [one for one in content.get("translations", []) if one]
    quality = {"ok": 0, "bad": 0, "good": len(questions), "total": len(questions), "firsts": {}}
    return {
        "geo": any(row["type"] in _GEO for row in survey),
        "labels": [row["label"][0] for row in questions if row.get("label")][:5],
        "columns": list(dict.fromkeys(name for row in survey for name in row if name[0] != "$")),
        "lock_all": False,
        "lock_any": False,
        "languages": languages,
        "row_count": len(questions),
        "name_quality": quality,
        "default_translation": languages[0] if languages else None,
    }


def _is_question(row: dict[str, Any]) -> bool:
    return row["type"] not in _META and not row["type"].startswith(("begin", "end_"))


def question_count(content: dict[str, Any]) -> int:
    """Return the number of questions; it tells a question of the library from a block."""
    return int(summary_of(content).get("row_count", 0))


def report_styles(content: dict[str, Any], known: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the styles of the reports; questions that were removed keep theirs."""
    names = {row.get("$autoname", row["$kuid"]): row["$kuid"] for row in content.get("survey", [])}
    before = known or {}
    specified = before.get("specified", {})
    return {
        "default": before.get("default", {}),
        "specified": {**specified, **{name: specified.get(name, {}) for name in names}},
        "kuid_names": {**before.get("kuid_names", {}), **names},
    }
