"""Files from the server: whole, or not there at all."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import attrs

from kobo_async.call import Call
from kobo_async.errors import ConnectionLost, MalformedReply, RequestTimeout
from kobo_async.pages import Sender, whole
from kobo_async.sinks.base import Draft
from kobo_async.sinks.turns import Turns

ATTEMPTS: Final = 3
"""How often a file is fetched that breaks off on the way."""
PAGES: Final = ("text/html", "application/json")
"""What exports never are: a login page, or an error, under the status of a file."""


@attrs.frozen(kw_only=True)
class Saved:
    """A file that was fetched: `path` tells where it is, or `content` what it holds."""

    path: Path | None
    content: bytes | None = attrs.field(repr=False)
    size: int
    headers: Mapping[str, str] = attrs.field(repr=False)


async def fetch(sender: Sender, call: Call[bytes], path: str | Path | None) -> Saved:
    """Fetch a file into `path`, which gets it whole or not at all, or without one into memory.

    A file that breaks off on the way is fetched again from the start, and so is what turns out to
    be a page for people instead.
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return await _fetch_once(sender, call, path)
        except (ConnectionLost, MalformedReply, RequestTimeout):
            continue
    return await _fetch_once(sender, call, path)


async def _fetch_once(sender: Sender, call: Call[bytes], path: str | Path | None) -> Saved:
    async with sender.open(call) as body:
        kind = body.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in PAGES:
            raise MalformedReply(f"{kind} instead of a file", call.label)
        if path is None:
            content = await whole(body)
            return Saved(path=None, content=content, size=len(content), headers=body.headers)
        target, size = await save(body, path)
        return Saved(path=target, content=None, size=size, headers=body.headers)


async def save(body: AsyncIterable[bytes], path: str | Path) -> tuple[Path, int]:
    """Write pieces to a file that gets its name when it is whole; return its path and size."""
    size = 0
    async with _draft(path) as (draft, turns):
        async for piece in body:
            size += await turns.run(draft.file.write, piece)
    return draft.target, size


@asynccontextmanager
async def _draft(path: str | Path) -> AsyncIterator[tuple[Draft, Turns]]:
    draft, turns = Draft(path), Turns()
    try:
        await turns.run(draft.open)
        yield draft, turns
        await turns.run(draft.commit)
    finally:
        await turns.finish(draft.discard)


async def write(content: bytes, path: str | Path) -> Path:
    """Write a file that is there whole, or not at all."""
    async with _draft(path) as (draft, turns):
        await turns.run(draft.file.write, content)
    return draft.target


def check_place(path: str | Path | None) -> None:
    """Refuse a place where no file can be, before the server is put to work.

    Raises:
        ConfigError: for a folder, and for a file in a folder that does not exist.
    """
    if path is not None:
        Draft(path)
