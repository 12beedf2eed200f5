"""Which HTTP library carries the requests, and over which connections (`Settings.http`).

`httpx`, always there, and `httpx2`, its successor of the same names, run on our own pool, which
reads large pieces. `aiohttp` is `httpx` over connections of aiohttp. Behind a proxy the library's
own connections are used, for it knows where to find proxies.
"""

from __future__ import annotations

import ssl
from functools import cache, partial
from typing import Any, Final
from urllib.request import getproxies

import httpx

from kobo_async.config import LOOPBACK, HttpLibrary
from kobo_async.errors import ConfigError
from kobo_async.extras import needed

PROXIED: Final = frozenset({"http", "https", "all"})


def library(name: HttpLibrary) -> Any:
    """Return the module whose classes are used.

    Raises:
        ConfigError: if it is not installed.
    """
    if name != "httpx2":
        return httpx
    with needed("httpx2"):
        import httpx2  # noqa: PLC0415 - an extra
    return httpx2


def proxied(host: str | None) -> bool:
    """Tell whether the environment names a proxy; there is none before this machine."""
    return host not in LOOPBACK and not PROXIED.isdisjoint(getproxies())


def connections(
    name: HttpLibrary,
    verify: bool | ssl.SSLContext,  # noqa: FBT001 - as in settings
    size: int,
    *,
    encrypted: bool,
) -> Any:
    """Return a transport with so many connections.

    Reading certificates takes longer than a page: where the server is not `encrypted`, that waits
    for an address that is, which it may name.

    Raises:
        ConfigError: if the library is not installed.
    """
    chosen = library(name)
    context = cache(partial(chosen.create_ssl_context, verify=verify))
    if encrypted:
        context()
    if name == "aiohttp":
        with needed("aiohttp"):
            from kobo_async.transport.over_aiohttp import (  # noqa: PLC0415 - an extra
                OverAiohttp,
            )
        return OverAiohttp(context, size)
    from kobo_async.transport.pooled import Pooled  # noqa: PLC0415 - slow to import

    return Pooled(chosen, context)


def verification(verify: bool | str) -> bool | ssl.SSLContext:  # noqa: FBT001 - as in settings
    """Return how certificates are checked.

    Raises:
        ConfigError: for a bundle that cannot be read.
    """
    if isinstance(verify, bool):
        return verify
    try:
        return ssl.create_default_context(cafile=verify)
    except OSError as error:
        raise ConfigError(f"no certificates in {verify}: {error}") from error
