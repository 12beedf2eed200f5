"""The fake server on a real socket."""

from __future__ import annotations

import anyio
import httpx
import pytest

from kobo_async.testing import FakeKobo, Fault, serve

from .submitting import post, xml

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])]


async def test_a_socket_answers_as_the_process_does() -> None:
    fake = FakeKobo()
    form = fake.add_form("Survey", rows=20)
    async with serve(fake) as url:
        assert fake.origin == url
        headers = {"Authorization": f"Token {fake.token}"}
        async with httpx.AsyncClient(base_url=url, headers=headers) as client:
            page = (await client.get(f"/api/v2/assets/{form.uid}/data/?limit=5")).json()
            assert page["next"].startswith(f"{url}/api/v2/assets/")
            assert page["results"] == list(form.rows.values())[:5]
            assert (await client.delete("/token/")).status_code == 204
            assert (await client.head("/api/v2/assets/")).content == b""
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(url)


async def test_connections_really_drop() -> None:
    fake = FakeKobo()
    form = fake.add_form("Survey", rows=200)
    data = f"/api/v2/assets/{form.uid}/data/"
    headers = {"Authorization": f"Token {fake.token}"}
    async with serve(fake) as url, httpx.AsyncClient(base_url=url, headers=headers) as client:
        fake.faults.add(Fault.reset(times=1))
        with pytest.raises(httpx.ReadError):
            await client.get(data)
        fake.faults.add(Fault.truncate(0.5, times=1))
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message"):
            await client.get(data)
        fake.faults.add(Fault.slow(chunks=3, seconds=0.01, times=1))
        assert (await client.get(data)).json()["count"] == 200
    assert [seen.status for seen in fake.requests] == [0, 200, 200]


async def test_more_requests_than_the_capacity_are_refused() -> None:
    fake = FakeKobo()
    fake.capacity = 2
    fake.latency = 0.2
    codes: list[int] = []
    hints: set[str | None] = set()

    async def ask(client: httpx.AsyncClient) -> None:
        reply = await client.get("/api/v2/environment/")
        codes.append(reply.status_code)
        if reply.status_code == 429:
            hints.add(reply.headers.get("retry-after"))

    async with serve(fake) as url, httpx.AsyncClient(base_url=url) as client:
        for seconds in (1.0, None):
            fake.capacity_retry_after = seconds
            async with anyio.create_task_group() as tasks:
                for _ in range(6):
                    tasks.start_soon(ask, client)
    assert sorted(codes) == [200] * 4 + [429] * 8
    assert hints == {"1", None}
    assert fake.active == 0


async def test_a_port_in_use_is_an_error_at_once() -> None:
    async with serve(FakeKobo()) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            async with serve(FakeKobo(), port=port):
                pass


async def test_uploads_arrive_over_a_socket() -> None:
    fake = FakeKobo()
    form = fake.add_form("Survey")
    text = xml(form, "<photo>big.png</photo>")
    headers = {"Authorization": f"Token {fake.token}"}
    async with serve(fake) as url, httpx.AsyncClient(base_url=url, headers=headers) as client:
        assert (await post(client, text, ("big.png", b"x" * 3_000_000))).status_code == 201
        fake.faults.add(Fault.reset(times=1))
        with pytest.raises(httpx.ReadError):
            await post(client, text)
        assert (await post(client, text)).status_code == 202
        link = form.rows[1]["_attachments"][0]["download_url"]
        assert len((await client.get(link)).content) == 3_000_000
