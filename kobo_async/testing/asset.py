"""The asset of a form: its fields as the detail and the list answer them (observed §3)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Final

import attrs
import orjson

from kobo_async.testing.paths import BASE
from kobo_async.testing.permissions import LIBRARY_TYPES, assignable
from kobo_async.testing.summary import report_styles, summary_of

DETAIL_ONLY: Final = frozenset(
    [
        "files",
        "version__content_hash",
        "version_count",
        "deployed_versions",
        "deployment__links",
        "deployment__data_download_links",
        "report_styles",
        "report_custom",
        "advanced_features",
        "map_styles",
        "map_custom",
        "content",
        "embeds",
        "analysis_form_json",
        "xform_link",
        "hooks_link",
        "xls_link",
        "assignable_permissions",
        "effective_permissions",
        "exports",
        "paired_data",
        "project_ownership",
    ]
)
_LINKS: Final = {
    "url": "{e}",
    "single_url": "single/{e}",
    "single_once_url": "single/once{e}",
    "offline_url": "x/{e}",
    "preview_url": "preview/{e}",
    "iframe_url": "i/{e}",
    "single_iframe_url": "single/i/{e}",
    "single_once_iframe_url": "single/once/i/{e}",
}


@attrs.frozen
class AssetFacts:
    """What an asset is made from."""

    uid: str
    name: str
    owner: str
    asset_type: str
    content: dict[str, Any]
    version_uid: str
    form_uuid: str
    created: datetime
    deployed: bool


def stamp(moment: datetime) -> str:
    """Write a moment as the API does, with microseconds."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


def content_hash(content: dict[str, Any]) -> str:
    """Return what tells two contents apart."""
    return hashlib.sha1(orjson.dumps(content)).hexdigest()  # noqa: S324 - what the API shows


def make_version(facts: AssetFacts) -> dict[str, Any]:
    """Return the one version of a new asset, with its content."""
    return {
        "uid": facts.version_uid,
        "url": f"{BASE}/api/v2/assets/{facts.uid}/versions/{facts.version_uid}/",
        "content_hash": content_hash(facts.content),
        "date_deployed": stamp(facts.created) if facts.deployed else False,
        "date_modified": stamp(facts.created),
        "version_number": "1" if facts.deployed else "0.1",
        "content": facts.content,
    }


def make_asset(facts: AssetFacts, version: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a new asset that do not depend on who looks."""
    own = f"{BASE}/api/v2/assets/{facts.uid}"
    return {
        **_description(facts),
        **_versions(facts, version),
        **deployment_of(facts),
        **_links(own),
        **_sharing(facts),
        "url": f"{own}/",
        "content": facts.content,
        "files": [],
        "export_settings": [],
        "analysis_form_json": {"additional_fields": []},
        "project_ownership": None,
    }


def _description(facts: AssetFacts) -> dict[str, Any]:
    is_collection = facts.asset_type == "collection"
    return {
        "uid": facts.uid,
        "kind": "asset",
        "name": facts.name,
        "asset_type": facts.asset_type,
        "settings": _settings(facts.asset_type),
        "summary": {} if is_collection else summary_of(facts.content),
        "tag_string": "",
        "date_created": stamp(facts.created),
        "date_modified": stamp(facts.created),
        "date_deployed": stamp(facts.created) if facts.deployed else None,
        "report_styles": {} if is_collection else report_styles(facts.content),
        "report_custom": {},
        "advanced_features": {} if is_collection else {"_version": "20250820"},
        "map_styles": {},
        "map_custom": {},
    }


def _versions(facts: AssetFacts, version: dict[str, Any]) -> dict[str, Any]:
    is_collection = facts.asset_type == "collection"
    listed = {name: value for name, value in version.items() if name != "content"}
    return {
        "version_id": None if is_collection else facts.version_uid,
        "version__content_hash": None if is_collection else version["content_hash"],
        "version_count": 0 if is_collection else 1,
        "has_deployment": facts.deployed,
        "deployed_version_id": facts.version_uid if facts.deployed else None,
        "deployed_versions": {
            "count": int(facts.deployed),
            "next": None,
            "previous": None,
            "results": [listed] if facts.deployed else [],
        },
    }


def _links(own: str) -> dict[str, Any]:
    return {
        "downloads": [{"format": one, "url": f"{own}.{one}"} for one in ("xls", "xml")],
        "embeds": [{"format": one, "url": f"{own}/{one}/"} for one in ("xls", "xform")],
        "xform_link": f"{own}/xform/",
        "hooks_link": f"{own}/hooks/",
        "xls_link": f"{own}/xls/",
        "exports": f"{own}/exports/",
        "data": f"{own}/data/",
        "paired_data": f"{own}/paired-data/",
    }


def _sharing(facts: AssetFacts) -> dict[str, Any]:
    return {
        "owner": f"{BASE}/api/v2/users/{facts.owner}/",
        "owner__username": facts.owner,
        "owner_label": facts.owner,
        "created_by": facts.owner,
        "last_modified_by": facts.owner,
        "parent": None,
        "assignable_permissions": assignable(facts.asset_type),
        "permissions": [],
        "effective_permissions": [],
        "children": {"count": 0},
        "subscribers_count": 0,
        "status": "private",
        "access_types": ["owned"] if facts.asset_type == "collection" else None,
        "data_sharing": {},
    }


def _settings(asset_type: str) -> dict[str, Any]:
    if asset_type in LIBRARY_TYPES:
        return {}
    return {
        "sector": {},
        "country": [],
        "description": "",
        "organization": "",
        "country_codes": [],
    }


def deployment_of(facts: AssetFacts) -> dict[str, Any]:
    """Return the fields that tell of the deployment."""
    own = f"{BASE}/{facts.owner}"
    links: dict[str, str] = {}
    downloads: dict[str, str] = {}
    if facts.deployed:
        enketo = f"e{facts.form_uuid[:8]}"
        links = {name: f"{BASE}/-/{path.format(e=enketo)}" for name, path in _LINKS.items()}
        downloads = {
            f"{one}_legacy": f"{own}/exports/{facts.uid}/{one}/" for one in ("xls", "csv", "zip")
        }
        downloads["xls"] = f"{own}/reports/{facts.uid}/export.xlsx"
        downloads["csv"] = f"{own}/reports/{facts.uid}/export.csv"
    status = "-" if facts.asset_type in LIBRARY_TYPES else "draft"
    return {
        "deployment__links": links,
        "deployment__active": facts.deployed,
        "deployment__data_download_links": downloads,
        "deployment__submission_count": 0,
        "deployment__last_submission_time": None,
        "deployment__encrypted": False,
        "deployment__uuid": facts.form_uuid if facts.deployed else None,
        "deployment_status": "deployed" if facts.deployed else status,
    }


def list_item(asset: dict[str, Any]) -> dict[str, Any]:
    """Return what the list shows of an asset: 22 keys fewer."""
    return {name: value for name, value in asset.items() if name not in DETAIL_ONLY}
