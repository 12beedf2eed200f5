"""A receiver as an ASGI application: `POST /{name}` takes deliveries, `GET /healthz` tells.

The server waits 30 seconds for an answer, and repeats a delivery only after 502, 503, 504 and
silence (`api-facts §4.11`). So the answer comes as soon as the delivery is on disk, and is 503
where it cannot be written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, TypeAlias

import anyio
import attrs
import orjson

from kobo_async.errors import KoboError
from kobo_async.webhook.access import Access, granted
from kobo_async.webhook.delivery import LARGEST, parse
from kobo_async.webhook.events import Refused
from kobo_async.webhook.ingestion import Ingestion
from kobo_async.webhook.project import Project
from kobo_async.wire import whole_number

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
HEALTH: Final = "/healthz"
CLOSE: Final = (b"connection", b"close")
PATIENCE: Final = 30.0
"""Seconds for a body to arrive."""


@attrs.frozen
class Answer:
    """What a request is answered with."""

    status: int
    body: Any
    headers: tuple[tuple[bytes, bytes], ...] = ()

    async def send(self, send: Send) -> None:
        """Send it."""
        content = orjson.dumps(self.body)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(content)).encode()),
            *self.headers,
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": content})


def _refusal(status: int, detail: str, *headers: tuple[bytes, bytes]) -> Answer:
    return Answer(status, {"detail": detail}, headers)


class Receiver:
    """Takes deliveries in for an ingestion, which runs as long as the application.

    Args:
        ingestion: what is done with them.
        access: who may deliver: `SharedSecret`, `BasicLogin`, or a text for the former.
        insecure: let everybody deliver, where no access is given.
        largest: bytes of a payload.

    Errors: ConfigError without a secret.
    """

    def __init__(
        self,
        ingestion: Ingestion,
        access: Access | str | None = None,
        *,
        insecure: bool = False,
        largest: int = LARGEST,
    ) -> None:
        self._access = granted(access, insecure=insecure)
        self._ingestion = ingestion
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or the life of the application."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            answer = await self._answered(scope, receive)
            await answer.send(send)
        else:
            await send({"type": "websocket.close"})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self._ingestion.running():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except KoboError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
        else:
            await send({"type": "lifespan.shutdown.complete"})

    async def _answered(self, scope: Scope, receive: Receive) -> Answer:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if path == HEALTH and scope["method"] in {"GET", "HEAD"}:
            return await health(self._ingestion)
        answer = await self._take(path, scope, receive)
        if answer.status >= 400:
            self._ingestion.tell(Refused(answer.status))
        return answer

    async def _take(self, path: str, scope: Scope, receive: Receive) -> Answer:
        if not self._access.admits(scope["headers"]):
            return _refusal(401, "wrong secret", (b"www-authenticate", b"Basic"))
        project = self._ingestion.router.find(path)
        if project is None:
            return _refusal(404, "no such project")
        if scope["method"] != "POST":
            return _refusal(405, "POST only", (b"allow", b"POST"))
        headers = dict(scope["headers"])
        body = await self._read(headers, receive)
        if isinstance(body, Answer):
            return body
        return await self._keep(project, body, headers.get(b"content-type", b""))

    async def _keep(self, project: Project, body: bytes, content_type: bytes) -> Answer:
        try:
            delivery = parse(body, content_type.decode("latin-1"))
            news = await self._ingestion.accept(project, delivery)
        except KoboError as error:
            return _refusal(400, str(error))
        except (sqlite3.Error, anyio.ClosedResourceError):
            return _refusal(503, "try again later", (b"retry-after", b"60"))
        return Answer(202, {"detail": "kept" if news else "known"})

    async def _read(self, headers: Mapping[bytes, bytes], receive: Receive) -> bytes | Answer:
        """Read the body, but no more than is allowed."""
        too_large = _refusal(413, f"more than {self._largest} bytes", CLOSE)
        told = whole_number(headers.get(b"content-length", b"").decode("latin-1"))
        if told is not None and told > self._largest:
            return too_large
        body, more = bytearray(), True
        with anyio.move_on_after(PATIENCE):
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return _refusal(400, "the connection ended early")
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > self._largest:
                    return too_large
        return _refusal(408, "too slow", CLOSE) if more else bytes(body)


async def health(ingestion: Ingestion) -> Answer:
    """Tell how an ingestion does: 200 while it runs, 503 before and after.

    `failing` where the latest work of a project ended in an error, mostly of the server: starting
    the receiver anew does not help.
    """
    try:
        projects = await ingestion.health()
    except anyio.ClosedResourceError:
        return Answer(503, {"status": "stopped", "projects": {}})
    except sqlite3.Error:
        return Answer(503, {"status": "no inbox", "projects": {}})
    failing = any(one.error for one in projects.values())
    told = {uid: one.as_dict() for uid, one in projects.items()}
    return Answer(200, {"status": "failing" if failing else "ok", "projects": told})
