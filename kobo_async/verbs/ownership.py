"""Projects that change hands, and waiting for it."""

# ruff: noqa: ASYNC109 - patience with a job goes by the clock of the client, and cancels nothing

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from kobo_async.clock import Clock
from kobo_async.errors import JobFailed
from kobo_async.models.ownership import OwnershipInvite
from kobo_async.resources.ownership import Ownership
from kobo_async.verbs.waiting import until

UNFINISHED: Final = frozenset({"pending", "accepted", "in_progress"})
TIMEOUT: Final = 1800.0


@attrs.frozen
class OwnershipVerbs(Ownership):
    """Offers of projects to other accounts, and the transfers that follow.

    An offer expires after 14 days. While a project moves, its form refuses submissions with 503.
    """

    _clock: Clock

    async def transfer_and_wait(
        self, *, recipient: str, assets: Sequence[str], timeout: float = TIMEOUT
    ) -> OwnershipInvite:
        """Offer projects, by uid, to a user, by name, and wait until they have moved.

        On most servers the recipient has to accept first. Afterwards only the recipient can give
        them back.

        Permission: owner of every asset. Errors: see `transfer` and `wait`.
        """
        invite = await self.transfer(recipient=recipient, assets=assets)
        return await self.wait(invite.uid, timeout=timeout)

    async def accept_and_wait(
        self, uid_invite: str, *, timeout: float = TIMEOUT
    ) -> OwnershipInvite:
        """Accept an offer and wait until the projects have moved.

        Permission: the recipient. Errors: see `respond` and `wait`.
        """
        invite = await self.respond(uid_invite, status="accepted")
        return await self.wait(invite.uid, timeout=timeout)

    async def wait(self, uid_invite: str, *, timeout: float = TIMEOUT) -> OwnershipInvite:
        """Wait until an offer was accepted and all of its projects have moved.

        Permission: sender or recipient. Errors: JobFailed when it was declined, cancelled, expired
        or failed, with what went wrong; JobTimeout, after which it stands or goes on.
        """
        invite = await until(
            lambda invite: invite.status not in UNFINISHED,
            lambda: self.get_invite(uid_invite),
            clock=self._clock,
            timeout=timeout,
            job=uid_invite,
            what="transfer",
        )
        if invite.status != "complete":
            raise JobFailed(f"transfer {uid_invite}: {_explained(invite)}", invite.status)
        return invite


def _explained(invite: OwnershipInvite) -> str:
    troubles = [f"{one.asset__name}: {one.error}" for one in invite.transfers if one.error]
    return "; ".join([invite.status, *troubles])
