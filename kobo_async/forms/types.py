"""The question types of the XLSForm standard: their spellings, and what their answers are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import attrs

from kobo_async.forms.schema import Kind

KINDS: Final[Mapping[str, Kind]] = {
    "integer": Kind.INTEGER,
    "decimal": Kind.DECIMAL,
    "acknowledge": Kind.BOOLEAN,
    "select_one": Kind.SELECT_ONE,
    "select_one_from_file": Kind.SELECT_ONE,
    "select_one_external": Kind.SELECT_ONE,
    "score__row": Kind.SELECT_ONE,
    "rank__level": Kind.SELECT_ONE,
    "select_multiple": Kind.SELECT_MULTIPLE,
    "select_multiple_from_file": Kind.SELECT_MULTIPLE,
    "rank": Kind.RANK,
    "date": Kind.DATE,
    "today": Kind.DATE,
    "time": Kind.TIME,
    "datetime": Kind.DATETIME,
    "start": Kind.DATETIME,
    "end": Kind.DATETIME,
    "geopoint": Kind.GEOPOINT,
    "start-geopoint": Kind.GEOPOINT,
    "background-geopoint": Kind.GEOPOINT,
    "geotrace": Kind.GEOTRACE,
    "geoshape": Kind.GEOSHAPE,
    "image": Kind.MEDIA,
    "audio": Kind.MEDIA,
    "video": Kind.MEDIA,
    "file": Kind.MEDIA,
    "audit": Kind.MEDIA,
    "background-audio": Kind.MEDIA,
    "osm": Kind.MEDIA,
}
OUTSIDE: Final = frozenset({"xml-external", "csv-external"})
"""Data that come with a form: nothing is answered."""

ALIASES: Final[Mapping[str, str]] = {
    "int": "integer",
    "string": "text",
    "trigger": "acknowledge",
    "photo": "image",
    "imei": "deviceid",
    "device id": "deviceid",
    "phone number": "phonenumber",
    "phone_number": "phonenumber",
    "gps": "geopoint",
    "location": "geopoint",
    "date time": "datetime",
    "start time": "start",
    "end time": "end",
}
SELECTS: Final[Mapping[str, str]] = {
    **{name: name for name in KINDS if name.startswith("select_")},
    **{name.replace("_", " "): name for name in KINDS if name.startswith("select_")},
    "add select multiple prompt using": "select_multiple",
    "add select one prompt using": "select_one",
    "rank": "rank",
    "select all that apply": "select_multiple",
    "select all that apply from": "select_multiple",
    "select many": "select_multiple",
    "select one from": "select_one",
    "select1": "select_one",
    "select_many": "select_multiple",
}
_LONGEST_FIRST: Final = sorted(SELECTS, key=len, reverse=True)
_SELECT: Final = re.compile(rf"({'|'.join(_LONGEST_FIRST)})(?: (.+))?", re.IGNORECASE)
_OTHER: Final = re.compile(
    r"(?:(?<=^select_one)|(?<=^select_multiple))_or_other(?= |$)"
    r"| or[ _](?:specify[ _])?other(?= |$)"
)
_FENCE: Final = re.compile(r"(begin|end)[ _](.+)", re.IGNORECASE)
REPEATS: Final = frozenset({"repeat", "lgroup", "looped group"})


@attrs.frozen
class Type:
    """The type of a row, in its standard spelling.

    Attributes:
        name: `select_one`, `begin_repeat`, `integer`.
        list_name: the list of choices, or the file of them.
        other: whether something else than the choices may be answered.
    """

    name: str
    list_name: str = ""
    other: bool = False


def read_type(spelled: Any) -> Type:
    """Read a type in any spelling that the server took in its time.

    `select_one`, `select one yn`, `select_one yn or_other`, `select_one_or_other yn`,
    `{"select_one": "yn"}`, `begin group` and `begin lgroup` are among them.
    """
    if isinstance(spelled, Mapping):
        spelled = " ".join(f"{name} {value}" for name, value in list(spelled.items())[:1])
    if not isinstance(spelled, str):
        return Type("")
    text, others = _OTHER.subn("", " ".join(spelled.split()))
    if select := _SELECT.fullmatch(text):
        return Type(SELECTS[select[1].lower()], select[2] or "", bool(others))
    text = ALIASES.get(text.lower(), text.lower())
    if fence := _FENCE.fullmatch(text):
        return Type(f"{fence[1]}_{'repeat' if fence[2] in REPEATS else fence[2]}")
    return Type(text)


def kind_of(type_: str, parameters: Any) -> Kind:
    """Tell what the answers to a question are; a type that nobody knows has texts."""
    if type_ == "range":
        return _range(read_parameters(parameters))
    return KINDS.get(type_, Kind.TEXT)


def read_parameters(given: Any) -> Mapping[str, str]:
    """Read the parameters of a question: a mapping, or `start=0;end=10;step=0.5`."""
    if isinstance(given, Mapping):
        return {str(name): str(value) for name, value in given.items()}
    parts = re.split(r"[;,\s]+", re.sub(r"\s*=\s*", "=", given)) if isinstance(given, str) else ()
    return dict(part.split("=", 1) for part in parts if "=" in part)


def _range(parameters: Mapping[str, str]) -> Kind:
    given = [parameters.get(name, "1") for name in ("start", "end", "step")]
    return Kind.INTEGER if all(map(_is_whole, given)) else Kind.DECIMAL


def _is_whole(text: str) -> bool:
    """Tell whether the server takes a number for a whole one: `1` and `1.0` are."""
    return re.fullmatch(r"-?[0-9]+(\.0*)?", text.strip(), re.ASCII) is not None
