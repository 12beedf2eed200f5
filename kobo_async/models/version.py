"""Versions and deployments of a form (`models §4, §6`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from kobo_async.models.convert import FALSE_FOR_NONE, Model


@attrs.frozen(kw_only=True)
class Version(Model):
    """A saved state of a form.

    `version_number` is a text: "12" is the twelfth deployment, "11.4" the fourth change after the
    eleventh. `date_deployed` is None for a version that was never deployed. Lists leave out
    `content`; it reads as None here.
    """

    uid: str
    url: str
    content_hash: str
    date_modified: datetime
    version_number: str
    date_deployed: datetime | None = attrs.field(default=None, metadata=FALSE_FOR_NONE)
    content: Mapping[str, Any] | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class DeployedVersions(Model):
    """The newest hundred deployed versions, as the detail of an asset shows them.

    `next` is no usable link: `versions.list(uid, deployed=True)` reads them all.
    """

    count: int
    next: str | None
    previous: str | None
    results: Sequence[Version]
