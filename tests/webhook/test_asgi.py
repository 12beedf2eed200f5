"""The receiver as an application: what is answered to whom."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import anyio
import pytest

from kobo_async import ConfigError, KoboClient
from kobo_async.testing import FakeForm
from kobo_async.webhook.access import HEADER
from kobo_async.webhook.asgi import PATIENCE, Receiver
from kobo_async.webhook.events import Received, Refused
from kobo_async.webhook.ingestion import Ingestion
from kobo_async.webhook.project import Project
from tests.unit.clock import backends
from tests.webhook.posting import SECRET, Mail, Watch, add_hook, ask, break_inbox, carry, post

pytestmark = pytest.mark.anyio
GOOD = {HEADER: SECRET}


async def test_a_delivery_is_kept_and_a_double_is_known(
    client: KoboClient, form: FakeForm, mail: Mail, ingestion: Ingestion, watch: Watch
):
    receiver = Receiver(ingestion, SECRET)
    await add_hook(client, form)
    form.insert()
    async with ingestion.opened():
        answers = [await carry(receiver, mail.sent[0]) for _ in range(2)]
        assert [(one.status_code, one.json()["detail"]) for one in answers] == [
            (202, "kept"),
            (202, "known"),
        ]
        assert (await ingestion.health())[form.uid].pending == 1
    assert watch.of(Received) == [Received(form.uid, known=False), Received(form.uid, known=True)]


async def test_requests_that_are_no_deliveries_are_told_so(
    ingestion: Ingestion, form: FakeForm, watch: Watch
):
    receiver = Receiver(ingestion, SECRET, largest=100)
    path = f"/{form.uid}"
    async with ingestion.opened():
        for method, url, headers, body, status in (
            ("POST", path, {}, b"{}", 401),
            ("POST", path, {HEADER: "guess"}, b"{}", 401),
            ("POST", "/nothing", {}, b"{}", 401),
            ("POST", "/nothing", GOOD, b"{}", 404),
            ("POST", "/", GOOD, b"{}", 404),
            ("POST", f"{path}/more", GOOD, b"{}", 404),
            ("GET", path, GOOD, b"", 405),
            ("PUT", path, GOOD, b"{}", 405),
            ("POST", path, GOOD, b"{" + b" " * 100, 413),
            ("POST", path, GOOD, b"{", 400),
            ("POST", path, GOOD, b"", 400),
            ("POST", f"{path}/", GOOD, b"{}", 202),
        ):
            answer = await ask(receiver, method, url, headers=headers, content=body)
            assert answer.status_code == status, (method, url)
    assert [one.status for one in watch.of(Refused)] == [
        *[401] * 3,
        *[404] * 3,
        405,
        405,
        413,
        *[400] * 2,
    ]


async def test_the_server_is_asked_to_try_again_where_nothing_can_be_kept(
    ingestion: Ingestion, form: FakeForm
):
    receiver = Receiver(ingestion, SECRET)
    before = await post(receiver, f"/{form.uid}")
    async with ingestion.opened():
        assert (await post(receiver, f"/{form.uid}")).status_code == 202
        await break_inbox(ingestion)
        broken = await post(receiver, f"/{form.uid}")
    assert [one.status_code for one in (before, broken)] == [503, 503]
    assert broken.headers["retry-after"] == "60"


async def test_health_needs_no_secret_and_tells_none(ingestion: Ingestion, form: FakeForm):
    receiver = Receiver(ingestion, SECRET)
    stopped = await ask(receiver, "GET", "/healthz")
    assert (stopped.status_code, stopped.json()["status"]) == (503, "stopped")
    async with ingestion.opened():
        answer = await ask(receiver, "GET", "/healthz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "projects": {
            form.uid: {
                "last_success": None,
                "error": "",
                "breaker": "closed",
                "lag": 0.0,
                "pending": 0,
                "set_aside": 0,
            }
        },
    }


class Wire:
    """A connection of which a test says what comes in."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.messages = list(messages)
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> MutableMapping[str, Any]:
        if self.messages:
            return self.messages.pop(0)
        await anyio.sleep_forever()
        raise AssertionError

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.sent.append(dict(message))

    def scope(self, form: FakeForm) -> dict[str, Any]:
        headers = [(HEADER.lower().encode(), SECRET.encode())]
        path = f"/behind/a/proxy/{form.uid}"
        return {
            "type": "http",
            "method": "POST",
            "path": path,
            "root_path": "/behind/a/proxy",
            "headers": headers,
        }


async def test_a_body_without_a_length_is_cut_where_it_gets_too_large(
    ingestion: Ingestion, form: FakeForm
):
    piece = {"type": "http.request", "body": b" " * 60, "more_body": True}
    wire = Wire(*[piece] * 3)
    async with ingestion.opened():
        receiver = Receiver(ingestion, SECRET, largest=100)
        await receiver(wire.scope(form), wire.receive, wire.send)
    assert (wire.sent[0]["status"], len(wire.messages)) == (413, 1)


async def test_a_connection_that_ends_early_is_no_delivery(ingestion: Ingestion, form: FakeForm):
    wire = Wire(
        {"type": "http.request", "body": b"{}", "more_body": True}, {"type": "http.disconnect"}
    )
    async with ingestion.opened():
        await Receiver(ingestion, SECRET)(wire.scope(form), wire.receive, wire.send)
        assert wire.sent[0]["status"] == 400
        assert (await ingestion.health())[form.uid].pending == 0


async def test_websockets_are_closed(ingestion: Ingestion):
    wire = Wire({"type": "websocket.connect"})
    await Receiver(ingestion, SECRET)({"type": "websocket"}, wire.receive, wire.send)
    assert wire.sent == [{"type": "websocket.close"}]


async def test_it_lives_as_long_as_the_application(ingestion: Ingestion):
    wire = Wire({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    await Receiver(ingestion, SECRET)({"type": "lifespan"}, wire.receive, wire.send)
    kinds = ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert [one["type"] for one in wire.sent] == kinds
    assert not ingestion.is_running


async def test_it_does_not_start_without_its_inbox(
    client: KoboClient, form: FakeForm, tmp_path: Path, mirror: Any
):
    ingestion = Ingestion(client, [Project(form.uid, mirror)], inbox=tmp_path / "missing" / "x")
    wire = Wire({"type": "lifespan.startup"})
    await Receiver(ingestion, SECRET)({"type": "lifespan"}, wire.receive, wire.send)
    assert wire.sent[0]["type"] == "lifespan.startup.failed"
    assert "cannot be the inbox" in wire.sent[0]["message"]


class TestTime:
    """On a loop that does not wait."""

    @pytest.fixture(params=["asyncio", "trio"])
    def anyio_backend(self, request: pytest.FixtureRequest) -> Any:
        return backends()[request.param]

    async def test_a_body_must_come_in_time(self, ingestion: Ingestion, form: FakeForm):
        wire = Wire({"type": "http.request", "body": b"{", "more_body": True})
        began = anyio.current_time()
        await Receiver(ingestion, SECRET)(wire.scope(form), wire.receive, wire.send)
        assert wire.sent[0]["status"] == 408
        assert anyio.current_time() - began == pytest.approx(PATIENCE)


async def test_every_project_has_an_address_and_a_mirror_of_its_own(
    client: KoboClient, tmp_path: Path, mirror: Any
):
    with pytest.raises(ConfigError, match="of its own"):
        Ingestion(client, [Project("a1", mirror), Project("a2", mirror)], inbox=tmp_path / "x")
