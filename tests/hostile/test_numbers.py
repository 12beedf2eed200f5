"""Numbers that no reader was made for: thousands of digits, which Python refuses to read."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from kobo_async import KoboClient, RetryPolicy
from kobo_async.attachments.entries import Wanted
from kobo_async.attachments.fetching import Fetcher
from kobo_async.call import Op
from kobo_async.errors import ConnectionLost, ServerBusy, UnexpectedShape
from kobo_async.forms.content import read_form
from kobo_async.models.openrosa import FormEntry
from kobo_async.models.submission import BulkDone
from kobo_async.resources.submissions import UnreadPage
from kobo_async.sync.memory import MemoryMirror
from kobo_async.webhook.asgi import Receiver
from kobo_async.webhook.ingestion import Ingestion
from kobo_async.webhook.project import Project
from kobo_async.wire import Reply, judge, whole_number
from tests.unit.serving import ALICE, TAGS, Server

pytestmark = pytest.mark.anyio
LONG: Final = "9" * 5000
ONCE: Final = RetryPolicy(attempts=1)


def replying(content: bytes, status: int = 200, **headers: str) -> Any:
    """Answer with headers that the HTTP library does not look at."""
    named = {name.replace("_", "-"): value for name, value in headers.items()} | ALICE

    async def respond(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers=named, stream=httpx.ByteStream(content))

    return respond


@pytest.mark.parametrize("text", [LONG, "", "-1", "1.0", "1_0", " 1", "0x1", "\u00b2"])
def test_what_is_no_number_of_anything_is_none(text: str):
    assert whole_number(text) is None
    assert whole_number("007") == 7


async def test_a_length_of_thousands_of_digits_is_not_reached(server: Server):
    server.answers(TAGS, replying(b"{}", content_length=LONG))
    async with server.client(retry=ONCE) as client:
        with pytest.raises(ConnectionLost, match=r"^.{,120}$"):
            await client.request("GET", TAGS)


@pytest.mark.parametrize("size", [LONG, "*"])
async def test_a_part_of_a_file_with_such_a_place_is_refused(
    server: Server, tmp_path: Path, size: str
):
    spoiled = replying(b"x", 206, content_range=f"bytes {LONG}-{LONG}/{size}", content_length=LONG)
    server.router.route().mock(side_effect=spoiled)
    async with server.client(retry=ONCE) as client:
        fetcher = Fetcher(client.attachments, "a1", lambda _: None)
        wanted = Wanted(1, "", "att1", "", "photo.jpg", "image/jpeg")
        (tmp_path / "there").write_bytes(b"abc")
        with pytest.raises(UnexpectedShape, match="a part of a file"):
            await fetcher.fetch(wanted, "original", tmp_path / "there")


async def test_limits_counts_and_addresses_with_such_numbers_tell_nothing(server: Server):
    server.router.route().mock(side_effect=replying(b"", X_OpenRosa_Accept_Content_Length=LONG))
    async with server.client(retry=ONCE, openrosa="https://kobo.example") as client:
        assert await client.openrosa.largest_body() is None
    assert BulkDone(detail=f"{LONG} submissions have been deleted").count is None
    assert FormEntry(formID="x", downloadUrl=f"https://x/forms/{LONG}/form.xml").number is None
    page: Any = UnreadPage(None, f'{{"count": {LONG}'.encode())  # type: ignore[arg-type]
    assert page.count is None


def test_a_page_that_names_a_character_by_such_a_number_is_quoted():
    page = f"<h1>Bad gateway &#{LONG};</h1>".encode()
    found = judge(Reply(502, {}, page), Op("GET", "/a/", object).at(), now=0.0)
    assert isinstance(found, ServerBusy)
    assert "Bad gateway &#999" in str(found)


async def test_a_delivery_that_claims_such_a_length_is_answered(client: KoboClient, tmp_path: Path):
    ingestion = Ingestion(client, [Project("a1", MemoryMirror())], inbox=tmp_path / "inbox.db")
    receiver = Receiver(ingestion, insecure=True)
    headers = [(b"content-length", LONG.encode()), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/a1", "headers": headers}
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"{}"}

    async def send(message: Any) -> None:
        sent.append(message)

    async with ingestion.opened():
        await receiver(scope, receive, send)
    assert sent[0]["status"] == 202


def test_a_header_of_blanks_is_read_in_time_that_grows_with_its_length():
    """Longer than the limit on tests takes, if it is gone through once for each of its blanks."""
    row = {"type": "text", "name": "a", f"label:{' ' * 200_000}x\n": "A"}
    assert [one.name for one in read_form({"survey": [row]}).questions] == ["a"]
