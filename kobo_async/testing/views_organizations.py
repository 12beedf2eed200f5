"""Organizations, one per user unless they join another, and what is used (observed §11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from kobo_async.testing.access import signed_in
from kobo_async.testing.asset import list_item, stamp
from kobo_async.testing.form import FakeForm
from kobo_async.testing.messages import Reply, json_reply
from kobo_async.testing.organizations import name_of, organization_of, owner_of, role_in
from kobo_async.testing.paths import BASE
from kobo_async.testing.users import User
from kobo_async.testing.views import Asked, Check, Handler, View
from kobo_async.testing.views_assetlists import counted, shortened
from kobo_async.testing.views_assets import selected
from kobo_async.testing.views_members import check_admin, check_member, owner

_PERIODS: Final = ("current_period", "all_time")
_NLP: Final = ("asr_seconds", "mt_characters", "llm_requests")
_BALANCES: Final = ("submission", "storage_bytes", *_NLP)
_EDITABLE: Final = ("name", "website", "organization_type")


def _entry(asked: Asked, user: User) -> dict[str, Any]:
    fake, uid = asked.fake, user.organization
    own = f"{BASE}/api/v2/organizations/{uid}/"
    links = ("members", "assets", "service_usage", "asset_usage")
    return {
        "id": uid,
        "url": own,
        "name": name_of(fake, user),
        "website": "",
        "organization_type": "none",
        "created": stamp(user.joined),
        "modified": stamp(user.joined),
        **fake.organizations.get(uid, {}),
        "is_owner": user.username == asked.info.user,
        "is_mmo": any(one.organization == uid for one in fake.memberships.values()),
        "request_user_role": role_in(fake, asked.info.user, uid) or "external",
        **{name: f"{own}{name}/" for name in links},
    }


def _list(asked: Asked) -> Reply:
    own = owner_of(asked.fake, organization_of(asked.fake, signed_in(asked)))
    return asked.listed([_entry(asked, own)] if own else [])


def _detail(asked: Asked) -> Reply:
    return asked.linked(_entry(asked, owner(asked)))


def _update(asked: Asked) -> Reply:
    check_admin(asked)
    user, data = owner(asked), asked.data
    changed = asked.fake.organizations.setdefault(user.organization, {})
    changed |= {name: data[name] for name in _EDITABLE if name in data}
    changed["modified"] = stamp(asked.fake.now())
    return asked.linked(_entry(asked, user))


def _forms(asked: Asked, username: str) -> list[FakeForm]:
    return [form for form in asked.fake.forms.values() if form.owner == username]


def _selected(asked: Asked) -> list[dict[str, Any]]:
    return selected(asked, _forms(asked, owner(asked).username))


def _assets(asked: Asked) -> Reply:
    return asked.listed([list_item(asset) for asset in _selected(asked)])


def _asset_counts(asked: Asked) -> Reply:
    return counted(_selected(asked))


def _minimal(asked: Asked) -> Reply:
    return shortened(asked, _selected(asked))


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
    forms = _forms(asked, owner(asked).username)
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
    return _service(asked, owner(asked).username)


def _view(allow: str, check: Check = check_member, **handlers: Handler) -> View:
    return View(allow=allow, handlers=handlers, check=check)


LIST = _view("GET", signed_in, GET=_list)
DETAIL = _view("GET, PATCH", GET=_detail, PATCH=_update)
ASSETS = _view("GET", check_admin, GET=_assets)
ASSET_COUNTS = _view("GET", check_admin, GET=_asset_counts)
MINIMAL = _view("GET", check_admin, GET=_minimal)
ASSET_USAGE = _view("GET", check_admin, GET=_usage_of_surveys)
SERVICE_USAGE = _view("GET", GET=_organization_service)
OWN_ASSET_USAGE = _view("GET, HEAD, OPTIONS", signed_in, GET=_usage_of_assets)
OWN_SERVICE_USAGE = _view("GET, HEAD, OPTIONS", signed_in, GET=_own_service)
