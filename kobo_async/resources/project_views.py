"""Windows on the projects and users of countries (`/api/v2/project-views/`)."""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

from kobo_async.call import OMIT, Omit, Op, Paging, given
from kobo_async.errors import QueryError
from kobo_async.models.asset import MinimalAsset, StatusCounts
from kobo_async.models.log import ExportStarted
from kobo_async.models.project_view import ProjectView, ProjectViewAsset, ProjectViewExport
from kobo_async.models.user import UserEntry
from kobo_async.pages import Pages, Sender
from kobo_async.q import Q

LIST = Op("GET", "/api/v2/project-views/", ProjectView, paging=Paging.COUNTED)
GET = Op("GET", "/api/v2/project-views/{uid_project_view}/", ProjectView)
EXPORT_STATUS = Op(
    "GET", "/api/v2/project-views/{uid_project_view}/{obj_type}/export/", ProjectViewExport
)
EXPORT = Op("POST", EXPORT_STATUS.path, ExportStarted, repeatable=False)
ASSETS = Op(
    "GET",
    "/api/v2/project-views/{uid_project_view}/assets/",
    ProjectViewAsset,
    paging=Paging.COUNTED,
)
ASSET_COUNTS = Op("GET", "/api/v2/project-views/{uid_project_view}/assets/counts/", StatusCounts)
ASSET_MINIMAL_LIST = Op(
    "GET",
    "/api/v2/project-views/{uid_project_view}/assets/minimal-list/",
    MinimalAsset,
    paging=Paging.UNCOUNTED,
)
USERS = Op(
    "GET", "/api/v2/project-views/{uid_project_view}/users/", UserEntry, paging=Paging.COUNTED
)

Objects: TypeAlias = Literal["assets", "users"]
Ordering: TypeAlias = Literal[
    "name", "-name", "date_modified", "-date_modified", "date_deployed", "-date_deployed"
]
SHORTEST_WORD = 2


@attrs.frozen
class ProjectViews:
    """Windows that were assigned to the caller; others do not exist to him: NotFound.

    `q` may search `owner__email` too; words have two letters at least.
    """

    _sender: Sender

    def list(self, *, q: Q | str | Omit = OMIT, page_size: int = 1000) -> Pages[ProjectView]:
        """List the windows assigned to the caller. Permission: any account."""
        return self._sender.pages(LIST.at(query=given(q=_source(q), limit=page_size)))

    async def get(self, uid_project_view: str) -> ProjectView:
        """Fetch a window. Permission: assigned to it."""
        return await self._sender.send(GET.at(uid_project_view))

    async def export_status(self, uid_project_view: str, obj_type: Objects) -> ProjectViewExport:
        """Fetch how far the last export is; `result` is the address of its file.

        The file is deleted about half an hour after it was made. Permission: assigned to it.
        """
        return await self._sender.send(EXPORT_STATUS.at(uid_project_view, obj_type))

    async def export(self, uid_project_view: str, obj_type: Objects) -> ExportStarted:
        """Start an export, also of what is being exported already; an e-mail tells the end.

        Permission: assigned to it. Errors: NotFound for everybody else.
        """
        return await self._sender.send(EXPORT.at(uid_project_view, obj_type))

    def assets(
        self,
        uid_project_view: str,
        *,
        q: Q | str | Omit = OMIT,
        ordering: Ordering | Omit = OMIT,
        page_size: int = 1000,
    ) -> Pages[ProjectViewAsset]:
        """List projects. Permission: assigned to it. Errors: QueryError for a `q` too short."""
        query = given(q=_source(q), ordering=ordering, limit=page_size)
        return self._sender.pages(ASSETS.at(uid_project_view, query=query))

    async def asset_counts(
        self, uid_project_view: str, *, q: Q | str | Omit = OMIT
    ) -> StatusCounts:
        """Count projects by their status. Permission: assigned to it."""
        return await self._sender.send(ASSET_COUNTS.at(uid_project_view, query=given(q=_source(q))))

    def asset_minimal_list(
        self, uid_project_view: str, *, q: Q | str | Omit = OMIT, page_size: int = 1000
    ) -> Pages[MinimalAsset]:
        """List name and status of projects. Permission: assigned to it."""
        query = given(q=_source(q), limit=page_size)
        return self._sender.pages(ASSET_MINIMAL_LIST.at(uid_project_view, query=query))

    def users(
        self, uid_project_view: str, *, q: Q | str | Omit = OMIT, page_size: int = 1000
    ) -> Pages[UserEntry]:
        """List accounts of the window's countries. Permission: assigned to it."""
        query = given(q=_source(q), limit=page_size)
        return self._sender.pages(USERS.at(uid_project_view, query=query))


def _source(q: Q | str | Omit) -> str | Omit:
    if isinstance(q, Omit):
        return q
    if len(str(q).strip()) < SHORTEST_WORD:
        raise QueryError(f"{str(q)!r} is too short: the server searches words of two letters up")
    return str(q)
