"""The library's own transports: their errors are those of the library, and they close."""

from __future__ import annotations

import ssl

import aiohttp
import httpx
import pytest
from aiohttp.client_reqrep import ConnectionKey

from kobo_async.transport import over_aiohttp
from kobo_async.transport.pooled import Pooled

KEY = ConnectionKey("h", 1, False, False, None, None, None)


@pytest.mark.anyio
async def test_a_scheme_that_nobody_speaks_is_refused():
    async with Pooled(httpx, ssl.create_default_context) as pool:
        with pytest.raises(httpx.UnsupportedProtocol):
            await pool.handle_async_request(httpx.Request("GET", "ftp://localhost/"))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (aiohttp.ClientConnectorError(KEY, OSError("no")), httpx.ConnectError),
        (aiohttp.ServerTimeoutError("slow"), httpx.ReadTimeout),
        (aiohttp.InvalidURL("x"), httpx.InvalidURL),
        (ValueError("x"), httpx.LocalProtocolError),
        (aiohttp.ClientPayloadError("cut"), httpx.ReadError),
    ],
)
def test_errors_of_aiohttp_become_those_of_httpx(error: Exception, kind: type[Exception]):
    with pytest.raises(kind), over_aiohttp._translated():
        raise error
