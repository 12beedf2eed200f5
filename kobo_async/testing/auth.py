"""Who is asking (observed §1)."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import TYPE_CHECKING, Final

from kobo_async.testing.messages import RefusedError

if TYPE_CHECKING:
    from kobo_async.testing.server import FakeKobo

CHALLENGE: Final = {"www-authenticate": "Session"}
_TEXTS: Final = {
    "token": (
        "Invalid token header. No credentials provided.",
        "Invalid token header. Token string should not contain spaces.",
    ),
    "basic": (
        "Invalid basic header. No credentials provided.",
        "Invalid basic header. Credentials string should not contain spaces.",
    ),
}


def authenticate(fake: FakeKobo, header: str) -> str | None:
    """Return the user name, or None for anonymous.

    An unknown `Bearer` token and an unknown scheme are anonymous, not errors.
    """
    parts = header.split()
    scheme = parts[0].lower() if parts else ""
    if scheme == "bearer":
        return fake.bearer_tokens.get(parts[1]) if len(parts) > 1 else None
    if scheme not in _TEXTS:
        return None
    missing, spaced = _TEXTS[scheme]
    if len(parts) == 1:
        raise _refuse(missing)
    if len(parts) > 2:
        raise _refuse(spaced)
    return _by_token(fake, parts[1]) if scheme == "token" else _by_password(fake, parts[1])


def _by_token(fake: FakeKobo, key: str) -> str:
    for user in fake.users.values():
        if user.token == key:
            return user.username
    raise _refuse("Invalid token.")


def _by_password(fake: FakeKobo, credentials: str) -> str:
    try:
        username, _, password = b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _refuse("Invalid basic header. Credentials not correctly base64 encoded.") from None
    user = fake.users.get(username)
    if user is None or user.password != password:
        raise _refuse("Invalid username/password.")
    return username


def _refuse(text: str) -> RefusedError:
    return RefusedError(401, {"detail": text}, CHALLENGE)
