"""Imports of XLSForms."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from kobo_async.testing import FakeKobo, Pace, views_imports
from kobo_async.testing.xlsform import write_xlsx

from .conftest import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])]
URL = "/api/v2/imports/"
SURVEY = [
    ["type", "name", "label::English (en)", "label::Français (fr)", "required", None],
    ["text", "head", "Head", "Chef", "yes", "not below a title"],
    [None, None, None, None, None, None],
    ["begin_repeat", "members", "Members", "Membres", None, None],
    ["select_one sex", "sex", "Sex", "Sexe", None, None],
    ["end_repeat", None, None, None, None, None],
]
CHOICES = [
    ["list_name", "name", "label::English (en)", "label::Français (fr)"],
    ["sex", 1.0, "Female", "Femme"],
    ["sex", True, "Male", "Homme"],
]
SETTINGS = [["form_title", "id_string"], ["From a sheet", "sheet"]]
XLSX = write_xlsx({"survey": SURVEY, "choices": CHOICES, "settings": SETTINGS})


async def finished(client: httpx.AsyncClient, **sent: Any) -> dict[str, Any]:
    """Post an import and poll until it is over."""
    created = await client.post(URL, **sent)
    assert created.status_code == 201, created.text
    assert created.json()["status"] == "processing"
    while True:
        reply = await client.get(created.json()["url"])
        assert reply.status_code == 200, reply.text
        task: dict[str, Any] = reply.json()
        if task["status"] not in {"created", "processing"}:
            return task


async def imported(client: httpx.AsyncClient, **fields: str) -> dict[str, Any]:
    task = await finished(client, data=fields, files={"file": XLSX})
    assert task["status"] == "complete"
    asset = await client.get(f"/api/v2/assets/{task['messages']['created'][0]['uid']}/")
    found: dict[str, Any] = asset.json()
    return found


async def test_a_sheet_becomes_content(client: httpx.AsyncClient) -> None:
    asset = await imported(client, library="false", name="ignored.xlsx")
    content = asset["content"]
    assert (asset["name"], asset["asset_type"]) == ("From a sheet", "survey")
    assert content["translations"] == ["English (en)", "Français (fr)"]
    assert content["survey"][0]["label"] == ["Head", "Chef"]
    assert content["survey"][0]["required"] is True
    assert content["survey"][2]["$xpath"] == "members/sex"
    assert [choice["name"] for choice in content["choices"]] == ["1", "true"]
    assert content["settings"] == {"id_string": "sheet"}
    deployed = await client.post(f"{asset['url']}deployment/", json={"active": True})
    assert deployed.status_code == 200


@pytest.mark.parametrize(
    ("fields", "asset_type"),
    [
        ({}, "block"),
        ({"library": "true"}, "block"),
        ({"library": "False"}, "survey"),
        ({"desired_type": "survey"}, "survey"),
        ({"desired_type": "template"}, "template"),
    ],
)
async def test_the_library_is_the_default(
    client: httpx.AsyncClient, fields: dict[str, str], asset_type: str
) -> None:
    assert (await imported(client, **fields))["asset_type"] == asset_type


async def test_without_a_title_the_name_counts(client: httpx.AsyncClient) -> None:
    sheet = b64encode(write_xlsx({"survey": SURVEY, "choices": CHOICES})).decode()
    fields = {"base64Encoded": f"base64:{sheet}", "name": "My form.xlsx", "library": "false"}
    task = await finished(client, data=fields)
    uid = task["messages"]["created"][0]["uid"]
    assert (await client.get(f"/api/v2/assets/{uid}/")).json()["name"] == "My form"


async def test_a_destination_is_rewritten(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, fake: FakeKobo
) -> None:
    form = fake.add_form("Old")
    fields = {"destination": f"http://kobo.test/api/v2/assets/{form.uid}/"}
    task = await finished(client, data=fields, files={"file": XLSX})
    assert task["messages"]["updated"][0]["uid"] == form.uid
    log = task["messages"]["audit_logs"][0]
    assert (log["old_name"], log["new_name"]) == ("Old", "From a sheet")
    assert form.asset["version_count"] == 2
    assert form.asset["deployed_version_id"] != form.asset["version_id"]
    refused = await finished(stranger, data=fields, files={"file": XLSX})
    assert refused["messages"]["error_type"] == "PermissionDenied"


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ({"files": {"file": b"garbage"}}, "XlsFormatException"),
        ({"data": {"name": "nothing"}}, "Exception"),
        ({"json": {"url": "http://127.0.0.1/x"}}, "Exception"),
        ({"data": {"base64Encoded": "base64:A"}}, "Error"),
        ({"data": {"url": "https://example.com/x.xlsx"}}, "ConnectionError"),
        ({"data": {"url": "http://127.0.0.1:9/x.xlsx"}}, "ConnectionError"),
        ({"data": {"url": "http://localhost:9/x.xlsx"}}, "ConnectionError"),
    ],
)
async def test_everything_is_taken_and_then_fails(
    client: httpx.AsyncClient, sent: dict[str, Any], kind: str
) -> None:
    task = await finished(client, **sent)
    assert (task["status"], task["messages"]["error_type"]) == ("error", kind)


class Sheets(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(XLSX)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Sheets) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/form.xlsx"
        server.shutdown()
        thread.join()


async def test_sheets_come_from_loopback_addresses(client: httpx.AsyncClient, address: str) -> None:
    task = await finished(client, data={"url": address, "library": "false"})
    assert task["status"] == "complete"


async def test_a_form_that_cannot_be_deployed_is_imported_all_the_same(
    client: httpx.AsyncClient,
) -> None:
    rows = [["type", "name", "label", "relevant"], ["text", "a", "A", "${nope} = 1"]]
    broken = write_xlsx({"survey": rows})
    task = await finished(client, data={"library": "false"}, files={"file": broken})
    assert task["status"] == "complete"
    url = f"/api/v2/assets/{task['messages']['created'][0]['uid']}/deployment/"
    refused = await client.post(url, json={"active": True})
    assert refused.status_code == 400
    assert "nope" in refused.json()["error"]
    twice = write_xlsx({"survey": [rows[0], ["text", "a", "A", None], ["text", "a", "B", None]]})
    assert (await finished(client, files={"file": twice}))["status"] == "complete"


async def test_imports_take_as_long_as_they_should(
    client: httpx.AsyncClient, fake: FakeKobo
) -> None:
    fake.import_pace = Pace(polls=2, seconds=5)
    url = (await client.post(URL, files={"file": XLSX})).json()["url"]
    seen = [(await client.get(url)).json()["status"] for _ in range(4)]
    assert seen == ["created", "processing", "processing", "processing"]
    fake.now = lambda: NOW + timedelta(seconds=6)
    done = (await client.get(url)).json()
    assert done["status"] == "complete"
    assert (await client.get(url)).json() == done


async def test_imports_need_openpyxl(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views_imports, "find_spec", lambda _: None)
    reply = await client.post(URL, files={"file": XLSX})
    assert reply.status_code == 501


async def test_imports_are_the_users_own(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, anonymous: httpx.AsyncClient
) -> None:
    url = (await client.post(URL)).json()["url"]
    missing = await stranger.get(url)
    assert missing.json() == {"detail": "No ImportTask matches the given query."}
    assert (await anonymous.post(URL)).status_code == 401
    assert (await client.get(URL)).status_code == 500
