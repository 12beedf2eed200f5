"""The people of an organization, and invitations to it (api-facts §6, models.md §15)."""

from __future__ import annotations

from typing import Any, Final

from kobo_async.testing.access import SAFE, signed_in
from kobo_async.testing.asset import stamp
from kobo_async.testing.messages import (
    FORBIDDEN,
    RefusedError,
    Reply,
    UnseenError,
)
from kobo_async.testing.organizations import (
    ADMIN,
    OWNER,
    RESEND_AFTER,
    ROLES,
    Invitation,
    join,
    leave,
    members_of,
    name_of,
    owner_of,
    role_in,
)
from kobo_async.testing.paths import BASE
from kobo_async.testing.users import User
from kobo_async.testing.views import Asked, Check, Handler, View

NO_ORGANIZATION: Final = {"detail": "No Organization matches the given query."}
_NO_MEMBER: Final = {"detail": "No OrganizationUser matches the given query."}
_NO_INVITATION: Final = {"detail": "No OrganizationInvitation matches the given query."}
_ANSWERS: Final = {"accepted", "declined"}
_EMPTY: Final = (
    "url",
    "user",
    "user__username",
    "user__email",
    "user__extra_details__name",
    "role",
    "user__has_mfa_enabled",
    "user__has_sso_enabled",
    "date_joined",
    "user__is_active",
)


def check_member(asked: Asked) -> None:
    """Hide organizations from everybody who is not in them."""
    user = signed_in(asked)
    role = role_in(asked.fake, user.username, asked.params["organization"])
    if not asked.superuser and role is None:
        raise RefusedError(404, NO_ORGANIZATION)


def _role(asked: Asked) -> str | None:
    return role_in(asked.fake, asked.info.user, asked.params["organization"])


def check_admin(asked: Asked) -> None:
    """Let in the owner and administrators only."""
    check_member(asked)
    if not asked.superuser and _role(asked) not in {OWNER, ADMIN}:
        raise RefusedError(403, FORBIDDEN)


def _check_change(asked: Asked) -> None:
    (check_member if asked.info.method in SAFE else check_admin)(asked)


def owner(asked: Asked) -> User:
    """Return the account that the organization came with."""
    user = owner_of(asked.fake, asked.params["organization"])
    if user is None:
        raise RefusedError(404, NO_ORGANIZATION)
    return user


def _own(asked: Asked) -> str:
    return f"{BASE}/api/v2/organizations/{asked.params['organization']}/"


def _entry(asked: Asked, user: User) -> dict[str, Any]:
    membership = asked.fake.memberships.get(user.username)
    return {
        "url": f"{_own(asked)}members/{user.username}/",
        "user": f"{BASE}/api/v2/users/{user.username}/",
        "user__username": user.username,
        "user__email": user.email,
        "user__extra_details__name": user.details.get("name", ""),
        "role": membership.role if membership else OWNER,
        "user__has_mfa_enabled": False,
        "user__has_sso_enabled": False,
        "date_joined": f"{user.joined:%Y-%m-%dT%H:%M:%SZ}",
        "user__is_active": True,
        "invite": None,
    }


def _members(asked: Asked) -> Reply:
    """List members and, with nothing but `invite`, those who have not answered yet."""
    entries = [_entry(asked, user) for user in members_of(asked.fake, asked.params["organization"])]
    waiting = [one for one in _invitations(asked) if one.open]
    nothing: dict[str, Any] = dict.fromkeys(_EMPTY)
    entries += [{**nothing, "invite": _shown(asked, one)} for one in waiting]
    return asked.listed(entries)


def _member(asked: Asked) -> User:
    for user in members_of(asked.fake, asked.params["organization"]):
        if user.username == asked.params["username"]:
            return user
    raise RefusedError(404, _NO_MEMBER)


def _detail(asked: Asked) -> Reply:
    return asked.linked(_entry(asked, _member(asked)))


def _change_role(asked: Asked) -> Reply:
    user, role = _member(asked), asked.fields.get("role")
    if user.username not in asked.fake.memberships or role is None:
        raise UnseenError
    asked.fake.memberships[user.username].role = _known(role)
    return asked.linked(_entry(asked, user))


def _remove(asked: Asked) -> Reply:
    user = _member(asked)
    if user.username not in asked.fake.memberships:
        raise UnseenError
    leave(asked.fake, user)
    return Reply(204, content_type=None)


def _known(role: Any) -> str:
    if role not in ROLES:
        raise RefusedError(400, {"role": [f'"{role}" is not a valid choice.']})
    return str(role)


def _invitations(asked: Asked) -> list[Invitation]:
    uid = asked.params["organization"]
    return [one for one in asked.fake.invitations.values() if one.organization == uid]


def _shown(asked: Asked, one: Invitation) -> dict[str, Any]:
    return {
        "url": f"{_own(asked)}invites/{one.guid}/",
        "invited_by": f"{BASE}/api/v2/users/{one.invited_by}/",
        "status": one.status,
        "invitee_role": one.role,
        "organization_name": name_of(asked.fake, owner(asked)),
        "created": stamp(one.created),
        "modified": stamp(one.modified),
        "invitee": one.invitee,
    }


def _invites(asked: Asked) -> Reply:
    return asked.listed([_shown(asked, one) for one in _invitations(asked)])


def _invite(asked: Asked) -> Reply:
    """Invite by user name or e-mail address; the answer is a bare list."""
    fake, data = asked.fake, asked.fields
    role, names = _known(data.get("role")), data.get("invitees")
    if not isinstance(names, list) or not names:
        raise UnseenError
    if any("@" not in name and name not in fake.users for name in names):
        raise UnseenError
    now, uid = fake.now(), asked.params["organization"]
    made = [
        Invitation(fake.new_uuid(), uid, signed_in(asked).username, name, role, now, now)
        for name in names
    ]
    fake.invitations |= {one.guid: one for one in made}
    return asked.linked([_shown(asked, one) for one in made], 201)


def _check_invitation(asked: Asked) -> None:
    """Let in administrators and, for anything but deletion, the one who is invited."""
    one = asked.fake.invitations.get(asked.params["guid"])
    if one is None or one.organization != asked.params["organization"]:
        check_admin(asked)
        raise RefusedError(404, _NO_INVITATION)
    if not one.is_for(signed_in(asked)) or asked.info.method == "DELETE":
        check_admin(asked)


def _found(asked: Asked) -> Invitation:
    return asked.fake.invitations[asked.params["guid"]]


def _invitation(asked: Asked) -> Reply:
    return asked.linked(_shown(asked, _found(asked)))


def _update(asked: Asked) -> Reply:
    """Change the role, send again, take back, accept or decline."""
    one, data = _found(asked), asked.fields
    user, status = signed_in(asked), data.get("status")
    if not one.open or ("status" in data) is ("role" in data):
        raise UnseenError
    if one.is_for(user) is not (status in _ANSWERS):
        raise RefusedError(403, FORBIDDEN)
    if "role" in data:
        one.role = _known(data["role"])
    else:
        _answer(asked, one, user, str(status))
    return asked.linked(_shown(asked, one))


def _answer(asked: Asked, one: Invitation, user: User, status: str) -> None:
    now = asked.fake.now()
    if status not in {*_ANSWERS, "cancelled", "resent"}:
        raise RefusedError(400, {"status": [f'"{status}" is not a valid choice.']})
    if status == "resent" and now - one.modified < RESEND_AFTER:
        seconds = (RESEND_AFTER - (now - one.modified)).total_seconds()
        headers = {"retry-after": str(int(seconds))}
        raise RefusedError(429, {"detail": "Invitation was resent too quickly"}, headers)
    if status == "accepted":
        join(asked.fake, user, one)
    one.settle(status, now)


def _delete(asked: Asked) -> Reply:
    del asked.fake.invitations[_found(asked).guid]
    return Reply(204, content_type=None)


def _view(allow: str, check: Check, **handlers: Handler) -> View:
    return View(allow=allow, handlers=handlers, check=check)


MEMBERS = _view("GET", check_member, GET=_members)
MEMBER = _view("GET, PATCH, DELETE", _check_change, GET=_detail, PATCH=_change_role, DELETE=_remove)
INVITES = _view("GET, POST", check_admin, GET=_invites, POST=_invite)
INVITE = _view(
    "GET, PATCH, DELETE", _check_invitation, GET=_invitation, PATCH=_update, DELETE=_delete
)
