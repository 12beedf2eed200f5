"""A client that takes calls of v1 and answers them from v2, in the shapes of v1.

For scripts that cannot be changed yet. Two things of v1 cannot be had back: the numbers of forms,
for which the caller gives the uids, and the numbers of files and attachments.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, cast
from urllib.parse import parse_qsl, urlsplit

import attrs

from kobo_async.api import Api
from kobo_async.call import OMIT
from kobo_async.errors import QueryError
from kobo_async.migrate import shapes
from kobo_async.models.asset import Asset
from kobo_async.pages import Pages
from kobo_async.payloads import ValidationUid
from kobo_async.q import field, surveys
from kobo_async.removed import Route
from kobo_async.resources.submissions import MOST_PER_PAGE, Row

_GET: Final = {
    "data_list": "/api/v1/data",
    "validation_status": "/api/v1/data/{pk}/{dataid}/validation_status",
    "submission": "/api/v1/data/{pk}/{dataid}",
    "data": "/api/v1/data/{pk}",
    "forms": "/api/v1/forms",
    "form": "/api/v1/forms/{pk}",
    "metadata": "/api/v1/metadata",
    "user": "/api/v1/user",
}


@attrs.frozen
class V1Client:
    """Calls of v1 over a client of v2.

        v1 = V1Client(client, uids={474: "a4etXeWtqcoodSxLV8a6Uq"})
        rows = await v1.get("/api/v1/data/474", query='{"_id": {"$gt": 10}}')

    `pk` is the `id_string` of a form, which is its uid, or one of the numbers in `uids`. Errors
    are those of the calls to v2, and QueryError for what cannot be answered.
    """

    _client: Api
    _uids: Mapping[int, str] = attrs.field(factory=dict, kw_only=True)

    async def get(self, url: str, **params: Any) -> Any:
        """Answer a GET of v1, by path or URL, with the parameters of v1."""
        parts = urlsplit(url)
        path = parts.path.rstrip("/").removesuffix(".json")
        given = {**dict(parse_qsl(parts.query)), **params}
        given.pop("format", None)
        for name, pattern in _GET.items():
            words = Route(pattern, None).match(path)
            if words is not None:
                return await getattr(self, name)(*words.values(), **given)
        raise QueryError(f"not answered from v2: {path}")

    async def data_list(self, *, owner: str | None = None) -> list[dict[str, Any]]:
        """List the forms with the addresses of their data. Permission: any account."""
        return [shapes.data_entry(asset) async for asset in self._listed(owner)]

    async def forms(self, *, owner: str | None = None) -> list[dict[str, Any]]:
        """List the forms. Lists of v2 know nothing of files: `metadata` is empty here."""
        return [shapes.form(asset) async for asset in self._listed(owner)]

    def _listed(self, owner: str | None = None) -> Pages[Asset]:
        q = surveys() if owner is None else surveys() & (field("owner__username") == owner)
        return self._client.assets.list(q=q)

    async def form(self, pk: int | str) -> dict[str, Any]:
        """Fetch one form. Permission: `view_asset`."""
        return shapes.form(await self._client.assets.get(self._uid(pk)))

    async def data(
        self,
        pk: int | str,
        *,
        query: str | Mapping[str, Any] | None = None,
        fields: str | Sequence[str] | None = None,
        sort: str | Mapping[str, Literal[1, -1]] | None = None,
        start: int | str = 0,
        limit: int | str | None = None,
        count: bool | int | str = False,
    ) -> list[Row]:
        """Fetch submissions as one flat list, however many there are.

        Parameters are as v1 took them, JSON as text included. With `count` the answer is
        `[{"count": n}]`. Permission: `view_submissions`.
        """
        uid, where, asked = self._uid(pk), _decoded(query), _decoded(fields)
        if str(count).lower() in {"1", "true"}:
            return [{"count": await self._client.submissions.count(uid, where=where)}]
        paths = OMIT if asked is None else asked
        if not int(start) and limit is None and sort is None:
            return await self._client.submissions.list(uid, where=where, fields=paths).all()
        options = {"where": where, "fields": paths, "sort": _sorting(sort)}
        return await self._span(uid, int(start), None if limit is None else int(limit), options)

    async def _span(
        self, uid: str, start: int, limit: int | None, options: Mapping[str, Any]
    ) -> list[Row]:
        rows: list[Row] = []
        while limit is None or len(rows) < limit:
            size = MOST_PER_PAGE if limit is None else min(limit - len(rows), MOST_PER_PAGE)
            page = await self._client.submissions.page(
                uid, start=start + len(rows), limit=size, **options
            )
            rows += page.items
            if not page.items or not page.more:
                break
        return rows

    async def submission(self, pk: int | str, dataid: int | str) -> Row:
        """Fetch one submission. Permission: `view_submissions`."""
        return await self._client.submissions.get(self._uid(pk), dataid)

    async def delete_submission(self, pk: int | str, dataid: int | str) -> None:
        """Delete one submission. Permission: `delete_submissions`."""
        await self._client.submissions.delete(self._uid(pk), dataid)

    async def validation_status(self, pk: int | str, dataid: int | str) -> dict[str, Any]:
        """Fetch the validation status of a submission; empty where none is set."""
        status = await self._client.submissions.validation_status(self._uid(pk), dataid)
        return shapes.validation_status(status)

    async def set_validation_status(
        self, pk: int | str, dataid: int | str, uid: str
    ) -> dict[str, Any]:
        """Set the validation status, such as `validation_status_approved`.

        Permission: `validate_submissions`.
        """
        status = await self._client.submissions.set_validation_status(
            self._uid(pk),
            dataid,
            status=cast(ValidationUid, uid),
        )
        return shapes.validation_status(status)

    async def metadata(self, *, xform: int | str | None = None) -> list[dict[str, Any]]:
        """List the media files of a form, or of all forms. Permission: `view_asset`."""
        if xform is not None:
            uids = [self._uid(xform)]
        else:
            uids = [asset.uid async for asset in self._listed()]
        return [
            shapes.file(file)
            for uid in uids
            async for file in self._client.files.list(uid, file_type="form_media")
        ]

    async def user(self) -> dict[str, Any]:
        """Fetch the caller's account, with its token, as v1 did."""
        return shapes.user(await self._client.me.get(), await self._client.token.get())

    def _uid(self, pk: int | str) -> str:
        number = int(pk) if str(pk).isdigit() else None
        if number is None:
            return str(pk)
        if number not in self._uids:
            raise QueryError(f"v2 does not know forms by number: name the uid of {pk} in `uids`")
        return self._uids[number]


def _decoded(value: Any) -> Any:
    """Read JSON that may come as text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise QueryError(f"not JSON: {value:.80}") from error


def _sorting(sort: str | Mapping[str, Literal[1, -1]] | None) -> Mapping[str, Literal[1, -1]]:
    if sort is None:
        return {"_id": 1}
    if isinstance(sort, str) and not sort.lstrip().startswith("{"):
        return {sort.lstrip("-"): -1 if sort.startswith("-") else 1}
    order: Mapping[str, Literal[1, -1]] = _decoded(sort)
    return order
