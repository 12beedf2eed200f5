"""Ways to read all rows of a project, one module each, with a function `fetch(job)`.

A function `prepare(job)` may import what `fetch` needs: it runs outside the clock.

Each is written as somebody who knows the library would write it. All count the rows and add up
their ids, which is checked against what the server holds.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

import attrs

PAGE_SIZE = 1000
TOKEN = "benchmark"


@attrs.frozen(kw_only=True)
class Job:
    """What to read, and how."""

    url: str
    uid: str
    core: int | None = None
    ca: str | None = None
    options: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def path(self) -> str:
        """Path of the data list."""
        return f"/api/v2/assets/{self.uid}/data/"

    @property
    def trust(self) -> Any:
        """Which certificates to trust, as an SSL context; True for those of the machine."""
        return ssl.create_default_context(cafile=self.ca) if self.ca else True


@attrs.define
class Seen:
    """What was read. `id_sum` is None where rows were not looked into."""

    rows: int = 0
    id_sum: int | None = 0
    extra: dict[str, Any] = attrs.Factory(dict)
