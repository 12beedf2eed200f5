"""What gate and breaker learn from what comes back."""

from __future__ import annotations

from typing import Any

import anyio
import httpx
import pytest

from kobo_async import BreakerPolicy, KoboError, RetryPolicy
from kobo_async.call import Op
from kobo_async.events import BreakerChanged, LimitChanged, Paused
from tests.unit.serving import TAGS, Answer, Server, all_at_once, error, ok

pytestmark = pytest.mark.anyio
ONCE = RetryPolicy(attempts=1)
GET: Op[Any] = Op("GET", TAGS, object)
ANSWERS: dict[str, Answer] = {
    "success": ok(),
    "400": error(400),
    "404": error(404),
    "423": error(423),
    "429": error(429),
    "500": error(500),
    "502": error(502),
    "503": error(503),
    "504": error(504),
    "garbled": httpx.Response(200, content=b"<html>"),
    "no connection": httpx.ConnectError("refused"),
    "reset": httpx.ReadError("reset"),
    "timeout": httpx.ReadTimeout("slow"),
}
TOO_MUCH = {"429", "503", "504", "timeout"}
NOT_THERE = {"502", "503", "504", "no connection", "reset", "timeout"}


async def send(server: Server, answer: str, **settings: Any) -> None:
    server.answers(TAGS, ANSWERS[answer])
    async with server.client(retry=ONCE, **settings) as client:
        try:
            await client._sender.send(GET.at())
        except KoboError:
            assert answer != "success"


@pytest.mark.parametrize("answer", ANSWERS)
async def test_the_limit_is_lowered_by_what_fewer_requests_would_have_spared(
    server: Server, answer: str
) -> None:
    await send(server, answer)

    assert (LimitChanged(1) in server.events) is (answer in TOO_MUCH)


@pytest.mark.parametrize("answer", ANSWERS)
async def test_the_breaker_counts_what_shows_that_the_server_is_not_there(
    server: Server, answer: str
) -> None:
    await send(server, answer, breaker=BreakerPolicy(failures=1))

    assert bool(server.told(BreakerChanged)) is (answer in NOT_THERE)


@pytest.mark.parametrize("status", [429, 503, 404, 400])
@pytest.mark.parametrize(("value", "seconds"), [("5", 5.0), ("0", None), ("181", None)])
async def test_everyone_waits_for_what_any_error_asks_to_wait(
    server: Server, status: int, value: str, seconds: float | None
) -> None:
    server.answers(TAGS, error(status, retry_after=value))
    async with server.client(retry=ONCE) as client:
        with pytest.raises(KoboError):
            await client._sender.send(GET.at())

    assert server.told(Paused) == ([] if seconds is None else [Paused(seconds)])


@pytest.mark.parametrize("whole", [True, False])
async def test_replies_read_in_pieces_let_the_limit_rise_too(server: Server, whole: bool) -> None:
    async def slowly(_: httpx.Request) -> httpx.Response:
        await anyio.sleep(1)
        return ok("content")

    server.answers(TAGS, slowly)
    async with server.client() as client:

        async def in_pieces() -> None:
            async with client._sender.open(GET.at()):
                pass

        await all_at_once((lambda: client.request("GET", TAGS)) if whole else in_pieces, 4)

    assert server.told(LimitChanged)
