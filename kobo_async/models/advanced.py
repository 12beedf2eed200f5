"""Transcription, translation and qualitative analysis (`models §13`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias

import attrs

from kobo_async.models.convert import Model

AutomaticAction: TypeAlias = Literal[
    "automatic_google_transcription", "automatic_google_translation"
]
"""What the server does by itself for many submissions."""


@attrs.frozen(kw_only=True)
class AdvancedFeature(Model):
    """An analysis that a question is prepared for.

    `action`: `manual_transcription`, `manual_translation`, `automatic_google_transcription`,
    `automatic_google_translation`, `manual_qual`, `automatic_bedrock_qual`. `params` are
    languages, `{"language": "en"}`, or questions of qualitative analysis. `asset` is a number
    of the database, and in the answer to a change only.
    """

    uid: str
    question_xpath: str
    action: str
    params: Sequence[Mapping[str, Any]]
    asset: int | None = None


@attrs.frozen(kw_only=True)
class BulkActionRow(Model):
    """The state of one submission in a bulk action.

    `status`: `pending`, `in_progress`, `complete`, `failed`, `cancelled`.
    """

    uuid: str
    status: str
    error: str | None = None


@attrs.frozen(kw_only=True)
class BulkActionUser(Model):
    """Who started or cancelled a bulk action."""

    username: str


@attrs.frozen(kw_only=True)
class BulkAction(Model):
    """The transcription or translation of many answers.

    `status`: `pending`, `in_progress`, `complete`, `cancelled`; there is no failure of the whole:
    look at the rows. `progress` is 0 to 100. `skipped_uuids`, in the answer to the creation only,
    are submissions that have a result or are in another action.
    """

    uid: str
    status: str
    action_id: str
    question_xpath: str
    submission_uuids: Sequence[str]
    submission_statuses: Sequence[BulkActionRow]
    params: Mapping[str, Any]
    progress: int
    created_by: BulkActionUser
    date_created: datetime
    date_modified: datetime
    cancelled_by: BulkActionUser | None = None
    skipped_uuids: Sequence[str] = ()

    @property
    def finished(self) -> bool:
        """Whether there is nothing to wait for any more, be it success or failure."""
        return self.status in {"complete", "cancelled"}

    @property
    def failed(self) -> Sequence[BulkActionRow]:
        """Rows that failed."""
        return [row for row in self.submission_statuses if row.status == "failed"]


@attrs.frozen(kw_only=True)
class Accepted(Model):
    """How many results were accepted."""

    accepted_count: int


@attrs.frozen(kw_only=True)
class QualTag(Model):
    """A tag that was used in answers to a question of qualitative analysis."""

    value: str
