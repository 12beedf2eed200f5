"""The rows of a survey in one spelling, whatever the age and the origin of the content.

A content is what `asset.content` holds (`api-facts §4.3`), what `/assets/{uid}/content/` answers
(labels in columns of their own, `label::English (en)`), or the same from years ago: labels that
are plain texts, types with the name of a list in them, no `$xpath`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

import attrs

from kobo_async.forms.schema import Choice, Labels
from kobo_async.forms.types import read_type

Languages: TypeAlias = tuple[str | None, ...]
LABEL: Final = re.compile(r"label\s*::?(.+)", re.IGNORECASE)
LISTS: Final = (
    "select_from_list_name",
    "kobo--score-choices",
    "kobo--rank-items",
    "kobo--matrix_list",
)


@attrs.frozen
class Row:
    """One row of a survey.

    Attributes:
        type: in its standard spelling.
        path: the path that the server noted down (`$xpath`); empty where it did not.
        list_name: the list of choices of a question or widget.
        count: how often a repeat is asked.
    """

    type: str
    name: str = ""
    path: str = ""
    labels: Labels = ()
    list_name: str = ""
    other: bool = False
    parameters: Any = None
    count: str = ""


def languages_of(content: Any) -> Languages:
    """Return the languages of a content; the first is its default, None has no name."""
    named = _list(_get(content, "translations"))
    if not named:
        rows = [*sheet(content, "survey"), *sheet(content, "choices")]
        named = [language for row in rows for language in _named(row)]
    found = [name if isinstance(name, str) else None for name in named]
    return tuple(dict.fromkeys(found)) or (None,)


def rows_of(content: Any) -> Iterator[Row]:
    """Read the rows of the survey, in order."""
    languages = languages_of(content)
    for row in sheet(content, "survey"):
        type_ = read_type(row.get("type"))
        lists = [_text(row.get(column)) for column in LISTS]
        yield Row(
            type_.name,
            _text(row.get("$autoname")) or _text(row.get("name")),
            _text(row.get("$xpath")),
            _labels(row, languages),
            next(filter(None, lists), type_.list_name),
            type_.other or row.get("_or_other") in (True, "true", "True"),
            row.get("parameters"),
            _text(row.get("repeat_count")),
        )


def choices_of(content: Any) -> Mapping[str, Mapping[str, Choice]]:
    """Read the lists of choices: by the name of the list, then by the name of the choice."""
    languages = languages_of(content)
    lists: dict[str, dict[str, Choice]] = {}
    for row in sheet(content, "choices"):
        names = [_text(row.get(column)) for column in ("$autovalue", "name", "value")]
        if name := next(filter(None, names), ""):
            list_name = _text(row.get("list_name")) or _text(row.get("list name"))
            lists.setdefault(list_name, {})[name] = Choice(name, _labels(row, languages))
    return lists


def title_of(content: Any) -> str:
    """Return the title that the settings give, if they do."""
    settings = _get(content, "settings")
    first = settings[0] if isinstance(settings, list) and settings else settings
    return _text(_get(first, "form_title")) or _text(_get(first, "title"))


def sheet(content: Any, name: str) -> list[Mapping[str, Any]]:
    """Return the rows of a sheet, without what is no row."""
    return [row for row in _list(_get(content, name)) if isinstance(row, Mapping)]


def _labels(row: Mapping[str, Any], languages: Languages) -> Labels:
    label = row.get("label")
    if isinstance(label, list):
        return tuple(map(_label, label[: len(languages)]))
    named = _named(row)
    unnamed = named.get(None)
    found = [_label(named.get(language)) for language in languages]
    return (found[0] or _label(unnamed), *found[1:])


def _named(row: Mapping[str, Any]) -> Mapping[str | None, Any]:
    """Return the labels of a row that says their languages itself."""
    label = row.get("label")
    named: dict[str | None, Any] = dict(label) if isinstance(label, Mapping) else {}
    if isinstance(label, str):
        named[None] = label
    columns = ((LABEL.fullmatch(str(key)), value) for key, value in row.items())
    return named | {found[1].lstrip(): value for found, value in columns if found}


def _label(value: Any) -> str | None:
    return _text(value) or None


def _text(value: Any) -> str:
    """Return a text or number as text; what is neither says nothing."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, (int, float)) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, Mapping) else None
