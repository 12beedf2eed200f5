"""Making, cloning, changing and deleting assets (observed §3)."""

from __future__ import annotations

from typing import Any, Final

import orjson

from kobo_async.testing.assetfields import read_changes, read_content, tree_of
from kobo_async.testing.form import FakeForm
from kobo_async.testing.messages import (
    FORBIDDEN,
    NOT_FOUND,
    CrashError,
    RefusedError,
    Reply,
    bad,
)
from kobo_async.testing.permissions import LIBRARY_TYPES
from kobo_async.testing.views import Asked

TYPES: Final = ("text", "empty", "question", "block", "survey", "template", "collection")
CLONES: Final = {
    "survey": {"block", "question", "survey", "template"},
    "template": {"survey", "template"},
    "block": {"block", "question", "survey", "template"},
    "question": {"question", "survey", "template"},
}
"""What an asset of a type can be cloned to; everything else crashes (api-facts §4.4)."""
_NO_ASSET: Final = {"detail": "No Asset matches the given query."}
_EMPTY: Final = {"survey": [], "settings": {}}


def create(asked: Asked) -> Reply:
    """Answer `POST /assets/`."""
    data = _fields(asked)
    if data.get("clone_from"):
        return asked.linked(_clone(asked, data), 201, located=True)
    asset_type = _asset_type(data)
    changes = read_changes(asked, data)
    content = read_content(data) or _EMPTY
    form = make_asset(asked, asset_type, content, str(data.get("name", "")))
    form.apply(changes, asked.info.user)
    return asked.linked(detail_of(asked, form), 201, located=True)


def make_asset(asked: Asked, asset_type: str, content: dict[str, Any], name: str) -> FakeForm:
    """Add an asset of the user to the server, with one version."""
    fake = asked.fake
    is_collection = asset_type == "collection"
    saved = {} if is_collection else fake.standardize(content, asset_type)
    return fake.add_form(
        fake.title_of(content) or name,
        deployed=False,
        owner=asked.info.user,
        content=saved,
        asset_type=fake.fitting_type(asset_type, saved),
    )


def _fields(asked: Asked) -> dict[str, Any]:
    """Return the fields of the body, which may be JSON or a form."""
    data = asked.data
    if not isinstance(data, dict):
        kind = type(data).__name__
        message = f"Invalid data. Expected a dictionary, but got {kind}."
        raise RefusedError(400, {"non_field_errors": [message]})
    return data


def _asset_type(data: dict[str, Any]) -> str:
    if "asset_type" not in data:
        raise RefusedError(400, {"asset_type": ["This field is required."]})
    asset_type = data["asset_type"]
    if asset_type not in TYPES:
        raise RefusedError(400, {"asset_type": [f'"{asset_type}" is not a valid choice.']})
    return str(asset_type)


def _source(asked: Asked, data: dict[str, Any]) -> FakeForm:
    source = asked.fake.forms.get(str(data["clone_from"]))
    if source is None:
        raise RefusedError(404, _NO_ASSET)
    if not source.can_view(asked.info.user, superuser=asked.superuser):
        raise RefusedError(404, NOT_FOUND)
    return source


def _source_content(source: FakeForm, data: dict[str, Any]) -> dict[str, Any]:
    wanted = data.get("clone_from_version_id")
    if not wanted:
        return source.content
    for version in source.versions:
        if version["uid"] == wanted:
            return dict(version["content"])
    raise RefusedError(404, {"detail": "No AssetVersion matches the given query."})


def _clone(asked: Asked, data: dict[str, Any]) -> dict[str, Any]:
    source = _source(asked, data)
    content = _source_content(source, data)
    asset_type = str(data.get("asset_type") or source.asset_type)
    if asset_type not in CLONES.get(source.asset_type, ()):
        raise CrashError
    form = make_asset(asked, asset_type, content, str(data.get("name") or source.name))
    copied = {"tag_string": source.raw_asset["tag_string"]}
    if asset_type not in LIBRARY_TYPES or asset_type == "template":
        settings = source.raw_asset["settings"]
        copied["settings"] = {name: settings[name] for name in settings if name != "share-metadata"}
    form.apply(copied, asked.info.user)
    return detail_of(asked, form)


def update(asked: Asked) -> Reply:
    """Answer `PATCH /assets/{uid}/`: what is unknown or read-only is ignored."""
    form, data = asked.existing, _fields(asked)
    changes = read_changes(asked, data)
    content = read_content(data)
    if data.get("clone_from"):
        content = _source_content(_source(asked, data), data)
    if "name" in data:
        form.rename(str(data["name"]), asked.info.user)
    if content is not None:
        form.rewrite(content, asked.info.user)
    form.apply(changes, asked.info.user)
    tree_of(asked.fake)
    return asked.linked(detail_of(asked, form))


def replace(asked: Asked) -> Reply:
    """Answer `PUT /assets/{uid}/`, which needs a type and is a PATCH otherwise."""
    _asset_type(_fields(asked))
    return update(asked)


def delete(asked: Asked) -> Reply:
    """Answer `DELETE /assets/{uid}/`: the asset goes to the trash, its owner may do that."""
    form = asked.existing
    if not (asked.superuser or form.owner == asked.info.user):
        raise RefusedError(403, FORBIDDEN)
    asked.fake.discard(form)
    return Reply(204, content_type=None)


def detail_of(asked: Asked, form: FakeForm) -> dict[str, Any]:
    """Return an asset as the user sees it, links not filled in."""
    return form.seen_by(asked.info.user, superuser=asked.superuser)


def json_field(data: dict[str, Any], name: str) -> Any:
    """Return a field that may be JSON in a text."""
    value = data[name]
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        raise bad(name, "Unable to parse JSON") from None
