"""Logs of the whole server, for superusers alone, and never counted (observed §11)."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from kobo_async.testing.access import signed_in
from kobo_async.testing.messages import FORBIDDEN, RefusedError, Reply, json_reply
from kobo_async.testing.views import Asked, Handler, View
from kobo_async.testing.views_history import shown
from kobo_async.testing.views_site import export_logs, log_exports, requests_of

_MISSING: Final = {
    "details": (
        "The data source for user reports is missing. Please run `./manage.py "
        "manage_user_reports_mv --create` to create the materialized view: "
        "user_reports_userreportsmv."
    )
}
_KIND: Final = {"app_label": "kobo_auth", "model_name": "user", "log_type": "access"}


def _check(asked: Asked) -> None:
    signed_in(asked)
    if not asked.superuser:
        raise RefusedError(403, FORBIDDEN)


def _audit(asked: Asked) -> Reply:
    """List requests; of all that a real server writes down, this one knows only these."""
    return asked.uncounted(requests_of(asked, None), _audited)


def _audited(log: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in log.items() if name != "count"} | _KIND


def _history(asked: Asked) -> Reply:
    """List the histories of all projects, newest first."""
    query = asked.info.query.get("q")
    found = [one for form in asked.fake.forms.values() for one in form.history.select(query)]
    newest = sorted(found, key=lambda one: one.created, reverse=True)
    return asked.uncounted(newest, partial(shown, asked))


def _reports(asked: Asked) -> Reply:
    del asked
    return json_reply(_MISSING, 503)


def _view(handler: Handler) -> View:
    return View(allow="GET, HEAD, OPTIONS", handlers={"GET": handler}, check=_check)


def _export(reading: Handler) -> View:
    handlers = {"GET": reading, "POST": export_logs}
    return View(allow="GET, POST, HEAD, OPTIONS", handlers=handlers, check=_check)


AUDIT = _view(_audit)
HISTORY = _view(_history)
HISTORY_EXPORT = _export(export_logs)
"""To read starts an export too (api-facts §5)."""
ACCESS_EXPORT = _export(log_exports)
REPORTS = _view(_reports)
