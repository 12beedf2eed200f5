"""Organizations, their members and their projects (`/api/v2/organizations/`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import attrs

from kobo_async import q as q_language
from kobo_async.call import OMIT, Omit, Op, Paging, given
from kobo_async.models.arguments import listed
from kobo_async.models.asset import Asset, MinimalAsset, StatusCounts
from kobo_async.models.organization import Member, Organization, OrganizationInvite
from kobo_async.models.usage import AssetUsage, ServiceUsage
from kobo_async.pages import Pages, Sender
from kobo_async.q import Q

LIST = Op("GET", "/api/v2/organizations/", Organization, paging=Paging.COUNTED)
GET = Op("GET", "/api/v2/organizations/{uid_organization}/", Organization)
UPDATE = Op("PATCH", GET.path, Organization, repeatable=True)
ASSET_USAGE = Op(
    "GET",
    "/api/v2/organizations/{uid_organization}/asset_usage/",
    AssetUsage,
    paging=Paging.COUNTED,
)
ASSETS = Op("GET", "/api/v2/organizations/{uid_organization}/assets/", Asset, paging=Paging.COUNTED)
ASSET_COUNTS = Op("GET", "/api/v2/organizations/{uid_organization}/assets/counts/", StatusCounts)
ASSET_MINIMAL_LIST = Op(
    "GET",
    "/api/v2/organizations/{uid_organization}/assets/minimal-list/",
    MinimalAsset,
    paging=Paging.UNCOUNTED,
)
INVITES = Op(
    "GET",
    "/api/v2/organizations/{uid_organization}/invites/",
    OrganizationInvite,
    paging=Paging.COUNTED,
)
INVITE = Op("POST", INVITES.path, list[OrganizationInvite], repeatable=False)
GET_INVITE = Op(
    "GET", "/api/v2/organizations/{uid_organization}/invites/{guid}/", OrganizationInvite
)
UPDATE_INVITE = Op("PATCH", GET_INVITE.path, OrganizationInvite, repeatable=False)
DELETE_INVITE = Op("DELETE", GET_INVITE.path, type(None), repeatable=True)
MEMBERS = Op(
    "GET", "/api/v2/organizations/{uid_organization}/members/", Member, paging=Paging.COUNTED
)
GET_MEMBER = Op("GET", "/api/v2/organizations/{uid_organization}/members/{username}/", Member)
UPDATE_MEMBER = Op("PATCH", GET_MEMBER.path, Member, repeatable=True)
REMOVE_MEMBER = Op("DELETE", GET_MEMBER.path, type(None), repeatable=True)
SERVICE_USAGE = Op("GET", "/api/v2/organizations/{uid_organization}/service_usage/", ServiceUsage)

Role: TypeAlias = Literal["admin", "member"]
Kind: TypeAlias = Literal["non-profit", "government", "educational", "commercial", "none"]
UsageOrdering: TypeAlias = Literal["name", "-name", "_deployment_status", "-_deployment_status"]
AssetOrdering: TypeAlias = Literal[
    "name", "-name", "date_modified", "-date_modified", "date_deployed", "-date_deployed"
]
MemberOrdering: TypeAlias = Literal[
    "date_joined",
    "-date_joined",
    "role",
    "-role",
    "status",
    "-status",
    "user__username",
    "-user__username",
]


@attrs.frozen
class Organizations:
    """Organizations of the caller. To those who are no members they do not exist: NotFound."""

    _sender: Sender

    def list(self, *, page_size: int = 1000) -> Pages[Organization]:
        """List the caller's organizations, as a rule one. Permission: any account."""
        return self._sender.pages(LIST.at(query={"limit": page_size}))

    async def get(self, uid_organization: str) -> Organization:
        """Fetch an organization. Permission: member."""
        return await self._sender.send(GET.at(uid_organization))

    async def update(
        self,
        uid_organization: str,
        *,
        name: str | Omit = OMIT,
        website: str | Omit = OMIT,
        organization_type: Kind | Omit = OMIT,
    ) -> Organization:
        """Change what an organization says of itself.

        Permission: owner or admin. Errors: PermissionDenied; NotFound for who is no member.
        """
        body = given(name=name, website=website, organization_type=organization_type)
        return await self._sender.send(UPDATE.at(uid_organization, json=body))

    def asset_usage(
        self,
        uid_organization: str,
        *,
        ordering: UsageOrdering | Omit = OMIT,
        page_size: int = 100,
    ) -> Pages[AssetUsage]:
        """List use project by project: those of the organization's owner.

        The server counts for each project anew, so pages are small. Permission: owner or admin.
        """
        query = given(ordering=ordering, limit=page_size)
        return self._sender.pages(ASSET_USAGE.at(uid_organization, query=query))

    def assets(
        self,
        uid_organization: str,
        *,
        q: Q | str | Omit = OMIT,
        ordering: AssetOrdering | Omit = OMIT,
        exclude: Sequence[str] = (),
        page_size: int = 1000,
    ) -> Pages[Asset]:
        """List the projects of an organization, those that members made included.

        The plain list of assets leaves those out. Items are as in `assets.list`.

        Permission: owner or admin. Errors: QueryError for a `q` that would match nothing.
        """
        query = given(
            q=_source(q),
            ordering=ordering,
            exclude=",".join(listed("exclude", exclude)) or OMIT,
            limit=page_size,
        )
        return self._sender.pages(ASSETS.at(uid_organization, query=query))

    async def asset_counts(
        self, uid_organization: str, *, q: Q | str | Omit = OMIT
    ) -> StatusCounts:
        """Count projects by their status. Permission: owner or admin. Errors: QueryError."""
        return await self._sender.send(ASSET_COUNTS.at(uid_organization, query=given(q=_source(q))))

    def asset_minimal_list(
        self,
        uid_organization: str,
        *,
        q: Q | str | Omit = OMIT,
        ordering: AssetOrdering | Omit = OMIT,
        page_size: int = 1000,
    ) -> Pages[MinimalAsset]:
        """List name and status of projects. Permission: owner or admin. Errors: QueryError."""
        query = given(q=_source(q), ordering=ordering, limit=page_size)
        return self._sender.pages(ASSET_MINIMAL_LIST.at(uid_organization, query=query))

    def invites(self, uid_organization: str, *, page_size: int = 1000) -> Pages[OrganizationInvite]:
        """List invitations. Permission: owner or admin."""
        return self._sender.pages(INVITES.at(uid_organization, query={"limit": page_size}))

    async def invite(
        self, uid_organization: str, *, invitees: Sequence[str], role: Role = "member"
    ) -> Sequence[OrganizationInvite]:
        """Invite people by user name or e-mail address; each gets an e-mail.

        Compare the answer with `invitees`: an invitation for each is not promised.

        Permission: owner or admin. Errors: QueryError, BadRequest.
        """
        body = {"invitees": listed("invitees", invitees), "role": role}
        return await self._sender.send(INVITE.at(uid_organization, json=body))

    async def get_invite(self, uid_organization: str, guid: str) -> OrganizationInvite:
        """Fetch an invitation. Permission: owner, admin or invitee."""
        return await self._sender.send(GET_INVITE.at(uid_organization, guid))

    async def update_invite(
        self, uid_organization: str, guid: str, *, role: Role
    ) -> OrganizationInvite:
        """Change the role somebody is invited to.

        Permission: owner or admin. Errors: PermissionDenied; NotFound for who is no member.
        """
        call = UPDATE_INVITE.at(uid_organization, guid, json={"role": role})
        return await self._sender.send(call)

    async def accept_invite(self, uid_organization: str, guid: str) -> OrganizationInvite:
        """Join an organization, to which all the caller's projects are transferred.

        Permission: invitee.
        """
        return await self._answer(uid_organization, guid, "accepted")

    async def decline_invite(self, uid_organization: str, guid: str) -> OrganizationInvite:
        """Decline an invitation. Permission: invitee."""
        return await self._answer(uid_organization, guid, "declined")

    async def cancel_invite(self, uid_organization: str, guid: str) -> OrganizationInvite:
        """Take back an invitation. Permission: owner or admin."""
        return await self._answer(uid_organization, guid, "cancelled")

    async def resend_invite(self, uid_organization: str, guid: str) -> OrganizationInvite:
        """Send the e-mail of an invitation again.

        Permission: owner or admin. Errors: RateLimited within 15 minutes of the last one.
        """
        return await self._answer(uid_organization, guid, "resent")

    async def delete_invite(self, uid_organization: str, guid: str) -> None:
        """Delete an invitation.

        Permission: owner or admin. Errors: PermissionDenied; NotFound when repeated.
        """
        await self._sender.send(DELETE_INVITE.at(uid_organization, guid))

    def members(
        self,
        uid_organization: str,
        *,
        ordering: MemberOrdering | Omit = OMIT,
        page_size: int = 1000,
    ) -> Pages[Member]:
        """List members, and invitations that wait: rows with nothing but `invite`.

        Permission: member.
        """
        query = given(ordering=ordering, limit=page_size)
        return self._sender.pages(MEMBERS.at(uid_organization, query=query))

    async def get_member(self, uid_organization: str, username: str) -> Member:
        """Fetch one member. Permission: member."""
        return await self._sender.send(GET_MEMBER.at(uid_organization, username))

    async def update_member(self, uid_organization: str, username: str, *, role: Role) -> Member:
        """Change a member's role.

        Permission: owner or admin. Errors: PermissionDenied; NotFound for who is no member.
        """
        call = UPDATE_MEMBER.at(uid_organization, username, json={"role": role})
        return await self._sender.send(call)

    async def remove_member(self, uid_organization: str, username: str) -> None:
        """Remove a member, who loses all permissions on the organization's projects.

        Permission: owner or admin. Errors: PermissionDenied; NotFound when repeated.
        """
        await self._sender.send(REMOVE_MEMBER.at(uid_organization, username))

    async def service_usage(self, uid_organization: str) -> ServiceUsage:
        """Fetch use of everything together, up to 15 minutes old: that of the owner's account.

        Permission: member.
        """
        return await self._sender.send(SERVICE_USAGE.at(uid_organization))

    async def _answer(self, uid_organization: str, guid: str, status: str) -> OrganizationInvite:
        call = UPDATE_INVITE.at(uid_organization, guid, json={"status": status})
        return await self._sender.send(call)


def _source(q: Q | str | Omit) -> str | Omit:
    return q if isinstance(q, Omit) else q_language.source(q)
