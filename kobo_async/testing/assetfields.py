"""The fields of an asset as clients send them (observed §3, api-facts §4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from kobo_async.testing.messages import RefusedError
from kobo_async.testing.paths import BASE
from kobo_async.testing.permissions import LIBRARY_TYPES
from kobo_async.testing.standardize import standardized, title_of
from kobo_async.testing.summary import question_count

if TYPE_CHECKING:
    from kobo_async.testing.form import FakeForm
    from kobo_async.testing.server import FakeKobo

TYPES: Final = ("text", "empty", "question", "block", "survey", "template", "collection")
_FREE: Final = (
    "tag_string",
    "data_sharing",
    "report_styles",
    "report_custom",
    "map_styles",
    "map_custom",
    "advanced_features",
)
_JSON: Final = frozenset(_FREE) - {"tag_string"}


def read_type(data: dict[str, Any]) -> str:
    """Return the type of an asset."""
    if "asset_type" not in data:
        raise RefusedError(400, {"asset_type": ["This field is required."]})
    asset_type = data["asset_type"]
    if asset_type not in TYPES:
        raise RefusedError(400, {"asset_type": [f'"{asset_type}" is not a valid choice.']})
    return str(asset_type)


def read_content(data: dict[str, Any]) -> dict[str, Any] | None:
    """Return the content, which may be JSON in a text; None = not sent."""
    if data.get("content") is None:
        return None
    content = _parsed(data, "content")
    if not isinstance(content, dict):
        raise _unreadable("content")
    return content


def read_changes(fake: FakeKobo, data: dict[str, Any]) -> dict[str, Any]:
    """Return what can be changed beside name and content; everything else is ignored."""
    changes: dict[str, Any] = {
        name: _parsed(data, name) if name in _JSON else data[name] for name in _FREE if name in data
    }
    if "settings" in data:
        changes["settings"] = _parsed(data, "settings")
    if "parent" in data:
        changes["parent"] = _parent(fake, data["parent"])
    return changes


def _parsed(data: dict[str, Any], name: str) -> Any:
    value = data[name]
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        raise _unreadable(name) from None


def _unreadable(name: str) -> RefusedError:
    return RefusedError(400, {name: ["Unable to parse JSON"]})


def _parent(fake: FakeKobo, url: Any) -> str | None:
    if not url:
        return None
    uid = uid_of(url)
    if uid not in fake.forms:
        raise RefusedError(400, {"parent": ["Invalid hyperlink - Object does not exist."]})
    return f"{BASE}/api/v2/assets/{uid}/"


def uid_of(url: Any) -> str:
    """Return what an address ends with."""
    return str(url).rstrip("/").rpartition("/")[2]


def make_asset(
    fake: FakeKobo, owner: str, asset_type: str, content: dict[str, Any], name: str
) -> FakeForm:
    """Add an asset with its first version; a title in the content is its name."""
    saved = {} if asset_type == "collection" else saved_content(fake, asset_type, content)
    return fake.add_form(
        title_of(content) or name,
        deployed=False,
        owner=owner,
        content=saved,
        asset_type=fitting_type(asset_type, saved),
    )


def saved_content(fake: FakeKobo, asset_type: str, content: dict[str, Any]) -> dict[str, Any]:
    """Return content as it is stored; questions and blocks of the library have no settings."""
    keeps_settings = asset_type not in LIBRARY_TYPES - {"template"}
    return standardized(content, fake.new_kuid, keeps_settings=keeps_settings)


def fitting_type(asset_type: str, content: dict[str, Any]) -> str:
    """Return the type that the server makes of it: one question is no block."""
    if asset_type not in {"question", "block"}:
        return asset_type
    return "question" if question_count(content) == 1 else "block"


def count_children(fake: FakeKobo) -> None:
    """Write into collections how many assets are in them."""
    parents = [uid_of(form.raw_asset["parent"]) for form in fake.forms.values()]
    for form in fake.forms.values():
        if form.asset_type == "collection":
            form.raw_asset["children"] = {"count": parents.count(form.uid)}
