"""Windows on the projects of a country, for those they are assigned to (`models §17`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from kobo_async.models.convert import Model


@attrs.frozen(kw_only=True)
class ProjectView(Model):
    """A window on the projects and users of some countries."""

    uid: str
    name: str
    url: str = ""
    assets: str = attrs.field(default="", repr=False)
    assets_export: str = attrs.field(default="", repr=False)
    users: str = attrs.field(default="", repr=False)
    users_export: str = attrs.field(default="", repr=False)
    countries: Sequence[str] = ()
    permissions: Sequence[str] = ()
    assigned_users: Sequence[str] = attrs.field(default=(), repr=False)


@attrs.frozen(kw_only=True)
class ProjectViewAsset(Model):
    """A project as a window shows it: with its owner, without its form and its permissions."""

    uid: str
    name: str
    url: str = ""
    asset_type: str = ""
    owner: str = ""
    owner__username: str = ""
    owner__email: str | None = attrs.field(default=None, repr=False)
    owner__name: str | None = attrs.field(default=None, repr=False)
    owner__organization: str | None = attrs.field(default=None, repr=False)
    owner_label: str = ""
    date_created: datetime | None = None
    date_modified: datetime | None = None
    date_deployed: datetime | None = None
    settings: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    languages: Sequence[str | None] = ()
    has_deployment: bool = False
    deployment__active: bool = False
    deployment__submission_count: int | None = None
    deployment__encrypted: bool = False
    deployment__last_submission_time: datetime | None = None
    deployment__uuid: str | None = None
    deployment_status: str = ""
    downloads: Sequence[Mapping[str, Any]] = attrs.field(factory=list, repr=False)
    last_modified_by: str | None = None
    created_by: str | None = None


@attrs.frozen(kw_only=True)
class ProjectViewExport(Model):
    """The last export of a window; `status` is None where there was none."""

    status: str | None = None
    result: str | None = None
