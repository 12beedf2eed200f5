"""Logs of an account and of the server (`/api/v2/access-logs/` and others)."""

from __future__ import annotations

import attrs

from kobo_async.call import OMIT, Omit, Op, Paging, given
from kobo_async.models.log import AccessEntry, AuditEntry, ExportStarted, HistoryEntry, LogExport
from kobo_async.pages import Pages, Sender

ACCESS_ALL = Op("GET", "/api/v2/access-logs/", AccessEntry, paging=Paging.UNCOUNTED)
ACCESS_ALL_EXPORTS = Op("GET", "/api/v2/access-logs/export/", LogExport, paging=Paging.ARRAY)
ACCESS_ALL_EXPORT = Op("POST", ACCESS_ALL_EXPORTS.path, ExportStarted, repeatable=False)
ACCESS_ME = Op("GET", "/api/v2/access-logs/me/", AccessEntry, paging=Paging.COUNTED)
ACCESS_ME_EXPORTS = Op("GET", "/api/v2/access-logs/me/export/", LogExport, paging=Paging.ARRAY)
ACCESS_ME_EXPORT = Op("POST", ACCESS_ME_EXPORTS.path, ExportStarted, repeatable=False)
AUDIT = Op("GET", "/api/v2/audit-logs/", AuditEntry, paging=Paging.UNCOUNTED)
PROJECT_HISTORY_ALL = Op(
    "GET", "/api/v2/project-history-logs/", HistoryEntry, paging=Paging.UNCOUNTED
)
PROJECT_HISTORY_ALL_EXPORT = Op(
    "POST", "/api/v2/project-history-logs/export/", ExportStarted, repeatable=False
)
PROJECT_HISTORY_ALL_EXPORT_BY_GET = Op(
    "GET", PROJECT_HISTORY_ALL_EXPORT.path, ExportStarted, repeatable=False
)


@attrs.frozen
class Logs:
    """Who signed in, and who did what.

    `q` is sent as it stands: fields that the server does not know match nothing. Exports go by
    e-mail; their files are deleted half an hour later. Lists of the server have no count.
    """

    _sender: Sender

    def access_all(self, *, q: str | Omit = OMIT, page_size: int = 1000) -> Pages[AccessEntry]:
        """List requests of all accounts. Permission: superuser."""
        return self._sender.pages(ACCESS_ALL.at(query=given(q=q, limit=page_size)))

    def access_all_exports(self) -> Pages[LogExport]:
        """List exports of the log of all accounts. Permission: superuser."""
        return self._sender.pages(ACCESS_ALL_EXPORTS.at())

    async def access_all_export(self) -> ExportStarted:
        """Have the log of all accounts sent to the caller by e-mail.

        Permission: superuser. Errors: BadRequest while another one is being made.
        """
        return await self._sender.send(ACCESS_ALL_EXPORT.at())

    def access_me(self, *, page_size: int = 1000) -> Pages[AccessEntry]:
        """List the caller's own requests, of which this is one. Permission: any account.

        The server ignores `q` here, so there is none.
        """
        return self._sender.pages(ACCESS_ME.at(query={"limit": page_size}))

    def access_me_exports(self) -> Pages[LogExport]:
        """List exports of the caller's own log. Permission: any account."""
        return self._sender.pages(ACCESS_ME_EXPORTS.at())

    async def access_me_export(self) -> ExportStarted:
        """Have the caller's own log sent by e-mail.

        Permission: any account. Errors: BadRequest while another one is being made.
        """
        return await self._sender.send(ACCESS_ME_EXPORT.at())

    def audit(self, *, q: str | Omit = OMIT, page_size: int = 1000) -> Pages[AuditEntry]:
        """List what anybody did on the server. Permission: superuser."""
        return self._sender.pages(AUDIT.at(query=given(q=q, limit=page_size)))

    def project_history_all(
        self, *, q: str | Omit = OMIT, page_size: int = 1000
    ) -> Pages[HistoryEntry]:
        """List what anybody did to any project. Permission: superuser."""
        return self._sender.pages(PROJECT_HISTORY_ALL.at(query=given(q=q, limit=page_size)))

    async def project_history_all_export(self) -> ExportStarted:
        """Have the history of all projects sent to the caller by e-mail.

        Permission: superuser. Errors: BadRequest while another one is being made.
        """
        return await self._sender.send(PROJECT_HISTORY_ALL_EXPORT.at())

    async def project_history_all_export_by_get(self) -> ExportStarted:
        """Start the export of `project_history_all_export` with a GET request.

        It does not fetch anything, whatever the method says: each call sends another e-mail.

        Permission: superuser. Errors: BadRequest while another one is being made.
        """
        return await self._sender.send(PROJECT_HISTORY_ALL_EXPORT_BY_GET.at())
