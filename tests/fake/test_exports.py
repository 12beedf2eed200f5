"""Exports, saved settings and synchronous exports."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta
from typing import Any

import httpx
import openpyxl
import pytest

from kobo_async.testing import ANONYMOUS, FakeForm, FakeKobo, Pace

from .conftest import NOW, client_of

pytestmark = pytest.mark.anyio
SETTINGS: dict[str, Any] = {
    "type": "csv",
    "lang": "_xml",
    "multiple_select": "both",
    "group_sep": "/",
    "hierarchy_in_labels": True,
    "fields_from_all_versions": True,
}


@pytest.fixture
def url(form: FakeForm) -> str:
    return f"/api/v2/assets/{form.uid}/exports/"


@pytest.fixture
def settings_url(form: FakeForm) -> str:
    return f"/api/v2/assets/{form.uid}/export-settings/"


async def run(client: httpx.AsyncClient, url: str, **settings: Any) -> httpx.Response:
    """Export, wait, download."""
    created = await client.post(url, json={**SETTINGS, **settings})
    assert created.status_code == 201, created.text
    assert created.json()["status"] == "created"
    assert created.json()["result"] is None
    while True:
        task = (await client.get(created.json()["url"])).json()
        if task["status"] == "complete":
            return await client.get(task["result"])


def table(reply: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(reply.text), delimiter=";"))


async def test_csv_of_values(client: httpx.AsyncClient, form: FakeForm, url: str) -> None:
    reply = await run(client, url)
    assert reply.headers["content-type"] == "text/csv"
    assert reply.headers["content-disposition"].startswith('inline; filename="Household_survey_-')
    assert reply.text.startswith('"start";"end";"today";"household/head_name"')
    assert reply.text.endswith('"250"\r\n')
    rows = table(reply)
    assert [row["_id"] for row in rows] == [str(number) for number in form.rows]
    answered = next(row for row in form.rows.values() if "household/assets_owned" in row)
    exported = next(row for row in rows if row["_id"] == str(answered["_id"]))
    names = answered["household/assets_owned"].split()
    assert exported["household/assets_owned"].split() == names
    assert exported["household/assets_owned/radio"] == str(int("radio" in names))
    assert "members/member_name" not in rows[0]


async def test_csv_of_labels(client: httpx.AsyncClient, form: FakeForm, url: str) -> None:
    form.set_status(next(iter(form.rows)), "validation_status_approved")
    reply = await run(client, url, lang="Français (fr)", multiple_select="details", group_sep="-")
    row = table(reply)[0]
    assert row["Ménage-Région"] in {"Nord", "Sud", "Est"}
    assert "Ménage-Biens possédés-Vélo" in row
    assert "Ménage-Biens possédés" not in row
    assert row["_validation_status"] == "Approved"
    point = next(one for one in table(reply) if one["Position"])
    assert point["Ménage-_Position_latitude"] == point["Position"].split()[0]


async def test_flat_labels_and_summaries(client: httpx.AsyncClient, url: str) -> None:
    reply = await run(
        client, url, lang="_default", hierarchy_in_labels="false", multiple_select="summary"
    )
    row = table(reply)[0]
    assert "Region" in row
    assert "Assets owned/Radio" not in row


async def test_some_rows_and_fields(client: httpx.AsyncClient, form: FakeForm, url: str) -> None:
    ids = list(form.rows)[:4]
    reply = await run(
        client,
        url,
        fields=["hh_size"],
        submission_ids=ids,
        query={"_id": {"$gt": ids[1]}},
    )
    assert [row["_id"] for row in table(reply)] == [str(number) for number in ids[2:]]
    assert list(table(reply)[0]) == ["hh_size", "_id", "_uuid", "meta/rootUuid", "_index"]


async def test_sheets(client: httpx.AsyncClient, form: FakeForm, url: str) -> None:
    reply = await run(client, url, type="xls")
    book = openpyxl.load_workbook(io.BytesIO(reply.content))
    assert book.sheetnames == ["Household survey", "members"]
    members = list(book["members"].iter_rows(values_only=True))
    items = sum(len(row.get("members", ())) for row in form.rows.values())
    assert len(members) == items + 1
    place = members[0].index("_parent_index")
    uuids = [row["_uuid"] for row in form.rows.values()]
    assert members[1][members[0].index("_submission__uuid")] == uuids[members[1][place] - 1]


async def test_places(client: httpx.AsyncClient, form: FakeForm, url: str) -> None:
    collection = (await run(client, url, type="geojson")).json()
    answered = [row for row in form.rows.values() if "household/gps" in row]
    assert len(collection["features"]) == len(answered)
    properties = collection["features"][0]["properties"]
    assert properties["_id"] == answered[0]["_id"]
    assert "household/_gps_latitude" in properties
    assert "gps" not in properties
    kml = await run(client, url, type="kml")
    assert kml.text.count("<Placemark>") == len(answered)


async def test_labels_for_spss(client: httpx.AsyncClient, url: str) -> None:
    reply = await run(client, url, type="spss_labels")
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        assert len(archive.namelist()) == 2
        text = archive.read(archive.namelist()[1]).decode()
    assert " region 'Région'" in text


async def test_exports_take_as_long_as_they_should(
    client: httpx.AsyncClient, fake: FakeKobo, url: str
) -> None:
    fake.export_pace = Pace(polls=0, seconds=5)
    first = await client.post(url, json=SETTINGS)
    same = await client.post(url, json=SETTINGS)
    other = await client.post(url, json={**SETTINGS, "name": "other"})
    assert [one.status_code for one in (first, same, other)] == [201, 200, 201]
    assert same.json()["uid"] == first.json()["uid"]
    assert (await client.get(first.json()["url"])).json()["status"] == "created"
    fake.now = lambda: NOW + timedelta(seconds=5)
    listed = (await client.get(url)).json()["results"]
    assert [one["status"] for one in listed] == ["complete", "complete"]
    assert listed[1]["uid"] == first.json()["uid"]
    assert (await client.post(url, json=SETTINGS)).status_code == 201


async def test_failures_are_told(client: httpx.AsyncClient, fake: FakeKobo, url: str) -> None:
    fake.export_pace, fake.export_error = Pace(polls=0), ("ValueError", "No way")
    made = (await client.post(url, json=SETTINGS)).json()
    task = (await client.get(made["url"])).json()
    assert (task["status"], task["result"]) == ("error", None)
    assert task["messages"] == {"error": "No way", "error_type": "ValueError"}


async def test_ten_exports_are_kept(client: httpx.AsyncClient, fake: FakeKobo, url: str) -> None:
    fake.export_pace = Pace(polls=0)
    first = (await client.post(url, json=SETTINGS)).json()
    first = (await client.get(first["url"])).json()
    fake.now = lambda: NOW + timedelta(seconds=1)
    for place in range(10):
        await client.post(url, json={**SETTINGS, "name": str(place)})
    assert (await client.get(url)).json()["count"] == 10
    assert (await client.get(first["url"])).status_code == 404
    gone = await client.get(first["result"], headers={"accept": "text/html"})
    assert gone.status_code == 404
    assert len(fake.private_files) == 10


async def test_exports_are_deleted(client: httpx.AsyncClient, fake: FakeKobo, url: str) -> None:
    await run(client, url)
    task = (await client.get(url)).json()["results"][0]
    assert (await client.delete(task["url"])).status_code == 204
    assert (await client.delete(task["url"])).status_code == 404
    assert fake.private_files == {}


async def test_files_are_private(
    client: httpx.AsyncClient,
    stranger: httpx.AsyncClient,
    anonymous: httpx.AsyncClient,
    fake: FakeKobo,
    url: str,
) -> None:
    path = str((await run(client, url)).url)
    for other in (stranger, anonymous):
        reply = await other.get(path)
        assert reply.status_code == 403
        assert "403 Forbidden" in reply.text
    async with client_of(fake, fake.add_user("admin", superuser=True)) as admin:
        assert (await admin.get(path)).status_code == 200
    assert (await stranger.get(url)).status_code == 404


async def test_partial_users_export_what_they_see(
    stranger: httpx.AsyncClient, form: FakeForm, url: str
) -> None:
    number = next(iter(form.rows))
    form.share("bob", filters=[{"_id": number}])
    assert [row["_id"] for row in table(await run(stranger, url))] == [str(number)]


async def test_anonymous_users_export_one_at_a_time(
    anonymous: httpx.AsyncClient, form: FakeForm, url: str
) -> None:
    form.share(ANONYMOUS)
    created = await anonymous.post(url, json=SETTINGS)
    assert created.status_code == 201
    busy = await anonymous.post(url, json=SETTINGS)
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "2099")
    await anonymous.get(created.json()["url"])
    done = (await anonymous.get(created.json()["url"])).json()
    assert f"/private-media/{ANONYMOUS}/" in done["result"]
    assert (await anonymous.get(done["result"])).status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "xlsx"}, "type"),
        ({"multiple_select": "x"}, "multiple_select"),
        ({"lang": "Klingon"}, "lang"),
        ({"fields": "[]"}, "fields"),
        ({"submission_ids": "1"}, "submission_ids"),
        ({"query": "{}"}, "query"),
        ({"group_sep": ""}, "group_sep"),
        ({"unknown": 1}, "data"),
    ],
)
async def test_wrong_settings_are_refused(
    client: httpx.AsyncClient, url: str, change: dict[str, Any], field: str
) -> None:
    reply = await client.post(url, json={**SETTINGS, **change})
    assert reply.status_code == 400
    assert list(reply.json()) == [field]


async def test_incomplete_settings_and_drafts_are_refused(
    client: httpx.AsyncClient, fake: FakeKobo, url: str
) -> None:
    for data in ({"type": "csv"}, []):
        reply = await client.post(url, json=data)
        assert reply.json()["data"][0].startswith("Must contain all the following required keys")
    draft = fake.add_form("Draft", deployed=False)
    reply = await client.post(f"/api/v2/assets/{draft.uid}/exports/", json=SETTINGS)
    assert reply.json() == {"source": ["The asset must be deployed."]}


async def save(client: httpx.AsyncClient, url: str, name: str = "Mine") -> dict[str, Any]:
    reply = await client.post(url, json={"name": name, "export_settings": SETTINGS})
    assert reply.status_code == 201, reply.text
    setting: dict[str, Any] = reply.json()
    return setting


async def test_settings_are_saved(
    client: httpx.AsyncClient, form: FakeForm, settings_url: str
) -> None:
    saved = await save(client, settings_url)
    assert saved["data_url_csv"] == f"{saved['url']}data.csv"
    assert form.asset["export_settings"] == [saved]
    twice = await client.post(settings_url, json={"name": "Mine", "export_settings": SETTINGS})
    assert twice.status_code == 500
    renamed = (await client.patch(saved["url"], json={"name": "Other"})).json()
    assert (renamed["name"], renamed["export_settings"]) == ("Other", SETTINGS)
    put = {"name": "Put", "export_settings": {**SETTINGS, "type": "xls"}}
    assert (await client.put(saved["url"], json=put)).json()["export_settings"]["type"] == "xls"
    assert (await client.get(settings_url)).json()["count"] == 1
    assert (await client.delete(saved["url"])).status_code == 204
    gone = await client.get(saved["url"])
    assert gone.json() == {"detail": "No AssetExportSettings matches the given query."}


@pytest.mark.parametrize(
    ("data", "status", "field"),
    [
        ({"name": "x"}, 400, "export_settings"),
        ({"export_settings": SETTINGS}, 400, "name"),
        ({"name": "x", "export_settings": {"type": "csv"}}, 400, "export_settings"),
        ({"name": "x", "export_settings": {**SETTINGS, "foo": 1}}, 400, "export_settings"),
        ([], 500, None),
    ],
)
async def test_wrong_saved_settings_are_refused(
    client: httpx.AsyncClient, settings_url: str, data: Any, status: int, field: str | None
) -> None:
    reply = await client.post(settings_url, json=data)
    assert reply.status_code == status
    assert field is None or list(reply.json()) == [field]


async def test_only_managers_save_settings(
    stranger: httpx.AsyncClient,
    anonymous: httpx.AsyncClient,
    client: httpx.AsyncClient,
    form: FakeForm,
    settings_url: str,
) -> None:
    saved = await save(client, settings_url)
    form.share("bob")
    form.share(ANONYMOUS)
    assert (await stranger.get(saved["url"])).status_code == 200
    assert (await stranger.delete(saved["url"])).status_code == 403
    assert (await anonymous.delete(saved["url"])).status_code == 401


async def test_synchronous_exports(
    client: httpx.AsyncClient, fake: FakeKobo, form: FakeForm, settings_url: str
) -> None:
    saved = await save(client, settings_url)
    first = await client.get(saved["data_url_csv"])
    assert (first.status_code, first.content) == (302, b"")
    assert first.headers["location"].startswith("/private-media/alice/exports/")
    form.insert()
    stale = await client.get(saved["data_url_csv"], follow_redirects=True)
    assert len(table(stale)) == 250
    fake.now = lambda: NOW + timedelta(seconds=301)
    fresh = await client.get(f"{saved['url']}data/", params={"format": "csv"})
    assert len(table(await client.get(fresh.headers["location"]))) == 251
    sheet = await client.get(saved["data_url_xlsx"], follow_redirects=True)
    assert sheet.content[:2] == b"PK"
    office = await client.get(saved["data_url_csv"], headers={"user-agent": "LibreOffice/24"})
    assert (office.status_code, len(table(office))) == (200, 251)


async def test_synchronous_exports_are_refused_or_fail(
    client: httpx.AsyncClient, fake: FakeKobo, settings_url: str
) -> None:
    saved = await save(client, settings_url)
    unknown = await client.get(f"{saved['url']}data.json")
    assert (unknown.status_code, unknown.content) == (404, b"None")
    fake.sync_export_busy = 7
    busy = await client.get(saved["data_url_csv"])
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "7")
    fake.sync_export_busy, fake.export_error = None, ("ValueError", "No way")
    failed = await client.get(saved["data_url_csv"])
    assert (failed.status_code, failed.headers["content-type"]) == (
        500,
        "text/plain; charset=utf-8",
    )
