from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from kobo_async.testing import FakeForm, FakeKobo, Fault, RequestInfo, Seen

from .conftest import Naps

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])]


async def test_a_status_strikes_so_many_times_and_looks_like_a_proxy(
    client: httpx.AsyncClient, fake: FakeKobo
) -> None:
    fake.faults.add(Fault.status(502, times=2))
    replies = [await client.get("/me/") for _ in range(3)]
    assert [reply.status_code for reply in replies] == [502, 502, 200]
    assert "<center>nginx</center>" in replies[0].text
    assert replies[0].headers["content-type"].startswith("text/html")
    assert fake.faults.fired() == 2


@pytest.mark.parametrize(
    ("given", "header"),
    [
        (3, "3"),
        (0.5, "0.5"),
        ("soon", "soon"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "Fri, 02 Jan 2026 03:04:05 GMT"),
        (None, None),
    ],
)
async def test_retry_after_is_seconds_or_a_date(
    client: httpx.AsyncClient,
    fake: FakeKobo,
    given: float | str | datetime | None,
    header: str | None,
) -> None:
    fake.faults.add(Fault.status(429, retry_after=given))
    assert (await client.get("/me/")).headers.get("retry-after") == header


async def test_a_fault_can_carry_its_own_body_and_an_odd_status(
    client: httpx.AsyncClient, fake: FakeKobo
) -> None:
    fake.faults.add(
        Fault.status(520, times=1),
        Fault.status(503, body=b'{"error":"busy"}', content_type="application/json"),
    )
    assert "520 Error" in (await client.get("/me/")).text
    assert (await client.get("/me/")).json() == {"error": "busy"}


async def test_a_fault_strikes_only_what_it_matches_and_only_after_some(
    client: httpx.AsyncClient, fake: FakeKobo, data: str
) -> None:
    fake.faults.add(Fault.status(500, match=r"^GET .*/data/$", after=1, times=1))
    assert (await client.get("/me/")).status_code == 200
    codes = [(await client.get(data, params={"limit": 1})).status_code for _ in range(3)]
    assert codes == [200, 500, 200]
    fake.faults.add(Fault.status(500))
    fake.faults.clear()
    assert (await client.get("/me/")).status_code == 200


async def test_random_faults_come_from_the_seed(client: httpx.AsyncClient, fake: FakeKobo) -> None:
    fake.faults.add(Fault.status(500, probability=0.5))
    codes = [(await client.get("/me/")).status_code for _ in range(40)]
    again = FakeKobo()
    again.faults.add(Fault.status(500, probability=0.5))
    transport = httpx.ASGITransport(again)
    headers = {"Authorization": f"Token {again.token}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://kobo.test", headers=headers
    ) as other:
        assert codes == [(await other.get("/me/")).status_code for _ in range(40)]
    assert {200, 500} == set(codes)


async def test_delays_add_up_and_go_with_another_fault(
    client: httpx.AsyncClient, fake: FakeKobo, naps: Naps
) -> None:
    fake.latency = 0.25
    fake.faults.add(Fault.latency(1.0), Fault.latency(2.0, times=1), Fault.status(500, times=1))
    assert (await client.get("/me/")).status_code == 500
    assert (await client.get("/me/")).status_code == 200
    assert naps.taken == [3.25, 1.25]


async def test_a_reset_is_an_exception_in_process(
    client: httpx.AsyncClient, fake: FakeKobo
) -> None:
    fake.faults.add(Fault.reset(times=1))
    with pytest.raises(ConnectionResetError):
        await client.get("/me/")
    assert fake.requests[-1] == Seen("GET", "/me/", {}, 0, "alice")
    assert (await client.get("/me/")).status_code == 200


async def test_a_truncated_reply_promises_all_of_its_body(
    fake: FakeKobo, form: FakeForm, data: str
) -> None:
    fake.faults.add(Fault.truncate(0.25))
    form.share("AnonymousUser")
    sent: list[dict[str, object]] = []

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        sent.append(message)

    async def receive() -> dict[str, object]:
        return {"type": "http.request"}

    scope = {"type": "http", "method": "GET", "path": data, "query_string": b"", "headers": []}
    with pytest.raises(ConnectionResetError):
        await fake(scope, receive, send)
    start, body = sent
    promised = int(dict(start["headers"])[b"content-length"])  # type: ignore[call-overload]
    part = body["body"]
    assert isinstance(part, bytes)
    assert len(part) == promised // 4
    assert body["more_body"] is True


async def test_a_slow_reply_comes_in_pieces_and_whole(
    client: httpx.AsyncClient, fake: FakeKobo, naps: Naps, data: str
) -> None:
    fake.faults.add(Fault.slow(chunks=5, seconds=0.1, times=1))
    slow = await client.get(data)
    assert naps.taken == [0.1] * 5
    assert slow.content == (await client.get(data)).content


async def test_garbage_is_200_and_no_json(client: httpx.AsyncClient, fake: FakeKobo) -> None:
    fake.faults.add(Fault.garbage(times=1), Fault.garbage("json", times=1))
    page, cut = await client.get("/me/"), await client.get("/me/")
    assert page.status_code == cut.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert cut.headers["content-type"] == "application/json"
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|Invalid"):
        cut.json()


async def test_latency_may_depend_on_the_request_and_deep_pages_cost(
    client: httpx.AsyncClient, fake: FakeKobo, naps: Naps, data: str
) -> None:
    def latency(info: RequestInfo) -> float:
        return 2.0 if info.path == "/me/" else 0.0

    fake.latency = latency
    fake.skip_cost = 0.01
    await client.get("/me/")
    await client.get(data, params={"start": 200, "limit": 1})
    await client.get(data, params={"limit": 1})
    assert naps.taken == [2.0, 2.0]


async def test_requests_are_remembered_with_their_outcome(
    client: httpx.AsyncClient, fake: FakeKobo, data: str
) -> None:
    await client.get(data, params={"limit": "0"})
    await client.get("/me/", headers={"Authorization": "Token wrong"})
    assert fake.requests == [
        Seen("GET", data, {"limit": "0"}, 400, "alice"),
        Seen("GET", "/me/", {}, 401, None),
    ]


async def test_rows_may_change_before_any_request_and_between_count_and_find(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm, data: str
) -> None:
    seen: list[RequestInfo] = []

    def before(info: RequestInfo) -> None:
        seen.append(info)
        form.delete(min(form.rows))

    fake.on_request = before
    body = (await client.get(data, params={"limit": 1})).json()
    assert (body["count"], body["results"][0]["_id"]) == (249, 2)
    assert seen[0].user == "alice"
    assert seen[0].query == {"limit": "1"}
    fake.on_request = None
    fake.between_count_and_find = lambda: form.delete(min(form.rows))
    body = (await client.get(data, params={"limit": 1000})).json()
    assert (body["count"], len(body["results"])) == (249, 248)


async def test_a_server_speaks_lifespan_and_nothing_else_but_http(fake: FakeKobo) -> None:
    incoming = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent: list[object] = []

    async def receive() -> dict[str, str]:
        return next(incoming)

    async def send(message: object) -> None:
        sent.append(message)

    await fake({"type": "lifespan"}, receive, send)
    assert sent == [
        {"type": "lifespan.startup.complete"},
        {"type": "lifespan.shutdown.complete"},
    ]
    with pytest.raises(NotImplementedError):
        await fake({"type": "websocket"}, receive, send)
