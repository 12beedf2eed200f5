"""Terms of service (`models §5`)."""

from __future__ import annotations

import attrs

from kobo_async.models.convert import Model


@attrs.frozen(kw_only=True)
class Terms(Model):
    """One document of the terms; `body` is its text."""

    slug: str
    url: str = ""
    body: str = attrs.field(default="", repr=False)
