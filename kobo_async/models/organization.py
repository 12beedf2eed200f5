"""Organizations, their members, and invitations to them (`models §15`)."""

from __future__ import annotations

from datetime import datetime

import attrs

from kobo_async.models.convert import Model
from kobo_async.models.links import uid_of


@attrs.frozen(kw_only=True)
class Organization(Model):
    """An organization. Every account has one, of which most have a single member.

    `request_user_role` is the caller's: `owner`, `admin`, `member` or `external`. `is_mmo` tells
    whether it may have several members.
    """

    id: str
    name: str
    url: str = ""
    website: str = ""
    organization_type: str = ""
    created: datetime | None = None
    modified: datetime | None = None
    is_owner: bool = False
    is_mmo: bool = False
    request_user_role: str = ""
    members: str = attrs.field(default="", repr=False)
    assets: str = attrs.field(default="", repr=False)
    service_usage: str = attrs.field(default="", repr=False)
    asset_usage: str = attrs.field(default="", repr=False)


@attrs.frozen(kw_only=True)
class OrganizationInvite(Model):
    """An invitation to an organization; in a member's row it may be an empty object.

    `status` is `pending`, `accepted`, `declined`, `cancelled`, `expired` or `resent`; `invitee` is
    a user name or an e-mail address.
    """

    url: str = ""
    status: str = ""
    invited_by: str = ""
    invitee: str | None = attrs.field(default=None, repr=False)
    invitee_role: str = ""
    organization_name: str = ""
    created: datetime | None = None
    modified: datetime | None = None

    @property
    def guid(self) -> str:
        """Identifier, as the methods about invitations take it."""
        return uid_of(self.url)


@attrs.frozen(kw_only=True)
class Member(Model):
    """A member, or somebody who was invited: then everything but `invite` is None."""

    url: str | None = None
    user: str | None = None
    user__username: str | None = None
    user__email: str | None = attrs.field(default=None, repr=False)
    user__extra_details__name: str | None = attrs.field(default=None, repr=False)
    role: str | None = None
    user__has_mfa_enabled: bool | None = None
    user__has_sso_enabled: bool | None = None
    user__is_active: bool | None = None
    date_joined: datetime | None = None
    invite: OrganizationInvite | None = None
