"""HTTP itself: how the library is set up, and how its errors become ours."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import anyio
import certifi
import httpcore
import httpx
import pytest

from kobo_async.config import Anonymous, Concurrency, Settings, Timeouts
from kobo_async.errors import ConfigError, ConnectionLost, KoboError, RequestTimeout
from kobo_async.transport.http import Http, Request
from tests.unit.serving import URL, chain

ASK = Request(method="GET", url=f"{URL}/x/", headers={"Accept": "*/*"}, label="GET /x/")


def settings(**others: Any) -> Settings:
    return Settings(**{"server": URL, "credentials": Anonymous(), **others})


def http(handler: Any, **others: Any) -> Http:
    return Http(settings(**others), transport=httpx.MockTransport(handler))


def test_there_are_more_connections_than_requests_at_a_time() -> None:
    made = Http(settings(concurrency=Concurrency.up_to(20), http="aiohttp"))

    assert made._client._transport._size > 20


def certificates(made: Http) -> ssl.SSLContext:
    """Return what connections check certificates with."""
    origin = httpcore.URL("https://localhost/").origin
    context: ssl.SSLContext = made._client._transport._pool._make(origin)._ssl_context
    return context


def test_a_bundle_of_certificates_may_be_given() -> None:
    context = certificates(Http(settings(verify=certifi.where())))

    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.get_ca_certs()


@pytest.mark.parametrize("content", [None, "no certificates"])
def test_a_bundle_that_cannot_be_read_is_an_error_of_the_settings(
    tmp_path: Path, content: str | None
) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)

    with pytest.raises(ConfigError, match=r"no certificates in .*bundle\.pem"):
        Http(settings(verify=str(bundle)))


def test_certificates_may_go_unchecked_where_the_user_wants_it() -> None:
    assert certificates(Http(settings(verify=False))).verify_mode is ssl.CERT_NONE


@pytest.mark.parametrize("host", ["é" * 64 + ".example", "é..example"])
def test_an_address_that_the_library_cannot_read_is_an_error_of_the_settings(host: str) -> None:
    with pytest.raises(ConfigError, match="is not an address"):
        Http(settings(server=f"https://{host}"))


@pytest.mark.parametrize(
    ("server", "through"), [(URL, True), ("http://localhost:80", False), ("http://[::1]", False)]
)
def test_proxies_of_the_environment_do_not_stand_before_this_machine(
    monkeypatch: pytest.MonkeyPatch, server: str, through: bool
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")

    made = Http(settings(server=server))

    assert bool(made._client._mounts) is through


@pytest.mark.anyio
async def test_an_attempt_ends_in_time_however_slowly_the_reply_trickles() -> None:
    async def trickle(_: httpx.Request) -> httpx.Response:
        await anyio.sleep(1000)
        raise AssertionError

    with pytest.raises(RequestTimeout, match="GET /x/: TimeoutError"):
        await http(trickle, timeouts=Timeouts(total=7)).request(ASK)
    assert anyio.current_time() == pytest.approx(7, abs=0.01)


@pytest.mark.anyio
async def test_our_own_errors_pass_as_they_are() -> None:
    mine = KoboError("mine")

    def fail(_: httpx.Request) -> httpx.Response:
        raise mine

    with pytest.raises(KoboError) as caught:
        await http(fail).request(ASK)
    assert caught.value is mine


@pytest.mark.anyio
async def test_what_caused_an_error_is_told_without_the_variables_of_the_library() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset", request=request) from OSError("broken pipe")

    with pytest.raises(ConnectionLost) as caught:
        await http(fail).request(ASK)

    causes = list(chain(caught.value))[1:]
    assert [str(cause) for cause in causes] == ["reset", "broken pipe"]
    assert all(cause.__traceback__ is None for cause in causes)


def test_a_request_does_not_show_what_is_in_it() -> None:
    secret = {"Authorization": "Token canary"}
    shown = repr(Request(method="POST", url=URL, headers=secret, content=b"canary", label="POST /"))

    assert "canary" not in shown
    assert "POST /" in shown
