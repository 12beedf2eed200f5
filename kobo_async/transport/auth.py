"""Who asks: the value of the `Authorization` header.

A password is exchanged once for the account's API token; from then on the token is sent. The
header goes with calls, and calls hold paths, never addresses: it cannot reach another origin.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable
from copy import copy
from typing import Protocol, TypeAlias

import anyio

from kobo_async.config import Bearer, Credentials, Password, Secret, Token
from kobo_async.errors import AuthenticationFailed

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


class Key(FixedHeader):
    """A key that stands for no account, so that no reply can name one."""

    @property
    def anonymous(self) -> bool:
        """Whether nobody is meant to ask."""
        return True


class PasswordExchange:
    """Fetches the account's API token before the first request."""

    anonymous = False

    def __init__(self, password: Password, exchange: Exchange) -> None:
        self._password = password
        self._exchange = exchange
        self._lock = anyio.Lock()
        self._header: Secret | None = None
        self._refusal: AuthenticationFailed | None = None

    async def header(self) -> Secret | None:
        """Return the header's value, fetching the token if need be.

        Raises:
            AuthenticationFailed: when the server refuses the password. It is not tried again, for
                that may lock the account.
        """
        async with self._lock:
            if self._refusal is not None:
                raise copy(self._refusal)
            self._header = self._header or await self._fetch()
        return self._header

    async def _fetch(self) -> Secret:
        try:
            return Secret(f"Token {await self._exchange(_basic(self._password))}")
        except AuthenticationFailed as error:
            self._refusal = copy(error)
            raise


def authenticator(credentials: Credentials, exchange: Exchange) -> Authenticator:
    """Choose how to authenticate."""
    match credentials:
        case Token(secret):
            return FixedHeader(Secret(f"Token {secret.reveal()}"))
        case Bearer(secret):
            return FixedHeader(Secret(f"Bearer {secret.reveal()}"))
        case Password():
            return PasswordExchange(credentials, exchange)
    return FixedHeader(None)


def _basic(password: Password) -> Secret:
    pair = f"{password.username}:{password.secret.reveal()}".encode()
    return Secret(f"Basic {b64encode(pair).decode()}")
