"""A fake server that answers some paths as it is told, and all others as ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import orjson

from kobo_async.testing import FakeKobo


@attrs.frozen
class Told:
    """What a path answers: JSON, or bytes as they are."""

    body: Any = None
    status: int = 200

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes) or self.status == 204:
            return self.body or b""
        return orjson.dumps(self.body)


class Teller(FakeKobo):
    """`on` tells what to answer, one answer after the other and the last one from then on."""

    def __init__(self) -> None:
        super().__init__(seed=7)
        self.sent: list[tuple[str, str, Any]] = []
        self._told: dict[tuple[str, str], Iterator[Told]] = {}

    def on(self, method: str, path: str, *answers: Any) -> None:
        told = [one if isinstance(one, Told) else Told(one) for one in answers]
        self._told[method, path] = _and_again(told)

    @property
    def writes(self) -> list[str]:
        return [f"{method} {path}" for method, path, _ in self.sent if method != "GET"]

    def body(self, method: str, path: str) -> Any:
        """Return the body that was sent last."""
        return [body for verb, where, body in self.sent if (verb, where) == (method, path)][-1]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        answers = self._told.get((scope.get("method", ""), scope.get("path", "")))
        if answers is None:
            await super().__call__(scope, receive, send)
            return
        body = await _whole(receive)
        json = orjson.loads(body) if body.startswith((b"{", b"[")) else body
        self.sent.append((scope["method"], scope["path"], json))
        told = next(answers)
        kind = b"text/plain" if isinstance(told.body, bytes) else b"application/json"
        headers = [(b"content-type", kind), (b"x-kobonaut", self.username.encode())]
        await send({"type": "http.response.start", "status": told.status, "headers": headers})
        await send({"type": "http.response.body", "body": told.content})


def _and_again(told: list[Told]) -> Iterator[Told]:
    yield from told
    while True:
        yield told[-1]


async def _whole(receive: Any) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def page(*items: Any) -> dict[str, Any]:
    return {"count": len(items), "next": None, "previous": None, "results": list(items)}
