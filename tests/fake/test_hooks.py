"""REST services."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from kobo_async.testing import Delivery, FakeForm, FakeKobo

from .conftest import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])]


class Receiver:
    """Answers what hooks send."""

    def __init__(self) -> None:
        self.status: int | None = 200
        self.deliveries: list[Delivery] = []

    def __call__(self, delivery: Delivery) -> tuple[int | None, str]:
        self.deliveries.append(delivery)
        return self.status, "text"


@pytest.fixture
def receiver(fake: FakeKobo) -> Receiver:
    fake.deliver = receiver = Receiver()
    return receiver


@pytest.fixture
def url(form: FakeForm) -> str:
    return f"/api/v2/assets/{form.uid}/hooks/"


async def create(client: httpx.AsyncClient, url: str, **fields: Any) -> dict[str, Any]:
    reply = await client.post(url, json={"name": "n", "endpoint": "http://x.test/", **fields})
    assert reply.status_code == 201, reply.text
    hook: dict[str, Any] = reply.json()
    return hook


async def logs(client: httpx.AsyncClient, hook: dict[str, Any], **params: Any) -> Any:
    return (await client.get(hook["logs_url"], params=params)).json()["results"]


async def test_hooks_are_made_changed_and_deleted(client: httpx.AsyncClient, url: str) -> None:
    settings = {"username": "u", "password": "p"}
    hook = await create(client, url, auth_level="basic_auth", settings=settings)
    assert hook["settings"] == settings
    assert (hook["active"], hook["export_type"], hook["payload_template"]) == (True, "json", None)
    changed = (await client.patch(hook["url"], json={"active": False, "uid": "x"})).json()
    assert (changed["active"], changed["uid"]) == (False, hook["uid"])
    assert (await client.get(url)).json()["results"] == [changed]
    assert (await client.delete(hook["url"])).status_code == 204
    gone = await client.get(hook["url"])
    assert gone.json() == {"detail": "No Hook matches the given query."}


@pytest.mark.parametrize(
    ("data", "status", "body"),
    [
        ({"name": "x"}, 400, {"endpoint": ["This field is required."]}),
        ({"endpoint": "notaurl"}, 400, {"endpoint": ["Invalid scheme"]}),
        (
            {"export_type": "csv"},
            400,
            {"export_type": ['"csv" is not a valid choice.']},
        ),
        ([1], 500, None),
    ],
)
async def test_wrong_hooks_are_refused(
    client: httpx.AsyncClient, url: str, data: Any, status: int, body: Any
) -> None:
    reply = await client.post(url, json=data)
    assert reply.status_code == status
    assert body is None or reply.json() == body


async def test_hooks_are_hidden_from_others(
    stranger: httpx.AsyncClient, form: FakeForm, url: str
) -> None:
    form.share("bob", "change_asset")
    assert (await stranger.get(url)).status_code == 404
    form.share("bob")
    assert (await stranger.get(url)).status_code == 200


async def test_new_rows_are_sent_on(
    client: httpx.AsyncClient, form: FakeForm, url: str, receiver: Receiver
) -> None:
    hook = await create(client, url, settings={"custom_headers": {"X-A": "b"}})
    (number,) = form.insert()
    form.edit(number, comment="no news")
    (sent,) = receiver.deliveries
    assert json.loads(sent.body)["_id"] == number
    assert sent.headers["User-Agent"] == f"KoboToolbox external service #{hook['uid']}"
    assert sent.headers["X-A"] == "b"
    (log,) = await logs(client, hook)
    assert (log["submission_id"], log["status_str"], log["tries"]) == (number, "success", 1)
    assert (await client.get(log["url"])).json() == log
    assert (await client.get(hook["url"])).json()["success_count"] == 1


async def test_payloads_are_shaped(
    client: httpx.AsyncClient, form: FakeForm, url: str, receiver: Receiver
) -> None:
    login = {"username": "u", "password": "p"}
    template = '{"wrapped": %SUBMISSION%}'
    await create(client, url, payload_template=template, subset_fields=["hh_size", "_id"])
    await create(client, url, export_type="xml", auth_level="basic_auth", settings=login)
    (number,) = form.insert()
    first, second = receiver.deliveries
    row = form.rows[number]
    assert json.loads(first.body) == {"wrapped": {"hh_size": row["hh_size"], "_id": number}}
    assert second.body.startswith(f"<{form.uid} ".encode())
    assert second.headers["Authorization"] == "Basic dTpw"


async def test_inactive_hooks_send_nothing(
    client: httpx.AsyncClient, form: FakeForm, url: str, receiver: Receiver
) -> None:
    hook = await create(client, url, active=False)
    form.insert()
    assert receiver.deliveries == []
    retry = await client.patch(f"{hook['url']}retry/")
    assert (retry.status_code, retry.json()["detail"]) == (400, "Can not retry on disabled hooks")


async def test_what_failed_is_tried_again(
    client: httpx.AsyncClient, form: FakeForm, url: str, receiver: Receiver
) -> None:
    hook = await create(client, url)
    assert (await client.patch(f"{hook['url']}retry/")).status_code == 304
    receiver.status = None
    form.insert(2)
    assert len(await logs(client, hook, status=0)) == 2
    receiver.status = 200
    retried = (await client.patch(f"{hook['url']}retry/")).json()
    assert retried["detail"] == "Task successfully scheduled"
    assert len(retried["pending_uids"]) == 2
    assert [log["tries"] for log in await logs(client, hook, status=2)] == [2, 2]


async def test_one_log_is_tried_again_later(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm, url: str, receiver: Receiver
) -> None:
    hook = await create(client, url)
    receiver.status = 503
    form.insert()
    (log,) = await logs(client, hook, status=1)
    again = f"{log['url']}retry/"
    assert (await client.patch(again)).json() == {
        "detail": "Data is being or has already been processed",
        "status_code": None,
    }
    fake.now = lambda: NOW + timedelta(minutes=3)
    failed = await client.patch(again)
    assert (failed.status_code, failed.json()["status_code"]) == (400, 503)
    fake.now = lambda: NOW + timedelta(minutes=6)
    receiver.status = 200
    done = await client.patch(again)
    assert (done.status_code, done.json()) == (200, {"detail": "text", "status_code": 200})
    missing = await client.get(f"{hook['logs_url']}hlNope/")
    assert missing.json() == {"detail": "No HookLog matches the given query."}


async def test_the_server_tries_again_three_times_by_itself(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm, url: str, receiver: Receiver
) -> None:
    hook = await create(client, url)
    receiver.status = 503
    form.insert()
    tries = []
    for minutes in (1, 3, 7):
        due = NOW + timedelta(minutes=minutes)
        fake.now = partial(due.__sub__, timedelta(seconds=1))
        assert fake.retry_hooks() == 0
        fake.now = partial(due.__add__, timedelta())
        assert fake.retry_hooks() == 1
        (log,) = await logs(client, hook)
        tries.append((log["tries"], log["status_str"]))
    assert tries == [(2, "pending"), (3, "pending"), (4, "failed")]
    fake.now = lambda: NOW + timedelta(days=1)
    assert fake.retry_hooks() == 0


async def test_endpoints_that_are_too_slow_are_asked_again(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm, url: str, receiver: Receiver
) -> None:
    hook = await create(client, url)

    def too_slow(_: Delivery) -> tuple[int | None, str]:
        raise TimeoutError("timed out")

    fake.deliver = too_slow
    form.insert()
    (log,) = await logs(client, hook)
    assert (log["status_str"], log["status_code"]) == ("pending", None)
    fake.deliver = receiver
    fake.now = lambda: NOW + timedelta(minutes=1)
    assert fake.retry_hooks() == 1
    assert (await logs(client, hook))[0]["status_str"] == "success"


async def test_a_row_that_is_gone_is_not_sent_again(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm, url: str, receiver: Receiver
) -> None:
    hook = await create(client, url)
    receiver.status = 503
    (number,) = form.insert()
    form.delete(number)
    fake.now = lambda: NOW + timedelta(minutes=3)
    assert fake.retry_hooks() == 0
    (log,) = await logs(client, hook)
    assert (await client.patch(f"{log['url']}retry/")).status_code == 501


@pytest.mark.parametrize("status", [None, 429, 500])
async def test_other_answers_fail_at_once(
    client: httpx.AsyncClient,
    fake: FakeKobo,
    form: FakeForm,
    url: str,
    receiver: Receiver,
    status: int | None,
) -> None:
    hook = await create(client, url)
    receiver.status = status
    form.insert()
    fake.now = lambda: NOW + timedelta(days=1)
    assert fake.retry_hooks() == 0
    (log,) = await logs(client, hook)
    assert (log["status_str"], log["status_code"]) == ("failed", status)


class Endpoint(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(500 if self.path == "/fail" else 200)
        self.end_headers()
        self.wfile.write(str(len(body)).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def endpoint() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Endpoint) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def test_by_default_loopback_addresses_are_reached(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm, url: str, endpoint: str
) -> None:
    addresses = (endpoint, f"{endpoint}/fail", "http://127.0.0.1:9/", "https://example.com/")
    hooks = [await create(client, url, endpoint=address) for address in addresses]
    form.insert()
    fake.wait_for_hooks()
    found = [(await logs(client, hook))[0] for hook in hooks]
    assert [log["status_code"] for log in found] == [200, 500, None, None]
    assert [log["status_str"] for log in found] == ["success", *["failed"] * 3]
    assert int(found[0]["message"]) > 100
    assert "loopback" in found[3]["message"]
