"""Assets: projects, library items and collections (`models §2`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

import attrs

from kobo_async.models.convert import Model
from kobo_async.models.file import AssetFile
from kobo_async.models.version import DeployedVersions

COSTLY: Final = ("content", "deployment__links")
"""Fields that are large, or that the server asks Enketo for: `exclude` spares them."""
AssetType: TypeAlias = Literal[
    "survey", "template", "block", "question", "collection", "text", "empty"
]
CloneType: TypeAlias = Literal["survey", "template", "block", "question"]
BulkAction: TypeAlias = Literal["archive", "unarchive", "undelete"]
Sharing: TypeAlias = Literal["private", "shared", "public", "public-discoverable"]
Ordering: TypeAlias = Literal[
    "asset_type",
    "-asset_type",
    "date_modified",
    "-date_modified",
    "date_deployed",
    "-date_deployed",
    "name",
    "-name",
    "owner__username",
    "-owner__username",
    "last_modified_by",
    "-last_modified_by",
    "subscribers_count",
    "-subscribers_count",
    "_deployment_status",
    "-_deployment_status",
]


@attrs.frozen(kw_only=True)
class Download(Model):
    """Where a form definition can be had in another format."""

    format: str
    url: str


@attrs.frozen(kw_only=True)
class Asset(Model):
    """A project, library item or collection.

    Lists leave out what only the detail has, such as `content`; it reads as None here.
    `deployment__submission_count` is None for a caller who may see only some rows, and may be a
    little off for everyone (`observed §3`): count the data instead.

    Known values of `asset_type`: `text`, `empty`, `question`, `block`, `survey`, `template`,
    `collection`; of `deployment_status`: `deployed`, `draft`, `archived`, and `-` for library
    items; of `status`: `private`, `shared`, `public`, `public-discoverable`. `version_id` differs
    from `deployed_version_id` when there are changes that are not deployed.
    """

    uid: str
    name: str
    asset_type: str
    url: str = ""
    kind: str = "asset"
    owner: str = ""
    owner__username: str = ""
    owner_label: str = ""
    parent: str | None = None
    settings: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    summary: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    tag_string: str = ""
    date_created: datetime | None = None
    date_modified: datetime | None = None
    date_deployed: datetime | None = None
    version_id: str | None = None
    deployed_version_id: str | None = None
    has_deployment: bool = False
    deployment__active: bool = False
    deployment_status: str = ""
    deployment__submission_count: int | None = None
    deployment__last_submission_time: datetime | None = None
    deployment__encrypted: bool = False
    deployment__uuid: str | None = None
    permissions: Sequence[Any] = attrs.field(factory=list, repr=False)
    export_settings: Sequence[Any] = attrs.field(factory=list, repr=False)
    downloads: Sequence[Download] = attrs.field(factory=list, repr=False)
    data: str = attrs.field(default="", repr=False)
    children: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    subscribers_count: int = 0
    status: str = ""
    access_types: Sequence[str] | None = None
    data_sharing: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    created_by: str | None = None
    last_modified_by: str | None = None
    content: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    files: Sequence[AssetFile] | None = attrs.field(default=None, repr=False)
    version__content_hash: str | None = None
    version_count: int | None = None
    deployed_versions: DeployedVersions | None = attrs.field(default=None, repr=False)
    deployment__links: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    deployment__data_download_links: Any = attrs.field(default=None, repr=False)
    report_styles: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    report_custom: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    map_styles: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    map_custom: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    advanced_features: Any = attrs.field(default=None, repr=False)
    analysis_form_json: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    embeds: Sequence[Download] | None = attrs.field(default=None, repr=False)
    xform_link: str | None = attrs.field(default=None, repr=False)
    xls_link: str | None = attrs.field(default=None, repr=False)
    hooks_link: str | None = attrs.field(default=None, repr=False)
    exports: str | None = attrs.field(default=None, repr=False)
    paired_data: str | None = attrs.field(default=None, repr=False)
    assignable_permissions: Sequence[Any] | None = attrs.field(default=None, repr=False)
    effective_permissions: Sequence[Mapping[str, Any]] | None = attrs.field(
        default=None, repr=False
    )
    project_ownership: Mapping[str, Any] | None = attrs.field(default=None, repr=False)

    def allows(self, codename: str) -> bool | None:
        """Tell whether the caller holds a permission, such as `view_submissions`.

        None where the reply does not say, as in lists.
        """
        if self.effective_permissions is None:
            return None
        return any(held.get("codename") == codename for held in self.effective_permissions)


@attrs.frozen(kw_only=True)
class MinimalAsset(Model):
    """What the shortest list tells of an asset. `deployment_status` is as in `Asset`."""

    uid: str
    name: str
    deployment_status: str | None = None


@attrs.frozen(kw_only=True)
class AssetContent(Model):
    """The content of a form under its kind: `asset.content` or `asset.valid_content`."""

    kind: str
    uid_asset: str
    data: Mapping[str, Any] = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class SubmissionCounts(Model):
    """Submissions by day of arrival; days without any are absent.

    The total is None for a caller who may see only some rows, and may be a little off.
    """

    daily_submission_counts: Mapping[str, int]
    total_submission_count: int | None


@attrs.frozen(kw_only=True)
class StatusCounts(Model):
    """How many projects are in which state of deployment."""

    deployed_count: int
    archived_count: int
    draft_count: int


@attrs.frozen(kw_only=True)
class AssetsHash(Model):
    """A checksum of the version ids of all visible forms."""

    hash: str


@attrs.frozen(kw_only=True)
class AssetsMetadata(Model):
    """What the visible assets have in common: values that a filter can offer.

    Countries and sectors are pairs of code and label.
    """

    languages: Sequence[str | None]
    countries: Sequence[Sequence[str]]
    sectors: Sequence[Sequence[str]]
    organizations: Sequence[str]


@attrs.frozen(kw_only=True)
class BulkOutcome(Model):
    """What the server says of an action on several assets, such as `2 projects have been deleted`.

    The text is for people: it comes in the language of the request.
    """

    detail: str
