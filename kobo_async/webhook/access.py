"""Who may deliver: whoever knows the secret, since the server signs nothing (`api-facts §4.11`)."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

import attrs

from kobo_async.config import Secret
from kobo_async.errors import ConfigError

HEADER: Final = "X-Kobo-Secret"
Headers: TypeAlias = Iterable[tuple[bytes, bytes]]


def _sendable(_: object, __: object, secret: Secret) -> None:
    text = secret.reveal()
    if not text or text != text.strip() or not text.isascii() or not text.isprintable():
        raise ConfigError(
            "the secret is ASCII text that goes into an HTTP header, and is not empty: "
            "python -c 'import secrets; print(secrets.token_urlsafe())' makes one"
        )


@attrs.frozen
class SharedSecret:
    """A secret in a header, one of the `custom_headers` of a REST service."""

    secret: Secret = attrs.field(converter=Secret, validator=_sendable)
    header: str = HEADER

    def admits(self, headers: Headers) -> bool:
        """Tell whether a request knows the secret."""
        return _shows(headers, self.header.lower().encode(), self.secret.reveal().encode())


@attrs.frozen
class BasicLogin:
    """User name and password of a REST service with basic authentication."""

    username: str
    secret: Secret = attrs.field(converter=Secret, validator=_sendable)

    def admits(self, headers: Headers) -> bool:
        """Tell whether a request knows user name and password."""
        login = base64.b64encode(f"{self.username}:{self.secret.reveal()}".encode())
        return _shows(headers, b"authorization", b"Basic " + login)


@attrs.frozen
class Anybody:
    """No check: for a receiver that nobody else can reach."""

    def admits(self, headers: Headers) -> bool:  # noqa: ARG002 - as the others
        """Let everybody in."""
        return True


Access: TypeAlias = SharedSecret | BasicLogin | Anybody


def granted(access: Any, *, insecure: bool) -> Access:
    """Return who may deliver; a text is a shared secret.

    Raises:
        ConfigError: without a secret, unless that is what is wanted.
    """
    if isinstance(access, str | Secret):
        return SharedSecret(Secret(access))
    if access is not None:
        found: Access = access
        return found
    if insecure:
        return Anybody()
    raise ConfigError(
        "a receiver without a secret believes everybody: give access=SharedSecret(...), "
        "or insecure=True where nobody else can reach it"
    )


def _shows(headers: Headers, name: bytes, wanted: bytes) -> bool:
    """Compare in constant time; a header that stands twice shows nothing."""
    shown = [value for key, value in headers if key.lower() == name]
    return len(shown) == 1 and hmac.compare_digest(shown[0], wanted)
