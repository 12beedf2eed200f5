"""One call from value to result: what is sent, what is told of it, and what comes back."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kobo_async import (
    BadRequest,
    KoboClient,
    MalformedReply,
    RateLimited,
    UnexpectedRedirect,
    UnexpectedShape,
)
from kobo_async._version import __version__
from kobo_async.call import Op, Paging, Upload
from kobo_async.errors import QueryError
from kobo_async.events import BreakerChanged, Event, LimitChanged, Paused, Replied, Retrying
from kobo_async.models.account import Me
from tests.unit.serving import TAGS, URL, Server, error, ok

pytestmark = pytest.mark.anyio


def kinds(server: Server) -> list[type[Event]]:
    return [type(event) for event in server.events]


# What is sent


async def test_a_request_says_who_asks_what_for_and_in_which_language(server: Server) -> None:
    server.answers(TAGS, ok())
    async with server.client() as client:
        await client.request("GET", TAGS, query={"q": "é", "limit": 5, "skip": None})
        await client.request("POST", TAGS, json={"name": "x"})

    get, post = server.requests
    assert str(get.url) == f"{URL}{TAGS}?q=%C3%A9&limit=5&skip=null"
    assert get.headers["Accept"] == "application/json"
    assert get.headers["Accept-Language"] == "en"
    assert get.headers["User-Agent"] == f"kobo_async/{__version__}"
    assert "Content-Type" not in get.headers
    assert (post.content, post.headers["Content-Type"]) == (b'{"name":"x"}', "application/json")


async def test_forms_and_files_are_sent_as_forms(server: Server) -> None:
    server.answers(TAGS, ok())
    op: Op[Any] = Op("POST", TAGS, object)
    async with server.client() as client:
        await client._sender.send(op.at(form={"name": "é"}))
        files = [Upload("content", "x.png", b"PNG", "image/png")]
        await client._sender.send(op.at(form={"name": "é"}, files=files))

    plain, multipart = server.requests
    assert plain.content == b"name=%C3%A9"
    assert plain.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert multipart.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="content"; filename="x.png"\r\nContent-Type: image/png\r\n\r\nPNG' in (
        multipart.content
    )


async def test_cookies_of_the_server_are_not_sent_back(server: Server) -> None:
    server.answers(TAGS, ok({}, **{"Set-Cookie": "kobonaut=session; Path=/"}))
    async with server.client() as client:
        await client.request("GET", TAGS)
        await client.request("POST", TAGS)

    assert all("Cookie" not in request.headers for request in server.requests)


async def test_a_server_behind_a_path_is_asked_behind_that_path(server: Server) -> None:
    server.answers("/kpi" + TAGS, ok())
    async with server.client(server=f"{URL}/kpi/") as client:
        await client.request("GET", TAGS)
        await client.request("GET", f"http://inside:8000/kpi{TAGS}?start=5", query={"limit": 1})

    assert str(server.requests[1].url) == f"{URL}/kpi{TAGS}?start=5&limit=1"


@pytest.mark.parametrize(
    "link", ["https://evil.example/api/v2/tags/", "//evil.example/api/v2/tags/", "api/v2/tags/"]
)
async def test_the_token_goes_to_the_configured_server_whatever_link_is_asked_for(
    server: Server, link: str
) -> None:
    server.answers(TAGS, ok())
    async with server.client() as client:
        await client.request("GET", link)

    assert str(server.requests[0].url) == URL + TAGS


@pytest.mark.parametrize("path", ["http://[::1/x", f"/x?q={'y' * 70_000}", "/x\x00"])
async def test_what_cannot_be_an_address_is_refused_at_once(server: Server, path: str) -> None:
    async with server.client() as client:
        with pytest.raises(QueryError):
            await client.request("GET", path)
    assert server.requests == []
    assert server.events == []


async def test_a_query_that_is_too_long_for_an_address_is_refused_at_once(server: Server) -> None:
    async with server.client() as client:
        with pytest.raises(QueryError, match="too long"):
            await client.submissions.count("a1", where={"_id": {"$in": list(range(20_000))}})
    assert server.events == []


# What comes back


async def test_any_request_may_be_sent_and_its_json_comes_back(server: Server) -> None:
    server.answers(TAGS, ok([1, {"a": None}]), httpx.Response(204))
    server.answers("/me/", ok())
    async with server.client() as client:
        assert await client.request("GET", TAGS) == [1, {"a": None}]
        assert await client.request("DELETE", TAGS) is None


async def test_what_is_not_asked_for_as_json_comes_back_as_bytes(server: Server) -> None:
    server.answers(TAGS, ok({"a": 1}))
    async with server.client() as client:
        assert await client.request("GET", TAGS, accept="*/*") == b'{"a":1}'
    assert server.requests[0].headers["Accept"] == "*/*"


async def test_results_are_models_and_pages_of_models(server: Server) -> None:
    me = {"username": "alice", "server_time": "2026-11-21T00:00:00Z"}
    server.answers("/list/", ok({"count": 3, "next": None, "results": [me, me]}))
    op = Op("GET", "/list/", Me, paging=Paging.COUNTED)
    async with server.client() as client:
        page = await client._sender.page(op.at())
        first = await client._sender.pages(op.at()).first()

    assert [item.username for item in page.items] == ["alice", "alice"]
    assert (page.count, page.more) == (3, True)
    assert first == page.items[0]


@pytest.mark.parametrize(
    "body", [b'{"username": 5, "server_time": "2026-11-21T00:00:00Z"}', b"[]", b"null"]
)
async def test_json_of_another_shape_is_an_error_and_not_repeated(
    server: Server, body: bytes
) -> None:
    server.answers("/me/", httpx.Response(200, content=body))
    async with server.client() as client:
        with pytest.raises(UnexpectedShape, match="GET /me/: not a Me"):
            await client.me.get()
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_redirects_are_not_followed_where_json_is_asked_for(
    server: Server, method: Any, status: int
) -> None:
    server.answers(TAGS, httpx.Response(status, headers={"Location": f"{URL}/other/"}))
    async with server.client() as client:
        with pytest.raises(UnexpectedRedirect, match=r"points to .*/other/ .*trailing slash"):
            await client.request(method, TAGS)
    assert len(server.requests) == 1


async def test_an_html_page_instead_of_json_is_malformed(server: Server) -> None:
    page = b"<!doctype html><title>Log in</title>"
    server.answers(TAGS, httpx.Response(200, content=page, headers={"Content-Type": "text/html"}))
    async with server.client() as client:
        with pytest.raises(MalformedReply, match="starting with '<!doctype html>"):
            await client.request("GET", TAGS)


async def test_headers_that_come_twice_do_no_harm(server: Server) -> None:
    twice = [("Content-Length", "2"), ("Content-Length", "2"), ("X-Kobonaut", "a"), ("x", "1")]
    server.answers(TAGS, httpx.Response(200, content=b"{}", headers=twice))
    async with server.client() as client:
        assert await client.request("GET", TAGS) == {}


@pytest.mark.parametrize("status", [204, 304])
async def test_a_reply_without_a_body_may_declare_the_length_it_would_have(
    server: Server, status: int
) -> None:
    headers = {"Content-Length": "99", "X-Kobonaut": "alice"}
    server.answers(TAGS, httpx.Response(status, headers=headers))
    op: Op[Any] = Op("POST", TAGS, object, also_ok=(304,))
    async with server.client() as client:
        assert await client._sender.send(op.at()) is None


async def test_where_a_redirect_is_the_answer_its_address_is_the_value(server: Server) -> None:
    headers = {"Location": "http://[::1"}
    server.answers(TAGS, httpx.Response(302, headers=headers), httpx.Response(302, headers={}))
    op = Op("GET", TAGS, str, accept="*/*", also_ok=(302,))
    async with server.client() as client:
        assert await client._sender.send(op.at()) == "http://[::1"


@pytest.mark.parametrize("length", [b"abc", b"\xb2", b"", b"-1"])
async def test_a_length_that_makes_no_sense_is_not_believed(server: Server, length: bytes) -> None:
    headers = [(b"Content-Length", length), (b"X-Kobonaut", b"alice")]
    server.answers(TAGS, httpx.Response(200, content=b'{"a":1}', headers=headers))
    async with server.client() as client:
        assert await client.request("GET", TAGS) == {"a": 1}


# What is told


async def test_events_are_told_in_the_order_in_which_things_happen(server: Server) -> None:
    server.answers(TAGS, error(429, retry_after="3"), ok())
    async with server.client() as client:
        await client.request("GET", TAGS)

    assert kinds(server) == [LimitChanged, Paused, Replied, Retrying, Replied]
    changed, paused, refused, retrying, replied = server.events
    assert changed == LimitChanged(1)
    assert paused == Paused(3.0)
    assert isinstance(refused, Replied)
    assert isinstance(retrying, Retrying)
    assert (refused.request, refused.status) == (f"GET {TAGS}", 429)
    assert isinstance(retrying.error, RateLimited)
    assert isinstance(replied, Replied)
    assert replied.status == 200


async def test_a_request_without_a_reply_is_told_without_a_status(server: Server) -> None:
    server.answers(TAGS, httpx.ReadError("reset"), ok())
    async with server.client() as client:
        await client.request("GET", TAGS)

    first = server.events[0]
    assert isinstance(first, Replied)
    assert first.status is None


async def test_the_breaker_tells_when_it_opens_and_when_it_closes(server: Server) -> None:
    server.answers(TAGS, *[error(502)] * 20, ok())
    op: Op[Any] = Op("GET", TAGS, object, patient=True)
    async with server.client() as client:
        await client._sender.send(op.at())

    assert server.told(BreakerChanged) == [BreakerChanged(open=True), BreakerChanged(open=False)]


async def test_an_observer_hears_what_happens_to_its_own_sender_too(server: Server) -> None:
    server.answers(TAGS, error(503), ok())
    heard: list[Event] = []
    op: Op[Any] = Op("GET", TAGS, object)
    async with server.client() as client:
        await client._sender.observed(heard.append).send(op.at())
        await client._sender.send(op.at())

    assert [type(event) for event in heard] == [Replied, Retrying, Replied]
    assert server.told(Replied, Retrying)[:3] == heard
    assert len(server.told(Replied)) == 3


async def test_nobody_needs_to_listen(server: Server) -> None:
    server.answers("/me/", ok({"username": "alice", "server_time": "2026-11-21T00:00:00Z"}))
    transport = httpx.MockTransport(server.router.async_handler)
    async with KoboClient(URL, token="t", transport=transport, clock=server.clock) as client:
        assert (await client.me.get()).username == "alice"


async def test_a_client_can_be_closed_without_a_block(server: Server) -> None:
    server.answers("/api/v2/environment/", ok())
    transport = httpx.MockTransport(server.router.async_handler)
    client = KoboClient(URL, anonymous=True, transport=transport)
    await client.environment.get()
    await client.aclose()

    with pytest.raises(RuntimeError, match="closed"):
        await client.environment.get()


async def test_a_mistake_in_what_is_sent_shows_before_anything_is_sent(server: Server) -> None:
    async with server.client() as client:
        with pytest.raises(TypeError):
            await client.request("POST", TAGS, json={"x": object()})
    assert server.events == []


async def test_a_bad_request_tells_the_fields(server: Server) -> None:
    server.answers(TAGS, httpx.Response(400, json={"name": ["Too long."]}))
    async with server.client() as client:
        with pytest.raises(BadRequest) as caught:
            await client.request("POST", TAGS, json={})
    assert caught.value.fields == {"name": "Too long."}
