"""Who belongs to which organization, in which role, and who is invited (api-facts §6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from kobo_async.testing.managing import Managing
    from kobo_async.testing.server import FakeKobo
    from kobo_async.testing.users import User

OWNER: Final = "owner"
ADMIN: Final = "admin"
ROLES: Final = (ADMIN, "member")
"""What people are invited as, and what their role can become."""
RESEND_AFTER: Final = timedelta(minutes=15)


@attrs.define
class Membership:
    """That an account belongs to somebody else's organization."""

    organization: str
    role: str


@attrs.define
class Invitation:
    """An invitation to an organization. `invitee` is a user name or an e-mail address."""

    guid: str
    organization: str
    invited_by: str
    invitee: str
    role: str
    created: datetime
    modified: datetime
    status: str = "pending"

    @property
    def open(self) -> bool:
        """Whether it can still be accepted."""
        return self.status in {"pending", "resent"}

    def is_for(self, user: User) -> bool:
        """Tell whether an account is the one that is invited."""
        return self.invitee in {user.username, user.email}

    def settle(self, status: str, now: datetime) -> None:
        """Note what became of it."""
        self.status, self.modified = status, now


def organization_of(fake: Managing, user: User) -> str:
    """Return the organization an account belongs to: its own unless it has joined another."""
    membership = fake.memberships.get(user.username)
    return membership.organization if membership else user.organization


def owner_of(fake: FakeKobo, uid: str) -> User | None:
    """Return the account that an organization came with."""
    return next((user for user in fake.users.values() if user.organization == uid), None)


def role_in(fake: FakeKobo, username: str | None, uid: str) -> str | None:
    """Return the role of an account in an organization, None for those outside."""
    user = fake.users.get(username or "")
    if user is None or organization_of(fake, user) != uid:
        return None
    membership = fake.memberships.get(user.username)
    return membership.role if membership else OWNER


def members_of(fake: FakeKobo, uid: str) -> Iterator[User]:
    """Yield the accounts of an organization, the owner first."""
    inside = [user for user in fake.users.values() if organization_of(fake, user) == uid]
    yield from sorted(inside, key=lambda user: user.username in fake.memberships)


def name_of(fake: FakeKobo, user: User) -> str:
    """Return the name of the organization an account owns."""
    known = fake.organizations.get(user.organization, {})
    return str(known.get("name", f"{user.username}'s organization"))


def manages(fake: FakeKobo, username: str | None, owner: str) -> bool:
    """Tell whether an account manages the projects of an owner as an administrator does."""
    account = fake.users.get(owner)
    return account is not None and role_in(fake, username, account.organization) == ADMIN


def join(fake: FakeKobo, user: User, invitation: Invitation) -> None:
    """Take an account into an organization, and give its projects to the owner there."""
    owner = owner_of(fake, invitation.organization)
    assert owner is not None
    fake.memberships[user.username] = Membership(invitation.organization, invitation.role)
    for form in fake.forms.values():
        if form.owner == user.username:
            form.hand_over(owner.username, user.username)


def leave(fake: FakeKobo, user: User) -> None:
    """Take an account out of an organization, and all its permissions on the projects there."""
    owner = owner_of(fake, fake.memberships.pop(user.username).organization)
    for form in fake.forms.values():
        if owner is not None and form.owner == owner.username:
            form.unshare(user.username)
