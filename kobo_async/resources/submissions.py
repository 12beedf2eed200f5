"""Submissions of a project (`/api/v2/assets/{uid}/data/`).

Rows are plain dicts, as the server sends them: every answer is a string under its full path,
empty answers are absent, repeats are lists (`api-facts §3.4`).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import attrs
import orjson

from kobo_async import xmlsplit
from kobo_async.call import OMIT, Call, Omit, Op, Paging, given
from kobo_async.errors import IncompleteDownload, MalformedReply, QueryError, UnexpectedShape
from kobo_async.models.convert import structure_all
from kobo_async.pages import Page, Pages, paged
from kobo_async.query import Where, both, checked
from kobo_async.resources import _submission_writes as writes
from kobo_async.wire import whole_number

Row: TypeAlias = dict[str, Any]
Sort: TypeAlias = Mapping[str, Literal[1, -1]]

LIST: Op[Row] = Op("GET", "/api/v2/assets/{uid_asset}/data/", dict, paging=Paging.KEYSET)
GET: Op[Row] = Op("GET", "/api/v2/assets/{uid_asset}/data/{id}/", dict)

DELETE = writes.DELETE
DUPLICATE = writes.DUPLICATE
EDIT_LINK = writes.EDIT_LINK
LEGACY_EDIT_LINK = writes.LEGACY_EDIT_LINK
VIEW_LINK = writes.VIEW_LINK
EDIT_REDIRECT = writes.EDIT_REDIRECT
VIEW_REDIRECT = writes.VIEW_REDIRECT
VALIDATION_STATUS = writes.VALIDATION_STATUS
SET_VALIDATION_STATUS = writes.SET_VALIDATION_STATUS
CLEAR_VALIDATION_STATUS = writes.CLEAR_VALIDATION_STATUS
BULK_UPDATE = writes.BULK_UPDATE
BULK_DELETE = writes.BULK_DELETE
BULK_SET_VALIDATION_STATUS = writes.BULK_SET_VALIDATION_STATUS
BULK_CLEAR_VALIDATION_STATUS = writes.BULK_CLEAR_VALIDATION_STATUS

_UNREAD: Op[bytes] = Op("GET", LIST.path, bytes, deferred=True)
_UNREAD_PATIENT: Op[bytes] = attrs.evolve(_UNREAD, patient=True)
_DOCUMENT: Op[bytes] = Op("GET", LIST.path, bytes, accept="*/*")
MOST_PER_PAGE = 1000
STATUS = "_validation_status"


@attrs.frozen
class UnreadPage:
    """A page as it came over the wire."""

    call: Call[Any]
    body: bytes = attrs.field(repr=False)

    @property
    def label(self) -> str:
        """Name of the request, for errors."""
        return self.call.label

    @property
    def count(self) -> int | None:
        """Length of the whole list, where the page begins with it, as the server's pages do."""
        found = re.match(rb'\s*\{\s*"count"\s*:\s*(\d+)', self.body)
        return whole_number(found[1].decode()) if found else None

    def read(self) -> Page[Row]:
        """Decode the page.

        Raises:
            ReplyError: for what turns out not to be a page.
        """
        try:
            body = orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise MalformedReply(f"not JSON: {error}", self.label) from error
        page = paged(self.call, body)
        rows = structure_all(page.items, dict, self.label)
        fields = self.call.query.get("fields", OMIT)
        return attrs.evolve(page, items=_without_untold_status(rows, fields))


@attrs.frozen
class Submissions(writes.SubmissionWrites):
    """Submissions of the projects of one server."""

    def list(
        self,
        uid_asset: str,
        *,
        where: Where = None,
        fields: Sequence[str] | Omit = OMIT,
        page_size: int = MOST_PER_PAGE,
    ) -> Pages[Row]:
        """List submissions in the order of `_id`, one page after the other.

        Each page asks for what comes after the last `_id` seen, so that rows deleted in between
        shift nothing. For many rows `stream` is faster, and proves what it delivered.

        Permission: `view_submissions`, or `partial_submissions` for the rows it covers.
        Errors: NotFound, BadRequest where the project was never deployed, QueryError.
        """
        query = _list_query(where, fields, {"_id": 1}, OMIT, page_size)
        return Pages(LIST.at(uid_asset, query=query), self._fetch)

    async def page(
        self,
        uid_asset: str,
        *,
        where: Where = None,
        fields: Sequence[str] | Omit = OMIT,
        sort: Sort | Omit = OMIT,
        start: int = 0,
        limit: int = 100,
    ) -> Page[Row]:
        """Fetch one page, sorted as asked: the newest ten, say.

        The server gives at most 1,000 rows, or what its operator set, and does not say that it
        gave fewer than asked: compare `len(items)` with `count`.

        Permission and errors: see `list`.
        """
        if not 1 <= limit <= MOST_PER_PAGE:
            raise QueryError(f"limit is 1 to {MOST_PER_PAGE}: for more, use stream()")
        query = _list_query(where, fields, sort, start or OMIT, limit)
        return await self._fetch(LIST.at(uid_asset, query=query))

    async def unread(
        self,
        uid_asset: str,
        *,
        where: Where = None,
        fields: Sequence[str] | Omit = OMIT,
        start: int = 0,
        limit: int = MOST_PER_PAGE,
        patient: bool = True,
    ) -> UnreadPage:
        """Fetch one page in the order of `_id`, and decode it only when it is read.

        Pages that lie ready take a quarter of the memory. A patient request waits for a server
        that is down. Permission and errors: see `list`.
        """
        query = _list_query(where, fields, {"_id": 1}, start or OMIT, limit)
        call = (_UNREAD_PATIENT if patient else _UNREAD).at(uid_asset, query=query)
        return UnreadPage(call, await self._sender.send(call))

    async def count(self, uid_asset: str, *, where: Where = None) -> int:
        """Count submissions on the server, now.

        Unlike `deployment__submission_count` it is exact, and right for callers who see only
        some rows. Permission and errors: see `list`.
        """
        page = await self.page(uid_asset, where=where, fields=["_id"], limit=1)
        if page.count is None:
            raise UnexpectedShape("the data list tells no count")
        return page.count

    async def get(
        self, uid_asset: str, id: int | str, *, fields: Sequence[str] | Omit = OMIT
    ) -> Row:
        """Fetch one submission by `_id`, root uuid (with or without `uuid:`) or current `_uuid`.

        Permission: `view_submissions`. Errors: NotFound (`observed §5`).
        """
        row = await self._sender.send(GET.at(uid_asset, id, query=given(fields=fields)))
        return _without_untold_status([row], fields)[0]

    async def xml(self, uid_asset: str, *, where: Where = None) -> AsyncIterator[bytes]:
        """Yield the original XML of every submission, in the order of `_id`.

        The server refuses `sort` and `fields` for XML and pages it by offset only; here the ids
        come from the JSON list and the documents in ranges of ids (`observed §4`).

        Permission: `view_submissions`. Errors: IncompleteDownload when rows keep arriving inside
        a range faster than it can be read; otherwise see `list`.
        """
        async for after, upto in self._ranges(uid_asset, where):
            query = _between(checked(where), after, upto)
            body = await self._document(uid_asset, query, format="xml")
            documents = xmlsplit.children(body, "results")
            _not_clipped(len(documents), _count_of(body), upto)
            for document in documents:
                yield document

    async def geojson(
        self, uid_asset: str, *, where: Where = None, geo_question: str | Omit = OMIT
    ) -> dict[str, Any]:
        """Fetch a GeoJSON FeatureCollection of every submission that answers the geo question.

        The server cuts GeoJSON at 100 features without saying so; here it is read in ranges of
        ids and put together. Repeats are left out, submissions without the point too
        (`observed §4`).

        Permission: `view_submissions`. Errors: see `list`.
        """
        collection: dict[str, Any] = {"type": "FeatureCollection", "features": []}
        async for after, upto in self._ranges(uid_asset, where):
            query = _between(checked(where), after, upto)
            body = await self._document(
                uid_asset, query, format="geojson", geo_question_name=geo_question
            )
            part = _collection(body)
            collection["features"] += part.pop("features")
            collection = {**part, "features": collection["features"]}
        return collection

    async def _fetch(self, call: Call[Row]) -> Page[Row]:
        page = await self._sender.page(call)
        fields = call.query.get("fields", OMIT)
        return attrs.evolve(page, items=_without_untold_status(page.items, fields))

    async def _document(self, uid_asset: str, query: Mapping[str, Any], **others: object) -> bytes:
        asked = given(query=query, limit=MOST_PER_PAGE, **others)
        return await self._sender.send(_DOCUMENT.at(uid_asset, query=asked))

    def _ranges(self, uid_asset: str, where: Where) -> AsyncIterator[tuple[int, int]]:
        half = MOST_PER_PAGE // 2
        ids = self.list(uid_asset, where=where, fields=["_id"], page_size=half)
        return _Ranges(ids.by_page())


class _Ranges(AsyncIterator[tuple[int, int]]):
    """Ranges of ids, half a page of rows each, so that late arrivals still fit in."""

    def __init__(self, pages: AsyncIterator[Page[Row]]) -> None:
        self._pages = pages
        self._after = 0

    async def __anext__(self) -> tuple[int, int]:
        page = await anext(self._pages)
        if not page.items:
            raise StopAsyncIteration
        after, self._after = self._after, page.items[-1]["_id"]
        return after, self._after


def _list_query(
    where: Where,
    fields: Sequence[str] | Omit,
    sort: Sort | Omit,
    start: int | Omit,
    limit: int,
) -> dict[str, Any]:
    if isinstance(fields, str):
        raise QueryError(f"fields is a list of paths, not {fields!r}")
    if not isinstance(sort, Omit) and not _sortable(sort):
        raise QueryError(f"sort is an object such as {{'_id': -1}}, not {sort!r}")
    query = given(fields=fields, sort=sort, start=start, limit=limit)
    if (filters := checked(where)) is not None:
        query["query"] = filters
    return query


def _sortable(sort: Any) -> bool:
    """Tell whether the server can sort so; otherwise it answers with an error page."""
    ways = sort.items() if isinstance(sort, Mapping) else [(None, None)]
    return all(isinstance(name, str) and str(way) in {"1", "-1"} for name, way in ways)


def _collection(body: bytes) -> dict[str, Any]:
    try:
        part = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedReply(f"GeoJSON that is no JSON: {error}") from error
    if not isinstance(part, dict) or not isinstance(part.get("features"), list):
        raise UnexpectedShape("GeoJSON without features")
    return part


def _without_untold_status(items: Sequence[Row], fields: Sequence[str] | Omit) -> Sequence[Row]:
    """Drop the `{}` that the server puts for a validation status nobody asked for."""
    if not isinstance(fields, Omit) and STATUS not in fields:
        for row in items:
            row.pop(STATUS, None)
    return items


def _between(where: Mapping[str, Any] | None, after: int, upto: int) -> Mapping[str, Any]:
    return both(where, {"_id": {"$gt": after, "$lte": upto}})


def _count_of(document: bytes) -> int:
    head, _, rest = document.partition(b"<count>")
    count = whole_number(rest.partition(b"</count>")[0].decode("ascii", "replace"))
    if count is None:
        raise UnexpectedShape(f"no count in {head[:60]!r}")
    return count


def _not_clipped(got: int, count: int, upto: int) -> None:
    if got < count:
        raise IncompleteDownload(f"{got} of {count} documents up to _id {upto} fit into one page")
