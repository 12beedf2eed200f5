"""Accounts of the server (`/api/v2/users/`, `/api/v2/user-reports/`)."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from kobo_async.call import OMIT, Omit, Op, Paging, given
from kobo_async.models.user import User, UserEntry, UserReport
from kobo_async.pages import Pages, Sender

REPORTS = Op("GET", "/api/v2/user-reports/", UserReport, paging=Paging.UNCOUNTED)
LIST = Op("GET", "/api/v2/users/", UserEntry, paging=Paging.COUNTED)
GET = Op("GET", "/api/v2/users/{username}/", User)


@attrs.frozen
class Users:
    """Accounts of the server."""

    _sender: Sender

    def reports(
        self,
        *,
        q: str | Omit = OMIT,
        ordering: str | Omit = OMIT,
        filters: Mapping[str, str] | Omit = OMIT,
        page_size: int = 1000,
    ) -> Pages[UserReport]:
        """List everything the server knows of each account.

        `filters` are further parameters of the query string, by name.

        Permission: superuser. Errors: ServerBusy on servers that did not prepare the reports.
        """
        named = {} if isinstance(filters, Omit) else filters
        query = {**named, **given(q=q, ordering=ordering, limit=page_size)}
        return self._sender.pages(REPORTS.at(query=query))

    def list(self, *, q: str | Omit = OMIT, page_size: int = 1000) -> Pages[UserEntry]:
        """List all accounts. Permission: superuser. Errors: PermissionDenied."""
        return self._sender.pages(LIST.at(query=given(q=q, limit=page_size)))

    async def get(self, username: str) -> User:
        """Fetch what everyone may know of an account.

        There is no user `me`: see `client.me`. Permission: any account. Errors: NotFound.
        """
        return await self._sender.send(GET.at(username))
