"""The question types of the XLSForm standard, and what their answers are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kobo_async.forms.schema import Kind

KINDS: Final[Mapping[str, Kind]] = {
    "integer": Kind.INTEGER,
    "decimal": Kind.DECIMAL,
    "acknowledge": Kind.BOOLEAN,
    "select_one": Kind.SELECT_ONE,
    "select_one_from_file": Kind.SELECT_ONE,
    "select_one_external": Kind.SELECT_ONE,
    "select_multiple": Kind.SELECT_MULTIPLE,
    "select_multiple_from_file": Kind.SELECT_MULTIPLE,
    "rank": Kind.RANK,
    "date": Kind.DATE,
    "today": Kind.DATE,
    "time": Kind.TIME,
    "datetime": Kind.DATETIME,
    "dateTime": Kind.DATETIME,
    "start": Kind.DATETIME,
    "end": Kind.DATETIME,
    "geopoint": Kind.GEOPOINT,
    "start-geopoint": Kind.GEOPOINT,
    "geotrace": Kind.GEOTRACE,
    "geoshape": Kind.GEOSHAPE,
    "image": Kind.MEDIA,
    "audio": Kind.MEDIA,
    "video": Kind.MEDIA,
    "file": Kind.MEDIA,
    "audit": Kind.MEDIA,
    "background-audio": Kind.MEDIA,
}


def kind_of(type_: str, parameters: Mapping[str, Any]) -> Kind:
    """Tell what the answers to a question are; a type that nobody knows has texts."""
    if type_ == "range":
        return _range(parameters)
    return KINDS.get(type_, Kind.TEXT)


def _range(parameters: Mapping[str, Any]) -> Kind:
    given = [str(parameters.get(name, 1)) for name in ("start", "end", "step")]
    whole = all(text.removeprefix("-").isdecimal() for text in given)
    return Kind.INTEGER if whole else Kind.DECIMAL
