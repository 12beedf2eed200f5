"""What a hostile network does to a reply, each as a trouble of the proxy."""

from __future__ import annotations

from collections.abc import Mapping

import anyio

from tests.chaos.proxy import Exchange, Trouble, passes

PIECE = 40


def cut(position: int, *, rudely: bool = True) -> Trouble:
    """Break the connection before the byte at a position."""

    async def trouble(exchange: Exchange) -> None:
        if position:
            await exchange.send(exchange.reply[:position])
        if rudely:
            await exchange.reset()
        else:
            await exchange.close()

    return trouble


def late(seconds: float) -> Trouble:
    async def trouble(exchange: Exchange) -> None:
        await anyio.sleep(seconds)
        await passes(exchange)

    return trouble


def half_open(part: float) -> Trouble:
    """Send a part, and never another byte; the connection stays."""

    async def trouble(exchange: Exchange) -> None:
        await exchange.send(exchange.reply[: int(len(exchange.reply) * part)])
        await exchange.until_left()

    return trouble


def trickling(pause: float, size: int = 1) -> Trouble:
    """Send little pieces, so that no single wait is long."""

    async def trouble(exchange: Exchange) -> None:
        for start in range(0, len(exchange.reply), size):
            await exchange.send(exchange.reply[start : start + size])
            await anyio.sleep(pause)

    return trouble


def chunked(*, last: bytes, close: bool = True) -> Trouble:
    """Send the body in chunks, with something else in place of the last one."""

    async def trouble(exchange: Exchange) -> None:
        head = exchange.headers("Transfer-Encoding: chunked", without="content-length")
        pieces = [exchange.body[at : at + PIECE] for at in range(0, len(exchange.body), PIECE)]
        sent = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
        await exchange.send(head + sent + last)
        if close:
            await exchange.close()

    return trouble


def declaring(more: int, *, close: bool) -> Trouble:
    """Declare a length that is not that of the body."""

    async def trouble(exchange: Exchange) -> None:
        length = f"Content-Length: {len(exchange.body) + more}"
        await exchange.send(exchange.headers(length, without="content-length") + exchange.body)
        if close:
            await exchange.close()

    return trouble


def adding(*headers: str) -> Trouble:
    async def trouble(exchange: Exchange) -> None:
        await exchange.send(exchange.headers(*headers) + exchange.body)

    return trouble


def twice() -> Trouble:
    """Send every header a second time."""

    async def trouble(exchange: Exchange) -> None:
        lines = exchange.headers().decode("latin-1").split("\r\n")[1:-2]
        await exchange.send(exchange.headers(*lines) + exchange.body)

    return trouble


def saying(text: str, headers: Mapping[str, str] | None = None) -> Trouble:
    """Send a status line of one's own, headers, and a page."""

    async def trouble(exchange: Exchange) -> None:
        page = b"<html><h1>Sorry</h1></html>"
        more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        head = f"{text}\r\nContent-Type: text/html\r\n{more}Content-Length: {len(page)}\r\n\r\n"
        await exchange.send(head.encode("latin-1") + page)

    return trouble


def busy(status: int, retry_after: str | None = None) -> Trouble:
    headers = None if retry_after is None else {"Retry-After": retry_after}
    return saying(f"HTTP/1.1 {status} Sorry", headers)
