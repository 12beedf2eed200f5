"""The `q` language of asset lists, as expressions that cannot silently match nothing.

    field("asset_type") == "survey"
    deployed() & (field("name").contains("water") | text("nutrition"))

The server answers 200 with an empty list to fields it does not know and to syntax errors, and
400 to bare words under three letters (`api-facts §4.1`).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

import attrs

from kobo_async.errors import QueryError

FIELDS: Final = frozenset(
    {
        *("uid", "name", "asset_type", "status", "parent", "owner", "last_modified_by"),
        *("date_created", "date_deployed", "date_modified"),
        *("settings", "summary", "tags", "data_sharing", "search_field"),
        *("_deployment_status", "_deployment_data"),
    }
)
SHORTEST_WORD = 3


@attrs.frozen
class Q:
    """An expression of the `q` language. Combine with `&`, `|` and `~`."""

    source: str

    def __and__(self, other: Q) -> Q:
        return Q(f"({self.source} AND {other.source})")

    def __or__(self, other: Q) -> Q:
        return Q(f"({self.source} OR {other.source})")

    def __invert__(self) -> Q:
        return Q(f"(NOT {self.source})")

    def __bool__(self) -> bool:
        """Refuse `and`, `or` and `not`, which would silently drop a part.

        Raises:
            TypeError: always.
        """
        raise TypeError("combine expressions with & and | and ~, not with and, or, not")

    def __str__(self) -> str:
        return self.source


@attrs.frozen(eq=False)
class Field:
    """A field of an asset, to be compared."""

    name: str = attrs.field()

    @name.validator
    def _known(self, _: object, name: str) -> None:
        if not any(
            name == known or name.startswith((f"{known}__", f"{known}[")) for known in FIELDS
        ):
            hint = "; use _deployment_status" if "deployment" in name else ""
            raise QueryError(f"{name!r} matches nothing: the server does not search it{hint}")

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, value: object) -> Q:  # type: ignore[override]
        return self._compare("", value)

    def __ne__(self, value: object) -> Q:  # type: ignore[override]
        return ~self._compare("", value)

    def __ge__(self, value: Any) -> Q:
        return self._compare("__gte", value)

    def __gt__(self, value: Any) -> Q:
        return self._compare("__gt", value)

    def __le__(self, value: Any) -> Q:
        return self._compare("__lte", value)

    def __lt__(self, value: Any) -> Q:
        return self._compare("__lt", value)

    def contains(self, value: str) -> Q:
        """Match text anywhere in the field, whatever its case."""
        return self._compare("__icontains", value)

    def startswith(self, value: str) -> Q:
        """Match the beginning of the field, whatever its case."""
        return self._compare("__istartswith", value)

    def _compare(self, lookup: str, value: object) -> Q:
        return Q(f"{self.name}{lookup}:{_literal(value)}")


def field(name: str) -> Field:
    """Name a field to compare, such as `name`, `owner__username` or `date_modified`."""
    return Field(name)


def text(words: str) -> Q:
    """Search names, descriptions, owners, tags and uids for words."""
    if len(words.strip()) < SHORTEST_WORD:
        raise QueryError(f"{words!r} is too short: the server searches words of three letters up")
    return Q(_quoted(words))


def surveys() -> Q:
    """Match projects, not library items."""
    return field("asset_type") == "survey"


def deployed() -> Q:
    """Match projects that collect data."""
    return field("_deployment_status") == "deployed"


def children_of(collection: str) -> Q:
    """Match the assets of a collection."""
    return field("parent__uid") == collection


def source(q: Q | str) -> str:
    """Return the text to send, having looked at a hand-written one.

    Raises:
        QueryError: for an unknown field, for quotes or parentheses without their other half, and
            when nothing long enough is searched.
    """
    if isinstance(q, Q):
        return q.source
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", q)
    _check_pairs(bare)
    names = re.findall(r"([A-Za-z_][\w\[\]]*):", bare)
    for name in names:
        Field(name)
    if not names and len(q.strip()) < SHORTEST_WORD:
        raise QueryError(f"{q!r} is too short: the server searches words of three letters up")
    return q


def _literal(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return _quoted(value.isoformat() if isinstance(value, date) else str(value))


def _check_pairs(bare: str) -> None:
    if '"' in bare:
        raise QueryError("the quotes do not pair: the server would find nothing")
    depth = 0
    for character in bare:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            break
    if depth:
        raise QueryError("the parentheses do not pair: the server would find nothing")


def _quoted(value: str) -> str:
    if _taken_for_something_else(value):
        raise QueryError(f"the server does not read {value!r} as text, even in quotes")
    if re.fullmatch(r"[\w.@+-]+", value) and value not in {"AND", "OR", "NOT"}:
        return value
    for quote in ('"', "'"):
        if quote not in value:
            return f"{quote}{value}{quote}"
    raise QueryError(f"{value!r} holds both kinds of quotes, which the server cannot read")


def _taken_for_something_else(value: str) -> bool:
    """Tell whether the server turns a text into a value that reads differently."""
    if value.strip().lower() in {"true", "false", "null"}:
        return True
    try:
        float(value)
    except ValueError:
        return False
    return re.fullmatch("0|-?[1-9][0-9]*", value) is None
