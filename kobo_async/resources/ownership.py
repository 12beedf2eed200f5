"""Projects that change hands (`/api/v2/project-ownership/invites/`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import attrs

from kobo_async.call import OMIT, Omit, Op, Paging, given
from kobo_async.models.arguments import several
from kobo_async.models.ownership import OwnershipInvite, TransferStatus
from kobo_async.models.permission import user_link
from kobo_async.pages import Pages, Sender

INVITES = Op("GET", "/api/v2/project-ownership/invites/", OwnershipInvite, paging=Paging.COUNTED)
TRANSFER = Op("POST", INVITES.path, OwnershipInvite, repeatable=False)
GET_INVITE = Op("GET", "/api/v2/project-ownership/invites/{uid_invite}/", OwnershipInvite)
RESPOND = Op("PATCH", GET_INVITE.path, OwnershipInvite, repeatable=False)
DELETE_INVITE = Op("DELETE", GET_INVITE.path, type(None), repeatable=True)
TRANSFER_STATUS = Op(
    "GET",
    "/api/v2/project-ownership/invites/{uid_invite}/transfers/{uid_transfer}/",
    TransferStatus,
)

Mode: TypeAlias = Literal["sender", "recipient"]
Response: TypeAlias = Literal["accepted", "declined", "cancelled"]


@attrs.frozen
class Ownership:
    """Offers of projects to other accounts.

    An offer expires after 14 days. While a project moves, its form refuses submissions with 503;
    ids of submissions stay (`api-facts §6`).
    """

    _sender: Sender

    def invites(self, *, mode: Mode | Omit = OMIT, page_size: int = 1000) -> Pages[OwnershipInvite]:
        """List offers, made and received unless `mode` says which. Permission: any account."""
        return self._sender.pages(INVITES.at(query=given(mode=mode, limit=page_size)))

    async def transfer(self, *, recipient: str, assets: Sequence[str]) -> OwnershipInvite:
        """Offer projects, by uid, to a user, by name.

        On servers that need no consent the transfer begins at once: look at `status`.

        Permission: owner of every asset. Errors: QueryError; BadRequest for a recipient in the
        same organization, for assets of others, and for those that are on their way already.
        """
        body = {"recipient": user_link(recipient), "assets": several("assets", assets)}
        return await self._sender.send(TRANSFER.at(json=body))

    async def get_invite(self, uid_invite: str) -> OwnershipInvite:
        """Fetch an offer and how far it is. Permission: sender or recipient."""
        return await self._sender.send(GET_INVITE.at(uid_invite))

    async def respond(self, uid_invite: str, *, status: Response) -> OwnershipInvite:
        """Accept or decline an offer, or cancel one's own.

        Accepting starts the transfer: the recipient becomes the owner.

        Permission: recipient for `accepted` and `declined`, sender for `cancelled`. Errors:
        PermissionDenied for the other's answer; BadRequest for an offer that is not pending.
        """
        return await self._sender.send(RESPOND.at(uid_invite, json={"status": status}))

    async def delete_invite(self, uid_invite: str) -> None:
        """Delete an offer.

        Permission: sender or recipient. Errors: NotFound when repeated.
        """
        await self._sender.send(DELETE_INVITE.at(uid_invite))

    async def transfer_status(self, uid_invite: str, uid_transfer: str) -> TransferStatus:
        """Fetch how far one project is, part by part. Permission: sender or recipient."""
        return await self._sender.send(TRANSFER_STATUS.at(uid_invite, uid_transfer))
