"""The paths of submissions and of those who may do something with them."""

from __future__ import annotations

from typing import Final

from kobo_async.testing import (
    views_advanced,
    views_audio,
    views_briefcase,
    views_bulk,
    views_data,
    views_history,
    views_media,
    views_openrosa,
    views_permissions,
    views_rows,
    views_supplements,
    views_users,
)
from kobo_async.testing.paths import ASSET, ROW, SLASH, SUFFIX, V2
from kobo_async.testing.views import View

_FILE: Final = rf"{ROW}/attachments/(?P<attachment>[^/]+)"
_ASSIGNMENTS: Final = rf"{ASSET}/permission-assignments"
_FEATURES: Final = rf"{ASSET}/advanced-features"
_OWNER: Final = r"(?:/(?P<owner>[^/]+))?"
PATHS: Final[tuple[tuple[str, View], ...]] = (
    (rf"{ASSET}/data{SUFFIX}", views_data.LIST),
    (rf"{ASSET}/data/bulk{SLASH}", views_bulk.BULK),
    (rf"{ASSET}/data/validation_statuses{SLASH}", views_bulk.STATUSES_OF_ROWS),
    (rf"{ASSET}/data/supplements/bulk{SLASH}", views_advanced.BULK_ACCEPT),
    (rf"{ROW}{SUFFIX}", views_rows.DETAIL),
    (rf"{ROW}/supplement{SLASH}", views_supplements.DETAIL),
    (rf"{_FEATURES}{SLASH}", views_advanced.LIST),
    (rf"{_FEATURES}/bulk-actions{SLASH}", views_advanced.BULK_ACTIONS),
    (rf"{_FEATURES}/bulk-actions/(?P<action>[^/]+){SLASH}", views_advanced.BULK_ACTION),
    (rf"{_FEATURES}/(?P<feature>[^/]+){SLASH}", views_advanced.DETAIL),
    (rf"{ASSET}/qual-questions/(?P<question>[^/]+)/tags{SLASH}", views_advanced.TAGS),
    (rf"{ROW}/duplicate{SLASH}", views_rows.DUPLICATE),
    (rf"{ROW}/validation_status{SLASH}", views_rows.STATUS),
    (rf"{ROW}/edit{SLASH}", views_rows.LEGACY_EDIT),
    (rf"{ROW}/enketo/edit{SLASH}", views_rows.EDIT_LINK),
    (rf"{ROW}/enketo/view{SLASH}", views_rows.VIEW_LINK),
    (rf"{ROW}/enketo/redirect/edit{SLASH}", views_rows.EDIT_REDIRECT),
    (rf"{ROW}/enketo/redirect/view{SLASH}", views_rows.VIEW_REDIRECT),
    (rf"{ROW}/attachments{SLASH}", views_media.FILES),
    (rf"{_FILE}(?:/(?:small|medium|large))?{SLASH}", views_media.FILE),
    (rf"{ASSET}/attachments/bulk{SLASH}", views_media.DELETE_MANY),
    (rf"{ASSET}/attachments/audio-duration{SLASH}", views_audio.DURATIONS),
    (rf"{ASSET}/attachments/(?P<attachment>[^/]+){SLASH}", views_media.DELETE_ONE),
    (rf"{ASSET}/history{SLASH}", views_history.LIST),
    (rf"{ASSET}/history/actions{SLASH}", views_history.ACTIONS),
    (rf"{ASSET}/history/export{SLASH}", views_history.EXPORT),
    (rf"{_ASSIGNMENTS}{SLASH}", views_permissions.LIST),
    (rf"{_ASSIGNMENTS}/bulk{SLASH}", views_permissions.BULK),
    (rf"{_ASSIGNMENTS}/clone{SLASH}", views_permissions.CLONE),
    (rf"{_ASSIGNMENTS}/(?P<assignment>[^/]+){SLASH}", views_permissions.DETAIL),
    (rf"{V2}/permissions{SUFFIX}", views_permissions.CATALOG_VIEW),
    (rf"{V2}/permissions/(?P<permission>[^/.]+){SUFFIX}", views_permissions.PERMISSION),
    (rf"{V2}/users{SUFFIX}", views_users.LIST),
    (rf"{V2}/users/(?P<username>[^/]+){SLASH}", views_users.DETAIL),
    (rf"{_OWNER}/formList$", views_openrosa.FORM_LIST),
    (rf"{_OWNER}/forms/(?P<form>[0-9]+)/form\.xml$", views_openrosa.XFORM),
    (rf"{_OWNER}/xformsManifest/(?P<form>[0-9]+)$", views_openrosa.MANIFEST),
    (
        rf"{_OWNER}/xformsMedia/(?P<form>[0-9]+)/(?P<file>[0-9]+)(?:\.\w+)?$",
        views_openrosa.MEDIUM,
    ),
    (rf"{_OWNER}/submission$", views_openrosa.SUBMISSION),
    (r"/view/submissionList$", views_briefcase.LIST),
    (r"/view/downloadSubmission$", views_briefcase.DOWNLOAD),
)
