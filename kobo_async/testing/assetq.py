"""The query language of the asset list, `q=` (observed §3, api-facts §4.1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import orjson

from kobo_async.testing.messages import RefusedError

Asset = dict[str, Any]
Test = Callable[[Asset], bool]

_TOKEN: Final = re.compile(
    r"""\s*(?: (?P<bracket>[()])
        | (?P<term>(?:[^\s:()'"]+:)?(?:"[^"]*"|'[^']*'|[^\s:()'"]+))
        | (?P<rest>\S) )""",
    re.VERBOSE,
)
_SHORTEST: Final = 3
_ROOTS: Final = frozenset(
    [
        "_deployment_status",
        "_deployment_data",
        "asset_type",
        "date_created",
        "date_deployed",
        "date_modified",
        "name",
        "owner",
        "parent",
        "search_field",
        "settings",
        "status",
        "summary",
        "tags",
        "uid",
        "data_sharing",
        "last_modified_by",
    ]
)
_REFUSED: Final = re.compile(r"owner__email|content\b|created_by\b|permissions\b")
_LOOKUPS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "exact": lambda found, wanted: bool(found == wanted),
    "iexact": lambda found, wanted: _text(found).lower() == _text(wanted).lower(),
    "contains": lambda found, wanted: _text(wanted) in _text(found),
    "icontains": lambda found, wanted: _text(wanted).lower() in _text(found).lower(),
    "startswith": lambda found, wanted: _text(found).startswith(_text(wanted)),
    "istartswith": lambda found, wanted: _text(found).lower().startswith(_text(wanted).lower()),
    "endswith": lambda found, wanted: _text(found).endswith(_text(wanted)),
    "in": lambda found, wanted: _text(found) in _text(wanted).split(","),
    "gt": lambda found, wanted: found is not None and _text(found) > _text(wanted),
    "gte": lambda found, wanted: found is not None and _text(found) >= _text(wanted),
    "lt": lambda found, wanted: found is not None and _text(found) < _text(wanted),
    "lte": lambda found, wanted: found is not None and _text(found) <= _text(wanted),
    "isnull": lambda found, wanted: (found is None) is bool(wanted),
}


class _NothingError(Exception):
    """A syntax error or an unknown field: no results, no complaint."""


def compile_q(text: str) -> Test:
    """Compile a query to a predicate over assets.

    Raises:
        RefusedError: 400, for a query that is too short or names a field that is off limits.
    """
    try:
        parser = _Parser(_tokens(text))
        test = parser.whole()
    except _NothingError:
        return lambda _: False
    if not parser.has_field and parser.longest < _SHORTEST:
        raise RefusedError(400, {"detail": "Your query is too short"})
    return test


def _tokens(text: str) -> list[str]:
    tokens = []
    for match in _TOKEN.finditer(text):
        if match["rest"]:
            raise _NothingError
        tokens.append(match["bracket"] or match["term"])
    return tokens


class _Parser:
    """`OR` binds weaker than `AND`, which may be left out."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._place = 0
        self.has_field = False
        self.longest = 0

    def whole(self) -> Test:
        test = self._either()
        if self._next() is not None:
            raise _NothingError
        return test

    def _next(self) -> str | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def _either(self) -> Test:
        tests = [self._both()]
        while self._next() == "OR":
            self._place += 1
            tests.append(self._both())
        return lambda asset: any(test(asset) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._next() not in {None, "OR", ")"}:
            if self._next() == "AND":
                self._place += 1
            tests.append(self._one())
        return lambda asset: all(test(asset) for test in tests)

    def _one(self) -> Test:
        word = self._next()
        self._place += 1
        if word in {None, ")", "AND", "OR"}:
            raise _NothingError
        if word == "NOT":
            negated = self._one()
            return lambda asset: not negated(asset)
        if word == "(":
            inner = self._either()
            if self._next() != ")":
                raise _NothingError
            self._place += 1
            return inner
        assert word is not None
        return self._term(word)

    def _term(self, token: str) -> Test:
        match = re.match(r"""([^:'"]+):(.+)""", token, re.DOTALL)
        if match:
            self.has_field = True
            return _field(match[1], _unquoted(match[2]))
        word = _unquoted(token)
        self.longest = max(self.longest, len(word))
        return lambda asset: _free_text(asset, word.lower())


def _unquoted(text: str) -> str:
    return text[1:-1] if text[:1] in {"'", '"'} else text


def _free_text(asset: Asset, word: str) -> bool:
    texts = (
        asset["name"],
        asset["owner__username"],
        asset["settings"].get("description"),
        orjson.dumps(asset["summary"]).decode(),
        asset["tag_string"],
        asset["uid"],
    )
    return any(word in _text(text).lower() for text in texts)


def _field(path: str, text: str) -> Test:
    names = path.split("__")
    lookup = "exact"
    if len(names) > 1 and names[-1] in _LOOKUPS:
        lookup = names.pop()
    if _REFUSED.match(path):
        raise RefusedError(400, {"detail": "Not supported field lookup"})
    if names[0] not in _ROOTS:
        raise _NothingError
    compare = _LOOKUPS[lookup]
    wanted = _value(text)
    return lambda asset: compare(_find(asset, names), wanted)


def _find(asset: Asset, names: list[str]) -> Any:
    match names:
        case ["_deployment_status"]:
            status = asset["deployment_status"]
            return None if status == "-" else status
        case ["owner", "username"]:
            return asset["owner__username"]
        case ["parent", "uid"]:
            parent = asset["parent"]
            return parent and parent.rstrip("/").rpartition("/")[2]
        case ["tags", *_]:
            return asset["tag_string"]
    found: Any = asset
    for name in names:
        found = found.get(name.removesuffix("[]")) if isinstance(found, dict) else None
    return found


def _value(text: str) -> Any:
    """Convert as the server does, quoted or not (api-facts §4.1)."""
    known = {"null": None, "true": True, "false": False}
    if text in known:
        return known[text]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _text(value: Any) -> str:
    return "" if value is None else str(value)
