"""The paths of those who manage projects."""

from __future__ import annotations

from typing import Final

from kobo_async.testing import (
    views_assetbulk,
    views_assetextras,
    views_assetlists,
    views_deployment,
    views_exports,
    views_exportsettings,
    views_files,
    views_hooks,
    views_imports,
    views_organizations,
    views_ownership,
    views_paired,
    views_site,
    views_snapshots,
)
from kobo_async.testing.paths import ASSET, SLASH, SUFFIX, V2
from kobo_async.testing.views import View

_FILE: Final = rf"{ASSET}/files/(?P<file>[^/]+)"
_SETTING: Final = rf"{ASSET}/export-settings/(?P<setting>[^/]+)"
_HOOK: Final = rf"{ASSET}/hooks/(?P<hook>[^/]+)"
_PAIR: Final = rf"{ASSET}/paired-data/(?P<pair>[^/]+)"
_ORGANIZATION: Final = rf"{V2}/organizations/(?P<organization>[^/]+)"
_SNAPSHOT: Final = rf"{V2}/asset_snapshots/(?P<snapshot>[^/.]+)"
PATHS: Final[tuple[tuple[str, View], ...]] = (
    (rf"{V2}/assets/bulk{SLASH}", views_assetbulk.BULK),
    (rf"{V2}/assets/hash{SLASH}", views_assetlists.HASH),
    (rf"{V2}/assets/metadata{SLASH}", views_assetlists.METADATA),
    (rf"{V2}/assets/counts{SLASH}", views_assetlists.COUNTS),
    (rf"{V2}/assets/minimal-list{SLASH}", views_assetlists.MINIMAL),
    (rf"{ASSET}/content{SLASH}", views_assetextras.CONTENT),
    (rf"{ASSET}/valid_content{SLASH}", views_assetextras.VALID_CONTENT),
    (rf"{ASSET}/(?:table_view|xls){SLASH}", views_assetextras.TABLE),
    (rf"{ASSET}/xform{SLASH}", views_assetextras.XFORM),
    (rf"{ASSET}/counts{SLASH}", views_assetextras.COUNTS),
    (rf"{ASSET}/reports{SLASH}", views_assetextras.REPORTS),
    (rf"{ASSET}/deployment{SLASH}", views_deployment.DEPLOYMENT),
    (rf"{ASSET}/files{SLASH}", views_files.LIST),
    (rf"{_FILE}{SLASH}", views_files.DETAIL),
    (rf"{_FILE}/content{SLASH}", views_files.CONTENT),
    (rf"{ASSET}/exports{SLASH}", views_exports.LIST),
    (rf"{ASSET}/exports/(?P<export>[^/]+){SLASH}", views_exports.DETAIL),
    (rf"{ASSET}/export-settings{SLASH}", views_exportsettings.LIST),
    (rf"{_SETTING}{SLASH}", views_exportsettings.DETAIL),
    (rf"{_SETTING}/data{SUFFIX}", views_exportsettings.DATA),
    (r"/private-media/.+$", views_exports.PRIVATE),
    (rf"{ASSET}/hooks{SLASH}", views_hooks.LIST),
    (rf"{_HOOK}{SLASH}", views_hooks.DETAIL),
    (rf"{_HOOK}/retry{SLASH}", views_hooks.RETRY),
    (rf"{_HOOK}/logs{SLASH}", views_hooks.LOGS),
    (rf"{_HOOK}/logs/(?P<log>[^/]+){SLASH}", views_hooks.LOG),
    (rf"{_HOOK}/logs/(?P<log>[^/]+)/retry{SLASH}", views_hooks.LOG_RETRY),
    (rf"{V2}/imports{SLASH}", views_imports.LIST),
    (rf"{V2}/imports/(?P<task>[^/]+){SLASH}", views_imports.DETAIL),
    (rf"{ASSET}/paired-data{SLASH}", views_paired.LIST),
    (rf"{_PAIR}{SLASH}", views_paired.DETAIL),
    (rf"{_PAIR}/external\.xml$", views_paired.EXTERNAL),
    (rf"{V2}/organizations{SLASH}", views_organizations.LIST),
    (rf"{_ORGANIZATION}{SLASH}", views_organizations.DETAIL),
    (rf"{_ORGANIZATION}/members{SLASH}", views_organizations.MEMBERS),
    (rf"{_ORGANIZATION}/members/(?P<username>[^/]+){SLASH}", views_organizations.MEMBER),
    (rf"{_ORGANIZATION}/assets{SLASH}", views_organizations.ASSETS),
    (rf"{_ORGANIZATION}/invites{SLASH}", views_organizations.INVITES),
    (rf"{_ORGANIZATION}/asset_usage{SLASH}", views_organizations.ASSET_USAGE),
    (rf"{_ORGANIZATION}/service_usage{SLASH}", views_organizations.SERVICE_USAGE),
    (rf"{V2}/asset_usage{SLASH}", views_organizations.OWN_ASSET_USAGE),
    (rf"{V2}/service_usage{SLASH}", views_organizations.OWN_SERVICE_USAGE),
    (rf"{V2}/languages{SLASH}", views_site.LANGUAGES),
    (rf"{V2}/languages/(?P<language>[^/]+){SLASH}", views_site.LANGUAGE),
    (rf"{V2}/trans(?:cription|lation)-services{SLASH}", views_site.SERVICES),
    (rf"{V2}/terms-of-service{SLASH}", views_site.TERMS),
    (rf"{V2}/tags{SLASH}", views_site.TAGS),
    (rf"{V2}/project-views{SLASH}", views_site.PROJECT_VIEWS),
    (rf"{V2}/asset_subscriptions{SLASH}", views_site.SUBSCRIPTIONS),
    (rf"{V2}/access-logs{SLASH}", views_site.ALL_LOGS),
    (rf"{V2}/access-logs/me{SLASH}", views_site.OWN_LOGS),
    (rf"{V2}/access-logs/me/export{SLASH}", views_site.LOG_EXPORTS),
    (rf"{V2}/asset_snapshots{SLASH}", views_snapshots.LIST),
    (rf"{_SNAPSHOT}{SUFFIX}", views_snapshots.DETAIL),
    (rf"{_SNAPSHOT}/preview{SLASH}", views_snapshots.PREVIEW),
    (rf"{V2}/project-ownership/invites{SLASH}", views_ownership.LIST),
    (rf"{V2}/project-ownership/invites/(?P<invite>[^/]+){SLASH}", views_ownership.DETAIL),
)
