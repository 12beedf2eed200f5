"""The query language `q=`, for whatever can be asked with it (api-facts §4.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from kobo_async.testing.messages import RefusedError

Thing = Mapping[str, Any]
Test = Callable[[Thing], bool]

_TOKEN: Final = re.compile(
    r"""\s*(?: (?P<bracket>[()])
        | (?P<term>(?:[^\s:()'"]+:)?(?:"[^"]*"|'[^']*'|[^\s:()'"]+))
        | (?P<rest>\S) )""",
    re.VERBOSE,
)
_SHORTEST: Final = 3
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


class NothingError(Exception):
    """A syntax error or an unknown field: no results, no complaint."""


def _find(thing: Thing, names: list[str]) -> Any:
    found: Any = thing
    for name in names:
        found = found.get(name.removesuffix("[]")) if isinstance(found, Mapping) else None
    return found


@attrs.frozen
class Language:
    """What one kind of thing can be asked for.

    Attributes:
        roots: names a path may begin with; others match nothing.
        refused: paths that are a 400.
        texts: what words without a field are looked for in.
        find: returns the value of a path.
        convert: makes the value of a query comparable with what `find` returns.
    """

    roots: frozenset[str]
    refused: re.Pattern[str]
    texts: Callable[[Thing], tuple[Any, ...]]
    find: Callable[[Thing, list[str]], Any] = _find
    convert: Callable[[list[str], Any], Any] = lambda _, value: value


def compile_q(text: str, language: Language) -> Test:
    """Compile a query to a predicate.

    Raises:
        RefusedError: 400, for a query that is too short or names a field that is off limits.
    """
    try:
        parser = _Parser(_tokens(text), language)
        test = parser.whole()
    except NothingError:
        return lambda _: False
    if not parser.has_field and parser.longest < _SHORTEST:
        raise RefusedError(400, {"detail": "Your query is too short"})
    return test


def _tokens(text: str) -> list[str]:
    tokens = []
    for match in _TOKEN.finditer(text):
        if match["rest"]:
            raise NothingError
        tokens.append(match["bracket"] or match["term"])
    return tokens


class _Parser:
    """`OR` binds weaker than `AND`, which may be left out."""

    def __init__(self, tokens: list[str], language: Language) -> None:
        self._tokens = tokens
        self._language = language
        self._place = 0
        self.has_field = False
        self.longest = 0

    def whole(self) -> Test:
        test = self._either()
        if self._next() is not None:
            raise NothingError
        return test

    def _next(self) -> str | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def _either(self) -> Test:
        tests = [self._both()]
        while self._next() == "OR":
            self._place += 1
            tests.append(self._both())
        return lambda thing: any(test(thing) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._next() not in {None, "OR", ")"}:
            if self._next() == "AND":
                self._place += 1
            tests.append(self._one())
        return lambda thing: all(test(thing) for test in tests)

    def _one(self) -> Test:
        word = self._next()
        self._place += 1
        if word in {None, ")", "AND", "OR"}:
            raise NothingError
        if word == "NOT":
            negated = self._one()
            return lambda thing: not negated(thing)
        if word == "(":
            inner = self._either()
            if self._next() != ")":
                raise NothingError
            self._place += 1
            return inner
        assert word is not None
        return self._term(word)

    def _term(self, token: str) -> Test:
        match = re.match(r"""([^:'"]+):(.+)""", token, re.DOTALL)
        if match:
            self.has_field = True
            return self._field(match[1], _unquoted(match[2]))
        word = _unquoted(token)
        self.longest = max(self.longest, len(word))
        texts = self._language.texts
        return lambda thing: any(word.lower() in _text(text).lower() for text in texts(thing))

    def _field(self, path: str, text: str) -> Test:
        language = self._language
        names = path.split("__")
        lookup = "exact"
        if len(names) > 1 and names[-1] in _LOOKUPS:
            lookup = names.pop()
        if language.refused.match(path):
            raise RefusedError(400, {"detail": "Not supported field lookup"})
        if names[0] not in language.roots:
            raise NothingError
        compare = _LOOKUPS[lookup]
        wanted = language.convert(names, _value(text))
        return lambda thing: compare(language.find(thing, names), wanted)


def _unquoted(text: str) -> str:
    return text[1:-1] if text[:1] in {"'", '"'} else text


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
