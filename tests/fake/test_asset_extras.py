"""What there is to read about forms."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import httpx
import openpyxl
import pytest

from kobo_async.testing import FakeForm, FakeKobo, xlsform

pytestmark = pytest.mark.anyio


@pytest.fixture
def url(form: FakeForm) -> str:
    return f"/api/v2/assets/{form.uid}/"


def sheets(data: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(BytesIO(data))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


async def test_content_is_flat_or_as_stored(
    client: httpx.AsyncClient, form: FakeForm, url: str
) -> None:
    flat = (await client.get(f"{url}content/")).json()
    assert (flat["kind"], flat["uid_asset"]) == ("asset.content", form.uid)
    assert flat["data"]["settings"] == [{"default_language": "English (en)"}]
    region = next(row for row in flat["data"]["survey"] if row.get("name") == "region")
    assert region["type"] == "select_one region"
    assert region["label::Français (fr)"] == "Région"
    valid = (await client.get(f"{url}valid_content/")).json()
    assert valid["data"] == form.content


async def test_forms_as_files(client: httpx.AsyncClient, form: FakeForm, url: str) -> None:
    xls = await client.get(f"{url[:-1]}.xls")
    assert xls.headers["content-disposition"] == f"attachment; filename={form.uid}.xlsx"
    assert set(sheets(xls.content)) == {"survey", "choices", "settings"}
    same = await client.get(url, params={"format": "xls"})
    assert same.headers["content-type"] == xls.headers["content-type"]
    xml = await client.get(f"{url[:-1]}.xml")
    assert xml.headers["content-type"] == "application/xml; charset=utf-8"
    assert f"/{form.uid}/household/head_name" in xml.text
    assert (await client.get(f"{url[:-1]}.xlsx")).status_code == 404


async def test_forms_as_pages(client: httpx.AsyncClient, url: str) -> None:
    for path in ("table_view/", "xls/", "xform/"):
        page = await client.get(f"{url}{path}")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "head_name" in page.text


async def test_without_the_libraries_there_are_no_files(
    client: httpx.AsyncClient, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsform, "find_spec", lambda _: None)
    for suffix in ("xls", "xml"):
        assert (await client.get(f"{url[:-1]}.{suffix}")).status_code == 501
    draft = await client.post("/api/v2/assets/", json={"asset_type": "survey"})
    deployed = await client.post(f"{draft.json()['url']}deployment/", json={"active": True})
    assert deployed.status_code == 200


async def test_counts(client: httpx.AsyncClient, form: FakeForm, url: str) -> None:
    form.insert(3)
    counts = (await client.get(f"{url}counts/", params={"days": 7})).json()
    assert counts == {
        "daily_submission_counts": {"2026-03-04": 3},
        "total_submission_count": 253,
    }
    bad = await client.get(f"{url}counts/", params={"days": "x"})
    assert bad.json() == ["`days` parameter must be an integer"]


async def test_reports(client: httpx.AsyncClient, url: str) -> None:
    body = (await client.get(f"{url}reports/")).json()
    found = {one["name"]: one["data"] for one in body["list"]}
    assert body["count"] == len(found)
    assert found["region"]["total_count"] == 250
    assert sum(found["region"]["frequencies"]) == found["region"]["provided"]
    assert set(found["hh_size"]) >= {"mean", "median", "mode", "stdev"}
    assert "responses" not in found["gps"]
    assert found["member_name"]["percentage"] == []
    assert found["member_age"]["mean"] == "*"
    assert list(found)[-1].startswith("member_")
    named = (await client.get(f"{url}reports/", params={"names": "hh_size,x/y"})).json()
    assert [one["name"] for one in named["list"]] == ["hh_size"]


async def test_reports_by_another_question(client: httpx.AsyncClient, url: str) -> None:
    body = (await client.get(f"{url}reports/", params={"split_by": "region"})).json()
    found = {one["name"]: one["data"] for one in body["list"]}
    assert "region" not in found
    assert {choice for choice, _ in found["hh_size"]["values"]} == {"north", "south", "east"}
    assert found["assets_owned"]["values"][0][1]["responses"] == ["east", "north", "south"]
    assert "values" not in found["gps"]
    wrong = await client.get(f"{url}reports/", params={"split_by": "hh_size"})
    assert wrong.status_code == 400


async def test_drafts_have_no_reports(client: httpx.AsyncClient, fake: FakeKobo) -> None:
    draft = fake.add_form("Draft", deployed=False)
    assert (await client.get(f"/api/v2/assets/{draft.uid}/reports/")).status_code == 404


async def test_short_lists(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, fake: FakeKobo, form: FakeForm
) -> None:
    base = "/api/v2/assets/"
    fake.add_form("Draft", deployed=False)
    counts = (await client.get(f"{base}counts/")).json()
    assert counts == {"deployed_count": 1, "archived_count": 0, "draft_count": 1}
    page = (await client.get(f"{base}minimal-list/", params={"limit": 1})).json()
    assert set(page) == {"next", "previous", "results"}
    assert page["next"].endswith("?limit=1&start=1")
    assert set(page["results"][0]) == {"uid", "name", "deployment_status"}
    before = (await client.get(f"{base}hash/")).json()
    await client.patch(f"{base}{form.uid}/", json={"name": "Other"})
    assert (await client.get(f"{base}hash/")).json() != before
    assert (await anonymous.get(f"{base}hash/")).status_code == 401
    metadata = (await client.get(f"{base}metadata/")).json()
    assert metadata["languages"] == ["English (en)", "Français (fr)"]


async def test_clients_download_the_deployed_form(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, form: FakeForm
) -> None:
    listed = await client.get("/formList")
    path = f"/forms/{form.number}/form.xml"
    assert path in listed.text
    xml = (await client.get(path)).text
    assert f'<{form.uid} id="{form.uid}" version="{form.form_version}"><formhub><uuid/>' in xml
    assert form.form_uuid in xml
    assert f"'{form.asset['deployed_version_id']}'" in xml
    assert (await client.get("/forms/999/form.xml")).status_code == 404
    assert (await anonymous.get(path)).status_code == 401
