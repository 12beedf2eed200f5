"""Tokens in the keyring of the system, one for each server (extra `keyring`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kobo_async.config.credentials import Secret
from kobo_async.errors import ConfigError
from kobo_async.extras import needed

if TYPE_CHECKING:
    from types import ModuleType

SERVICE: Final = "kobo-async"
"""The name under which the keyring shows them; the name of the account is the server's address."""


def remembered(server: str) -> Secret | None:
    """Return the token for a server, if there is a keyring and it has one.

    Raises:
        ConfigError: where there is a keyring that does not open.
    """
    try:
        ring = _ring()
    except ConfigError:
        return None
    try:
        token = ring.get_password(SERVICE, server)
    except ring.errors.NoKeyringError:
        return None
    except ring.errors.KeyringError as error:
        raise ConfigError(f"the keyring of the system does not open: {error}") from error
    return None if token is None else Secret(token)


def remember(server: str, token: Secret) -> None:
    """Put the token for a server into the keyring, in the place of an earlier one.

    Raises:
        ConfigError: where there is no keyring, or it does not take it.
    """
    ring = _ring()
    try:
        ring.set_password(SERVICE, server, token.reveal())
    except ring.errors.KeyringError as error:
        raise ConfigError(
            f"the keyring of the system does not take it: {error}. A token_file that only you can "
            "read does as well"
        ) from error


def forget(server: str) -> bool:
    """Take the token for a server out of the keyring, and tell whether there was one.

    Raises:
        ConfigError: where there is no keyring, or it does not open.
    """
    found = remembered(server) is not None
    if found:
        _ring().delete_password(SERVICE, server)
    return found


def _ring() -> ModuleType:
    with needed("keyring"):
        import keyring  # noqa: PLC0415 - an extra
        import keyring.errors  # noqa: PLC0415
    return keyring
