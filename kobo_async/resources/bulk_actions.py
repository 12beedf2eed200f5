"""Transcribing and translating many submissions (`…/advanced-features/bulk-actions/`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

import attrs

from kobo_async.call import OMIT, Omit, Op, Paging, given
from kobo_async.errors import QueryError
from kobo_async.models.advanced import AutomaticAction, BulkAction
from kobo_async.pages import Pages, Sender
from kobo_async.payloads import bare_uuids

Status: TypeAlias = Literal["pending", "in_progress", "complete", "cancelled"]

_ALL = "/api/v2/assets/{uid_asset}/advanced-features/bulk-actions/"
_ONE = "/api/v2/assets/{uid_asset}/advanced-features/bulk-actions/{action_uid}/"

LIST = Op("GET", _ALL, BulkAction, paging=Paging.COUNTED)
CREATE = Op("POST", _ALL, BulkAction, repeatable=False)
GET = Op("GET", _ONE, BulkAction)
CANCEL = Op("PATCH", _ONE, BulkAction, repeatable=True)


@attrs.frozen
class BulkActions:
    """Automatic transcriptions and translations of many submissions."""

    _sender: Sender

    def list(
        self,
        uid_asset: str,
        *,
        status: Sequence[Status] | Omit = OMIT,
        submission_uuid: str | Omit = OMIT,
        question_xpath: str | Omit = OMIT,
        page_size: int = 1000,
    ) -> Pages[BulkAction]:
        """List the bulk actions of a project, those of some states only if `status` names them.

        Permission: `view_asset`. Errors: NotFound; QueryError for an unknown status, which the
        server would answer with an empty list.
        """
        query = given(
            submission_uuid=submission_uuid, question_xpath=question_xpath, limit=page_size
        )
        if not isinstance(status, Omit):
            query["status"] = ",".join(_known(status))
        return self._sender.pages(LIST.at(uid_asset, query=query))

    async def create(
        self,
        uid_asset: str,
        *,
        action_id: AutomaticAction,
        question_xpath: str,
        submission_uuids: Sequence[str],
        language: str,
        locale: str | Omit = OMIT,
    ) -> BulkAction:
        """Start transcribing or translating the answers to a question.

        Submissions are named by root uuid, with or without `uuid:`. Those with a result, or in
        another action, are in `skipped_uuids`. It draws on the account's paid quota, so the call
        is not repeated by itself. `language` is the one spoken, or the one to translate into.

        Permission: `change_submissions`. Errors: UsageLimitReached; BadRequest where one uuid is
        unknown or all are done.
        """
        body = {
            "action_id": action_id,
            "question_xpath": question_xpath,
            "submission_uuids": bare_uuids(submission_uuids),
            "params": given(language=language, locale=locale),
        }
        return await self._sender.send(CREATE.at(uid_asset, json=body))

    async def get(self, uid_asset: str, action_uid: str) -> BulkAction:
        """Fetch a bulk action with the state of each submission; ask every 30 seconds or so.

        Permission: `view_asset`. Errors: NotFound.
        """
        return await self._sender.send(GET.at(uid_asset, action_uid))

    async def cancel(self, uid_asset: str, action_uid: str) -> BulkAction:
        """Stop a bulk action; what is done stays.

        Permission: `change_submissions`. Errors: NotFound, BadRequest where it is complete.
        """
        body = {"status": "cancelled"}
        return await self._sender.send(CANCEL.at(uid_asset, action_uid, json=body))


def _known(statuses: Sequence[str]) -> Sequence[str]:
    if isinstance(statuses, str) or set(statuses) - set(get_args(Status)):
        raise QueryError(f"status is a list of {', '.join(get_args(Status))}, not {statuses!r}")
    return statuses
