"""Tokens in the keyring of the system: found last, for their own server alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from keyring.backends.fail import Keyring as NoKeyring

from kobo_async import ConfigError
from kobo_async.config import Secret, Token
from kobo_async.config.keyring import SERVICE, forget, remember, remembered

from .files import ENV, FILE, OWN, File, loaded
from .keyrings import Locked, Memory, using


@pytest.fixture
def ring() -> Iterator[Memory]:
    memory = Memory()
    with using(memory):
        yield memory


def test_a_token_is_used_where_nothing_else_is_given(ring: Memory):
    remember(OWN, Secret("ring-token"))
    assert ring.kept == {(SERVICE, OWN): "ring-token"}
    assert loaded(OWN).credentials == Token("ring-token")
    assert loaded(f"{OWN}/api/v2/").credentials == Token("ring-token")


@pytest.mark.usefixtures("ring")
def test_it_goes_to_no_other_server():
    remember(OWN, Secret("ring-token"))
    with pytest.raises(ConfigError, match=r"no credentials for https://other\.example.*login"):
        loaded("https://other.example")


@pytest.mark.usefixtures("ring")
@pytest.mark.parametrize("place", ["argument", "environment", "file"])
def test_every_other_place_comes_first(tmp_path: Path, place: str):
    for server in (OWN, ENV["KOBO_URL"], "https://work.example"):
        remember(server, Secret("ring-token"))
    if place == "argument":
        settings = loaded(OWN, credentials=Token("given"))
    elif place == "environment":
        settings = loaded(environ=ENV)
    else:
        settings = loaded(config=File(tmp_path).holding(FILE))
    wanted = {"argument": "given", "environment": "env-token", "file": "work-token"}
    assert settings.credentials == Token(wanted[place])


@pytest.mark.usefixtures("ring")
def test_a_profile_may_name_the_server_and_leave_the_token_to_the_keyring(tmp_path: Path):
    remember("https://eu.kobotoolbox.org", Secret("ring-token"))
    config = File(tmp_path).holding('default = "w"\n[profiles.w]\nserver = "eu"')
    assert loaded(config=config).credentials == Token("ring-token")


def test_what_is_forgotten_is_gone(ring: Memory):
    remember(OWN, Secret("ring-token"))
    assert forget(OWN) is True
    assert forget(OWN) is False
    assert not ring.kept


def test_a_machine_without_a_keyring_remembers_nothing_and_says_so_when_asked_to():
    with using(NoKeyring()):
        assert remembered(OWN) is None
        with pytest.raises(ConfigError, match=r"does not take it.*token_file"):
            remember(OWN, Secret("ring-token"))


def test_a_keyring_that_does_not_open_is_an_error_and_not_an_empty_one():
    with using(Locked()):
        with pytest.raises(ConfigError, match="does not open: the collection is locked"):
            loaded(OWN)
        with pytest.raises(ConfigError, match="does not take it") as caught:
            remember(OWN, Secret("ring-token"))
    assert "ring-token" not in str(caught.value)


def test_without_the_extra_nothing_is_asked_and_the_error_names_it(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigError, match="no credentials for"):
        loaded(OWN)
    with pytest.raises(ConfigError, match=r"pip install 'kobo-async\[keyring\]'"):
        remember(OWN, Secret("ring-token"))
