"""What the server makes of the content of a form when it is saved (api-facts §4.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

Item = dict[str, Any]

_SELECTS: Final = re.compile(r"(select_one|select_multiple|rank)\s+(\S+)(?:\s+or_other)?")
_FLAGS: Final = {"true": True, "yes": True, "true()": True, "false": False, "no": False}
_TEXTS: Final = frozenset(
    {"label", "hint", "guidance_hint", "constraint_message", "required_message"}
    | {f"media::{kind}" for kind in ("image", "audio", "video", "big-image")}
)


def standardized(
    content: Item, new_kuid: Callable[[], str], *, keeps_settings: bool = True
) -> Item:
    """Return content as it is stored: rows with `$kuid`, `$autoname`, `$xpath`, texts as lists.

    `label::English (en)` and `label` with a text or a list are all understood.
    """
    survey = [_survey_row(row) for row in content.get("survey") or [] if _is_something(row)]
    choices = [_choice(row) for row in content.get("choices") or [] if _is_something(row)]
    languages = _languages(content, [*survey, *choices])
    translated = {name for row in (*survey, *choices) for name in _spread(row, languages)}
    for row in (*survey, *choices):
        row.setdefault("$kuid", new_kuid())
    _name(survey)
    settings = _settings(content.get("settings")) if keeps_settings else {}
    saved: Item = {"survey": survey, "settings": settings}
    if choices:
        saved["choices"] = [{**row, "$autovalue": row["name"]} for row in choices]
    if survey:
        saved |= {"translations": languages, "translated": sorted(translated)}
    return {**saved, "schema": "1"}


def title_of(content: Item) -> str | None:
    """Return the title in the settings, which becomes the name of the asset."""
    title = _first(content.get("settings")).get("form_title")
    return str(title) if title else None


def _is_something(row: Any) -> bool:
    return isinstance(row, dict) and any(row.values())


def _survey_row(row: Item) -> Item:
    kind = re.sub(r"^(begin|end)\s+(\w+)$", r"\1_\2", str(row.get("type", "")).strip())
    row = {**row, "type": kind}
    select = _SELECTS.fullmatch(kind)
    if select:
        row |= {"type": select[1], "select_from_list_name": select[2]}
    if isinstance(row.get("required"), str):
        row["required"] = _FLAGS.get(row["required"].lower(), row["required"])
    return row


def _choice(row: Item) -> Item:
    row = dict(row)
    if "list name" in row:
        row["list_name"] = row.pop("list name")
    return {**row, "name": str(row.get("name", row.get("value", "")))}


def _languages(content: Item, rows: Iterable[Item]) -> list[str | None]:
    """Return the languages in the order they appear in; the default language comes first.

    A plain column is a language without a name, unless the content lists its languages.
    """
    listed = list(content.get("translations") or [])
    found: list[str | None] = list(listed)
    for column, value in (pair for row in rows for pair in row.items()):
        language = _language_of(column)
        is_plain = column in _TEXTS and isinstance(value, str) and not listed
        if (language or is_plain) and language not in found:
            found.append(language)
    default = _first(content.get("settings")).get("default_language")
    if default in found:
        found.remove(default)
        found.insert(0, default)
    return found or [None]


def _language_of(column: str) -> str | None:
    base, _, language = column.rpartition("::")
    return language if base in _TEXTS else None


def _spread(row: Item, languages: list[str | None]) -> set[str]:
    """Gather the texts of a row into lists, one text per language; return their columns."""
    found: dict[str, list[Any]] = {}
    for column in list(row):
        language = _language_of(column)
        base = column.rpartition("::")[0] if language else column
        if base not in _TEXTS:
            continue
        value = row.pop(column) if language else row[column]
        texts = found.setdefault(base, [None] * len(languages))
        if isinstance(value, list):
            texts[: len(value)] = value
        else:
            texts[languages.index(language) if language in languages else 0] = value
    row.update(found)
    return set(found)


def _name(survey: list[Item]) -> None:
    """Give every row its name and its place; the ends of groups have neither."""
    path: list[str] = []
    for row in survey:
        if row["type"].startswith("end_"):
            path = path[:-1]
            continue
        name = str(row.get("name") or _made_name(row))
        row["$autoname"] = name
        row["$xpath"] = "/".join([*path, name])
        if row["type"].startswith("begin_"):
            path = [*path, name]


def _made_name(row: Item) -> str:
    label = next((text for text in row.get("label", []) if text), row["type"])
    return re.sub(r"\W+", "_", str(label)).strip("_")[:40] or "_"


def _first(settings: Any) -> Item:
    if isinstance(settings, list):
        settings = settings[0] if settings else {}
    return settings if isinstance(settings, dict) else {}


def _settings(settings: Any) -> Item:
    return {name: value for name, value in _first(settings).items() if name != "form_title"}


def flattened(content: Item) -> Item:
    """Return content as the sheets of an XLSForm: a column for each language, settings a list."""
    languages = content.get("translations") or [None]
    sheets = {
        name: [_flat(row, languages) for row in content.get(name, [])]
        for name in ("survey", "choices")
        if content.get(name) is not None
    }
    return {**sheets, "settings": [dict(content.get("settings") or {})]}


def _flat(row: Item, languages: list[str | None]) -> Item:
    flat: Item = {}
    spread: Item = {}
    for name, value in row.items():
        if isinstance(value, list):
            columns = (f"{name}::{one}" if one else name for one in languages)
            spread |= {c: text for c, text in zip(columns, value, strict=False) if text is not None}
        elif isinstance(value, bool):
            flat[name] = str(value).lower()
        elif name != "select_from_list_name":
            flat[name] = value
    if row.get("select_from_list_name"):
        flat["type"] = f"{row['type']} {row['select_from_list_name']}"
    return {**flat, **spread}
