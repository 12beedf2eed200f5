"""Who the server takes the caller for: a reply to nobody is an error, though it says 200."""

from __future__ import annotations

from typing import Any

import anyio
import httpx
import pytest

from kobo_async import AuthenticationFailed, NotFound, PermissionDenied, RetryPolicy, ServerBusy
from kobo_async.call import Op
from tests.unit.serving import ALICE, TAGS, Server, all_at_once, error, ok

pytestmark = pytest.mark.anyio

EMPTY: dict[str, Any] = {"count": 0, "next": None, "previous": None, "results": []}
ME = {"username": "alice", "server_time": "2026-11-21T00:00:00Z"}


def to_nobody(status: int = 200, body: Any = EMPTY) -> httpx.Response:
    return httpx.Response(status, json=body)


def asked(server: Server, path: str) -> int:
    return sum(request.url.path == path for request in server.requests)


@pytest.mark.parametrize("credentials", [{"token": "t"}, {"bearer": "b"}])
@pytest.mark.parametrize("status", [200, 404])
async def test_a_reply_to_nobody_is_an_error_where_credentials_were_sent(
    server: Server, credentials: dict[str, str], status: int
) -> None:
    server.answers("/api/v2/assets/", to_nobody(status))
    server.answers("/me/", to_nobody(401, {"detail": "Not logged in."}))

    async with server.client(**credentials) as client:
        with pytest.raises(AuthenticationFailed) as caught:
            await client.assets.list().all()

    assert "taken for" in str(caught.value) or "anonymous one" in str(caught.value)
    assert "Not logged in." in str(caught.value)
    assert caught.value.request == "GET /api/v2/assets/"
    assert "Bearer" in str(caught.value)


async def test_nobody_is_recognised_where_the_server_says_so_with_200(server: Server) -> None:
    server.answers("/api/v2/assets/", to_nobody())
    server.answers("/me/", to_nobody(200, {"message": "user is not logged in"}))

    async with server.client() as client:
        for _ in range(2):
            with pytest.raises(AuthenticationFailed, match="anonymous one"):
                await client.assets.list().all()


async def test_nobody_on_purpose_is_answered(server: Server) -> None:
    server.answers("/api/v2/assets/", to_nobody())

    async with server.client(anonymous=True) as client:
        assert await client.assets.list().all() == []
    assert len(server.requests) == 1
    assert "Authorization" not in server.requests[0].headers


async def test_a_recognised_caller_is_not_asked_again(server: Server) -> None:
    server.answers("/api/v2/assets/", ok(EMPTY))
    server.answers(TAGS, error(404))

    async with server.client() as client:
        await client.assets.list().all()
        with pytest.raises(NotFound):
            await client.request("GET", TAGS)
    assert asked(server, "/me/") == 0


async def test_a_proxy_that_strips_the_header_is_found_out_once(server: Server) -> None:
    server.answers("/api/v2/assets/", to_nobody())
    server.answers("/me/", to_nobody(200, ME))

    async with server.client() as client:
        for _ in range(5):
            assert await client.assets.list().all() == []
    assert asked(server, "/me/") == 1
    assert asked(server, "/api/v2/assets/") == 5


@pytest.mark.parametrize("status", [200, 404])
async def test_it_is_found_out_once_however_many_ask_at_once(server: Server, status: int) -> None:
    async def slowly(_: httpx.Request) -> httpx.Response:
        await anyio.sleep(1)
        return to_nobody(200, ME)

    server.answers(TAGS, to_nobody(status))
    server.answers("/me/", slowly)

    async with server.client() as client:
        results = await all_at_once(lambda: client.request("GET", TAGS), 12)

    assert asked(server, "/me/") == 1
    assert asked(server, TAGS) == 12
    for result in results:
        assert result == EMPTY if status == 200 else isinstance(result, NotFound)


async def test_one_reply_without_the_header_does_not_make_all_others_believed(
    server: Server,
) -> None:
    server.answers(TAGS, to_nobody())
    server.answers("/me/", ok(ME), error(401))

    async with server.client(bearer="expires") as client:
        assert await client.request("GET", TAGS) == EMPTY
        with pytest.raises(AuthenticationFailed):
            await client.request("GET", TAGS)


async def test_a_404_without_the_header_stays_one_where_the_caller_is_known(
    server: Server,
) -> None:
    server.answers(TAGS, httpx.Response(404, content=b"<h1>Page not found (404)</h1>"))
    server.answers("/me/", ok(ME))

    async with server.client() as client:
        with pytest.raises(NotFound, match="Page not found"):
            await client.request("GET", TAGS)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 405, 500])
async def test_other_errors_are_what_they_are(server: Server, status: int) -> None:
    server.answers(TAGS, to_nobody(status, {"detail": "no"}))

    async with server.client(retry=RetryPolicy(attempts=1)) as client:
        with pytest.raises(Exception, match="no") as caught:
            await client.request("GET", TAGS)
    assert caught.value.status == status  # type: ignore[attr-defined]
    assert asked(server, "/me/") == 0


async def test_the_account_itself_needs_no_second_look(server: Server) -> None:
    server.answers("/me/", to_nobody(200, ME))

    async with server.client() as client:
        assert (await client.me.get()).username == "alice"
    assert len(server.requests) == 1


async def test_what_goes_wrong_with_the_second_look_is_told_as_it_is(server: Server) -> None:
    server.answers(TAGS, to_nobody())
    server.answers("/me/", error(403, "locked"))

    async with server.client() as client:
        with pytest.raises(PermissionDenied, match="locked"):
            await client.request("GET", TAGS)


async def test_a_second_look_that_is_repeated_does_not_repeat_the_request(server: Server) -> None:
    server.answers(TAGS, to_nobody(201, {"uid": "new"}))
    server.answers("/me/", error(503), error(503), ok(ME))

    async with server.client() as client:
        assert await client.request("POST", TAGS, json={}) == {"uid": "new"}
    assert asked(server, TAGS) == 1
    assert asked(server, "/me/") == 3


async def test_attempts_at_both_do_not_multiply(server: Server) -> None:
    server.answers(TAGS, to_nobody())
    server.answers("/me/", error(503))

    async with server.client(retry=RetryPolicy(attempts=4)) as client:
        with pytest.raises(ServerBusy):
            await client.request("GET", TAGS)
    assert (asked(server, TAGS), asked(server, "/me/")) == (1, 4)


async def test_a_second_look_works_where_one_request_is_allowed_at_a_time(server: Server) -> None:
    server.answers(TAGS, to_nobody(404))
    server.answers("/me/", ok(ME))
    op: Op[Any] = Op("GET", TAGS, bytes, accept="*/*")

    async with server.client(concurrency=server.one()) as client:
        with pytest.raises(NotFound):
            await client.request("GET", TAGS)
        with pytest.raises(NotFound):
            async with client._sender.open(op.at()):
                pass  # pragma: no cover
    assert asked(server, "/me/") == 2


async def test_a_missing_file_that_is_asked_for_as_nobody_is_an_error_of_the_credentials(
    server: Server,
) -> None:
    server.answers(TAGS, to_nobody(404))
    server.answers("/me/", error(401))
    op: Op[Any] = Op("GET", TAGS, bytes, accept="*/*")

    async with server.client() as client:
        with pytest.raises(AuthenticationFailed):
            async with client._sender.open(op.at()):
                pass  # pragma: no cover


async def test_the_name_of_the_header_may_be_spelt_in_any_way(server: Server) -> None:
    for name in ("X-KoBoNaUt", "x-kobonaut", "X-KOBONAUT"):
        server.answers(TAGS, httpx.Response(200, json={}, headers={name: ALICE["X-Kobonaut"]}))
        async with server.client() as client:
            await client.request("GET", TAGS)
    assert asked(server, "/me/") == 0
