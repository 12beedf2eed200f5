"""The deployment of a project (`models §6`)."""

from __future__ import annotations

import attrs

from kobo_async.models.asset import Asset
from kobo_async.models.convert import Model


@attrs.frozen(kw_only=True)
class Deployment(Model):
    """A form that collects data, or did until it was archived.

    `version_id` is the deployed version. `backend` is `openrosa`, or `kobocat` on old projects,
    which means the same.
    """

    backend: str
    active: bool
    version_id: str
    asset: Asset = attrs.field(repr=False)
