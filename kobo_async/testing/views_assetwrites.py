"""Making, cloning, changing and deleting assets (observed §3)."""

from __future__ import annotations

from typing import Any, Final

from kobo_async.testing.assetfields import (
    count_children,
    make_asset,
    read_changes,
    read_content,
    read_type,
)
from kobo_async.testing.form import FakeForm
from kobo_async.testing.messages import FORBIDDEN, NOT_FOUND, CrashError, RefusedError, Reply
from kobo_async.testing.permissions import LIBRARY_TYPES
from kobo_async.testing.views import Asked

CLONES: Final = {
    "survey": {"block", "question", "survey", "template"},
    "template": {"survey", "template"},
    "block": {"block", "question", "survey", "template"},
    "question": {"question", "survey", "template"},
}
"""What an asset of a type can be cloned to; everything else crashes (api-facts §4.4)."""
_NO_ASSET: Final = {"detail": "No Asset matches the given query."}
_NO_VERSION: Final = {"detail": "No AssetVersion matches the given query."}


def create(asked: Asked) -> Reply:
    """Answer `POST /assets/`."""
    data = read_fields(asked)
    if data.get("clone_from"):
        return asked.linked(_clone(asked, data), 201, located=True)
    asset_type, content = read_type(data), read_content(data)
    changes = read_changes(asked.fake, data)
    name = str(data.get("name", ""))
    form = make_asset(asked.fake, _username(asked), asset_type, content or {}, name)
    form.apply(changes, asked.info.user)
    count_children(asked.fake)
    return asked.linked(detail_of(asked, form), 201, located=True)


def read_fields(asked: Asked) -> dict[str, Any]:
    """Return the fields of the body, which may be JSON or a form."""
    data = asked.data
    if not isinstance(data, dict):
        message = f"Invalid data. Expected a dictionary, but got {type(data).__name__}."
        raise RefusedError(400, {"non_field_errors": [message]})
    return data


def _username(asked: Asked) -> str:
    assert asked.info.user is not None
    return asked.info.user


def _source(asked: Asked, data: dict[str, Any]) -> FakeForm:
    source = asked.fake.forms.get(str(data["clone_from"]))
    if source is None:
        raise RefusedError(404, _NO_ASSET)
    if not source.can_view(asked.info.user, superuser=asked.superuser):
        raise RefusedError(404, NOT_FOUND)
    return source


def _content_of(source: FakeForm, data: dict[str, Any]) -> dict[str, Any]:
    wanted = data.get("clone_from_version_id")
    if not wanted:
        return source.content
    for version in source.versions:
        if version["uid"] == wanted:
            return dict(version["content"])
    raise RefusedError(404, _NO_VERSION)


def _clone(asked: Asked, data: dict[str, Any]) -> dict[str, Any]:
    source = _source(asked, data)
    content = _content_of(source, data)
    asset_type = str(data.get("asset_type") or source.asset_type)
    if asset_type not in CLONES.get(source.asset_type, ()):
        raise CrashError
    name = str(data.get("name") or source.name)
    form = make_asset(asked.fake, _username(asked), asset_type, content, name)
    copied = {"tag_string": source.raw_asset["tag_string"]}
    if asset_type not in LIBRARY_TYPES or asset_type == "template":
        settings = source.raw_asset["settings"]
        copied["settings"] = {name: settings[name] for name in settings if name != "share-metadata"}
    form.apply(copied, asked.info.user)
    return detail_of(asked, form)


def update(asked: Asked) -> Reply:
    """Answer `PATCH /assets/{uid}/`: what is unknown or read-only is ignored."""
    form, data = asked.existing, read_fields(asked)
    changes, content = read_changes(asked.fake, data), read_content(data)
    if data.get("clone_from"):
        content = _content_of(_source(asked, data), data)
    if "name" in data:
        form.rename(str(data["name"]), asked.info.user)
    if content is not None:
        form.rewrite(content, asked.info.user)
    form.apply(changes, asked.info.user)
    count_children(asked.fake)
    return asked.linked(detail_of(asked, form))


def replace(asked: Asked) -> Reply:
    """Answer `PUT /assets/{uid}/`, which needs a type and is a PATCH otherwise."""
    read_type(read_fields(asked))
    return update(asked)


def delete(asked: Asked) -> Reply:
    """Answer `DELETE /assets/{uid}/`: the asset goes to the trash if its owner says so."""
    form = asked.existing
    if not (asked.superuser or form.owner == asked.info.user):
        raise RefusedError(403, FORBIDDEN)
    asked.fake.discard(form)
    return Reply(204, content_type=None)


def detail_of(asked: Asked, form: FakeForm) -> dict[str, Any]:
    """Return an asset as the user sees it, links not filled in."""
    return form.seen_by(asked.info.user, superuser=asked.superuser)
