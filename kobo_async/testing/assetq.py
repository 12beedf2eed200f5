"""The query language of the asset list, `q=` (observed §3, api-facts §4.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from kobo_async.testing.assetfields import uid_of
from kobo_async.testing.qlanguage import Language, Thing

_ROOTS: Final = frozenset(
    [
        "_deployment_status",
        "_deployment_data",
        "asset_type",
        "date_created",
        "date_deployed",
        "date_modified",
        "name",
        "owner",
        "parent",
        "search_field",
        "settings",
        "status",
        "summary",
        "tags",
        "uid",
        "data_sharing",
        "last_modified_by",
    ]
)


def _texts(asset: Thing) -> tuple[Any, ...]:
    return (
        asset["name"],
        asset["owner__username"],
        asset["settings"].get("description"),
        orjson.dumps(asset["summary"]).decode(),
        asset["tag_string"],
        asset["uid"],
    )


def _find(asset: Thing, names: list[str]) -> Any:
    match names:
        case ["_deployment_status"]:
            status = asset["deployment_status"]
            return None if status == "-" else status
        case ["owner", "username"]:
            return asset["owner__username"]
        case ["parent", "uid"]:
            parent = asset["parent"]
            return parent and uid_of(parent)
        case ["tags", *_]:
            return asset["tag_string"]
    found: Any = asset
    for name in names:
        found = found.get(name.removesuffix("[]")) if isinstance(found, Mapping) else None
    return found


ASSETS: Final = Language(
    roots=_ROOTS,
    refused=re.compile(r"owner__email|content\b|created_by\b|permissions\b"),
    texts=_texts,
    find=_find,
)
