"""Small lists that are empty on a new server, and the log of requests (observed §11)."""

from __future__ import annotations

from typing import Any, Final

from kobo_async.testing.access import signed_in
from kobo_async.testing.asset import stamp
from kobo_async.testing.messages import (
    FORBIDDEN,
    NOT_FOUND,
    CrashError,
    RefusedError,
    Reply,
    json_reply,
)
from kobo_async.testing.users import User
from kobo_async.testing.views import Asked, Handler, View

_READ: Final = "GET, HEAD, OPTIONS"
_WRITE: Final = "GET, POST, HEAD, OPTIONS"
_NO_LANGUAGE: Final = {"detail": "No Language matches the given query."}


def _nothing(asked: Asked) -> Reply:
    return asked.listed([])


def _tags(asked: Asked) -> Reply:
    """List nothing; to search crashes."""
    if "q" in asked.info.query:
        raise CrashError
    return asked.listed([])


def _terms(asked: Asked) -> Reply:
    del asked
    return json_reply([])


def _language(asked: Asked) -> Reply:
    del asked
    raise RefusedError(404, _NO_LANGUAGE)


def _log_of(asked: Asked, user: User) -> dict[str, Any]:
    return {
        "user": f"{asked.info.base}/api/v2/users/{user.username}/",
        "date_created": f"{asked.fake.now():%Y-%m-%dT%H:%M:%SZ}",
        "username": user.username,
        "metadata": {
            "source": "Other (Other)",
            "auth_type": "token",
            "ip_address": "127.0.0.1",
        },
        "user_uid": user.uid,
        "count": 1,
        "action": "auth",
    }


def requests_of(asked: Asked, username: str | None) -> list[dict[str, Any]]:
    """Return an entry for every request, this one among them; all at the same moment."""
    names = [asked.info.user, *(seen.user for seen in reversed(asked.fake.requests))]
    users = [asked.fake.users[name] for name in names if name in asked.fake.users]
    return [_log_of(asked, user) for user in users if username in {None, user.username}]


def _own_logs(asked: Asked) -> Reply:
    return asked.listed(requests_of(asked, signed_in(asked).username))


def _all_logs(asked: Asked) -> Reply:
    """List the requests of everybody, for superusers, and without a count."""
    if not asked.superuser:
        raise RefusedError(403, FORBIDDEN)
    return asked.uncounted(requests_of(asked, None))


def export_logs(asked: Asked) -> Reply:
    """Start an export that is sent by e-mail."""
    entry = {
        "uid": asked.fake.new_uid("ale"),
        "status": "created",
        "date_created": stamp(asked.fake.now()),
    }
    asked.fake.log_exports.setdefault(str(asked.info.user), []).append(entry)
    return json_reply({"status": "created"}, 202)


def log_exports(asked: Asked) -> Reply:
    """List the exports that a user has started."""
    return json_reply(asked.fake.log_exports.get(str(asked.info.user), []))


def _missing(asked: Asked) -> Reply:
    """Answer for one of the things of which there are none."""
    del asked
    raise RefusedError(404, NOT_FOUND)


def _open(handler: Handler) -> View:
    return View(allow=_READ, handlers={"GET": handler})


def _signed(handler: Handler) -> View:
    return View(allow=_READ, handlers={"GET": handler}, check=signed_in)


LANGUAGES = _open(_nothing)
LANGUAGE = _open(_language)
SERVICES = _open(_nothing)
TERMS = _open(_terms)
MISSING = _open(_missing)
TAGS = _signed(_tags)
PROJECT_VIEWS = _signed(_nothing)
PROJECT_VIEW = View(allow=_WRITE, handlers={"GET": _missing, "POST": _missing}, check=signed_in)
OWN_LOGS = _signed(_own_logs)
ALL_LOGS = _signed(_all_logs)
LOG_EXPORTS = View(
    allow=_WRITE, handlers={"GET": log_exports, "POST": export_logs}, check=signed_in
)
