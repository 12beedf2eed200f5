"""Conditions on submissions that cannot silently match nothing.

    (field("general/region") == "north") & submitted_after(datetime(2026, 1, 1, tzinfo=UTC))
    in_repeat("members", field("members/age") == "31") | edited()

Everywhere a query is taken, a condition can be given; its `query` is the MongoDB query itself. It
is checked when it is made. Answers are texts, and empty ones are absent: there is no comparison
by number on the server (`api-facts §3.2`). A path that the form does not have matches nothing as
well, which only the form can tell: see `Condition.check`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NoReturn, Self, TypeAlias, get_args

import attrs

from kobo_async.errors import QueryError
from kobo_async.forms.content import paths_of, read_form
from kobo_async.payloads import ValidationUid, row_ids
from kobo_async.query import Unchecked, checked, zoned

Status: TypeAlias = ValidationUid
STATUSES: Final[tuple[Status, ...]] = get_args(Status)
_STATUS: Final = "_validation_status.uid"
_BY_SERVER: Final = ("_", "meta/", "formhub/")
"""How names begin that are no questions of the form."""
_ALWAYS: Final = frozenset({"start", "end", "today", "username", "deviceid", "phonenumber"})


@attrs.frozen(repr=False)
class Condition(Unchecked):
    """A condition on submissions: combine with `&` and `|`.

    Errors: QueryError where it would match nothing whatever there is.
    """

    def __attrs_post_init__(self) -> None:
        checked(self.query)

    def __and__(self, other: Condition) -> Condition:
        return Condition({"$and": [*_parts("$and", self), *_parts("$and", other)]})

    def __or__(self, other: Condition) -> Condition:
        return Condition({"$or": [*_parts("$or", self), *_parts("$or", other)]})

    def __bool__(self) -> bool:
        """Refuse `and`, `or`, `not` and `in`, which would silently drop a part.

        Raises:
            TypeError: always.
        """
        raise TypeError("combine conditions with & and |, not with and, or, not")

    def __repr__(self) -> str:
        return f"Condition({self.query!r})"

    def check(self, content: Mapping[str, Any] | None) -> Self:
        """Compare the paths with those of a form, `asset.content`, and return the condition.

        Paths of older versions of the form are unknown to it.

        Raises:
            QueryError: for a path that the form does not have, and for a question of a repeat
                outside `in_repeat`: both match nothing.
        """
        return self.check_paths(paths_of(read_form(content)))

    def check_paths(self, paths: Mapping[str, str]) -> Self:
        """Compare with the paths of a form, each with the path of the repeat around it.

        Raises:
            QueryError: as `check`.
        """
        for path, repeat in _used(self.query, ""):
            _check_path(path, repeat, paths)
        return self


@attrs.frozen(eq=False)
class Field:
    """An answer, to be compared with texts."""

    name: str = attrs.field()

    @name.validator
    def _named(self, _: object, name: Any) -> None:
        if not isinstance(name, str) or not name or name.startswith("$"):
            raise QueryError(
                f"a field is named by its path, such as 'group/question', not {name!r}"
            )

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, value: object) -> Condition:  # type: ignore[override]
        return Condition({self.name: _answer(self.name, value)})

    def __ne__(self, value: object) -> Condition:  # type: ignore[override]
        """Match any other answer, and none at all."""
        return Condition({self.name: {"$ne": _answer(self.name, value)}})

    def __lt__(self, value: object) -> NoReturn:
        raise QueryError(
            f"{self.name!r}: the server compares answers as texts, '9' with '10' too; if that is "
            "meant, use text_gt(), text_gte(), text_lt() or text_lte()"
        )

    __le__ = __gt__ = __ge__ = __lt__

    def one_of(self, values: Iterable[str]) -> Condition:
        """Match any of some answers."""
        return Condition({self.name: {"$in": self._answers(values)}})

    def none_of(self, values: Iterable[str]) -> Condition:
        """Match any other answer, and none at all."""
        return Condition({self.name: {"$nin": self._answers(values)}})

    def exists(self) -> Condition:
        """Match where there is an answer."""
        return Condition({self.name: {"$exists": True}})

    def absent(self) -> Condition:
        """Match where there is no answer; the server does not store empty ones."""
        return Condition({self.name: {"$exists": False}})

    def chose(self, name: str) -> Condition:
        """Match answers to a select_multiple that hold a choice, by its name."""
        if not name or re.search(r"\s", name):
            raise QueryError(f"a choice is one word, not {name!r}")
        return self.matches(rf"(^| ){re.escape(name)}( |$)")

    def contains(self, text: str, *, ignore_case: bool = False) -> Condition:
        """Match answers that hold a text."""
        return self.matches(re.escape(text), ignore_case=ignore_case)

    def matches(self, regex: str, *, ignore_case: bool = False) -> Condition:
        """Match answers in which a regular expression is found; `^` and `$` tie it to the ends.

        A wrong one is refused here, for the server answers with an error page. A few that only
        the server understands are refused as well: `Unchecked` lets them pass.
        """
        try:
            re.compile(regex)
        except re.error as error:
            raise QueryError(f"{regex!r} is no regular expression: {error}") from error
        options = {"$options": "i"} if ignore_case else {}
        return Condition({self.name: {"$regex": regex, **options}})

    def text_gt(self, value: str) -> Condition:
        """Match answers that come after a text in the order of characters: '9' after '10'."""
        return self._compared("$gt", value)

    def text_gte(self, value: str) -> Condition:
        """Match a text, and answers that come after it in the order of characters."""
        return self._compared("$gte", value)

    def text_lt(self, value: str) -> Condition:
        """Match answers that come before a text in the order of characters: '10' before '9'."""
        return self._compared("$lt", value)

    def text_lte(self, value: str) -> Condition:
        """Match a text, and answers that come before it in the order of characters."""
        return self._compared("$lte", value)

    def _compared(self, operator: str, value: str) -> Condition:
        return Condition({self.name: {operator: _answer(self.name, value)}})

    def _answers(self, values: Iterable[str]) -> list[Any]:
        several = [] if isinstance(values, str) else [_answer(self.name, one) for one in values]
        if not several:
            raise QueryError(f"{self.name!r}: a list of answers is needed, not {values!r}")
        return several


def field(name: str) -> Field:
    """Name an answer to compare, by its full path: `group/question`."""
    return Field(name)


def ids(*numbers: int) -> Condition:
    """Match submissions by `_id`; more than some 500 do not fit into the address of a request."""
    return Condition({"_id": {"$in": row_ids(numbers)}})


def submitted_after(moment: datetime) -> Condition:
    """Match what arrived at a moment or later; the server keeps whole seconds, in UTC.

    Together with `submitted_before` the same moment, everything is matched once. An edit does
    not change when a submission arrived.
    """
    return Condition({"_submission_time": {"$gte": _utc(moment)}})


def submitted_before(moment: datetime) -> Condition:
    """Match what arrived before a moment; the server keeps whole seconds, in UTC."""
    return Condition({"_submission_time": {"$lt": _utc(moment)}})


def submitted_by(*users: str | None) -> Condition:
    """Match what some users submitted; None stands for everybody without an account."""
    if not users or "AnonymousUser" in users or "" in users:
        raise QueryError("give user names; without an account, it is None")
    return Condition({"_submitted_by": {"$in": list(users)}})


def status(uid: Status | None) -> Condition:
    """Match a validation status; None is for submissions without one."""
    if uid is not None and uid not in STATUSES:
        raise QueryError(f"{uid!r} is no status: {', '.join(STATUSES)}, or None")
    return Condition({_STATUS: uid})


def edited() -> Condition:
    """Match what was edited since it arrived."""
    return Condition({"meta/deprecatedID": {"$exists": True}})


def in_repeat(repeat: str, condition: Condition | Mapping[str, Any]) -> Condition:
    """Match where one instance of a repeat fits; paths in it are full: `members/age`."""
    query = condition.query if isinstance(condition, Condition) else condition
    checked(query)
    for path, _ in _used(query, ""):
        if not repeat.startswith("_") and not path.startswith(f"{repeat}/"):
            raise QueryError(f"{path!r} is not in {repeat!r}: paths are full, {repeat}/{path}")
    return Condition({repeat: {"$elemMatch": query}})


def _parts(operator: str, condition: Condition) -> Sequence[Any]:
    query = condition.query
    return list(query[operator]) if set(query) == {operator} else [query]


def _answer(name: str, value: object) -> object:
    """Refuse what is never stored; the rest is looked at with the whole query."""
    if value == "":
        raise QueryError(f"{name!r}: empty answers are not stored; use absent()")
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        raise QueryError(f"{name!r} is compared with one text; see one_of() and in_repeat()")
    return value


def _utc(moment: Any) -> str:
    return zoned(moment).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _used(query: Mapping[str, Any], repeat: str) -> Iterator[tuple[str, str]]:
    """Yield the paths of a query, each with the repeat that it is looked for in."""
    for name, value in query.items():
        if name in {"$and", "$or"}:
            for part in value:
                yield from _used(part, repeat)
        else:
            yield name, repeat
            inner = value.get("$elemMatch", {}) if isinstance(value, Mapping) else {}
            yield from _used(inner, name)


def _check_path(path: str, repeat: str, paths: Mapping[str, str]) -> None:
    if path.startswith(_BY_SERVER) or path in _ALWAYS or repeat.startswith("_"):
        return
    if path not in paths:
        raise QueryError(f"the form has no {path!r}{_hint(path, paths)}")
    if paths[path] != repeat:
        wanted = f"in_repeat({paths[path]!r}, …)" if paths[path] else "the outside of the repeat"
        raise QueryError(f"{path!r} is found only with {wanted}")


def _hint(path: str, paths: Collection[str]) -> str:
    name = path.rpartition("/")[2]
    like = [one for one in paths if one.rpartition("/")[2] == name]
    return f"; did you mean {' or '.join(like)}?" if like else ""
