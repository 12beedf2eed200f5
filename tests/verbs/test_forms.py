"""Forms: import, creation, deployment, archive, clone, download."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from kobo_async import KoboClient
from kobo_async.errors import (
    BadRequest,
    ConfigError,
    JobFailed,
    JobTimeout,
    MethodNotAllowed,
    QueryError,
    ServerError,
)
from kobo_async.testing.clock import FakeClock
from kobo_async.verbs.forms import FormVerbs
from tests.verbs.desk import ASSET, UID, Desk, Say, asset, deployment, draft, names

pytestmark = pytest.mark.anyio

DEPLOYMENT = f"{ASSET}deployment/"
IMPORTS = "/api/v2/imports/"
IMPORT = f"{IMPORTS}i1/"
MADE = {"uid": "i1", "status": "complete", "messages": {"created": [{"uid": UID}]}}
CONTENT = {
    "survey": [{"type": "text", "name": "q1"}],
    "settings": {"form_title": "T", "style": "x"},
}


@pytest.fixture
def forms(scripted: KoboClient, clock: FakeClock) -> FormVerbs:
    return FormVerbs(scripted._sender, clock)


@pytest.fixture
def importing(desk: Desk) -> Desk:
    desk.on("POST", IMPORTS, Say(201, {"uid": "i1", "status": "processing"}))
    desk.on("GET", IMPORT, {"uid": "i1", "status": "processing"}, MADE)
    desk.on("GET", ASSET, draft())
    desk.on("POST", DEPLOYMENT, deployment())
    return desk


async def test_an_import_is_waited_for_and_ends_as_a_project(
    forms: FormVerbs, importing: Desk, clock: FakeClock, tmp_path: Path
):
    path = tmp_path / "household.xlsx"
    path.write_bytes(b"PK form")
    made = await forms.import_xlsform(path)
    assert made.uid == UID
    assert clock.slept == [2]
    body = importing.last("POST", IMPORTS).body
    assert b'name="library"\r\n\r\nfalse' in body
    assert b"household.xlsx" in body
    assert b"PK form" in body


async def test_an_imported_form_is_named_and_deployed_when_asked(forms: FormVerbs, importing: Desk):
    importing.on("PATCH", ASSET, draft(name="Mine"))
    made = await forms.import_xlsform(b"PK", name="Mine", deploy=True)
    assert made.deployment__active
    assert importing.last("PATCH", ASSET).json == {"name": "Mine"}
    assert importing.writes == [f"POST {IMPORTS}", f"PATCH {ASSET}", f"POST {DEPLOYMENT}"]


async def test_an_import_can_replace_the_form_of_an_asset(forms: FormVerbs, importing: Desk):
    updated = {"uid": "i1", "status": "complete", "messages": {"updated": [{"uid": UID}]}}
    importing.on("GET", IMPORT, updated)
    await forms.replace_content(UID, b"PK")
    assert f"/api/v2/assets/{UID}/".encode() in importing.last("POST", IMPORTS).body


async def test_a_failed_import_says_what_the_server_said(forms: FormVerbs, importing: Desk):
    messages = {"error": "Unsupported format, or corrupt file", "error_type": "XlsFormatException"}
    importing.on("GET", IMPORT, {"uid": "i1", "status": "error", "messages": messages})
    with pytest.raises(JobFailed, match="corrupt file") as caught:
        await forms.import_xlsform(b"garbage")
    assert caught.value.error_type == "XlsFormatException"


async def test_an_import_that_made_nothing_is_a_failure(forms: FormVerbs, importing: Desk):
    importing.on("GET", IMPORT, {"uid": "i1", "status": "complete", "messages": {}})
    with pytest.raises(JobFailed, match="made nothing"):
        await forms.import_xlsform(b"PK")


async def test_an_import_is_not_waited_for_forever(forms: FormVerbs, importing: Desk):
    importing.on("GET", IMPORT, {"uid": "i1", "status": "processing"})
    with pytest.raises(JobTimeout, match="import i1"):
        await forms.import_xlsform(b"PK", timeout=30)


async def test_a_form_that_cannot_be_deployed_is_not_forgotten(forms: FormVerbs, importing: Desk):
    importing.on("POST", DEPLOYMENT, Say(400, {"error": "Duplicate name error: a"}))
    with pytest.raises(BadRequest, match="Duplicate name") as caught:
        await forms.import_xlsform(b"PK", deploy=True)
    assert UID in caught.value.__notes__[0]


@pytest.mark.parametrize("deploy", [False, True])
async def test_a_project_is_created_from_content_under_the_name_given(
    forms: FormVerbs, importing: Desk, deploy: bool
):
    importing.on("POST", "/api/v2/assets/", Say(201, draft()))
    made = await forms.create("Mine", CONTENT, deploy=deploy)
    assert made.deployment__active is deploy
    sent = importing.last("POST", "/api/v2/assets/").json
    assert (sent["name"], sent["asset_type"]) == ("Mine", "survey")
    assert sent["content"]["settings"] == {"style": "x"}
    assert CONTENT["settings"] == {"form_title": "T", "style": "x"}


async def test_content_without_a_title_is_sent_as_it_is(forms: FormVerbs, importing: Desk):
    importing.on("POST", "/api/v2/assets/", Say(201, draft()))
    await forms.create("Mine", {"survey": []})
    assert importing.last("POST", "/api/v2/assets/").json["content"] == {"survey": []}


@pytest.mark.parametrize(
    ("state", "writes"),
    [
        (draft(), [f"POST {DEPLOYMENT}"]),
        (asset(version_id="v3"), [f"PATCH {DEPLOYMENT}"]),
        (asset(deployment__active=False), [f"PATCH {DEPLOYMENT}"]),
        (asset(), []),
    ],
    ids=["draft", "changed", "archived", "current"],
)
async def test_deploying_does_what_the_state_of_the_project_takes(
    forms: FormVerbs, desk: Desk, state: dict[str, Any], writes: list[str]
):
    desk.on("GET", ASSET, state)
    desk.on("POST", DEPLOYMENT, deployment())
    desk.on("PATCH", DEPLOYMENT, deployment())
    assert (await forms.deploy(UID)).deployment__active
    assert desk.writes == writes


async def test_deploying_again_names_the_present_version(forms: FormVerbs, desk: Desk):
    desk.on("GET", ASSET, asset(version_id="v3"))
    desk.on("PATCH", DEPLOYMENT, deployment())
    await forms.deploy(UID)
    assert desk.last("PATCH", DEPLOYMENT).json == {"active": True, "version_id": "v3"}


async def test_a_project_that_somebody_else_deployed_just_before_is_deployed_again(
    forms: FormVerbs, desk: Desk
):
    desk.on("GET", ASSET, draft(), asset())
    desk.on("POST", DEPLOYMENT, Say(405, {"detail": "Use PATCH to redeploy"}))
    desk.on("PATCH", DEPLOYMENT, deployment())
    assert (await forms.deploy(UID)).deployment__active


async def test_only_projects_are_deployed(forms: FormVerbs, desk: Desk):
    desk.on("GET", ASSET, draft() | {"asset_type": "collection"})
    with pytest.raises(QueryError, match="is a collection"):
        await forms.deploy(UID)
    assert desk.writes == []


async def test_media_alone_are_published_by_deploying_again(forms: FormVerbs, desk: Desk):
    desk.on("GET", ASSET, asset())
    desk.on("PATCH", DEPLOYMENT, deployment())
    await forms.redeploy(UID)
    assert desk.writes == [f"PATCH {DEPLOYMENT}"]


async def test_a_draft_is_not_deployed_again(forms: FormVerbs, desk: Desk):
    desk.on("GET", ASSET, draft())
    with pytest.raises(QueryError, match="never deployed"):
        await forms.redeploy(UID)


async def test_a_crash_while_deploying_again_hints_at_somebody_else(forms: FormVerbs, desk: Desk):
    desk.on("GET", ASSET, asset())
    desk.on("PATCH", DEPLOYMENT, Say(500, b"<h1>Server Error (500)</h1>"))
    with pytest.raises(ServerError) as caught:
        await forms.redeploy(UID)
    assert "at the same time" in caught.value.__notes__[0]


async def test_a_project_is_archived_and_opened_again(forms: FormVerbs, desk: Desk):
    desk.on("PATCH", DEPLOYMENT, deployment(deployment__active=False), deployment())
    assert not (await forms.archive(UID)).deployment__active
    assert (await forms.unarchive(UID)).deployment__active
    assert [one.json for one in desk.sent] == [{"active": False}, {"active": True}]


async def test_a_draft_cannot_be_archived(forms: FormVerbs, desk: Desk):
    desk.on("PATCH", DEPLOYMENT, Say(405, {"detail": "Use POST to deploy"}))
    with pytest.raises(MethodNotAllowed):
        await forms.archive(UID)


async def test_a_deployment_by_somebody_else_is_waited_for(
    forms: FormVerbs, desk: Desk, clock: FakeClock
):
    desk.on("GET", ASSET, draft(), asset(version_id="v3"), asset())
    assert (await forms.wait_deployed(UID)).deployed_version_id == "v2"
    assert clock.slept == [2, 4]


async def test_a_project_is_cloned(forms: FormVerbs, desk: Desk):
    desk.on("GET", ASSET, asset())
    desk.on("POST", "/api/v2/assets/", Say(201, draft() | {"uid": "aCopy"}))
    assert (await forms.clone(UID, name="Copy", version="v1")).uid == "aCopy"
    sent = desk.last("POST", "/api/v2/assets/").json
    assert sent == {"clone_from": UID, "name": "Copy", "clone_from_version_id": "v1"}


async def test_a_clone_is_deployed_when_asked(forms: FormVerbs, desk: Desk):
    desk.on("GET", ASSET, asset())
    desk.on("POST", "/api/v2/assets/", Say(201, draft() | {"uid": "aCopy"}))
    desk.on("GET", "/api/v2/assets/aCopy/", draft() | {"uid": "aCopy"})
    desk.on("POST", "/api/v2/assets/aCopy/deployment/", deployment(uid="aCopy"))
    assert (await forms.clone(UID, deploy=True)).deployment__active


@pytest.mark.parametrize(
    ("source", "wanted", "deploy"),
    [("template", "block", False), ("collection", "survey", False), ("survey", "template", True)],
)
async def test_types_that_do_not_become_each_other_are_not_cloned(
    forms: FormVerbs, desk: Desk, source: str, wanted: Any, deploy: bool
):
    desk.on("GET", ASSET, asset(asset_type=source))
    with pytest.raises(QueryError, match="cannot be cloned"):
        await forms.clone(UID, asset_type=wanted, deploy=deploy)
    assert desk.writes == []


async def test_a_form_is_saved_as_xlsx_and_as_xml(forms: FormVerbs, desk: Desk, tmp_path: Path):
    desk.on("GET", f"/api/v2/assets/{UID}.xls", Say(body=b"PK form"))
    desk.on("GET", f"/api/v2/assets/{UID}.xml", Say(body=b"<h:html/>"))
    xlsx = await forms.download_xlsx(UID, tmp_path / "form.xlsx")
    xml = await forms.download_xml(UID, tmp_path / "form.xml")
    assert (xlsx.read_bytes(), xml.read_bytes()) == (b"PK form", b"<h:html/>")


async def test_a_form_that_cannot_be_fetched_leaves_the_older_file(
    forms: FormVerbs, desk: Desk, tmp_path: Path
):
    path = tmp_path / "form.xml"
    path.write_bytes(b"older")
    desk.on("GET", f"/api/v2/assets/{UID}.xml", Say(500, b"<h1>Server Error (500)</h1>"))
    with pytest.raises(ServerError):
        await forms.download_xml(UID, path)
    assert path.read_bytes() == b"older"
    assert names(tmp_path) == ["form.xml"]


async def test_a_place_where_no_file_can_be_is_refused_before_anything_is_sent(
    forms: FormVerbs, desk: Desk, tmp_path: Path
):
    with pytest.raises(ConfigError):
        await forms.download_xlsx(UID, tmp_path / "nowhere" / "form.xlsx")
    assert desk.sent == []


@pytest.mark.parametrize("redeploy", [False, True])
async def test_content_is_replaced_and_deployed_when_asked(
    forms: FormVerbs, desk: Desk, redeploy: bool
):
    desk.on("PATCH", ASSET, asset(version_id="v3"))
    desk.on("GET", ASSET, asset(version_id="v3"))
    desk.on("PATCH", DEPLOYMENT, deployment(version_id="v3", deployed_version_id="v3"))
    await forms.replace_content(UID, CONTENT, redeploy=redeploy)
    assert desk.last("PATCH", ASSET).json == {"content": CONTENT}
    assert desk.count("PATCH", DEPLOYMENT) == redeploy


async def test_a_first_deployment_is_not_repeated_blindly(forms: FormVerbs, desk: Desk):
    desk.on("GET", ASSET, draft())
    desk.on("POST", DEPLOYMENT, httpx.ReadTimeout("slow"))
    with pytest.raises(Exception, match="slow"):
        await forms.deploy(UID)
    assert desk.count("POST", DEPLOYMENT) == 1
