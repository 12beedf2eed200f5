"""Snapshots: forms made into XForms, to look at (`models §5`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from kobo_async.models.convert import Model


@attrs.frozen(kw_only=True)
class SnapshotDetails(Model):
    """How the conversion went. `status` is `success` or `failure`."""

    status: str = ""
    warnings: Sequence[Any] = attrs.field(factory=list)


@attrs.frozen(kw_only=True)
class Snapshot(Model):
    """A form as it was at one moment, with its XForm.

    Whoever knows the URL in `xml` can read the form: it needs no credentials.
    """

    uid: str
    url: str
    date_created: datetime
    details: SnapshotDetails
    owner: str = ""
    xml: str = attrs.field(default="", repr=False)
    enketopreviewlink: str = attrs.field(default="", repr=False)
    asset: str | None = None
    asset_version_id: int | None = None
    source: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
