"""Addresses of servers, in one spelling."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from kobo_async.errors import ConfigError

PRESETS: Final[Mapping[str, tuple[str, str]]] = {
    "global": ("https://kf.kobotoolbox.org", "https://kc.kobotoolbox.org"),
    "eu": ("https://eu.kobotoolbox.org", "https://kc-eu.kobotoolbox.org"),
}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}
HOST = re.compile(r"[\w.:-]+")


def server_address(value: Any) -> str:
    """Normalise the address of a server, or look it up by the name of its preset."""
    return normalised(PRESETS[value][0] if value in list(PRESETS) else value, "server")


def openrosa_address(value: Any) -> str | None:
    """Normalise the address for submissions."""
    return None if value is None else normalised(value, "openrosa")


def normalised(address: Any, what: str) -> str:
    """Normalise an address to scheme, host, port and path prefix, without trailing slash."""
    if not isinstance(address, str) or "@" in address:
        raise ConfigError(f"{what} is an address without a user name or password")
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        raise ConfigError(f"{what} is not an address: {address!r}") from None
    if parts.scheme not in PORTS or not parts.hostname or not HOST.fullmatch(parts.hostname):
        raise ConfigError(f"{what} must look like https://kf.kobotoolbox.org, not {address!r}")
    if parts.query or parts.fragment:
        raise ConfigError(f"{what} must be a bare address, not {address!r}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    place = host if port in {None, PORTS[parts.scheme]} else f"{host}:{port}"
    path = parts.path.rstrip("/").removesuffix("/api/v2").removesuffix("/api")
    return f"{parts.scheme}://{place}{path}"


def leaves_unencrypted(address: str) -> bool:
    """Tell whether others can read what is sent to an address."""
    return address.startswith("http://") and urlsplit(address).hostname not in LOOPBACK
