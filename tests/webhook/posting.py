"""Hooks whose deliveries are carried by the test, and ways to carry them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import httpx

from kobo_async import KoboClient
from kobo_async.models.hook import Hook
from kobo_async.testing import Delivery, FakeForm
from kobo_async.webhook.access import HEADER
from kobo_async.webhook.asgi import Receiver
from kobo_async.webhook.events import Event
from kobo_async.webhook.ingestion import Ingestion

SECRET = "a-secret-of-32-characters-or-so"
E = TypeVar("E")


class Mail:
    """What hooks sent, and what they are told became of it."""

    def __init__(self) -> None:
        self.status: int | None = 200
        self.sent: list[Delivery] = []

    def __call__(self, delivery: Delivery) -> tuple[int | None, str]:
        self.sent.append(delivery)
        return self.status, ""

    def take(self) -> Delivery:
        """Take out the last one."""
        return self.sent.pop()


class Watch:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


async def add_hook(client: KoboClient, form: FakeForm, **fields: Any) -> Hook:
    """Make a hook that knows the secret."""
    return await client.hooks.create(
        form.uid,
        name="mirror",
        endpoint=f"http://receiver.test/{form.uid}",
        custom_headers={HEADER: SECRET},
        **fields,
    )


async def carry(receiver: Receiver, delivery: Delivery) -> httpx.Response:
    """Carry a delivery to a receiver in this process."""
    return await post(receiver, delivery.url, delivery.body, delivery.headers)


async def post(
    receiver: Receiver, url: str, body: bytes = b"{}", headers: Mapping[str, str] | None = None
) -> httpx.Response:
    headers = {HEADER: SECRET} if headers is None else headers
    return await ask(receiver, "POST", url, content=body, headers=headers)


async def ask(receiver: Any, method: str, url: str, **request: Any) -> httpx.Response:
    transport = httpx.ASGITransport(receiver)
    async with httpx.AsyncClient(transport=transport, base_url="http://receiver.test") as http:
        return await http.request(method, url, **request)


def rows_of(form: FakeForm) -> dict[int, dict[str, Any]]:
    """Return what the server has, as a mirror holds it."""
    return {number: dict(row) for number, row in form.rows.items()}


async def break_inbox(ingestion: Ingestion) -> None:
    """Let every access to the file fail, as when its disk goes away."""
    assert ingestion._inbox
    await ingestion._inbox.close()
