"""Who asks, without showing it to whom it is no business of."""

from __future__ import annotations

from typing import Any, TypeAlias, final

import attrs

from kobo_async.errors import ConfigError


@final
class Secret:
    """A string that does not show itself: not when printed, logged, copied or pickled.

    Not an attrs class, so that `attrs.asdict` of what holds it does not lay it open.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str | Secret) -> None:
        if not isinstance(value, str | Secret):
            raise ConfigError(f"a secret is text, not {type(value).__name__}")
        self._value: str = value if isinstance(value, str) else value.reveal()

    def reveal(self) -> str:
        """Return the string."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return "Secret('***')"

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, _: object) -> Secret:
        return self

    def __reduce__(self) -> str:
        """Refuse to be pickled.

        Raises:
            TypeError: always.
        """
        raise TypeError("a secret is not pickled: give it to the other process yourself")


class Hidden(dict[str, Any]):
    """Settings among which there are secrets: tracebacks with variables do not show them."""

    def __repr__(self) -> str:
        return "{...}"


def _token(value: str | Secret) -> Secret:
    token = Secret(Secret(value).reveal().strip())
    if flaw := _flaw(token):
        raise ConfigError(flaw)
    return token


def _flaw(token: Secret) -> str | None:
    text = token.reveal()
    if not text:
        return "the token is empty"
    if " " in text:
        return "give the token alone, without 'Token' or 'Bearer' before it"
    if not text.isprintable() or not text.isascii():
        return "the token holds characters that cannot go into an HTTP header"
    return None


def _user(value: Any) -> str:
    if isinstance(value, str) and value and ":" not in value:
        return value
    raise ConfigError("a user name is text without a colon")


@attrs.frozen
class Token:
    """An API token, from the account settings or `GET /token/`."""

    secret: Secret = attrs.field(converter=_token)


@attrs.frozen
class Bearer:
    """An OAuth2 access token. An API token does not work here: it would read as nobody."""

    secret: Secret = attrs.field(converter=_token)


@attrs.frozen
class Password:
    """User name and password, exchanged once for the API token.

    Refused by the server where the account has two-factor authentication: use a token there.
    """

    username: str = attrs.field(converter=_user)
    secret: Secret = attrs.field(converter=Secret)


@attrs.frozen
class Anonymous:
    """Nobody, on purpose: public projects only."""


Credentials: TypeAlias = Token | Bearer | Password | Anonymous
