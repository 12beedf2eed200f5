"""What writes to submissions answer (`models §3`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import attrs

from kobo_async.models.convert import Model
from kobo_async.wire import whole_number

STORED = 201


@attrs.frozen(kw_only=True)
class ValidationStatus(Model):
    """The validation status of a submission; everything is empty where none is set.

    `uid`: `validation_status_approved`, `validation_status_not_approved`,
    `validation_status_on_hold`. `timestamp` is in epoch seconds.
    """

    uid: str = ""
    label: str = ""
    by_whom: str = ""
    timestamp: int | None = None

    @property
    def is_set(self) -> bool:
        """Whether the submission has a status."""
        return bool(self.uid)

    @property
    def since(self) -> datetime | None:
        """When the status was set."""
        return None if self.timestamp is None else datetime.fromtimestamp(self.timestamp, UTC)


@attrs.frozen(kw_only=True)
class EnketoLink(Model):
    """A link that opens a submission in the web form, made for this request.

    `version_uid` is the newest deployed version of the form, whichever the submission had.
    """

    url: str = attrs.field(repr=False)
    version_uid: str


@attrs.frozen(kw_only=True)
class EditedRow(Model):
    """What became of one submission of a bulk edit.

    `uuid` is the one of the new instance, `root_uuid` the one that stays, both without `uuid:`.
    The server reports 201 for rows that it did not store: ask `stored`.
    """

    uuid: str
    root_uuid: str | None
    status_code: int
    message: str

    @property
    def stored(self) -> bool:
        """Whether the edit is in the database.

        A row that was locked, in conflict or taken for a duplicate comes back with 201 and no
        root uuid (`api-facts §3.7`).
        """
        return self.status_code == STORED and self.root_uuid is not None


@attrs.frozen(kw_only=True)
class EditOutcome(Model):
    """What became of a bulk edit, row by row, in no promised order.

    Ids that match nothing are not in it: `count` is then lower than the number of ids sent.
    `successes` counts rows that were not stored too: see `not_stored`.
    """

    count: int
    successes: int
    failures: int
    results: Sequence[EditedRow]

    @property
    def stored(self) -> Sequence[EditedRow]:
        """Rows that were changed."""
        return [row for row in self.results if row.stored]

    @property
    def not_stored(self) -> Sequence[EditedRow]:
        """Rows that are as they were, with the server's reasons in `message`."""
        return [row for row in self.results if not row.stored]


@attrs.frozen(kw_only=True)
class BulkDone(Model):
    """The server's sentence on a bulk operation, such as `3 submissions have been deleted`."""

    detail: str

    @property
    def count(self) -> int | None:
        """The number in the sentence, if it begins with one."""
        number, _, _ = self.detail.partition(" ")
        return whole_number(number)
