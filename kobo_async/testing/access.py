"""What the checks of the views have in common: who asks, and what they may do."""

from __future__ import annotations

from typing import Final

from kobo_async.testing.auth import CHALLENGE
from kobo_async.testing.messages import FORBIDDEN, NOT_FOUND, UNAUTHENTICATED, RefusedError
from kobo_async.testing.users import User
from kobo_async.testing.views import Asked

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""


def signed_in(asked: Asked) -> User:
    """Return the account, or refuse anonymous users: 401."""
    if asked.user is None:
        raise RefusedError(401, UNAUTHENTICATED, CHALLENGE)
    return asked.user


def held(asked: Asked) -> set[str]:
    """Return what the user holds on the asset the path names."""
    return asked.existing.grants.of(asked.info.user, superuser=asked.superuser)


def check_seen(asked: Asked) -> None:
    """Hide the asset the path names from those who may not see it: 404."""
    form = asked.form
    if form is None or not form.can_view(asked.info.user, superuser=asked.superuser):
        raise RefusedError(404, NOT_FOUND)


def check_held(asked: Asked, permission: str) -> None:
    """Refuse anonymous users with 401, and those without a permission with 403."""
    signed_in(asked)
    if permission not in held(asked):
        raise RefusedError(403, FORBIDDEN)
