"""Imports of XLSForms (`models §10.3`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from kobo_async.models.convert import Model

UNFINISHED = ("created", "processing")


@attrs.frozen(kw_only=True)
class ImportedAsset(Model):
    """An asset that an import made or changed. `kind` is `asset` or `collection`."""

    uid: str
    kind: str = "asset"
    summary: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    owner__username: str = ""


@attrs.frozen(kw_only=True)
class ImportMessages(Model):
    """What became of an import: assets, or an error for people and its type."""

    created: Sequence[ImportedAsset] = attrs.field(factory=list)
    updated: Sequence[ImportedAsset] = attrs.field(factory=list)
    error: str | None = None
    error_type: str | None = None


@attrs.frozen(kw_only=True)
class ImportTask(Model):
    """An import on its way. `status` is `created`, `processing`, `complete` or `error`."""

    uid: str
    status: str
    url: str | None = None
    messages: ImportMessages = attrs.field(factory=ImportMessages)
    date_created: datetime | None = None

    @property
    def finished(self) -> bool:
        """Whether there is nothing to wait for any more, be it success or failure."""
        return self.status not in UNFINISHED

    @property
    def asset_uids(self) -> Sequence[str]:
        """Uids of the assets that were made or changed."""
        return [asset.uid for asset in (*self.messages.created, *self.messages.updated)]
