"""Writing to submissions: the part of `submissions` that changes, deletes and validates.

`{id}` is the `_id`, the root uuid (with or without `uuid:`) or the current `_uuid`; bulk
operations take `_id`s only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import attrs

from kobo_async.call import Op, Paging
from kobo_async.errors import BadRequest, QueryError
from kobo_async.models.convert import structure
from kobo_async.models.submission import BulkDone, EditOutcome, EnketoLink, ValidationStatus
from kobo_async.pages import Sender
from kobo_async.payloads import ValidationUid, answers, row_ids
from kobo_async.query import Where, both, checked

_DATA = "/api/v2/assets/{uid_asset}/data/"
_ROW = "/api/v2/assets/{uid_asset}/data/{id}/"
_UID = "validation_status.uid"

DELETE = Op("DELETE", _ROW, type(None), repeatable=True)
DUPLICATE: Op[dict[str, Any]] = Op("POST", f"{_ROW}duplicate/", dict, repeatable=False)

LEGACY_EDIT_LINK = Op("GET", f"{_ROW}edit/", EnketoLink)
EDIT_LINK = Op("GET", f"{_ROW}enketo/edit/", EnketoLink)
VIEW_LINK = Op("GET", f"{_ROW}enketo/view/", EnketoLink)
EDIT_REDIRECT = Op("GET", f"{_ROW}enketo/redirect/edit/", str, accept="*/*", also_ok=(302,))
VIEW_REDIRECT = Op("GET", f"{_ROW}enketo/redirect/view/", str, accept="*/*", also_ok=(302,))

VALIDATION_STATUS = Op("GET", f"{_ROW}validation_status/", ValidationStatus)
SET_VALIDATION_STATUS = Op("PATCH", f"{_ROW}validation_status/", ValidationStatus, repeatable=True)
CLEAR_VALIDATION_STATUS = Op("DELETE", f"{_ROW}validation_status/", type(None), repeatable=True)

BULK_UPDATE = Op("PATCH", f"{_DATA}bulk/", EditOutcome, repeatable=False)
BULK_DELETE = Op("DELETE", f"{_DATA}bulk/", BulkDone, repeatable=True)
BULK_SET_VALIDATION_STATUS = Op("PATCH", f"{_DATA}validation_statuses/", BulkDone, repeatable=True)
BULK_CLEAR_VALIDATION_STATUS = Op(
    "DELETE", f"{_DATA}validation_statuses/", BulkDone, repeatable=True
)

_NEWEST: Op[dict[str, Any]] = Op("GET", _DATA, dict, paging=Paging.COUNTED)


@attrs.frozen
class SubmissionWrites:
    """Changes to the submissions of projects."""

    _sender: Sender

    async def delete(self, uid_asset: str, id: int | str) -> None:
        """Delete one submission for good: there is no trash.

        Permission: `delete_submissions`. Errors: NotFound, also when an attempt that timed out
        had deleted it (`observed §5`).
        """
        await self._sender.send(DELETE.at(uid_asset, id))

    async def duplicate(self, uid_asset: str, id: int | str) -> dict[str, Any]:
        """Copy a submission with its attachments, and return the new row.

        Its submitter is the caller and its `start` and `end` are now; it has no validation
        status, and REST services are told of it. The call is not repeated by itself: it would
        copy again.

        Permission: `change_submissions`. Errors: NotFound, Conflict, Locked (`api-facts §3.7`).
        """
        return await self._sender.send(DUPLICATE.at(uid_asset, id))

    async def edit_link(self, uid_asset: str, id: int | str) -> EnketoLink:
        """Make a link that opens a submission for editing in the web form.

        Whoever opens it must be logged in on the server in that browser, and allowed to edit.
        The form is the newest deployed version.

        Permission: `change_submissions`. Errors: Conflict where two submissions have the same
        uuid; ServerError where the web forms cannot be reached (`observed §5`).
        """
        return await self._sender.send(EDIT_LINK.at(uid_asset, id))

    async def legacy_edit_link(self, uid_asset: str, id: int | str) -> EnketoLink:
        """Make a link as `edit_link` does, by the deprecated path of older servers.

        Permission and errors: see `edit_link`.
        """
        return await self._sender.send(LEGACY_EDIT_LINK.at(uid_asset, id))

    async def view_link(self, uid_asset: str, id: int | str) -> EnketoLink:
        """Make a link that shows a submission in the web form.

        Permission: `view_submissions`. Errors: see `edit_link`.
        """
        return await self._sender.send(VIEW_LINK.at(uid_asset, id))

    async def edit_redirect(self, uid_asset: str, id: int | str) -> str:
        """Return where the server sends a browser to edit a submission; it is not opened.

        Permission and errors: see `edit_link`, which also tells the version.
        """
        return await self._sender.send(EDIT_REDIRECT.at(uid_asset, id))

    async def view_redirect(self, uid_asset: str, id: int | str) -> str:
        """Return where the server sends a browser to see a submission; it is not opened.

        Permission and errors: see `view_link`, which also tells the version.
        """
        return await self._sender.send(VIEW_REDIRECT.at(uid_asset, id))

    async def validation_status(self, uid_asset: str, id: int | str) -> ValidationStatus:
        """Fetch the validation status of a submission; an empty one where none is set.

        Permission: `view_submissions`. Errors: NotFound.
        """
        return await self._sender.send(VALIDATION_STATUS.at(uid_asset, id))

    async def set_validation_status(
        self, uid_asset: str, id: int | str, *, status: ValidationUid
    ) -> ValidationStatus:
        """Set the validation status of a submission.

        Permission: `validate_submissions`. Errors: NotFound, QueryError for an unknown status.
        """
        body = {_UID: known_status(status)}
        return await self._sender.send(SET_VALIDATION_STATUS.at(uid_asset, id, json=body))

    async def clear_validation_status(self, uid_asset: str, id: int | str) -> None:
        """Take the validation status off a submission.

        Permission: `validate_submissions`. Errors: NotFound.
        """
        await self._sender.send(CLEAR_VALIDATION_STATUS.at(uid_asset, id))

    async def bulk_update(
        self, uid_asset: str, *, submission_ids: Sequence[int], data: Mapping[str, object]
    ) -> EditOutcome:
        """Write the same answers into many submissions, and tell row by row what became of it.

        Rows that the server did not store are in `not_stored` of the outcome, even where it
        answers 400 because all failed; ids of no submission are left out of it without a word.
        `data` is by path: `{"group/question": "value"}`. A path that does not exist in the form
        is stored all the same. Inside a repeat a path without a number changes the first
        instance only: write `members[2]/age`; instances are not added or removed. Calculations
        are not done again. The server has 120 seconds for all rows: send 50 to 100 at a time.

        Each row gets a new `_uuid`. The call is not repeated by itself.

        Permission: `change_submissions`, or its partial form for rows that it covers. Errors:
        QueryError for values that are no text, such as repeats; BadRequest where no id matches
        (`api-facts §3.7`).
        """
        payload = {"submission_ids": row_ids(submission_ids), "data": answers(data)}
        call = BULK_UPDATE.at(uid_asset, json={"payload": payload})
        try:
            return await self._sender.send(call)
        except BadRequest as error:
            if not _tells_rows(error.body):
                raise
            return structure(error.body, EditOutcome, call.label)

    async def bulk_delete(self, uid_asset: str, *, submission_ids: Sequence[int]) -> BulkDone:
        """Delete submissions by `_id` for good: there is no trash.

        One id that is not of this project, or deleted already, makes the server refuse all;
        that is also the answer when an attempt that timed out had deleted them.

        Permission: `delete_submissions`, or its partial form for rows that it covers. Errors:
        BadRequest, QueryError (`observed §5`).
        """
        payload = {"submission_ids": row_ids(submission_ids)}
        return await self._sender.send(BULK_DELETE.at(uid_asset, json={"payload": payload}))

    async def delete_all(self, uid_asset: str, *, expected: int, where: Where = None) -> int:
        """Delete all submissions, or those that `where` finds, if there are `expected` of them.

        They are counted first; where the number is another, nothing is deleted. Submissions
        that arrive after the count are left alone.

        Returns:
            how many the server says it deleted.

        Permission: `delete_submissions`. Errors: QueryError for another number than expected.
        """
        asked: dict[str, Any] = {"sort": {"_id": -1}, "fields": ["_id"], "limit": 1}
        if (filters := checked(where)) is not None:
            asked["query"] = filters
        newest = await self._sender.page(_NEWEST.at(uid_asset, query=asked))
        if newest.count != expected:
            raise QueryError(
                f"{newest.count} submissions would go, {expected} were expected: nothing deleted"
            )
        if not newest.items:
            return 0
        query = both(filters, {"_id": {"$lte": newest.items[0]["_id"]}})
        done = await self._sender.send(
            BULK_DELETE.at(uid_asset, json={"payload": {"query": query}})
        )
        return expected if done.count is None else done.count

    async def bulk_set_validation_status(
        self, uid_asset: str, *, submission_ids: Sequence[int], status: ValidationUid
    ) -> BulkDone:
        """Set the validation status of many submissions.

        The server would take an unknown status for none, and clear the rows: it is refused here.
        One id that is not of this project makes the server refuse all. 1,000 rows take seconds.

        Permission: `validate_submissions`, or its partial form for rows that it covers. Errors:
        QueryError, BadRequest (`observed §5`).
        """
        payload = {"submission_ids": row_ids(submission_ids), _UID: known_status(status)}
        call = BULK_SET_VALIDATION_STATUS.at(uid_asset, json={"payload": payload})
        return await self._sender.send(call)

    async def bulk_clear_validation_status(
        self, uid_asset: str, *, submission_ids: Sequence[int]
    ) -> BulkDone:
        """Take the validation status off many submissions.

        Permission and errors: see `bulk_set_validation_status`.
        """
        payload = {"submission_ids": row_ids(submission_ids), _UID: ""}
        call = BULK_CLEAR_VALIDATION_STATUS.at(uid_asset, json={"payload": payload})
        return await self._sender.send(call)


def known_status(status: str) -> str:
    """Refuse a status that the server would take for none (`observed §5`)."""
    if status not in get_args(ValidationUid):
        known = ", ".join(get_args(ValidationUid))
        raise QueryError(
            f"{status!r} is no validation status: {known}; clearing has its own method"
        )
    return status


def _tells_rows(body: Any) -> bool:
    return isinstance(body, dict) and {"count", "successes", "failures", "results"} <= body.keys()
