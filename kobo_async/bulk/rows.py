"""The rows of a page in the form that was asked for, beside their ids.

The proof of completeness looks at ids alone: what a row is to its reader, a dict or the bytes that
the server sent, makes no difference to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import islice
from operator import itemgetter, lt
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar

import attrs
import orjson

from kobo_async.collector import collector_pause
from kobo_async.errors import UnexpectedShape
from kobo_async.resources.submissions import Row, UnreadPage

T = TypeVar("T")

_id: Final = itemgetter("_id")


@attrs.frozen
class Numbered(Generic[T]):
    """One page: its rows, and their ids in the same order."""

    ids: Sequence[int]
    items: Sequence[T]
    count: int | None
    more: bool

    def check_order(self, after: int, upto: int) -> None:
        """Make sure that ids rise within the bounds: the proof of completeness rests on it.

        Raises:
            UnexpectedShape: if they do not, or are no whole numbers.
        """
        ids = self.ids
        if not ids:
            return
        if set(map(type, ids)) != {int}:
            raise UnexpectedShape("an `_id` that is no whole number")
        if not (after < ids[0] and ids[-1] <= upto and all(map(lt, ids, islice(ids, 1, None)))):
            raise UnexpectedShape(f"the server did not sort by _id: {_misplaced(ids, after, upto)}")


def _misplaced(ids: Sequence[int], after: int, upto: int) -> str:
    pairs = zip((after, *ids), ids, strict=False)
    return next(
        f"{number} after {last}, up to {upto}"
        for last, number in pairs
        if not last < number <= upto
    )


Reader: TypeAlias = Callable[[UnreadPage], Numbered[T]]
Form: TypeAlias = Literal["dicts", "raw"] | Reader[Any]


def as_dicts(unread: UnreadPage) -> Numbered[Row]:
    """Decode a page into dicts.

    The garbage collector rests for these milliseconds: it would look through the growing page some
    forty times, and now and then through everything else.

    Raises:
        ReplyError: for what is no page, or has rows without `_id`.
    """
    with collector_pause:
        page = unread.read()
    try:
        ids = [*map(_id, page.items)]
    except KeyError as error:
        raise UnexpectedShape("a row without `_id`", unread.label) from error
    return Numbered(ids, page.items, page.count, page.more)


def encoded(unread: UnreadPage) -> Numbered[bytes]:
    """Decode a page and encode its rows anew: the same values, in other bytes perhaps.

    Raises:
        ReplyError: for what is no page, or has rows without `_id`.
    """
    page = as_dicts(unread)
    return Numbered(page.ids, [*map(orjson.dumps, page.items)], page.count, page.more)


@cache
def _splitter() -> Reader[bytes]:
    """Return what takes pages apart, by msgspec where that is installed."""
    try:
        from kobo_async.bulk.splitting import split  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        return encoded
    return split


def reader(form: Form) -> Reader[Any]:
    """Return what reads pages in a form; what reads them may be given itself.

    Raises:
        ValueError: for a form that does not exist.
    """
    if callable(form):
        return form
    if form not in {"dicts", "raw"}:
        raise ValueError(f"rows come as 'dicts' or 'raw', not as {form!r}")
    return as_dicts if form == "dicts" else _splitter()
