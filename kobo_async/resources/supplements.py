"""Transcripts, translations and analyses of one submission (`…/data/{root_uuid}/supplement/`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from kobo_async.call import OMIT, Omit, Op, given
from kobo_async.errors import QueryError
from kobo_async.known import bare
from kobo_async.models.advanced import Accepted, AutomaticAction
from kobo_async.pages import Sender
from kobo_async.payloads import bare_uuids

VERSION = "20250820"
"""Version of the format in which supplements are written."""

GET: Op[dict[str, Any]] = Op("GET", "/api/v2/assets/{uid_asset}/data/{root_uuid}/supplement/", dict)
UPDATE: Op[dict[str, Any]] = Op(
    "PATCH", "/api/v2/assets/{uid_asset}/data/{root_uuid}/supplement/", dict, repeatable=False
)
BULK_ACCEPT = Op(
    "POST", "/api/v2/assets/{uid_asset}/data/supplements/bulk/", Accepted, repeatable=True
)


@attrs.frozen
class Supplements:
    """What was made of submissions afterwards: transcripts, translations, analyses."""

    _sender: Sender

    async def get(self, uid_asset: str, root_uuid: str) -> dict[str, Any]:
        """Fetch the supplement of a submission, with all its versions; `{}` where there is none.

        `root_uuid` is the one in `meta/rootUuid`, with or without `uuid:`.

        Permission: `view_submissions`; its partial form is not enough. Errors: NotFound
        (`models §3.3`).
        """
        return await self._sender.send(GET.at(uid_asset, bare(root_uuid)))

    async def update(
        self, uid_asset: str, root_uuid: str, *, changes: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Add a transcript, translation or analysis to a submission, or start an automatic one.

            changes={"interview": {"manual_transcription": {"language": "en", "value": "Hello"}}}

        The question must be prepared for the action: `advanced_features.create`. What was there
        is kept as an older version. Automatic actions are paid for: the call is not repeated by
        itself.

        Permission: `change_submissions`; its partial form is not enough. Errors: BadRequest,
        UsageLimitReached, RateLimited above 5 automatic analyses per second, QueryError.
        """
        body = {"_version": VERSION, **_checked(changes)}
        return await self._sender.send(UPDATE.at(uid_asset, bare(root_uuid), json=body))

    async def bulk_accept(
        self,
        uid_asset: str,
        *,
        submission_uids: Sequence[str],
        question_xpath: str,
        action_id: AutomaticAction,
        language: str | Omit = OMIT,
    ) -> Accepted:
        """Accept the automatic results of many submissions.

        Submissions are named by root uuid. Those without a finished result are left out of the
        count without a word. A translation is accepted per `language`.

        Permission: `change_submissions`. Errors: BadRequest, QueryError.
        """
        if action_id == "automatic_google_translation" and isinstance(language, Omit):
            raise QueryError("say which language's translations are accepted")
        body = given(
            submission_uids=bare_uuids(submission_uids),
            question_xpath=question_xpath,
            action_id=action_id,
            operation="accept",
            language=language,
        )
        return await self._sender.send(BULK_ACCEPT.at(uid_asset, json=body))


def _checked(changes: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    if not changes or any(not isinstance(actions, Mapping) for actions in changes.values()):
        raise QueryError("changes are by question, then by action: {'question': {'action': {…}}}")
    if "_version" in changes:
        raise QueryError("`_version` is added here: give questions only")
    return changes
