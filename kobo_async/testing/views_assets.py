"""The list of assets, one asset, its versions (observed §2, §3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import orjson

from kobo_async.testing.access import SAFE, check_held, check_seen, signed_in
from kobo_async.testing.asset import list_item
from kobo_async.testing.assetq import ASSETS
from kobo_async.testing.downloads import download
from kobo_async.testing.form import FakeForm
from kobo_async.testing.messages import (
    RefusedError,
    Reply,
    not_allowed,
)
from kobo_async.testing.negotiation import AS_XFORM, AS_XLSFORM, ASSET
from kobo_async.testing.paging import envelope
from kobo_async.testing.permissions import VIEW
from kobo_async.testing.qlanguage import compile_q
from kobo_async.testing.views import Asked, View
from kobo_async.testing.views_assetwrites import create, delete, detail_of, replace, update

_ORDERINGS: Final = frozenset(
    [
        "asset_type",
        "date_modified",
        "date_deployed",
        "date_modified__date",
        "date_deployed__date",
        "name",
        "settings__sector",
        "settings__sector__value",
        "settings__description",
        "owner__username",
        "owner__extra_details__data__name",
        "owner__extra_details__data__organization",
        "owner__email",
        "_deployment_status",
        "last_modified_by",
        "subscribers_count",
    ]
)
_STATUS_ORDER: Final = {"deployed": 0, "draft": 1, "archived": 2}


def check_asset(asked: Asked) -> None:
    """Hide assets from those who may not see them; refuse changes to those who only see."""
    check_seen(asked)
    if asked.info.method not in SAFE:
        check_held(asked, "change_asset")


def _check_list(asked: Asked) -> None:
    if asked.info.method not in SAFE:
        signed_in(asked)


def selected(asked: Asked, forms: Iterable[FakeForm] | None = None) -> list[dict[str, Any]]:
    """Return the assets that were asked for, in order: of these, or of all that are listed."""
    query = asked.info.query
    text, status = query.get("q", "").strip(), query.get("status")
    test = compile_q(text, ASSETS) if text else None
    if forms is None:
        forms = [form for form in asked.fake.forms.values() if _listed(asked, form)]
    seen = [detail_of(asked, form) for form in forms if status in {None, form.grants.sharing}]
    return ordered([one for one in seen if test is None or test(one)], query.get("ordering"))


def _list(asked: Asked) -> Reply:
    query = asked.info.query
    found = selected(asked)
    part = asked.window
    items = [list_item(one) for one in found[part.start : part.start + part.limit]]
    body = envelope(asked.info, part, len(found), _finished(asked, items))
    if query.get("metadata") == "on":
        body["metadata"] = metadata_of(found)
    return asked.linked(body)


def _listed(asked: Asked, form: FakeForm) -> bool:
    return form.grants.holds_directly(asked.info.user, VIEW)


def ordered(assets: list[dict[str, Any]], ordering: str | None) -> list[dict[str, Any]]:
    """Sort as asked; unknown names are dropped, and without any the server has its own order."""
    names = [one.strip() for one in (ordering or "").split(",")]
    names = [one for one in names if one.removeprefix("-") in _ORDERINGS]
    assets = sorted(assets, key=lambda one: str(one["date_modified"]), reverse=True)
    if not names:
        return sorted(assets, key=lambda one: _STATUS_ORDER.get(one["deployment_status"], 3))
    for name in reversed(names):
        key = _sort_key(name.removeprefix("-"))
        assets = sorted(assets, key=key, reverse=name.startswith("-"))
    return assets


def _sort_key(name: str) -> Callable[[dict[str, Any]], tuple[bool, str]]:
    """Return the key of one ordering; nothing sorts last, or first when reversed."""

    def key(asset: dict[str, Any]) -> tuple[bool, str]:
        value: Any = asset
        for part in _ALIASES.get(name, (name,)):
            value = value.get(part) if isinstance(value, dict) else None
        if value == "-":
            value = None
        text = orjson.dumps(value).decode() if isinstance(value, dict) else str(value)
        return value is None, text.casefold()

    return key


_ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "_deployment_status": ("deployment_status",),
    "date_modified__date": ("date_modified",),
    "date_deployed__date": ("date_deployed",),
    "settings__sector": ("settings", "sector"),
    "settings__sector__value": ("settings", "sector", "value"),
    "settings__description": ("settings", "description"),
}


def metadata_of(assets: list[dict[str, Any]]) -> dict[str, Any]:
    """Return which languages, countries, sectors and organizations there are."""
    languages = {name for one in assets for name in one["summary"].get("languages", [])}
    sectors = {
        (sector["value"], sector["label"])
        for one in assets
        if (sector := one["settings"].get("sector"))
    }
    countries = {
        (country["value"], country["label"])
        for one in assets
        for country in one["settings"].get("country") or ()
    }
    organizations = {one["settings"].get("organization") or "" for one in assets} - {""}
    return {
        "languages": sorted(languages),
        "countries": sorted(countries),
        "sectors": sorted(sectors),
        "organizations": sorted(organizations),
    }


def _detail(asked: Asked) -> Reply:
    if asked.renderer in {AS_XFORM, AS_XLSFORM}:
        return download(asked, asked.renderer.format)
    return asked.linked(_finished(asked, [detail_of(asked, asked.existing)])[0])


def _finished(asked: Asked, assets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    excluded = set(asked.info.query.get("exclude", "").split(","))
    return [
        {name: value for name, value in _formatted(asked, one).items() if name not in excluded}
        for one in assets
    ]


def _formatted(asked: Asked, asset: dict[str, Any]) -> dict[str, Any]:
    """Carry the format of the request over into links, as the server does.

    A suffix goes to three of them [asset_dotjson]; `?format=json` goes to all that are made
    with a router, and into the middle of the download links [assets_format_json].
    """
    if asked.suffix:
        changed = {name: _suffixed(asset[name], asked.suffix) for name in ("url", "owner", "data")}
        return {**asset, **changed}
    wanted = asked.info.query.get("format")
    if not wanted:
        return asset
    tail = f"?format={wanted}"
    return {
        **asset,
        **{name: asset[name] + tail for name in ("url", "owner", "data")},
        "permissions": [
            {**one, **{name: one[name] + tail for name in ("url", "user", "permission")}}
            for one in asset["permissions"]
        ],
        "downloads": [
            {**one, "url": f"{asset['url']}{tail}.{one['format']}"} for one in asset["downloads"]
        ],
    }


def _suffixed(url: str, suffix: str) -> str:
    return f"{url.rstrip('/')}.{suffix}"


def _versions(asked: Asked) -> Reply:
    versions = asked.existing.versions
    if asked.info.query.get("deployed") == "true":
        versions = [one for one in versions if one["date_deployed"]]
    return asked.listed(versions, _without_content)


def _without_content(version: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in version.items() if name != "content"}


def _version(asked: Asked) -> Reply:
    for version in asked.existing.versions:
        if version["uid"] == asked.params["version"]:
            return asked.linked(version)
    raise RefusedError(404, {"detail": "No AssetVersion matches the given query."})


def _refuse_write(asked: Asked) -> Reply:
    """Refuse a method that the header names and that does nothing: versions are read-only."""
    raise not_allowed(asked.info.method)


LIST = View(
    allow="GET, POST, HEAD, OPTIONS", handlers={"GET": _list, "POST": create}, check=_check_list
)
DETAIL = View(
    allow="GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
    handlers={"GET": _detail, "PUT": replace, "PATCH": update, "DELETE": delete},
    check=check_asset,
    renderers=ASSET,
)
VERSIONS = View(
    allow="GET, POST, HEAD, OPTIONS",
    handlers={"GET": _versions, "POST": _refuse_write},
    check=check_asset,
)
VERSION = View(
    allow="GET, PUT, PATCH, DELETE, HEAD, OPTIONS",
    handlers={"GET": _version, **dict.fromkeys(("PUT", "PATCH", "DELETE"), _refuse_write)},
    check=check_asset,
)
