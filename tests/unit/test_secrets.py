"""Secrets do not show themselves: not in reprs, copies, logs, nor in tracebacks with variables."""

from __future__ import annotations

import copy
import logging
import pickle
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from kobo_async import KoboClient, KoboError
from kobo_async.config import Anonymous, Bearer, Password, Secret, Settings, Token, load
from kobo_async.errors import ConfigError
from kobo_async.sync_api import Kobo
from tests.unit.serving import URL, Server, chain, error, ok

CANARY = "c4n4ry"
BASIC = "YWxpY2U6YzRuNHJ5"
"""`alice:c4n4ry`, as it goes over the wire."""
CREDENTIALS = [Token(CANARY), Bearer(CANARY), Password("alice", CANARY)]


def shows(thing: object) -> bool:
    text = f"{thing!r} {thing!s} {thing} {thing!a}"
    return CANARY in text or BASIC in text


def told(problem: BaseException) -> str:
    """Everything that a traceback with variables tells, of the whole chain of errors."""
    traces = (traceback.walk_tb(link.__traceback__) for link in chain(problem))
    frames = (frame for trace in traces for frame, _ in trace)
    variables = [variable for frame in frames for variable in frame.f_locals.values()]
    assert variables
    return " ".join([*traceback.format_exception(problem), *map(safe_repr, variables)])


def safe_repr(value: object) -> str:
    try:
        return repr(value)
    except AttributeError:  # an object whose making failed
        return object.__repr__(value)


def inside(problem: BaseException) -> Any:
    """Skip the frames of the test itself, whose variables are its own business."""
    trace = problem.__traceback__
    while trace is not None and "kobo_async" not in trace.tb_frame.f_code.co_filename:
        trace = trace.tb_next
    return trace


def assert_silent(problem: BaseException) -> None:
    problem.__traceback__ = inside(problem)
    text = told(problem)

    assert CANARY not in text
    assert BASIC not in text


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret(CANARY)

    assert secret.reveal() == CANARY
    assert not shows(secret)
    assert not shows([secret, {"x": secret}])
    assert not hasattr(secret, "__dict__")


@pytest.mark.parametrize("credentials", CREDENTIALS, ids=lambda one: type(one).__name__)
def test_what_holds_a_secret_does_not_show_it(credentials: Token | Bearer | Password) -> None:
    settings = Settings(server=URL, credentials=credentials)

    for thing in (credentials, settings, attrs.asdict(settings), attrs.astuple(settings)):
        assert not shows(thing)
    assert "Secret('***')" in repr(settings)


@pytest.mark.parametrize("credentials", CREDENTIALS, ids=lambda one: type(one).__name__)
def test_secrets_are_copied_as_secrets_and_never_pickled(
    credentials: Token | Bearer | Password,
) -> None:
    assert copy.deepcopy(credentials) == copy.copy(credentials) == credentials
    assert credentials.secret is copy.copy(credentials.secret)
    assert not shows(copy.deepcopy(credentials))
    for thing in (credentials.secret, credentials, Settings(server=URL, credentials=credentials)):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(thing)


def test_secrets_are_compared_by_what_they_hide() -> None:
    assert Secret(CANARY) == Secret(Secret(CANARY))
    assert Secret(CANARY) != Secret("other")
    assert Secret(CANARY) != CANARY
    assert len({Secret(CANARY), Secret(CANARY)}) == 1


@pytest.mark.parametrize("value", [5, None, b"bytes"])
def test_a_secret_is_text(value: Any) -> None:
    with pytest.raises(ConfigError, match="a secret is text"):
        Secret(value)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        (f"Token {CANARY}", "without 'Token'"),
        (f"{CANARY}\tx", "HTTP header"),
        (f"{CANARY}\nx: y", "without 'Token'"),
        (f"{CANARY}é", "HTTP header"),
    ],
)
@pytest.mark.parametrize("kind", ["token", "bearer"])
def test_a_token_that_cannot_work_is_refused_but_not_shown(
    kind: str, token: str, reason: str
) -> None:
    with pytest.raises(ConfigError, match=reason) as caught:
        KoboClient.from_env(server=URL, **{kind: Secret(token)})
    assert_silent(caught.value)


def test_space_around_a_token_does_no_harm() -> None:
    assert Token(f" {CANARY}\n").secret.reveal() == CANARY


@pytest.mark.parametrize("name", ["", "ali:ce", 5])
def test_a_user_name_that_would_garble_the_header_is_refused(name: Any) -> None:
    with pytest.raises(ConfigError, match="user name"):
        Password(name, CANARY)


def test_a_client_shows_its_server_only() -> None:
    client = KoboClient(URL, token=CANARY)

    assert repr(client) == f"KoboClient('{URL}')"
    assert not shows(vars(client))


WAYS: dict[str, Callable[[], Any]] = {
    "a bad server": lambda: KoboClient("nowhere", token=CANARY),
    "two kinds of credentials": lambda: KoboClient(URL, token=CANARY, bearer=CANARY),
    "a password without a name": lambda: KoboClient(URL, password=CANARY),
    "a bad server, from_env": lambda: KoboClient.from_env(server="nowhere", password=CANARY),
    "a bad server, with a key": lambda: KoboClient.from_env(server="nowhere", scim_key=CANARY),
    "a client that waits": lambda: Kobo("nowhere", token=CANARY),
    "a client that waits, from_env": lambda: Kobo.from_env(server="nowhere", token=CANARY),
    "a bad name": lambda: KoboClient(URL, username="a:b", password=CANARY),
    "a spoilt token": lambda: KoboClient(URL, token=f"Token {CANARY}"),
    "an environment": lambda: load(environ={"KOBO_TOKEN": CANARY, "KOBO_URL": "nowhere"}),
    "another server": lambda: load(URL, environ={"KOBO_TOKEN": CANARY, "KOBO_URL": "eu"}),
    "a spoilt environment": lambda: load(URL, environ={"KOBO_TOKEN": f"Token {CANARY}"}),
}


@pytest.mark.parametrize("way", WAYS)
def test_settings_that_cannot_work_do_not_show_secrets(way: str) -> None:
    with pytest.raises(ConfigError) as caught:
        WAYS[way]()
    assert_silent(caught.value)


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        (f'default = "x"\n[profiles.w]\ntoken = "{CANARY}"', 0o600),
        (f'default = "w"\n[profiles.w]\nserver = "nowhere"\ntoken = "{CANARY}"', 0o600),
        (f'default = "w"\n[profiles.w]\nserver = "eu"\ntoken = "Token {CANARY}"', 0o600),
        (f'[profiles.w]\ntoken = "{CANARY}"\nbroken =', 0o600),
        (f'[profiles.w]\ntoken = "{CANARY}"', 0o644),
        (f'[profiles.w]\ntoken = "{CANARY}"', 0o600),
    ],
)
def test_a_file_that_cannot_be_used_does_not_show_secrets(
    tmp_path: Path, text: str, mode: int
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    path.chmod(mode)

    with pytest.raises(ConfigError) as caught:
        load(config=path, environ={})
    assert_silent(caught.value)


FAILURES: dict[str, Any] = {
    "no connection": httpx.ConnectError("refused"),
    "no reply": httpx.ReadTimeout("too slow"),
    "lost": httpx.ReadError("reset"),
    "malformed": httpx.Response(200, content=b"<html>"),
    "refused": error(403),
    "unknown": error(401),
    "shape": ok([1]),
}


def failing(answer: Any) -> Callable[[httpx.Request], Awaitable[httpx.Response]]:
    """Fail as the HTTP library does: from deep inside, with headers in variables."""

    async def respond(request: httpx.Request) -> httpx.Response:
        headers = dict(request.headers)
        if isinstance(answer, httpx.Response):
            return answer
        try:
            return write(headers)
        except OSError as reason:
            raise answer from reason

    return respond


def write(headers: dict[str, str]) -> httpx.Response:
    raise OSError(f"{len(headers)} headers were sent in vain")


@pytest.mark.anyio
@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("credentials", ["token", "bearer", "password"])
async def test_requests_that_fail_do_not_show_secrets(
    server: Server, failure: str, credentials: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answers("/me/", failing(FAILURES[failure]))
    server.answers("/token/", failing(FAILURES[failure]) if failure == "unknown" else ok_token())
    named = {"username": "alice"} if credentials == "password" else {}

    with pytest.raises(KoboError) as caught:
        async with server.client(**{credentials: CANARY}, **named) as client:
            await client.me.get()

    assert_silent(caught.value)
    assert not shows(server.events)
    assert not shows([record.getMessage() for record in caplog.records])
    assert server.requests[-1].headers["Authorization"].endswith((CANARY, BASIC))


def ok_token() -> httpx.Response:
    return ok({"token": CANARY})


@pytest.mark.anyio
async def test_a_reply_that_holds_a_token_does_not_show_it_when_it_is_cut(server: Server) -> None:
    server.answers("/token/", httpx.Response(200, content=b'{"token": "' + CANARY.encode()))

    with pytest.raises(KoboError) as caught:
        async with server.client() as client:
            await client.token.get()
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_nobody_has_no_secret() -> None:
    assert repr(Anonymous()) == "Anonymous()"
