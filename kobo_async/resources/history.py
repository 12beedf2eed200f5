"""What was done to a project (`/api/v2/assets/{uid}/history/`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import attrs

from kobo_async.call import OMIT, Omit, Op, Paging, given
from kobo_async.errors import QueryError
from kobo_async.models.log import ExportStarted, HistoryActions, HistoryEntry
from kobo_async.pages import Pages, Sender
from kobo_async.query import zoned

LIST = Op("GET", "/api/v2/assets/{uid_asset}/history/", HistoryEntry, paging=Paging.COUNTED)
ACTIONS = Op("GET", "/api/v2/assets/{uid_asset}/history/actions/", HistoryActions)
EXPORT = Op("POST", "/api/v2/assets/{uid_asset}/history/export/", ExportStarted, repeatable=False)

CHANGES = ("add-submission", "modify-submission", "delete-submission")
FIELDS = ("action", "date_created", "metadata", "user")


@attrs.frozen
class History:
    """The log of a project.

    Entries have no identifier and times of whole seconds; they go back as far as the caller's
    plan allows. Every list of submissions that somebody fetches writes one, `view-data`, for each
    page (`api-facts §3.6`).
    """

    _sender: Sender

    def list(
        self,
        uid_asset: str,
        *,
        actions: Sequence[str] = (),
        since: datetime | Omit = OMIT,
        until: datetime | Omit = OMIT,
        q: str | Omit = OMIT,
        page_size: int = 1000,
    ) -> Pages[HistoryEntry]:
        """List entries, the newest first.

        New entries move those between two pages: the same one can come twice, so give `until`.
        `actions` are those of `models §12`; `actions()` tells which a project has. `q` searches
        `metadata` and `user__username`: `metadata__log_subtype:permission`.

        Permission: `manage_asset`. Errors: PermissionDenied without it, even where the asset is
        otherwise hidden; QueryError for what would match nothing.
        """
        filters = [
            _any_of(actions),
            _bound("date_created__gte", since),
            _bound("date_created__lt", until),
            "" if isinstance(q, Omit) else f"({_known(q)})",
        ]
        query = given(q=" AND ".join(filter(None, filters)) or OMIT, limit=page_size)
        return self._sender.pages(LIST.at(uid_asset, query=query))

    def changes(
        self,
        uid_asset: str,
        *,
        since: datetime | Omit = OMIT,
        until: datetime | Omit = OMIT,
        page_size: int = 1000,
    ) -> Pages[HistoryEntry]:
        """List additions, edits and deletions of submissions, the newest first.

        `HistoryEntry.root_uuid` says which. Overlap the times of two reads and apply entries as
        often as they come. A deletion that failed on the server is in the list all the same:
        look before deleting a copy. Changes of the validation status are edits, too.

        Permission and errors: see `list`.
        """
        return self.list(uid_asset, actions=CHANGES, since=since, until=until, page_size=page_size)

    async def actions(self, uid_asset: str) -> Sequence[str]:
        """Fetch the actions that the log holds. Permission: `manage_asset`."""
        return (await self._sender.send(ACTIONS.at(uid_asset))).actions

    async def export(self, uid_asset: str) -> ExportStarted:
        """Have the whole log sent to the caller by e-mail.

        Permission: `manage_asset`. Errors: BadRequest while another one is being made.
        """
        return await self._sender.send(EXPORT.at(uid_asset))


def _any_of(actions: Sequence[str]) -> str:
    if isinstance(actions, str) or not all(re.fullmatch(r"[a-z-]+", one) for one in actions):
        raise QueryError(f"actions are a list of names such as {CHANGES[0]!r}, not {actions!r}")
    alternatives = " OR ".join(f"action:{one}" for one in actions)
    return f"({alternatives})" if len(actions) > 1 else alternatives


def _bound(lookup: str, moment: datetime | Omit) -> str:
    if isinstance(moment, Omit):
        return ""
    return f'{lookup}:"{zoned(moment).astimezone(UTC).replace(tzinfo=None).isoformat()}Z"'


def _known(q: str) -> str:
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", q)
    for name in re.findall(r"([A-Za-z_][\w\[\]-]*):", bare):
        if name.partition("__")[0] not in FIELDS:
            raise QueryError(f"{name!r} matches nothing: known are {', '.join(FIELDS)}")
    return q
