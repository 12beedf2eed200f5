"""Fetches submissions by what they are known by, in requests short enough for every server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, TypeVar
from urllib.parse import quote

import attrs
import orjson

from kobo_async.bulk.fetch import BulkSubmissions
from kobo_async.query import Unchecked, Where, both, checked
from kobo_async.resources.submissions import Row

LONGEST_QUERY: Final = 5_500
"""Characters; request lines over 8 KiB are cut by nginx (`api-facts §8`)."""

T = TypeVar("T", int, str)


Condition: TypeAlias = Mapping[str, Any]


def by_id(ids: Sequence[int]) -> Iterator[Condition]:
    """Name submissions by `_id`, as many at a time as one request takes."""
    return ({"_id": {"$in": chunk}} for chunk in chunks(sorted(ids)))


def by_root_uuid(uuids: Sequence[str]) -> Iterator[Condition]:
    """Name submissions by root uuids without `uuid:`."""
    written = [f"uuid:{one}" for one in uuids]
    return ({"meta/rootUuid": {"$in": chunk}} for chunk in chunks(written))


def by_attachment(uids: Sequence[str]) -> Iterator[Condition]:
    """Name submissions by the uids of their attachments."""
    return ({"_attachments": {"$elemMatch": {"uid": {"$in": chunk}}}} for chunk in chunks(uids))


@attrs.frozen
class Fetching:
    """The submissions of one project that fit the filter."""

    submissions: BulkSubmissions
    asset: str
    where: Where = None

    async def rows(self, condition: Condition) -> Sequence[Row]:
        """Fetch all submissions that fit a condition too."""
        where = Unchecked(both(checked(self.where), condition))
        return await self.submissions.list(self.asset, where=where).all()


def chunks(values: Sequence[T]) -> Iterator[list[T]]:
    """Cut a list into parts that fit the address of a request."""
    chunk: list[T] = []
    length = 0
    for value in values:
        cost = len(quote(orjson.dumps(value), safe="")) + len("%2C")
        if chunk and length + cost > LONGEST_QUERY:
            yield chunk
            chunk, length = [], 0
        chunk.append(value)
        length += cost
    if chunk:
        yield chunk
