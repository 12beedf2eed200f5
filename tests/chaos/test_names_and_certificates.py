"""Names that do not resolve, and certificates that prove nothing."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
import trustme

from kobo_async import ConnectFailed, Timeouts
from kobo_async.testing import FakeForm
from tests.chaos.conftest import HASTY, Clients
from tests.chaos.leaks import SOON, nothing_left
from tests.chaos.proxy import Proxy, proxy

pytestmark = pytest.mark.anyio
HOST = "localhost"
QUICK = Timeouts(connect=0.3)


def served(made: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.configure_cert(context)
    return context


def expired(authority: trustme.CA) -> trustme.LeafCert:
    now = datetime.now(UTC)
    return authority.issue_cert(
        HOST, not_before=now - timedelta(days=9), not_after=now - timedelta(days=1)
    )


WORTHLESS = {
    "of an unknown authority": lambda _: trustme.CA().issue_cert(HOST),
    "of another host": lambda authority: authority.issue_cert("elsewhere.example"),
    "expired": expired,
}


async def works(network: Proxy, trusted: str, client_of: Clients, form: FakeForm) -> None:
    async with client_of(network.url, verify=trusted) as client:
        assert await client.submissions.count(form.uid) == len(form.rows)


@pytest.mark.parametrize("made", WORTHLESS.values(), ids=WORTHLESS)
async def test_a_worthless_certificate_is_no_connection_and_shows_nobody_the_token(
    made: Any,
    authority: trustme.CA,
    trusted: str,
    upstream: str,
    form: FakeForm,
    client_of: Clients,
):
    started = time.monotonic()
    async with nothing_left():
        with proxy(upstream, served(made(authority)), HOST) as wrong:
            async with client_of(wrong.url, verify=trusted) as client:
                with pytest.raises(ConnectFailed, match=r"(?i)certificate"):
                    await client.submissions.count(form.uid)
            assert wrong.replies == 0
        assert time.monotonic() - started < SOON
        with proxy(upstream, served(authority.issue_cert(HOST)), HOST) as right:
            await works(right, trusted, client_of, form)


async def test_a_certificate_that_is_renewed_lets_the_same_client_in(
    authority: trustme.CA, trusted: str, upstream: str, form: FakeForm, client_of: Clients
):
    context = served(expired(authority))
    async with nothing_left():
        with proxy(upstream, context, HOST) as network:
            async with client_of(network.url, verify=trusted) as client:
                with pytest.raises(ConnectFailed):
                    await client.submissions.count(form.uid)
                authority.issue_cert(HOST).configure_cert(context)
                assert await client.submissions.count(form.uid) == len(form.rows)


async def test_a_name_that_is_nobodys_is_no_connection(client_of: Clients):
    started = time.monotonic()
    async with nothing_left(), client_of("https://kobo.invalid", timeouts=QUICK) as client:
        with pytest.raises(ConnectFailed):
            await client.me.get()
    assert time.monotonic() - started < SOON


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Make the resolver of the system say nothing until the event is set."""
    answer, resolve = threading.Event(), socket.getaddrinfo

    def hang(
        host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
    ) -> Any:
        if host in {HOST, HOST.encode()} and not flags & socket.AI_NUMERICHOST:
            answer.wait(60)
        return resolve(host, port, family, type, proto, flags)

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    yield answer
    answer.set()


async def test_a_resolver_that_hangs_is_no_connection_and_holds_nobody_up(
    hanging: threading.Event, network: Proxy, form: FakeForm, client_of: Clients
):
    address = network.url.replace("127.0.0.1", HOST)
    started = time.monotonic()
    patient = attrs.evolve(HASTY, attempts=8)
    async with nothing_left(), client_of(address, timeouts=QUICK, retry=patient) as client:
        with pytest.raises(ConnectFailed):
            await client.submissions.count(form.uid)
        assert time.monotonic() - started < SOON
        hanging.set()
        assert await client.submissions.count(form.uid) == len(form.rows)
