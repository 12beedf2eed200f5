"""Organizations, one per user, and what is used (observed §11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from kobo_async.testing.asset import list_item, stamp
from kobo_async.testing.form import FakeForm
from kobo_async.testing.generate import BASE
from kobo_async.testing.messages import RefusedError, Reply, json_reply
from kobo_async.testing.users import User
from kobo_async.testing.views import Asked, Handler, View
from kobo_async.testing.views_account import signed_in
from kobo_async.testing.views_assets import ordered

_PERIODS: Final = ("current_period", "all_time")
_NLP: Final = ("asr_seconds", "mt_characters", "llm_requests")
_BALANCES: Final = ("submission", "storage_bytes", *_NLP)
_NO_ORGANIZATION: Final = {"detail": "No Organization matches the given query."}
_EDITABLE: Final = ("name", "website", "organization_type")


def _check(asked: Asked) -> None:
    signed_in(asked)


def _check_member(asked: Asked) -> None:
    """Hide organizations from everybody who is not in them."""
    user = signed_in(asked)
    if not asked.superuser and user.organization != asked.params["organization"]:
        raise RefusedError(404, _NO_ORGANIZATION)


def _owner(asked: Asked) -> User:
    for user in asked.fake.users.values():
        if user.organization == asked.params["organization"]:
            return user
    raise RefusedError(404, _NO_ORGANIZATION)


def _entry(asked: Asked, user: User) -> dict[str, Any]:
    own = f"{BASE}/api/v2/organizations/{user.organization}/"
    is_owner = user.username == asked.info.user
    links = ("members", "assets", "service_usage", "asset_usage")
    return {
        "id": user.organization,
        "url": own,
        "name": f"{user.username}'s organization",
        "website": "",
        "organization_type": "none",
        "created": stamp(user.joined),
        "modified": stamp(user.joined),
        **asked.fake.organizations.get(user.organization, {}),
        "is_owner": is_owner,
        "is_mmo": False,
        "request_user_role": "owner" if is_owner else "external",
        **{name: f"{own}{name}/" for name in links},
    }


def _list(asked: Asked) -> Reply:
    return asked.listed([_entry(asked, signed_in(asked))])


def _detail(asked: Asked) -> Reply:
    return asked.linked(_entry(asked, _owner(asked)))


def _update(asked: Asked) -> Reply:
    user, data = _owner(asked), asked.data
    changed = asked.fake.organizations.setdefault(user.organization, {})
    changed |= {name: data[name] for name in _EDITABLE if name in data}
    changed["modified"] = stamp(asked.fake.now())
    return asked.linked(_entry(asked, user))


def _member_entry(user: User) -> dict[str, Any]:
    return {
        "url": f"{BASE}/api/v2/organizations/{user.organization}/members/{user.username}/",
        "user": f"{BASE}/api/v2/users/{user.username}/",
        "user__username": user.username,
        "user__email": user.email,
        "user__extra_details__name": user.details.get("name", ""),
        "role": "owner",
        "user__has_mfa_enabled": False,
        "user__has_sso_enabled": False,
        "date_joined": f"{user.joined:%Y-%m-%dT%H:%M:%SZ}",
        "user__is_active": True,
        "invite": None,
    }


def _members(asked: Asked) -> Reply:
    return asked.listed([_member_entry(_owner(asked))])


def _member(asked: Asked) -> Reply:
    owner = _owner(asked)
    if asked.params["username"] != owner.username:
        raise RefusedError(404, {"detail": "No OrganizationUser matches the given query."})
    return asked.linked(_member_entry(owner))


def _forms(asked: Asked, username: str) -> list[FakeForm]:
    return [form for form in asked.fake.forms.values() if form.owner == username]


def _assets(asked: Asked) -> Reply:
    forms = _forms(asked, _owner(asked).username)
    seen = [form.seen_by(asked.info.user, superuser=asked.superuser) for form in forms]
    found = ordered(seen, asked.info.query.get("ordering"))
    return asked.listed([list_item(asset) for asset in found])


def _invites(asked: Asked) -> Reply:
    return asked.listed([])


def _period(asked: Asked) -> tuple[datetime, datetime]:
    """Return the first day of this month and of the next."""
    now = asked.fake.now()
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)


def _current(asked: Asked, form: FakeForm) -> int:
    since = f"{_period(asked)[0]:%Y-%m-%dT%H:%M:%S}"
    return form.store.select({"_submission_time": {"$gte": since}}).count


def _storage(form: FakeForm) -> int:
    return sum(len(content) for content in form.files.values())


def _asset_usage(asked: Asked, form: FakeForm) -> dict[str, Any]:
    nothing = {f"total_nlp_{name}": 0 for name in _NLP}
    return {
        "asset": f"{BASE}/api/v2/assets/{form.uid}/",
        "asset__name": form.name,
        **{f"nlp_usage_{period}": dict(nothing) for period in _PERIODS},
        "storage_bytes": _storage(form),
        "submission_count_current_period": _current(asked, form),
        "submission_count_all_time": len(form.store),
    }


def _usage_of_assets(asked: Asked) -> Reply:
    forms = _forms(asked, signed_in(asked).username)
    return asked.listed([_asset_usage(asked, form) for form in forms])


def _usage_of_surveys(asked: Asked) -> Reply:
    forms = _forms(asked, _owner(asked).username)
    surveys = [form for form in forms if form.asset_type == "survey"]
    return asked.listed(
        [
            {
                **_asset_usage(asked, form),
                "deployment_status": form.raw_asset["deployment_status"],
            }
            for form in surveys
        ]
    )


def _service(asked: Asked, username: str) -> Reply:
    forms = _forms(asked, username)
    start, end = _period(asked)
    return json_reply(
        {
            "total_nlp_usage": {f"{name}_{period}": 0 for period in _PERIODS for name in _NLP},
            "total_storage_bytes": sum(_storage(form) for form in forms),
            "total_submission_count": {
                "all_time": sum(len(form.store) for form in forms),
                "current_period": sum(_current(asked, form) for form in forms),
            },
            "balances": dict.fromkeys(_BALANCES),
            "current_period_start": start.isoformat(),
            "current_period_end": end.isoformat(),
            "last_updated": asked.fake.now().isoformat(),
        }
    )


def _own_service(asked: Asked) -> Reply:
    return _service(asked, signed_in(asked).username)


def _organization_service(asked: Asked) -> Reply:
    return _service(asked, _owner(asked).username)


def _view(allow: str, check: Callable[[Asked], None] = _check_member, **handlers: Handler) -> View:
    return View(allow=allow, handlers=handlers, check=check)


LIST = _view("GET", _check, GET=_list)
DETAIL = _view("GET, PATCH", GET=_detail, PATCH=_update)
MEMBERS = _view("GET", GET=_members)
MEMBER = _view("GET, PATCH, DELETE", GET=_member)
ASSETS = _view("GET", GET=_assets)
INVITES = _view("GET, POST", GET=_invites)
ASSET_USAGE = _view("GET", GET=_usage_of_surveys)
SERVICE_USAGE = _view("GET", GET=_organization_service)
OWN_ASSET_USAGE = _view("GET, HEAD, OPTIONS", _check, GET=_usage_of_assets)
OWN_SERVICE_USAGE = _view("GET, HEAD, OPTIONS", _check, GET=_own_service)
