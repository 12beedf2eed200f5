"""User code around the fake server. mypy reads it; nobody runs it."""

from __future__ import annotations

from typing import assert_type

import httpx

from kobo_async import KoboClient
from kobo_async.testing import FakeForm, FakeKobo, Fault, RequestInfo, serve


def scripted() -> FakeKobo:
    fake = FakeKobo(seed=3)
    form = fake.add_form("Wells", rows=10, id_gaps=2)
    assert_type(form, FakeForm)
    assert_type(form.uid, str)
    assert_type(form.insert(3), list[int])
    fake.faults.add(Fault.status(503, retry_after=2, times=1), Fault.truncate(0.5, match="/data/"))
    fake.latency = 0.05

    def change(request: RequestInfo) -> None:
        assert_type(request.path, str)
        form.insert()

    fake.on_request = change
    return fake


async def mounted() -> None:
    fake = scripted()
    async with KoboClient("http://localhost", token=fake.token, app=fake) as client:
        await client.me.get()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(fake)) as bare:
        await bare.get("http://testserver/me/")
    async with serve(fake, port=8400) as url:
        assert_type(url, str)
