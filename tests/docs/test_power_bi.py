"""What the page on Power BI has typed into the dialog of Power Query is answered with a table."""

from __future__ import annotations

import csv
import re
from io import BytesIO
from typing import Any

import httpx
import openpyxl
import pytest

from kobo_async import ExportOptions, KoboClient
from kobo_async.testing import FakeKobo

from .pages import ROOT

PAGE = ROOT / "docs" / "how-to" / "power-bi.md"
FIELD = re.compile(r"^ *\| \*\*(.+)\*\*(?:, on the (\w+))? \| `(.+)` \|$", re.MULTILINE)
POWER_QUERY = {"User-Agent": "Microsoft.Data.Mashup (https://go.microsoft.com/fwlink/)"}
ROWS = 12


@pytest.fixture
def typed() -> dict[str, str]:
    """Return what the page puts into the fields, a header into two of them."""
    fields = {side or name: value for name, side, value in FIELD.findall(PAGE.read_text("utf-8"))}
    assert fields.keys() == {"URL parts", "Command timeout in minutes", "left", "right"}
    return fields


async def addressed(fake: FakeKobo, typed: dict[str, str]) -> str:
    """Return the address of the page, with the uids of a project and a setting that are there."""
    uid = fake.add_form("Wells", rows=ROWS).uid
    async with KoboClient("http://localhost", token=fake.token, app=fake) as client:
        setting = await client.export_settings.create(
            uid, name="Dashboard", options=ExportOptions("csv")
        )
    return typed["URL parts"].replace("aMyProjectUid", uid).replace("esMySettingUid", setting.uid)


async def asked(fake: FakeKobo, address: str, **how: Any) -> httpx.Response:
    """Ask as Power Query does; the file must come at once, for a redirect loses the header."""
    server = httpx.ASGITransport(fake)
    async with httpx.AsyncClient(transport=server, headers=POWER_QUERY) as client:
        return await client.get(address, **how)


@pytest.mark.asyncio
async def test_the_header_of_the_page_fetches_both_files(typed: dict[str, str]):
    fake = FakeKobo()
    address = await addressed(fake, typed)
    headers = {typed["left"]: typed["right"].replace("aMyToken", fake.token)}
    reply = await asked(fake, address, headers=headers)
    heading, *rows = csv.reader(reply.text.splitlines(), delimiter=";")
    assert reply.status_code == 200
    assert "_id" in heading
    assert len(rows) == ROWS
    workbook = await asked(fake, address.replace("data.csv", "data.xlsx"), headers=headers)
    assert openpyxl.load_workbook(BytesIO(workbook.content)).active.max_row == 1 + ROWS


@pytest.mark.asyncio
async def test_user_name_and_password_fetch_the_same_without_the_header(typed: dict[str, str]):
    fake = FakeKobo()
    address = await addressed(fake, typed)
    reply = await asked(fake, address, auth=httpx.BasicAuth(fake.username, fake.password))
    assert reply.status_code == 200
    assert len(reply.text.splitlines()) == 1 + ROWS
    assert (await asked(fake, address)).status_code != 200
