"""Keyrings that stand in for that of the system, by the keyring package's own interface."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class Memory(KeyringBackend):
    """Keeps passwords as long as the test runs."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError(username)


class Locked(Memory):
    """Nobody is there to open it."""

    def get_password(self, *_: str) -> str | None:
        raise KeyringLocked("the collection is locked")

    def set_password(self, *_: str) -> None:
        raise KeyringLocked("the collection is locked")


@contextmanager
def using(backend: KeyringBackend) -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    try:
        yield
    finally:
        keyring.set_keyring(before)
