"""Certificates: read once something is encrypted, and then checked, whoever points there."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from kobo_async import ConnectFailed, KoboClient
from kobo_async.call import Op
from tests.socket.wire import PATH, ByteServer, byte_server, reply, saying

pytestmark = pytest.mark.anyio

FILE: Op[Any] = Op("GET", PATH, bytes, accept="*/*")


def certified(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


async def body_of(client: KoboClient) -> bytes:
    async with client._sender.open(FILE.at()) as body:
        return b"".join([piece async for piece in body])


async def test_what_an_unencrypted_server_points_to_is_checked_where_it_is_encrypted(
    server: ByteServer, authority: trustme.CA, trusted: str
) -> None:
    async with byte_server(tls=certified(authority)) as elsewhere:
        elsewhere.plays(saying(reply(b"a file")))
        server.plays(saying(reply(b"", f"Location: {elsewhere.url}/file", status="302 Found")))
        async with server.client() as client:
            with pytest.raises(ConnectFailed, match=r"(?i)certificate"):
                await body_of(client)
        assert elsewhere.requests == 0
        async with server.client(verify=trusted) as client:
            assert await body_of(client) == b"a file"


async def test_certificates_are_read_for_a_server_that_is_encrypted(
    way: tuple[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    KoboClient("http://127.0.0.1:1", token="t0ken", http=way[1])
    with pytest.raises(FileNotFoundError):
        KoboClient("https://127.0.0.1:1", token="t0ken", http=way[1])
