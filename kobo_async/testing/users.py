"""Accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import attrs

ANONYMOUS_UID: Final = "uAnonymousUser00000000"


@attrs.define
class User:
    """One account. `token` is None after it was deleted, `details` are `extra_details`."""

    username: str
    password: str
    token: str | None
    superuser: bool
    uid: str
    organization: str
    joined: datetime
    details: dict[str, Any] = attrs.field(factory=dict)

    @property
    def email(self) -> str:
        """E-mail address; never accepted in place of the user name (observed §1)."""
        return f"{self.username}@example.com"
