"""Which connection serves the next request."""

from __future__ import annotations

from collections.abc import AsyncIterator

import anyio
import attrs
import pytest

from kobo_async.transport.pool import Pool

pytestmark = pytest.mark.anyio
HERE, THERE = "https://here", "https://there"


@attrs.define(eq=False)
class Line:
    """A connection of the library, as far as a pool sees it."""

    origin: str
    expired: bool = False
    closed: bool = False
    broken: bool = False

    async def handle_async_request(self, request: Request) -> Answer:  # noqa: ARG002 - as the library
        await anyio.lowlevel.checkpoint()
        if self.broken:
            raise OSError("cut")
        return Answer()

    def can_handle_request(self, origin: str) -> bool:
        return origin == self.origin

    def has_expired(self) -> bool:
        return self.expired

    def is_idle(self) -> bool:
        return not self.closed

    async def aclose(self) -> None:
        await anyio.lowlevel.checkpoint()
        self.closed = True


@attrs.frozen
class Url:
    origin: str


@attrs.frozen
class Request:
    url: Url


@attrs.define
class Answer:
    """A response, and its own body."""

    times_closed: int = 0

    @property
    def stream(self) -> Answer:
        return self

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"all"

    async def aclose(self) -> None:
        self.times_closed += 1


async def send(pool: Pool, *origins: str) -> list[Line]:
    """Send requests at the same time; return the connections that served them."""
    sent = [await pool.send(Request(Url(origin))) for origin in origins]
    lines = [content._connection for _, content in sent]
    for _, content in sent:
        await content.aclose()
    return lines


async def test_the_one_that_was_used_last_goes_first():
    pool = Pool(Line)
    _, last = await send(pool, HERE, HERE)
    assert await send(pool, HERE) == [last]
    assert len(pool.connections) == 2


async def test_every_origin_has_its_own():
    pool = Pool(Line)
    here, there = await send(pool, HERE, THERE)
    assert await send(pool, HERE, THERE) == [here, there]
    assert await send(pool, THERE, HERE) == [there, here]


async def test_expired_ones_are_closed_wherever_they_are():
    pool = Pool(Line)
    oldest, middle, newest = await send(pool, HERE, HERE, HERE)
    oldest.expired = newest.expired = True
    assert await send(pool, HERE) == [middle]
    assert oldest.closed
    assert newest.closed
    assert pool.connections == [middle]


async def test_one_that_fails_is_closed_and_forgotten():
    pool = Pool(Line)
    (line,) = await send(pool, HERE)
    line.broken = True
    with pytest.raises(OSError, match="cut"):
        await send(pool, HERE)
    assert line.closed
    assert pool.connections == []


async def test_one_is_closed_when_its_request_is_cancelled():
    pool = Pool(Line)
    (line,) = await send(pool, HERE)
    with anyio.CancelScope() as scope:
        scope.cancel()
        await send(pool, HERE)
    assert line.closed
    assert pool.connections == []


async def test_a_body_that_is_closed_twice_gives_its_connection_back_once():
    pool = Pool(Line)
    response, content = await pool.send(Request(Url(HERE)))
    assert [piece async for piece in content] == [b"all"]
    await content.aclose()
    await content.aclose()
    assert response.times_closed == 1
    assert len(pool.connections) == 1


async def test_a_closed_pool_keeps_nothing_that_is_given_back_later():
    pool = Pool(Line)
    await send(pool, HERE, HERE)
    _, content = await pool.send(Request(Url(HERE)))
    lines = pool.connections
    await pool.aclose()
    await content.aclose()
    assert all(line.closed for line in lines)
    assert pool.connections == []
