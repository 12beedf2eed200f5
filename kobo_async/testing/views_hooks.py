"""REST services and their logs (observed §9)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from kobo_async.testing.access import held
from kobo_async.testing.hooks import FAILED, RETRY_AFTER, SUCCESS, Hook, HookLog
from kobo_async.testing.messages import NOT_FOUND, RefusedError, Reply, UnseenError, json_reply
from kobo_async.testing.permissions import VIEW_ROWS
from kobo_async.testing.views import Asked, Handler, View

_DEFAULTS: Final[dict[str, Any]] = {
    "name": None,
    "endpoint": None,
    "active": True,
    "auth_level": "no_auth",
    "email_notification": True,
    "export_type": "json",
    "payload_template": None,
    "settings": {},
    "subset_fields": [],
}
_CHOICES: Final = {"auth_level": {"no_auth", "basic_auth"}, "export_type": {"json", "xml"}}
_NO_HOOK: Final = {"detail": "No Hook matches the given query."}
_NO_LOG: Final = {"detail": "No HookLog matches the given query."}
_TOO_SOON: Final = {
    "detail": "Data is being or has already been processed",
    "status_code": None,
}
_FAILED: Final = "An error has occurred when sending the data. Please try again later."


def _check(asked: Asked) -> None:
    """Hide hooks from everybody who may not change the form and see its data."""
    needed = {"change_asset", VIEW_ROWS}
    if asked.form is None or not needed <= held(asked):
        raise RefusedError(404, NOT_FOUND)


def _list(asked: Asked) -> Reply:
    hooks = sorted(asked.existing.hooks.values(), key=lambda hook: str(hook.fields["name"]))
    return asked.listed([hook.entry() for hook in hooks])


def _fields(asked: Asked) -> dict[str, Any]:
    data = asked.fields
    fields = {name: data[name] for name in _DEFAULTS if name in data}
    if not str(fields.get("endpoint", "http")).startswith("http"):
        raise RefusedError(400, {"endpoint": ["Invalid scheme"]})
    for name, known in _CHOICES.items():
        if name in fields and fields[name] not in known:
            raise RefusedError(400, {name: [f'"{fields[name]}" is not a valid choice.']})
    return fields


def _create(asked: Asked) -> Reply:
    fields = {**_DEFAULTS, **_fields(asked)}
    missing = [name for name in ("name", "endpoint") if fields[name] is None]
    if missing:
        raise RefusedError(400, {name: ["This field is required."] for name in missing})
    hook = Hook(asked.fake.new_uid("h"), asked.existing, asked.fake.now(), fields)
    asked.existing.hooks[hook.uid] = hook
    _note(asked, "register-service", hook)
    return asked.linked(hook.entry(), 201, located=True)


def _note(asked: Asked, action: str, hook: Hook) -> None:
    facts = {"uid": hook.uid, "endpoint": hook.fields["endpoint"], "active": hook.active}
    asked.existing.log(action, asked.info.user, hook=facts)


def _hook(asked: Asked) -> Hook:
    hook = asked.existing.hooks.get(asked.params["hook"])
    if hook is None:
        raise RefusedError(404, _NO_HOOK)
    return hook


def _detail(asked: Asked) -> Reply:
    return asked.linked(_hook(asked).entry())


def _update(asked: Asked) -> Reply:
    hook = _hook(asked)
    hook.fields |= _fields(asked)
    hook.modified = asked.fake.now()
    _note(asked, "modify-service", hook)
    return asked.linked(hook.entry())


def _delete(asked: Asked) -> Reply:
    hook = _hook(asked)
    del asked.existing.hooks[hook.uid]
    _note(asked, "delete-service", hook)
    return Reply(204, content_type=None)


def _logs(asked: Asked) -> Reply:
    hook, query = _hook(asked), asked.info.query
    since = _time(query.get("start_date", "0001-01-01"))
    until = _time(query.get("end_date", "9999-12-31"))
    logs = [
        one
        for one in hook.logs
        if query.get("status") in {None, str(one.status)} and since <= one.modified <= until
    ]
    return asked.listed([one.entry(hook.url) for one in logs])


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UnseenError from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _log_of(asked: Asked, hook: Hook) -> HookLog:
    for log in hook.logs:
        if log.uid == asked.params["log"]:
            return log
    raise RefusedError(404, _NO_LOG)


def _log(asked: Asked) -> Reply:
    hook = _hook(asked)
    return asked.linked(_log_of(asked, hook).entry(hook.url))


def _retry_log(asked: Asked) -> Reply:
    """Send once more, and wait for it; not soon after the last time."""
    hook = _hook(asked)
    log = _log_of(asked, hook)
    if log.status == SUCCESS or asked.fake.now() - log.modified < RETRY_AFTER:
        raise RefusedError(400, _TOO_SOON)
    asked.fake.send_again(hook, log)
    done = log.status == SUCCESS
    answer = {"detail": log.message or _FAILED, "status_code": log.status_code}
    return json_reply(answer, 200 if done else 400)


def _retry_all(asked: Asked) -> Reply:
    """Send everything once more that failed; 304 if nothing did."""
    hook = _hook(asked)
    if not hook.active:
        raise RefusedError(400, {"detail": "Can not retry on disabled hooks"})
    now = asked.fake.now()
    logs = [
        one
        for one in hook.logs
        if one.status == FAILED or (one.status != SUCCESS and now - one.modified >= RETRY_AFTER)
    ]
    if not logs:
        return Reply(304)
    for log in logs:
        asked.fake.send_later(hook, log)
    uids = [log.uid for log in logs]
    return json_reply({"detail": "Task successfully scheduled", "pending_uids": uids})


def _view(allow: str, **handlers: Handler) -> View:
    return View(allow=allow, handlers=handlers, check=_check, outside=True)


LIST = _view("GET, POST, HEAD, OPTIONS", GET=_list, POST=_create)
DETAIL = _view(
    "GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
    GET=_detail,
    PUT=_update,
    PATCH=_update,
    DELETE=_delete,
)
RETRY = _view("PATCH, OPTIONS", PATCH=_retry_all)
LOGS = _view("GET, HEAD, OPTIONS", GET=_logs)
LOG = _view("GET, HEAD, OPTIONS", GET=_log)
LOG_RETRY = _view("PATCH, OPTIONS", PATCH=_retry_log)
