"""Who may deliver."""

from __future__ import annotations

from typing import Any

import pytest

from kobo_async import ConfigError, Secret
from kobo_async.webhook.access import Access, Anybody, BasicLogin, SharedSecret, granted
from kobo_async.webhook.asgi import Receiver
from kobo_async.webhook.ingestion import Ingestion

LOGIN = BasicLogin("kobo", "p:w")
HEADER = SharedSecret("s3cret", header="X-Token")


@pytest.mark.parametrize(
    ("access", "headers", "admitted"),
    [
        (HEADER, [(b"x-token", b"s3cret")], True),
        (HEADER, [(b"X-Token", b"s3cret")], True),
        (HEADER, [(b"x-token", b"s3cre")], False),
        (HEADER, [(b"x-token", b"s3cret ")], False),
        (HEADER, [(b"x-kobo-secret", b"s3cret")], False),
        (HEADER, [(b"x-token", b"s3cret"), (b"x-token", b"other")], False),
        (HEADER, [], False),
        (LOGIN, [(b"authorization", b"Basic a29ibzpwOnc=")], True),
        (LOGIN, [(b"authorization", b"Basic a29ibzpwOng=")], False),
        (LOGIN, [(b"authorization", b"\xff")], False),
        (Anybody(), [], True),
    ],
)
def test_only_who_knows_the_secret_is_admitted(access: Access, headers: Any, *, admitted: bool):
    assert access.admits(headers) is admitted


@pytest.mark.parametrize("secret", ["", " x", "x\n", "ü"])
def test_a_secret_must_fit_into_a_header(secret: str):
    with pytest.raises(ConfigError, match="token_urlsafe"):
        SharedSecret(secret)


def test_a_secret_does_not_show():
    assert "s3cret" not in repr(HEADER)
    assert "p:w" not in repr(LOGIN)


def test_a_text_is_a_shared_secret():
    assert granted("x", insecure=False) == SharedSecret(Secret("x"))
    assert granted(LOGIN, insecure=True) is LOGIN


@pytest.mark.anyio
async def test_a_receiver_does_not_start_without_a_secret(ingestion: Ingestion):
    with pytest.raises(ConfigError, match="insecure=True"):
        Receiver(ingestion)
    assert Receiver(ingestion, insecure=True)
