"""Which HTTP library carries the requests, and what is said where it cannot."""

from __future__ import annotations

import sys
from typing import Any

import anyio
import httpx
import pytest

from kobo_async import ConfigError, KoboClient
from kobo_async.config import Anonymous, Settings, load
from kobo_async.transport.http import Http, Request
from kobo_async.transport.pooled import Pooled
from tests.unit.serving import URL, ok

LIBRARIES = ["httpx", "httpx2", "aiohttp"]


@pytest.fixture(autouse=True)
def without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def made(**settings: Any) -> Any:
    return Http(Settings(server=URL, credentials=Anonymous(), **settings))._client


@pytest.mark.parametrize("name", LIBRARIES)
def test_each_has_connections_of_its_own(name: Any) -> None:
    pytest.importorskip(name)
    client = made(http=name)
    assert type(client).__module__.partition(".")[0] == ("httpx2" if name == "httpx2" else "httpx")
    assert isinstance(client._transport, Pooled) is (name != "aiohttp")


@pytest.mark.parametrize("name", LIBRARIES)
def test_behind_a_proxy_the_library_finds_its_own_way(
    name: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip(name)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    client = made(http=name)
    assert not isinstance(client._transport, Pooled)
    assert client._mounts


@pytest.mark.parametrize("name", ["httpx2", "aiohttp"])
def test_one_that_is_not_installed_is_named(name: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "kobo_async.transport.over_aiohttp", raising=False)
    with pytest.raises(ConfigError, match=rf"pip install 'kobo-async\[{name}\]'"):
        made(http=name)


def test_one_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigError, match="http must be one of httpx, httpx2, aiohttp"):
        made(http="curl")


@pytest.mark.parametrize(
    ("environ", "given", "chosen"),
    [
        ({}, {}, "httpx"),
        ({"KOBO_HTTP": "aiohttp"}, {}, "aiohttp"),
        ({"KOBO_HTTP": "aiohttp"}, {"http": "httpx2"}, "httpx2"),
    ],
)
def test_arguments_go_before_the_environment(
    environ: dict[str, str], given: dict[str, Any], chosen: str
) -> None:
    settings = load(URL, credentials=Anonymous(), environ=environ, **given)
    assert settings.http == chosen


def test_aiohttp_needs_asyncio() -> None:
    pytest.importorskip("aiohttp")

    async def ask() -> None:
        async with KoboClient("http://127.0.0.1:1", anonymous=True, http="aiohttp") as client:
            await client.request("GET", "/")

    with pytest.raises(ConfigError, match="aiohttp needs asyncio"):
        anyio.run(ask, backend="trio")


@pytest.mark.anyio
async def test_a_transport_of_the_user_is_used_whatever_the_setting_says() -> None:
    transport = httpx.MockTransport(lambda _: ok({"a": 1}))
    settings = Settings(server=URL, credentials=Anonymous(), http="aiohttp")
    http = Http(settings, transport=transport)
    ask = Request(method="GET", url=f"{URL}/x/", headers={}, label="GET /x/")
    assert (await http.request(ask)).body == b'{"a":1}'
