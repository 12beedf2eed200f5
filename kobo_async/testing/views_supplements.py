"""What was made of a submission afterwards (models.md §3.3)."""

from __future__ import annotations

from typing import Any

from kobo_async.testing.analysis import MANUAL, QUAL, VERSION, Writer
from kobo_async.testing.asset import stamp
from kobo_async.testing.messages import (
    FORBIDDEN,
    NOT_FOUND,
    PLAIN_VARY,
    CrashError,
    RefusedError,
    Reply,
    UnseenError,
    json_reply,
)
from kobo_async.testing.views import Asked, View
from kobo_async.testing.views_advanced import check_change
from kobo_async.testing.views_data import check_rows


def _check(asked: Asked) -> None:
    """Ask for rights on all rows: partial permissions are not enough."""
    check_rows(asked)
    if asked.info.method == "PATCH":
        check_change(asked)
    elif asked.existing.row_filters(asked.info.user, superuser=asked.superuser):
        raise RefusedError(403, FORBIDDEN)


def _root(asked: Asked) -> str:
    """Return the root uuid the path names; other ids of a submission do not count."""
    form, root = asked.existing, asked.params["row"].removeprefix("uuid:")
    number = form.store.find_uuid(root)
    if number is None or form.store[number]["meta/rootUuid"].removeprefix("uuid:") != root:
        raise RefusedError(404, NOT_FOUND)
    return root


def _get(asked: Asked) -> Reply:
    return json_reply(asked.existing.supplements.get(_root(asked), {}))


def _update(asked: Asked) -> Reply:
    """Add results of manual actions; without `_version` the server crashes.

    Automatic actions need services that are not here, and what is answered for a question that
    is not prepared was never seen: 501.
    """
    root, data = _root(asked), asked.fields
    if "_version" not in data:
        raise CrashError
    if data["_version"] != VERSION:
        raise UnseenError
    changes = [
        (xpath, action, result)
        for xpath, actions in data.items()
        if xpath != "_version"
        for action, result in actions.items()
    ]
    for xpath, action, _ in changes:
        _check_prepared(asked, xpath, action)
    for change in changes:
        _write(asked, root, *change)
    return json_reply(asked.existing.supplements.get(root, {}))


def _check_prepared(asked: Asked, xpath: str, action: str) -> None:
    known = asked.existing.features.values()
    prepared = any((one.question_xpath, one.action) == (xpath, action) for one in known)
    if not prepared or action not in MANUAL:
        raise UnseenError


def _write(asked: Asked, root: str, xpath: str, action: str, result: dict[str, Any]) -> None:
    form, fake = asked.existing, asked.fake
    writer = Writer(stamp(fake.now()), fake.new_uuid)
    try:
        writer.write(form.supplements.setdefault(root, {}), xpath, action, result)
    except LookupError:
        raise UnseenError from None
    number = form.store.find_uuid(root)
    if action == QUAL and number is not None:
        form.log_analysis(number, asked.info.user, {"new": result})


DETAIL = View(
    allow="GET, PATCH, HEAD, OPTIONS",
    handlers={"GET": _get, "PATCH": _update},
    check=_check,
    outside=True,
    negotiated=False,
    vary=PLAIN_VARY,
)
