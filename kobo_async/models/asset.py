"""Assets: projects, library items and collections (`models §2`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from kobo_async.models.convert import Model


@attrs.frozen(kw_only=True)
class Asset(Model):
    """A project, library item or collection.

    Lists leave out what only the detail has, such as `content`; it reads as None here.
    `deployment__submission_count` is None for a caller who may see only some rows, and may be a
    little off for everyone (`observed §3`): count the data instead.
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
    downloads: Sequence[Any] = attrs.field(factory=list, repr=False)
    data: str = attrs.field(default="", repr=False)
    children: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    subscribers_count: int = 0
    status: str = ""
    access_types: Sequence[str] | None = None
    data_sharing: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    created_by: str | None = None
    last_modified_by: str | None = None
    content: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    files: Sequence[Any] | None = attrs.field(default=None, repr=False)
    version__content_hash: str | None = None
    version_count: int | None = None
    deployed_versions: Mapping[str, Any] | None = attrs.field(default=None, repr=False)
    effective_permissions: Sequence[Mapping[str, Any]] | None = attrs.field(
        default=None, repr=False
    )

    def allows(self, codename: str) -> bool | None:
        """Tell whether the caller holds a permission, such as `view_submissions`.

        None where the reply does not say, as in lists.
        """
        if self.effective_permissions is None:
            return None
        return any(held.get("codename") == codename for held in self.effective_permissions)
