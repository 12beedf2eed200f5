"""Projects, library items and collections (`/api/v2/assets/`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import attrs

from kobo_async import q as q_language
from kobo_async.call import OMIT, Call, Omit, Op, Paging, given
from kobo_async.errors import QueryError
from kobo_async.models import asset as of
from kobo_async.models.arguments import known, listed, several
from kobo_async.models.asset import Asset, AssetType, BulkAction, CloneType, Ordering, Sharing
from kobo_async.models.links import asset_link
from kobo_async.pages import Pages, Sender
from kobo_async.q import Q

LIST = Op("GET", "/api/v2/assets/", Asset, paging=Paging.COUNTED)
CREATE = Op("POST", LIST.path, Asset, repeatable=False)
BULK_ACTION = Op("POST", "/api/v2/assets/bulk/", of.BulkOutcome, repeatable=True)
STATUS_COUNTS = Op("GET", "/api/v2/assets/counts/", of.StatusCounts)
HASH = Op("GET", "/api/v2/assets/hash/", of.AssetsHash)
METADATA = Op("GET", "/api/v2/assets/metadata/", of.AssetsMetadata)
MINIMAL_LIST = Op("GET", "/api/v2/assets/minimal-list/", of.MinimalAsset, paging=Paging.UNCOUNTED)
GET = Op("GET", "/api/v2/assets/{uid_asset}/", Asset)
UPDATE = Op("PATCH", GET.path, Asset, repeatable=True)
DELETE = Op("DELETE", GET.path, type(None), repeatable=True)
CONTENT = Op("GET", "/api/v2/assets/{uid_asset}/content/", of.AssetContent)
VALID_CONTENT = Op("GET", "/api/v2/assets/{uid_asset}/valid_content/", of.AssetContent)
SUBMISSION_COUNTS = Op("GET", "/api/v2/assets/{uid_asset}/counts/", of.SubmissionCounts)
TABLE_VIEW_HTML = Op("GET", "/api/v2/assets/{uid_asset}/table_view/", bytes, accept="*/*")
XFORM_HTML = Op("GET", "/api/v2/assets/{uid_asset}/xform/", bytes, accept="*/*")
XLS_HTML = Op("GET", "/api/v2/assets/{uid_asset}/xls/", bytes, accept="*/*")
_XLS = Op("GET", "/api/v2/assets/{uid_asset}.xls", bytes, accept="*/*")
_XML = Op("GET", "/api/v2/assets/{uid_asset}.xml", bytes, accept="*/*")


@attrs.frozen
class Assets:
    """Projects, library items and collections that the caller can see."""

    _sender: Sender

    def list(
        self,
        *,
        q: Q | str | Omit = OMIT,
        ordering: Ordering | Omit = OMIT,
        status: Sharing | Omit = OMIT,
        collections_first: bool | Omit = OMIT,
        exclude: Sequence[str] = (),
        page_size: int = 1000,
    ) -> Pages[Asset]:
        """List assets, all of them, page by page.

        Items lack what only `get` has (`content`, `files`, `effective_permissions`). The server
        orders by deployment status, then by date of change, unless `ordering` says otherwise;
        assets that change between two pages can move across them. There is no filter by type
        but `q` (`api-facts §4.1`): `kobo_async.q.surveys()`. `exclude` drops fields.

        Permission: what is shared with the caller. Superusers see only that, too.
        Errors: QueryError for a `q` that would match nothing whatever there is.
        """
        query = _listing(q, ordering, status, collections_first, page_size)
        return self._sender.pages(LIST.at(query={**query, **_excluded(exclude)}))

    def minimal_list(
        self,
        *,
        q: Q | str | Omit = OMIT,
        ordering: Ordering | Omit = OMIT,
        status: Sharing | Omit = OMIT,
        collections_first: bool | Omit = OMIT,
        page_size: int = 1000,
    ) -> Pages[of.MinimalAsset]:
        """List uid, name and deployment status: the fastest way to see what there is.

        Permission and errors: see `list`.
        """
        query = _listing(q, ordering, status, collections_first, page_size)
        return self._sender.pages(MINIMAL_LIST.at(query=query))

    async def get(self, uid_asset: str, *, exclude: Sequence[str] = ()) -> Asset:
        """Fetch one asset whole.

        For an active project the server asks Enketo for links on the way, which can be slow;
        `exclude=["deployment__links"]` spares that, and drops any other field, such as `content`.

        Permission: `view_asset`. Errors: NotFound, also where the asset is not shared.
        """
        return await self._sender.send(GET.at(uid_asset, query=_excluded(exclude)))

    async def create(
        self,
        *,
        asset_type: AssetType,
        name: str | Omit = OMIT,
        content: Mapping[str, Any] | Omit = OMIT,
        settings: Mapping[str, Any] | Omit = OMIT,
        parent: str | Omit | None = OMIT,
        tag_string: str | Omit = OMIT,
    ) -> Asset:
        """Create a draft, a library item or a collection.

        `parent` is the uid or URL of a collection, `tag_string` a list with commas. The form is
        not checked before it is deployed. A `form_title` in its settings becomes the name.

        Permission: any account; in an organization its owner becomes the owner.
        Errors: BadRequest. `api-facts §4.3, §4.4`.
        """
        body = given(asset_type=asset_type, name=name, content=content, settings=settings)
        return await self._sender.send(CREATE.at(json={**body, **_filed(parent, tag_string)}))

    async def clone(
        self,
        *,
        clone_from: str,
        name: str | Omit = OMIT,
        asset_type: CloneType | Omit = OMIT,
        clone_from_version_id: str | Omit = OMIT,
    ) -> Asset:
        """Make a new asset with the content, name, tags and settings of another one.

        Media files, permissions and submissions do not come along. A survey can become anything,
        a template only a survey; a type that does not fit is answered with 500.

        Permission: `view_asset` on the source. Errors: NotFound, ServerError. `api-facts §4.4`.
        """
        body = given(clone_from=clone_from, clone_from_version_id=clone_from_version_id)
        body.update(given(name=name, asset_type=asset_type))
        return await self._sender.send(CREATE.at(json=body))

    async def update(
        self,
        uid_asset: str,
        *,
        name: str | Omit = OMIT,
        settings: Mapping[str, Any] | Omit = OMIT,
        tag_string: str | Omit = OMIT,
        parent: str | Omit | None = OMIT,
        data_sharing: Mapping[str, Any] | Omit = OMIT,
        report_styles: Mapping[str, Any] | Omit = OMIT,
        report_custom: Mapping[str, Any] | Omit = OMIT,
        map_styles: Mapping[str, Any] | Omit = OMIT,
        map_custom: Mapping[str, Any] | Omit = OMIT,
    ) -> Asset:
        """Change what is given: `settings` are merged, everything else is replaced.

        `parent=None` takes the asset out of its collection. `data_sharing` is `{"enabled": True,
        "fields": []}` to share all questions with those who may see the data.

        Permission: `change_asset`; through a project view, name and settings only.
        Errors: PermissionDenied, NotFound, BadRequest.
        """
        body = given(name=name, settings=settings, data_sharing=data_sharing)
        body.update(given(report_styles=report_styles, report_custom=report_custom))
        body.update(given(map_styles=map_styles, map_custom=map_custom))
        body.update(_filed(parent, tag_string))
        return await self._sender.send(UPDATE.at(uid_asset, json=body))

    async def replace_content(self, uid_asset: str, *, content: Mapping[str, Any]) -> Asset:
        """Replace the whole form: what `content` leaves out is gone, but for older versions.

        Those who collect data notice nothing until the form is deployed again.
        Permission: `change_asset`. Errors: BadRequest, PermissionDenied. `observed §3`.
        """
        return await self._sender.send(UPDATE.at(uid_asset, json={"content": content}))

    async def delete(self, uid_asset: str) -> None:
        """Move an asset with its submissions to the trash, which is emptied after 7 days.

        Only a superuser can bring it back. Permission: owner or organization admin, or the
        creator while it has no submissions. Errors: NotFound when repeated, PermissionDenied.
        """
        await self._sender.send(DELETE.at(uid_asset))

    async def archive(self, *, asset_uids: Sequence[str]) -> of.BulkOutcome:
        """Stop projects from taking submissions. Permission: `change_asset`; see `bulk_action`."""
        return await self.bulk_action(action="archive", asset_uids=asset_uids)

    async def unarchive(self, *, asset_uids: Sequence[str]) -> of.BulkOutcome:
        """Let projects take submissions again. Permission: `change_asset`; see `bulk_action`."""
        return await self.bulk_action(action="unarchive", asset_uids=asset_uids)

    async def undelete(self, *, asset_uids: Sequence[str]) -> of.BulkOutcome:
        """Bring assets back from the trash. Permission: superuser; owners are refused."""
        return await self.bulk_action(action="undelete", asset_uids=asset_uids)

    async def delete_many(self, *, asset_uids: Sequence[str], expected: int) -> of.BulkOutcome:
        """Move as many assets as `expected` to the trash, with their submissions, or none.

        Permission: owner or organization admin of all. Errors: QueryError when the number
        differs; PermissionDenied, also when one is deleted already.
        """
        if len(asset_uids) != expected:
            raise QueryError(f"{len(asset_uids)} assets to delete, but {expected} were expected")
        return await self._sender.send(_bulk("delete", asset_uids))

    async def bulk_action(self, *, action: BulkAction, asset_uids: Sequence[str]) -> of.BulkOutcome:
        """Do the same with several assets, all or none.

        Permission: `manage_asset` on all. Errors: BadRequest for a draft, which cannot be
        archived; PermissionDenied for all when one is refused; QueryError for an empty list,
        which the server would take for all assets of the account.
        """
        if str(action) == "delete":
            raise QueryError("to delete, use delete_many(), which is told how many it deletes")
        return await self._sender.send(_bulk(action, asset_uids))

    async def download_xls(self, uid_asset: str) -> bytes:
        """Fetch the form as an XLSX file, deployed or not. Permission: `view_asset`."""
        return await self._sender.send(_XLS.at(uid_asset))

    async def download_xml(self, uid_asset: str) -> bytes:
        """Fetch the present form as XForm; one that makes no sense is answered with 500.

        The deployed form has another id and version. Permission: `view_asset`.
        """
        return await self._sender.send(_XML.at(uid_asset))

    async def content(self, uid_asset: str) -> of.AssetContent:
        """Fetch the form flat, as sheets of an XLSForm. Permission: `view_asset`."""
        return await self._sender.send(CONTENT.at(uid_asset))

    async def valid_content(self, uid_asset: str) -> of.AssetContent:
        """Fetch the form with labels as lists by language. Permission: `view_asset`."""
        return await self._sender.send(VALID_CONTENT.at(uid_asset))

    async def submission_counts(
        self, uid_asset: str, *, days: int | Omit = OMIT
    ) -> of.SubmissionCounts:
        """Count submissions by day, 31 days back unless `days` says otherwise, 366 at most.

        Permission: `view_submissions` or `partial_submissions`.
        """
        return await self._sender.send(SUBMISSION_COUNTS.at(uid_asset, query=given(days=days)))

    async def status_counts(
        self, *, q: Q | str | Omit = OMIT, status: Sharing | Omit = OMIT
    ) -> of.StatusCounts:
        """Count projects by state of deployment. Permission: any account; others get zeros."""
        return await self._sender.send(STATUS_COUNTS.at(query=_filters(q, status)))

    async def hash(self) -> str:
        """Fetch a checksum that changes with forms, not with data. Permission: any account."""
        return (await self._sender.send(HASH.at())).hash

    async def metadata(
        self, *, q: Q | str | Omit = OMIT, status: Sharing | Omit = OMIT
    ) -> of.AssetsMetadata:
        """Collect languages, countries, sectors of all visible assets; slow. Permission: none."""
        return await self._sender.send(METADATA.at(query=_filters(q, status)))

    async def table_view_html(self, uid_asset: str) -> bytes:
        """Fetch the form as a page of text tables. Permission: `view_asset`."""
        return await self._sender.send(TABLE_VIEW_HTML.at(uid_asset))

    async def xform_html(self, uid_asset: str) -> bytes:
        """Fetch the XForm as a coloured page, made anew each time. Permission: `view_asset`."""
        return await self._sender.send(XFORM_HTML.at(uid_asset))

    async def xls_html(self, uid_asset: str) -> bytes:
        """Fetch the page that `table_view_html` fetches, too. Permission: `view_asset`."""
        return await self._sender.send(XLS_HTML.at(uid_asset))


def _listing(
    q: Q | str | Omit,
    ordering: Ordering | Omit,
    status: Sharing | Omit,
    collections_first: bool | Omit,  # noqa: FBT001 - passed on by name
    page_size: int,
) -> dict[str, Any]:
    query = given(ordering=ordering, collections_first=collections_first, limit=page_size)
    if not isinstance(ordering, Omit):
        known("ordering", ordering, get_args(Ordering))
    return {**_filters(q, status), **query}


def _filters(q: Q | str | Omit, status: Sharing | Omit) -> dict[str, Any]:
    query = given(status=status)
    return query if isinstance(q, Omit) else {"q": q_language.source(q), **query}


def _excluded(names: Sequence[str]) -> dict[str, str]:
    return {"exclude": ",".join(listed("exclude", names))} if names else {}


def _filed(parent: str | Omit | None, tag_string: str | Omit) -> dict[str, Any]:
    link = asset_link(parent) if isinstance(parent, str) else parent
    return given(parent=link, tag_string=tag_string)


def _bulk(action: str, asset_uids: Sequence[str]) -> Call[of.BulkOutcome]:
    payload = {"asset_uids": several("asset_uids", asset_uids), "action": action}
    return BULK_ACTION.at(json={"payload": payload})
