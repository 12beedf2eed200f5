"""Questions prepared for transcription, translation and analysis (models.md §13)."""

from __future__ import annotations

from typing import Any, Final

from kobo_async.testing.access import SAFE, check_held, check_seen
from kobo_async.testing.analysis import AUTOMATIC, MANUAL, Feature, tags_of
from kobo_async.testing.messages import (
    NOT_FOUND,
    CrashError,
    RefusedError,
    Reply,
    UnseenError,
    json_reply,
)
from kobo_async.testing.views import Asked, Handler, View

_FIELDS: Final = ("question_xpath", "action", "params")


def check_change(asked: Asked) -> None:
    """Ask for `change_submissions` on all rows, after the right to see the asset."""
    check_seen(asked)
    check_held(asked, "change_submissions")


def _check(asked: Asked) -> None:
    """Let everybody read who sees the asset."""
    (check_seen if asked.info.method in SAFE else check_change)(asked)


def _list(asked: Asked) -> Reply:
    return json_reply([one.entry() for one in asked.existing.features.values()])


def _create(asked: Asked) -> Reply:
    """Prepare a question; each action once, as what a second time does was never seen."""
    data = _fields(asked)
    missing = [name for name in _FIELDS if name not in data]
    if missing:
        raise RefusedError(400, {name: ["This field is required."] for name in missing})
    xpath, action = str(data["question_xpath"]), str(data["action"])
    if action not in {*MANUAL, *AUTOMATIC}:
        raise RefusedError(400, {"action": [f'"{action}" is not a valid choice.']})
    known = asked.existing.features.values()
    if any((one.question_xpath, one.action) == (xpath, action) for one in known):
        raise UnseenError
    made = Feature(asked.fake.new_uid("qaf"), xpath, action, list(data["params"]))
    asked.existing.features[made.uid] = made
    return json_reply(made.entry(), 201)


def _fields(asked: Asked) -> dict[str, Any]:
    data = asked.fields
    if not isinstance(data.get("params", []), list):
        raise CrashError
    return data


def _found(asked: Asked) -> Feature:
    feature = asked.existing.features.get(asked.params["feature"])
    if feature is None:
        raise RefusedError(404, NOT_FOUND)
    return feature


def _detail(asked: Asked) -> Reply:
    return json_reply(_found(asked).entry())


def _update(asked: Asked) -> Reply:
    feature = _found(asked)
    feature.update(_fields(asked).get("params", []))
    return json_reply({**feature.entry(), "asset": asked.existing.number})


def _bulk_actions(asked: Asked) -> Reply:
    """List none: no service transcribes or translates here."""
    return asked.listed([])


def _bulk_action(asked: Asked) -> Reply:
    del asked
    raise RefusedError(404, NOT_FOUND)


def _tags(asked: Asked) -> Reply:
    tags = tags_of(asked.existing.supplements, asked.params["question"])
    return json_reply([{"value": tag} for tag in tags])


def _accept(asked: Asked) -> Reply:
    """Accept automatic results, of which there are none here."""
    if not isinstance(asked.data, dict):
        raise CrashError
    return json_reply({"accepted_count": 0})


def _view(allow: str, **handlers: Handler) -> View:
    return View(allow=allow, handlers=handlers, check=_check, outside=True)


LIST = _view("GET, POST, HEAD, OPTIONS", GET=_list, POST=_create)
DETAIL = _view("GET, PUT, PATCH, HEAD, OPTIONS", GET=_detail, PATCH=_update)
BULK_ACTIONS = _view("GET, POST, HEAD, OPTIONS", GET=_bulk_actions)
BULK_ACTION = _view("GET, PATCH, HEAD, OPTIONS", GET=_bulk_action, PATCH=_bulk_action)
BULK_ACCEPT = _view("POST, OPTIONS", POST=_accept)
TAGS = View(allow="GET, HEAD, OPTIONS", handlers={"GET": _tags}, check=check_change)
