"""Who asks: the value of the `Authorization` header.

A password is exchanged once for the account's API token; from then on the token is sent. The
header goes with calls, and calls hold paths, never addresses: it cannot reach another origin.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias

import anyio

from kobo_async.config import Anonymous, Bearer, Credentials, Password, Secret, Token

Exchange: TypeAlias = Callable[[Secret], Awaitable[str]]
"""Fetches the API token, given a Basic header."""


class Authenticator(Protocol):
    """Knows which header to send."""

    @property
    def anonymous(self) -> bool:
        """Whether nobody is meant to ask."""
        ...

    async def header(self) -> Secret | None:
        """Return the header's value, or None for nobody."""
        ...


class FixedHeader:
    """A header known from the start."""

    def __init__(self, value: Secret | None) -> None:
        self._value = value

    @property
    def anonymous(self) -> bool:
        """Whether nobody is meant to ask."""
        return self._value is None

    async def header(self) -> Secret | None:
        """Return the header's value."""
        return self._value


class PasswordExchange:
    """Fetches the account's API token before the first request."""

    anonymous = False

    def __init__(self, password: Password, exchange: Exchange) -> None:
        self._password = password
        self._exchange = exchange
        self._lock: anyio.Lock | None = None
        self._header: Secret | None = None

    async def header(self) -> Secret | None:
        """Return the header's value, fetching the token if need be."""
        self._lock = self._lock or anyio.Lock()
        async with self._lock:
            if self._header is None:
                token = await self._exchange(_basic(self._password))
                self._header = Secret(f"Token {token}")
        return self._header


def authenticator(credentials: Credentials, exchange: Exchange) -> Authenticator:
    """Choose how to authenticate."""
    match credentials:
        case Token(secret):
            return FixedHeader(Secret(f"Token {secret.reveal()}"))
        case Bearer(secret):
            return FixedHeader(Secret(f"Bearer {secret.reveal()}"))
        case Password():
            return PasswordExchange(credentials, exchange)
        case Anonymous():
            return FixedHeader(None)


def _basic(password: Password) -> Secret:
    pair = f"{password.username}:{password.secret.reveal()}".encode()
    return Secret(f"Basic {b64encode(pair).decode()}")
