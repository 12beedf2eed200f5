"""Where requests go: the two sites of a server, and redirects that see no credentials."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import anyio
import httpx
import pytest

from kobo_async import ConfigError, ConnectionLost, RetryPolicy, UnexpectedRedirect
from kobo_async.call import Op
from kobo_async.events import Replied
from tests.unit.serving import ALICE, TAGS, URL, Answer, Server, error, ok

pytestmark = pytest.mark.anyio

SUBMIT: Op[Any] = Op("POST", "/submission", object, site="openrosa")
FILE: Op[Any] = Op("GET", "/file/", bytes, accept="*/*")
ENVIRONMENT = "/api/v2/environment/"
CHALLENGE = httpx.Response(401, headers={"WWW-Authenticate": 'Digest realm="DJANGO", qop="auth"'})
BROKEN = httpx.RemoteProtocolError("no HTTP")


def elsewhere(location: str, status: int = 302) -> httpx.Response:
    return httpx.Response(status, headers={"Location": location, **ALICE})


async def read(server: Server, /, **settings: Any) -> bytes:
    async with server.client(**settings) as client, client._sender.open(FILE.at()) as body:
        return b"".join([piece async for piece in body])


def urls(server: Server) -> list[str]:
    return [str(request.url) for request in server.requests]


# The OpenRosa site


@pytest.mark.parametrize(
    ("server_address", "settings", "address"),
    [
        ("eu", {}, "https://kc-eu.kobotoolbox.org"),
        ("global", {}, "https://kc.kobotoolbox.org"),
        (URL, {"openrosa": "https://kc.own.example/x/"}, "https://kc.own.example/x"),
        ("eu", {"openrosa": "https://kc.own.example"}, "https://kc.own.example"),
    ],
)
async def test_settings_or_preset_tell_where_submissions_go(
    server: Server, server_address: str, settings: dict[str, str], address: str
) -> None:
    server.router.route(path__regex=".*").mock(return_value=ok({"message": "thanks"}))
    async with server.client(server=server_address, **settings) as client:
        await client._sender.send(SUBMIT.at(json={}))

    (request,) = [call.request for call in server.router.calls]
    assert str(request.url) == f"{address}/submission"
    assert request.headers["Authorization"] == "Token t0ken"


async def test_otherwise_the_server_is_asked_as_nobody_and_once(server: Server) -> None:
    server.answers(ENVIRONMENT, ok({"open_rosa_server": "https://KC.own.example/"}))
    server.answers("/submission", CHALLENGE, ok())
    async with server.client() as client, anyio.create_task_group() as both:
        both.start_soon(client._sender.send, SUBMIT.at(json={}))
        both.start_soon(client._sender.send, SUBMIT.at(json={}))

    home = "https://kc.own.example"
    assert urls(server) == [URL + ENVIRONMENT, *[f"{home}/submission"] * 3]
    assert not any("Authorization" in request.headers for request in server.requests[:2])


async def test_an_address_that_only_the_server_can_reach_is_answered_by_the_server(
    server: Server,
) -> None:
    server.answers(ENVIRONMENT, ok({"open_rosa_server": "https://kc.internal"}))
    server.answers("/submission", httpx.ConnectError("no such host"), ok())
    async with server.client() as client:
        await client._sender.send(SUBMIT.at(json={}))
    home = f"{URL}/submission"
    assert urls(server) == [URL + ENVIRONMENT, "https://kc.internal/submission", home]


@pytest.mark.parametrize(
    "stranger", [error(404), error(502), elsewhere("https://x.example/"), ok(), BROKEN]
)
async def test_the_token_is_not_shown_to_a_stranger_where_the_server_takes_submissions_itself(
    server: Server, stranger: Answer
) -> None:
    server.answers(ENVIRONMENT, ok({"open_rosa_server": "https://kc.internal"}))
    server.answers("/submission", stranger, CHALLENGE, ok())
    async with server.client() as client:
        await client._sender.send(SUBMIT.at(json={}))
    home = f"{URL}/submission"
    assert urls(server) == [URL + ENVIRONMENT, "https://kc.internal/submission", home, home]


@pytest.mark.parametrize("silent", [error(502), BROKEN])
async def test_where_nobody_says_that_he_takes_submissions_the_server_is_believed(
    server: Server, silent: Answer
) -> None:
    server.answers(ENVIRONMENT, ok({"open_rosa_server": "https://kc.own.example"}))
    server.answers("/submission", silent, error(403), ok())
    async with server.client() as client:
        await client._sender.send(SUBMIT.at(json={}))
    assert urls(server)[-1] == "https://kc.own.example/submission"


async def test_a_server_that_takes_submissions_itself_is_not_knocked_at(server: Server) -> None:
    server.answers(ENVIRONMENT, ok({"open_rosa_server": f"{URL}:443/"}))
    server.answers("/submission", ok())
    async with server.client() as client:
        await client._sender.send(SUBMIT.at(json={}))
    assert urls(server) == [URL + ENVIRONMENT, f"{URL}/submission"]


@pytest.mark.parametrize(
    "named", ["", "nowhere", "ftp://kc.example", "https://[::1", "javascript:"]
)
async def test_a_server_that_names_no_address_is_an_error_of_the_settings(
    server: Server, named: str
) -> None:
    server.answers(ENVIRONMENT, ok({"open_rosa_server": named}))
    async with server.client() as client:
        with pytest.raises(ConfigError, match="names no OpenRosa address"):
            await client._sender.send(SUBMIT.at(json={}))
    assert len(server.requests) == 1


async def test_a_server_cannot_lure_the_token_onto_an_open_line(server: Server) -> None:
    server.answers(ENVIRONMENT, ok({"open_rosa_server": "http://kc.own.example"}))
    server.answers("/submission", CHALLENGE, ok())
    async with server.client() as client:
        with pytest.raises(ConfigError, match="not encrypted"):
            await client._sender.send(SUBMIT.at(json={}))
    assert len(server.requests) == 1

    async with server.client(allow_http=True) as client:
        await client._sender.send(SUBMIT.at(json={}))
    assert urls(server)[-1] == "http://kc.own.example/submission"


# Bodies in pieces, and redirects


async def test_a_body_comes_in_pieces_with_its_headers(server: Server) -> None:
    server.answers("/file/", ok({"a": 1}, **{"X-Thing": "yes"}))
    async with server.client() as client, client._sender.open(FILE.at()) as body:
        assert body.headers["x-thing"] == "yes"
        assert b"".join([piece async for piece in body]) == b'{"a":1}'
    assert [event.status for event in server.told(Replied) if isinstance(event, Replied)] == [200]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed_where_a_file_is_asked_for(
    server: Server, status: int
) -> None:
    server.answers("/file/", elsewhere("/private-media/x.csv?sig=1", status))
    server.answers("/private-media/x.csv", ok("content"))

    assert await read(server) == b'"content"'
    assert urls(server)[1] == f"{URL}/private-media/x.csv?sig=1"
    assert server.requests[1].headers["Authorization"] == "Token t0ken"


@pytest.mark.parametrize(
    "location",
    [
        "https://bucket.example/x",
        "//bucket.example/x",
        "https://kobo.example:9000/x",
        "https://kobo.example.evil.example/x",
    ],
)
async def test_other_origins_are_not_shown_the_credentials(server: Server, location: str) -> None:
    server.answers("/file/", elsewhere(location))
    server.answers("/x", ok("content"))

    assert await read(server) == b'"content"'
    shown = server.requests[1].headers
    assert "Authorization" not in shown
    assert "Cookie" not in shown
    assert shown["Accept"] == "*/*"


async def test_credentials_do_not_come_back_on_the_way_back(server: Server) -> None:
    server.answers("/file/", elsewhere("https://bucket.example/x"))
    server.answers("/x", elsewhere(f"{URL}/y"))
    server.answers("/y", ok("content"))

    await read(server)

    assert "Authorization" not in server.requests[2].headers


async def test_the_openrosa_site_is_shown_the_credentials(server: Server) -> None:
    server.answers("/file/", elsewhere("https://kc.own.example/media/x"))
    server.answers("/media/x", ok("content"))

    await read(server, openrosa="https://kc.own.example")

    assert server.requests[1].headers["Authorization"] == "Token t0ken"


@pytest.mark.parametrize("location", ["http://kobo.example/x", "http://kobo.example:80/x"])
async def test_a_server_that_does_not_know_that_it_is_encrypted_is_still_asked_so(
    server: Server, location: str
) -> None:
    server.answers("/file/", elsewhere(location))
    server.answers("/x", ok("content"))

    await read(server)

    assert urls(server)[1] == f"{URL}/x"
    assert server.requests[1].headers["Authorization"] == "Token t0ken"


async def test_a_server_that_does_not_know_its_port_is_still_asked_there(server: Server) -> None:
    server.answers("/kpi/file/", elsewhere("http://kobo.example/kpi/x"))
    server.answers("/kpi/x", ok("content"))

    await read(server, server="https://kobo.example:8443/kpi")

    assert urls(server)[1] == "https://kobo.example:8443/kpi/x"


@pytest.mark.parametrize(
    "location",
    [
        "http://bucket.example/x",
        "ftp://bucket.example/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://[::1",
        "https://kobo.example:99999/x",
        "https://alice:secret@bucket.example/x",
        "https://kobo.example@evil.example/x",
    ],
)
async def test_a_redirect_to_nowhere_or_onto_an_open_line_is_not_followed(
    server: Server, location: str
) -> None:
    server.answers("/file/", elsewhere(location))
    with pytest.raises(UnexpectedRedirect, match="points to"):
        await read(server)
    assert len(server.requests) == 1


async def test_on_an_open_line_redirects_to_open_lines_are_followed(server: Server) -> None:
    server.answers("/file/", elsewhere("http://127.0.0.1:9000/x"))
    server.answers("/x", ok("content"))

    assert await read(server, server="http://localhost:8000") == b'"content"'
    assert "Authorization" not in server.requests[1].headers


async def test_a_circle_of_redirects_ends(server: Server) -> None:
    server.answers("/file/", elsewhere("/file/"))
    with pytest.raises(UnexpectedRedirect):
        await read(server)
    assert len(server.requests) == 6


@pytest.mark.parametrize("status", [300, 304, 305])
async def test_other_statuses_between_are_no_redirects(server: Server, status: int) -> None:
    server.answers("/file/", elsewhere("/x", status))
    with pytest.raises(UnexpectedRedirect):
        await read(server)
    assert len(server.requests) == 1


async def test_what_writes_is_not_redirected(server: Server) -> None:
    server.answers("/file/", elsewhere("/x"))
    op: Op[Any] = Op("POST", "/file/", bytes, accept="*/*")
    async with server.client() as client:
        with pytest.raises(UnexpectedRedirect):
            async with client._sender.open(op.at()):
                pass  # pragma: no cover
    assert len(server.requests) == 1


async def test_a_status_that_the_operation_calls_a_success_opens_a_body(server: Server) -> None:
    server.answers("/file/", httpx.Response(418, content=b"tea", headers=ALICE))
    op: Op[Any] = Op("GET", "/file/", bytes, accept="*/*", also_ok=(418,))
    async with server.client() as client, client._sender.open(op.at()) as body:
        assert [piece async for piece in body] == [b"tea"]


class Breaking(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"half"
        raise httpx.ReadError("reset")


async def test_opening_is_repeated_but_reading_is_not(server: Server) -> None:
    broken = httpx.Response(200, stream=Breaking(), headers=ALICE)
    server.answers("/file/", error(503), httpx.ReadError("reset"), broken)

    async with server.client() as client, client._sender.open(FILE.at()) as body:
        pieces = aiter(body)
        assert await anext(pieces) == b"half"
        with pytest.raises(ConnectionLost, match="reset"):
            await anext(pieces)

    assert len(server.requests) == 3


async def test_a_reply_that_breaks_off_while_it_is_read_is_told_of_once(server: Server) -> None:
    server.answers("/file/", httpx.Response(200, stream=Breaking(), headers=ALICE))

    with pytest.raises(ConnectionLost, match="reset"):
        await read(server)

    assert [type(event) for event in server.events] == [Replied]


async def test_an_error_instead_of_a_file_is_that_error(server: Server) -> None:
    server.answers("/file/", error(403, "no"))
    async with server.client(retry=RetryPolicy(attempts=1)) as client:
        with pytest.raises(Exception, match="answered 403: no"):
            async with client._sender.open(FILE.at()):
                pass  # pragma: no cover
        server.answers(TAGS, ok())
        await client.request("GET", TAGS)


async def test_the_place_is_held_while_reading_and_given_back_afterwards(server: Server) -> None:
    server.answers("/file/", ok("content"))
    async with server.client(concurrency=server.one()) as client:
        for _ in range(3):
            async with client._sender.open(FILE.at()):
                pass
        with pytest.raises(ZeroDivisionError):
            async with client._sender.open(FILE.at()):
                raise ZeroDivisionError
        async with client._sender.open(FILE.at()) as body:
            assert [piece async for piece in body]
