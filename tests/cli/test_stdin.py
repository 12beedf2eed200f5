"""What reads stdin ends when it should, although a thread that waits for input cannot be woken."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest

from kobo_async.cli import stdin

pytestmark = pytest.mark.asyncio


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Put a pipe in the place of stdin, and return the end that is typed into."""
    reading, writing = os.pipe()
    monkeypatch.setattr(stdin, "STDIN", reading)
    yield writing
    os.close(writing)
    os.close(reading)


async def read_to_the_end(got: asyncio.Queue[bytes]) -> None:
    while piece := await asyncio.to_thread(os.read, stdin.STDIN, 100):
        got.put_nowait(piece)


async def test_what_is_typed_comes_through_until_its_end(keyboard: int):
    got: asyncio.Queue[bytes] = asyncio.Queue()
    serving = asyncio.create_task(stdin.served(read_to_the_end(got)))
    os.write(keyboard, b"one\n")
    assert await got.get() == b"one\n"
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, keyboard)
    os.close(nothing)
    await serving
    assert got.empty()


async def test_whoever_is_cancelled_reads_the_end_at_once(keyboard: int):
    got: asyncio.Queue[bytes] = asyncio.Queue()
    serving = asyncio.create_task(stdin.served(read_to_the_end(got)))
    os.write(keyboard, b"one\n")
    assert await got.get() == b"one\n"
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    assert got.empty()
