"""Settings: where they come from, which of them wins, and what cannot work."""

from __future__ import annotations

from typing import Any

import pytest

from kobo_async._version import __version__
from kobo_async.config import (
    Anonymous,
    Bearer,
    Concurrency,
    Password,
    Settings,
    Token,
    load,
)
from kobo_async.errors import ConfigError
from tests.unit.files import ENV, FILE, OWN, File, loaded, token

# Which one wins


def test_arguments_win_over_the_environment() -> None:
    settings = load(OWN, credentials=Token("own-token"), environ=ENV)

    assert (settings.server, token(settings)) == (OWN, "own-token")


def test_the_environment_wins_over_the_file(file: File) -> None:
    settings = load(config=file.holding(FILE), environ=ENV)

    assert (settings.server, token(settings)) == ("https://env.example", "env-token")


def test_a_profile_named_by_argument_wins_over_the_environment(file: File) -> None:
    settings = load(profile="work", config=file.holding(FILE), environ=ENV)

    assert (settings.server, token(settings)) == ("https://work.example", "work-token")


def test_a_profile_named_by_the_environment_does_not(file: File) -> None:
    env = {**ENV, "KOBO_PROFILE": "work", "KOBO_CONFIG": str(file.holding(FILE))}

    assert load(environ=env).server == "https://env.example"


def test_the_file_names_its_default_profile(file: File) -> None:
    settings = loaded(config=file.holding(FILE))

    assert (settings.server, token(settings)) == ("https://work.example", "work-token")
    assert settings.openrosa == "https://kc.work.example"


def test_the_environment_names_profile_and_file(file: File) -> None:
    env = {"KOBO_PROFILE": "lan", "KOBO_CONFIG": str(file.holding(FILE))}

    settings = load(environ=env)

    assert settings.server == "http://lan.example"
    assert settings.credentials == Password("alice", "lan-password")


def test_all_of_the_environment_counts() -> None:
    env = {
        "KOBO_URL": "http://lan.example",
        "KOBO_USERNAME": "alice",
        "KOBO_PASSWORD": "secret",
        "KOBO_ALLOW_HTTP": "1",
    }
    assert load(environ=env).credentials == Password("alice", "secret")
    assert load(environ={**env, "KOBO_BEARER": "b"}).credentials == Bearer("b")
    assert load(environ={**env, "KOBO_BEARER": "b", "KOBO_TOKEN": "t"}).credentials == Token("t")


def test_the_environment_names_the_address_for_submissions_of_its_own_server() -> None:
    env = {**ENV, "KOBO_OPENROSA": "https://kc.env.example/"}

    assert load(environ=env).openrosa == "https://kc.env.example"
    assert load(OWN, credentials=Token("t"), environ=env).openrosa is None
    assert load(environ=env, openrosa="https://kc.own.example").openrosa == "https://kc.own.example"


def test_without_an_environ_the_process_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOBO_URL", "eu")
    monkeypatch.setenv("KOBO_TOKEN", "env-token")

    assert load().server == "https://eu.kobotoolbox.org"


def test_the_file_is_not_read_where_arguments_suffice(file: File) -> None:
    env = {"KOBO_CONFIG": str(file.holding("not toml [", 0o644))}

    assert load(OWN, credentials=Token("t"), environ=env).server == OWN


# Credentials stay with the server they stand beside


@pytest.mark.parametrize(
    "env",
    [
        ENV,
        {"KOBO_URL": OWN + "/other", "KOBO_TOKEN": "t"},
        {"KOBO_URL": "http://own.example", "KOBO_TOKEN": "t"},
        {"KOBO_URL": OWN + ":8443", "KOBO_TOKEN": "t"},
    ],
)
def test_a_token_beside_one_address_is_not_sent_to_another(env: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"no credentials for https://own\.example"):
        load(OWN, environ=env)


def test_a_token_in_a_profile_is_not_sent_to_another_server(file: File) -> None:
    with pytest.raises(ConfigError, match=r"no credentials for https://own\.example"):
        loaded(OWN, profile="work", config=file.holding(FILE))
    with pytest.raises(ConfigError, match=r"no credentials for https://env\.example"):
        load(config=file.path, environ={"KOBO_URL": "https://env.example"})


def test_a_token_for_another_server_does_no_harm_even_when_it_is_broken(file: File) -> None:
    env = {"KOBO_URL": OWN, "KOBO_TOKEN": "Token broken"}

    assert token(load(profile="work", config=file.holding(FILE), environ=env)) == "work-token"


@pytest.mark.parametrize(
    "spelling", ["https://ENV.example/", "https://env.example:443", " https://env.example/api/v2/ "]
)
def test_the_same_address_in_another_spelling_is_the_same(spelling: str) -> None:
    assert token(load(spelling, environ=ENV)) == "env-token"


def test_a_token_that_stands_alone_goes_with_any_server(file: File) -> None:
    assert token(load(OWN, environ={"KOBO_TOKEN": "t"})) == "t"
    assert token(load(OWN, environ={"KOBO_TOKEN": "t", "KOBO_URL": ""})) == "t"
    assert token(loaded(OWN, profile="bare", config=file.holding(FILE))) == "bare-token"


def test_other_settings_of_a_profile_stay_with_its_server_too(file: File) -> None:
    file.holding(FILE.replace('default = "work"', 'default = "lan"'))

    with pytest.raises(ConfigError, match="not encrypted"):
        loaded("http://other.example", credentials=Token("t"), config=file.path)
    settings = loaded(OWN, credentials=Token("t"), profile="work", config=file.path)
    assert settings.openrosa is None


# Addresses


@pytest.mark.parametrize(
    ("given", "server"),
    [
        ("global", "https://kf.kobotoolbox.org"),
        ("eu", "https://eu.kobotoolbox.org"),
        ("https://KF.kobotoolbox.org/", "https://kf.kobotoolbox.org"),
        ("HTTPS://kf.kobotoolbox.org:443", "https://kf.kobotoolbox.org"),
        ("https://kf.kobotoolbox.org:8443/", "https://kf.kobotoolbox.org:8443"),
        ("https://kobo.example/kpi/", "https://kobo.example/kpi"),
        ("https://kobo.example/api/v2/", "https://kobo.example"),
        ("https://kobo.example/kpi/api", "https://kobo.example/kpi"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://localhost:80", "http://localhost"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("http://127.0.0.1", "http://127.0.0.1"),
    ],
)
def test_an_address_has_one_spelling(given: str, server: str) -> None:
    assert Settings(server=given, credentials=Token("t")).server == server


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("kf.kobotoolbox.org", "must look like"),
        ("ftp://kf.kobotoolbox.org", "must look like"),
        ("https://", "must look like"),
        ("https://kf kobotoolbox.org", "must look like"),
        ("", "must look like"),
        ("https://kf.example:99999", "not an address"),
        ("https://[::1", "not an address"),
        ("https://kf.example/?x=1", "bare address"),
        ("https://kf.example/#top", "bare address"),
        ("https://alice:canary@kf.example", "without a user name"),
        ("ftp://alice:canary@kf.example:x", "without a user name"),
        (5, "without a user name"),
    ],
)
@pytest.mark.parametrize("field", ["server", "openrosa"])
def test_what_is_no_address_is_refused(field: str, address: Any, reason: str) -> None:
    fields: dict[str, Any] = {"server": OWN, field: address}

    with pytest.raises(ConfigError, match=f"^{field} .*{reason}") as caught:
        Settings(credentials=Token("t"), **fields)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("field", ["server", "openrosa"])
def test_credentials_do_not_leave_the_machine_unencrypted_unless_allowed(field: str) -> None:
    fields: dict[str, Any] = {"server": OWN, field: "http://kobo.lan"}

    with pytest.raises(ConfigError, match=r"http://kobo\.lan is not encrypted"):
        Settings(credentials=Token("t"), **fields)
    assert Settings(credentials=Token("t"), allow_http=True, **fields).allow_http


@pytest.mark.parametrize(("value", "allowed"), [("1", True), ("True", True), ("0", False)])
def test_the_environment_may_allow_unencrypted_connections(value: str, allowed: bool) -> None:
    env = {"KOBO_URL": "http://kobo.lan", "KOBO_TOKEN": "t", "KOBO_ALLOW_HTTP": value}

    if allowed:
        assert load(environ=env).allow_http
    else:
        with pytest.raises(ConfigError, match="not encrypted"):
            load(environ=env)


# Values


def test_the_public_servers_are_asked_less_at_a_time() -> None:
    assert Settings(server="eu", credentials=Anonymous()).concurrency.cap == 8
    assert Settings(server=OWN, credentials=Anonymous()).concurrency.cap == 16


def test_concurrency_starts_low_and_stays_within_its_cap() -> None:
    assert Concurrency.up_to(2) == Concurrency(start=2, cap=2)
    assert Concurrency.up_to(32) == Concurrency(start=4, cap=32)
    assert Concurrency.fixed(9) == Concurrency(start=9, cap=9)


@pytest.mark.parametrize(("start", "cap"), [(0, 4), (5, 4), (-1, -1)])
def test_concurrency_that_cannot_work_is_refused(start: int, cap: int) -> None:
    with pytest.raises(ConfigError, match="1 <= start <= cap"):
        Concurrency(start=start, cap=cap)


def test_the_server_can_tell_who_asks_by_the_user_agent() -> None:
    settings = Settings(server=OWN, credentials=Anonymous())

    assert settings.user_agent == f"kobo_async/{__version__}"


def test_settings_are_values() -> None:
    assert Settings(server="eu", credentials=Token("t")) == Settings(
        server="https://eu.kobotoolbox.org/", credentials=Token("t")
    )
    assert hash(Token("t")) == hash(Token("t"))
    assert Token("t") != Token("u")
    others: list[object] = [Bearer("t"), "t"]
    assert Token("t") not in others
