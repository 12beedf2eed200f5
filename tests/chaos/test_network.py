"""A hostile network: the right rows or a typed error, soon, and nothing left behind."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import anyio
import attrs
import pytest

from kobo_async import (
    BreakerPolicy,
    Concurrency,
    ConnectionLost,
    KoboClient,
    KoboError,
    MalformedReply,
    RequestTimeout,
    RetryPolicy,
    Timeouts,
)
from kobo_async.testing import FakeForm, FakeKobo
from tests.chaos import troubles as of
from tests.chaos.conftest import EFFORT, HASTY, IMPATIENT, Clients
from tests.chaos.leaks import SOON, idle, nothing_left, rests
from tests.chaos.proxy import Proxy, Trouble, passes
from tests.figures import FIGURES

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(1800)]
SAMPLES = int(12 * EFFORT)
LARGE = 400

GET_OVER_IT: dict[str, Trouble] = {
    "a spike of latency": of.late(0.1),
    "a reset before the reply": of.cut(0),
    "closed before the reply": of.cut(0, rudely=False),
    "closed in the head": of.cut(30, rudely=False),
    "half open before the reply": of.half_open(0),
    "half open in the head": of.half_open(0.02),
    "half open in the body": of.half_open(0.7),
    "half open before the last byte": of.half_open(0.9999),
    "slow loris": of.trickling(0.02, 2),
    "chunks": of.chunked(last=b"0\r\n\r\n", close=False),
    "chunks without the last one": of.chunked(last=b""),
    "a chunk that breaks off": of.chunked(last=b"ff\r\nabc"),
    "a chunk of nonsense": of.chunked(last=b"zz\r\n"),
    "a chunk of negative length": of.chunked(last=b"-5\r\nabc\r\n"),
    "chunks that never end": of.chunked(last=b"", close=False),
    "a length that is too long": of.declaring(7, close=True),
    "a length that is too long, and open": of.declaring(7, close=False),
    "a length that is too short": of.declaring(-7, close=True),
    "a length that is too short, and open": of.declaring(-7, close=False),
    "no length at all": of.declaring(-(10**6), close=True),
    "two lengths": of.adding("Content-Length: 3"),
    "every header twice": of.twice(),
    "two identities": of.adding("X-Kobonaut: mallory"),
    "two encodings": of.adding("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
    "a length and chunks": of.adding("Transfer-Encoding: chunked"),
    "a status line of nonsense": of.saying("\x00\x01\x02\x7f"),
    "a status of another protocol": of.saying("220 mail.example ESMTP"),
    "a status without a number": of.saying("HTTP/1.1 abc OK"),
    "a status of four digits": of.saying("HTTP/1.1 2000 OK"),
    "a status that no one knows": of.saying("HTTP/1.1 599 Whatever"),
    "HTTP/0.9": of.saying("HTTP/0.9 200 OK"),
    "a line of 200 kB": of.saying("HTTP/1.1 200 " + "x" * 200_000),
    "200 with a page": of.busy(200),
    "500": of.busy(500),
    "502": of.busy(502),
    "503": of.busy(503, "0"),
    "504": of.busy(504),
}
FINAL = {
    "a status that no one knows",
    "a status of four digits",
}
"""What needs not be cured by asking again."""
HANGING = {
    *("half open before the reply", "half open in the head", "half open in the body"),
    *("half open before the last byte", "slow loris", "chunks that never end"),
    *("a length that is too long, and open", "two encodings", "a length and chunks"),
}
"""What only a timeout ends."""


async def download(client: KoboClient, form: FakeForm, **options: object) -> list[int]:
    async with client.submissions.stream(form.uid, fields=["_id"], **options) as rows:  # type: ignore[arg-type]
        return [row["_id"] async for row in rows]


def patience(trouble: str) -> dict[str, Any]:
    """Return the settings for a trouble: whoever loses patience would do so with a busy machine."""
    return IMPATIENT if trouble in HANGING else {}


async def works(client: KoboClient, form: FakeForm) -> None:
    """Prove that the client works, and that it holds nothing.

    One that loses patience quickly may lose it with a busy machine.
    """
    with anyio.fail_after(SOON):
        while True:
            with suppress(RequestTimeout):
                assert await download(client, form) == sorted(form.rows)
                break
    assert await rests(client)
    assert idle(client)


async def left(network: Proxy) -> bool:
    """Tell whether no connection stays, once the proxy has noticed that the client is gone."""
    with anyio.move_on_after(SOON):
        while network.open:  # noqa: ASYNC110 - another thread counts
            await anyio.sleep(0.005)
    return not network.open


@pytest.mark.parametrize("trouble", GET_OVER_IT)
async def test_a_download_gets_over_a_trouble_or_ends_in_a_typed_error_soon(
    trouble: str, network: Proxy, form: FakeForm, client_of: Clients
):
    started = time.monotonic()
    async with nothing_left(), client_of(network.url, **patience(trouble)) as client:
        await works(client, form)
        network.plays(GET_OVER_IT[trouble], GET_OVER_IT[trouble], passes, GET_OVER_IT[trouble])
        try:
            got = await download(client, form, page_size=5)
        except KoboError:
            assert trouble in FINAL
        else:
            assert got == sorted(form.rows)
        network.plays()
        await works(client, form)
    assert time.monotonic() - started < SOON
    assert await left(network)


@pytest.mark.parametrize("trouble", GET_OVER_IT)
async def test_a_trouble_that_never_ends_is_a_typed_error_soon(
    trouble: str, network: Proxy, form: FakeForm, client_of: Clients
):
    harmless = {"a spike of latency", "chunks", "every header twice", "two identities"}
    hasty = patience(trouble) | {"retry": attrs.evolve(HASTY, attempts=2)}
    async with nothing_left(), client_of(network.url, **hasty) as client:
        network.always([GET_OVER_IT[trouble]])
        with anyio.fail_after(SOON):
            try:
                page = await client.submissions.page(form.uid, limit=1, fields=["_id"])
            except KoboError:
                assert trouble not in harmless
            else:
                assert page.items[0]["_id"] in form.rows
        network.plays()
        await works(client, form)


@pytest.mark.parametrize("rudely", [True, False], ids=["reset", "closed"])
async def test_a_page_that_breaks_off_before_any_of_its_bytes_is_asked_for_again(
    # In a short run each of the four variants takes every fourth position.
    network: Proxy,
    form: FakeForm,
    client_of: Clients,
    anyio_backend: str,
    *,
    rudely: bool,
):
    step = 1 if EFFORT > 1 else 4
    async with nothing_left(), client_of(network.url) as client:
        page = await client.submissions.page(form.uid, limit=2, fields=["_id"])
        positions = range((2 * rudely + (anyio_backend == "trio")) % step, len(network.last), step)
        for position in positions:
            network.plays(of.cut(position, rudely=rudely))
            again = await client.submissions.page(form.uid, limit=2, fields=["_id"])
            assert again.items == page.items
        assert network.replies == 2 * len(positions) + 1
        FIGURES["pages that broke off"] += len(positions)
        await works(client, form)


async def test_a_large_page_that_breaks_off_anywhere_loses_and_doubles_no_row(
    network: Proxy, fake: FakeKobo, client_of: Clients
):
    large = fake.add_form("Large", rows=LARGE)
    async with nothing_left(), client_of(network.url) as client:
        await client.submissions.page(large.uid, limit=LARGE)
        whole = len(network.last)
        for sample in range(SAMPLES):
            network.plays(*(of.cut(whole * (sample + n) // (SAMPLES + n)) for n in range(3)))
            async with client.submissions.stream(large.uid, page_size=LARGE // 3) as rows:
                assert [row["_id"] async for row in rows] == sorted(large.rows)
        await works(client, large)


async def test_every_other_reply_is_502_and_the_download_is_whole(
    network: Proxy, form: FakeForm, client_of: Clients
):
    async with nothing_left(), client_of(network.url) as client:
        network.always([of.busy(502), passes])
        for strategy in ("offsets", "ranges"):
            got = await download(client, form, page_size=2, strategy=strategy)
            assert got == sorted(form.rows)


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (of.cut(0), ConnectionLost),
        (of.half_open(0.5), RequestTimeout),
        (of.busy(200), MalformedReply),
    ],
    ids=["reset", "half open", "a page"],
)
async def test_what_may_have_been_done_is_not_sent_a_second_time(
    trouble: Trouble, kind: type[KoboError], network: Proxy, fake: FakeKobo, client_of: Clients
):
    timeouts = Timeouts(read=2 if kind is RequestTimeout else 60)
    async with nothing_left(), client_of(network.url, timeouts=timeouts) as client:
        network.always([trouble])
        with pytest.raises(kind):
            await client.assets.create(asset_type="survey", name="Once")
        network.plays()
        await client.me.get()
    assert [form.name for form in fake.forms.values()].count("Once") == 1


async def test_more_callers_than_connections_all_get_their_answer(
    network: Proxy, form: FakeForm, client_of: Clients
):
    cap, callers, got = 4, 60, []
    async with nothing_left():
        patient = RetryPolicy(attempts=30, first_wait=0.001, longest_wait=0.005)
        settings = {"concurrency": Concurrency.fixed(cap), "retry": patient}
        async with client_of(network.url, **settings) as client:
            network.always([passes, of.cut(0), of.late(0.02), of.cut(200)])

            async def call() -> None:
                page = await client.submissions.page(form.uid, limit=1, fields=["_id"])
                got.append(page.items[0]["_id"])

            with anyio.fail_after(SOON):
                async with anyio.create_task_group() as group:
                    for _ in range(callers):
                        group.start_soon(call)
            network.plays()
            await works(client, form)
    assert len(got) == callers
    assert network.most_open <= cap + 4


async def test_connections_that_hang_are_given_back_when_their_callers_lose_patience(
    network: Proxy, form: FakeForm, client_of: Clients
):
    failed: list[KoboError] = []
    settings = IMPATIENT | {"breaker": BreakerPolicy(failures=1000)}
    few = {"retry": attrs.evolve(HASTY, attempts=2)}
    async with nothing_left(), client_of(network.url, **settings | few) as client:
        network.always([of.half_open(0)])

        async def call() -> None:
            try:
                await client.assets.hash()
            except KoboError as error:
                failed.append(error)

        with anyio.fail_after(SOON):
            async with anyio.create_task_group() as group:
                for _ in range(9):
                    group.start_soon(call)
        network.plays()
        await works(client, form)
    assert len(failed) == 9
