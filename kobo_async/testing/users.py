"""Accounts."""

from __future__ import annotations

from datetime import datetime

import attrs


@attrs.define
class User:
    """One account. `token` is None after it was deleted."""

    username: str
    password: str
    token: str | None
    superuser: bool
    uid: str
    organization: str
    joined: datetime

    @property
    def email(self) -> str:
        """E-mail address; never accepted in place of the user name (observed §1)."""
        return f"{self.username}@example.com"
