"""Projects that change hands (`models §16`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import attrs

from kobo_async.models.convert import Model
from kobo_async.models.links import uid_of


@attrs.frozen(kw_only=True)
class Transfer(Model):
    """One project on its way to another owner.

    `status` is `pending`, `in_progress`, `success`, `failed` or `cancelled`.
    """

    url: str
    status: str
    asset: str = ""
    asset__name: str = ""
    error: str | None = None
    date_modified: datetime | None = None

    @property
    def uid(self) -> str:
        """Identifier, as `transfer_status` takes it."""
        return uid_of(self.url)


@attrs.frozen(kw_only=True)
class TransferPart(Model):
    """How far a part of a transfer is; `status_type` names the part.

    The parts are `global`, `submissions`, `media_files` and `attachments`.
    """

    status_type: str
    status: str
    error: str | None = None


@attrs.frozen(kw_only=True)
class TransferStatus(Transfer):
    """One project on its way, part by part."""

    statuses: Sequence[TransferPart] = ()


@attrs.frozen(kw_only=True)
class OwnershipInvite(Model):
    """An offer to take over projects.

    `status` is `pending`, `accepted`, `in_progress`, `complete`, `declined`, `cancelled`, `expired`
    or `failed`. `sender` and `recipient` are addresses of users.
    """

    url: str
    status: str
    sender: str = ""
    recipient: str = ""
    date_created: datetime | None = None
    date_modified: datetime | None = None
    transfers: Sequence[Transfer] = ()

    @property
    def uid(self) -> str:
        """Identifier, as the methods about invitations take it."""
        return uid_of(self.url)
