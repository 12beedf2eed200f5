"""Forms: import, creation, deployment, archive, clone, download."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kobo_async import KoboClient
from kobo_async.errors import (
    BadRequest,
    ConfigError,
    JobFailed,
    JobTimeout,
    KoboError,
    MethodNotAllowed,
    QueryError,
    ServerError,
)
from kobo_async.testing import FakeForm, FakeKobo, Fault, Pace
from kobo_async.testing.clock import FakeClock
from kobo_async.testing.xlsform import write_xlsx
from tests.verbs.journal import Journal, names, saying

pytestmark = pytest.mark.anyio

XLSX = write_xlsx(
    {
        "survey": [["type", "name", "label"], ["text", "imported", "Imported"]],
        "settings": [["form_title"], ["From a sheet"]],
    }
)
CONTENT: dict[str, Any] = {
    "survey": [{"type": "text", "name": "q1", "label": "One"}],
    "settings": {"form_title": "T", "style": "pages"},
}
TWICE: dict[str, Any] = {
    "survey": [{"type": "text", "name": "a", "label": "A"}, {"type": "text", "name": "a"}]
}


def questions(content: Any) -> list[str]:
    return [row["$xpath"] for row in content["survey"] if "$xpath" in row]


async def test_an_import_is_waited_for_and_ends_as_a_project(
    client: KoboClient, journal: Journal, clock: FakeClock, tmp_path: Path
):
    path = tmp_path / "household.xlsx"
    path.write_bytes(XLSX)
    made = await client.forms.import_xlsform(path)
    assert (made.asset_type, made.name) == ("survey", "From a sheet")
    assert questions(made.content) == ["imported"]
    assert clock.slept == [2]
    (sent,) = journal.of("POST .*/imports/")
    assert b"household.xlsx" in sent.body


async def test_an_imported_form_is_named_and_deployed_when_asked(
    client: KoboClient, journal: Journal
):
    made = await client.forms.import_xlsform(XLSX, name="Mine", deploy=True)
    assert made.deployment__active
    assert made.name == "Mine"
    assert [one.partition(" ")[0] for one in journal.writes] == ["POST", "PATCH", "POST"]


async def test_an_import_can_replace_the_form_of_an_asset(client: KoboClient, form: FakeForm):
    replaced = await client.forms.replace_content(form.uid, XLSX)
    assert replaced.uid == form.uid
    assert questions(form.content) == ["imported"]


async def test_a_failed_import_says_what_the_server_said(client: KoboClient):
    with pytest.raises(JobFailed, match="corrupt file") as caught:
        await client.forms.import_xlsform(b"garbage")
    assert caught.value.error_type == "XlsFormatException"


async def test_an_import_that_made_nothing_is_a_failure(client: KoboClient, fake: FakeKobo):
    fake.faults.add(saying({"uid": "i1", "status": "complete", "messages": {}}, "GET .*/imports/"))
    with pytest.raises(JobFailed, match="made nothing"):
        await client.forms.import_xlsform(XLSX)


async def test_an_import_is_not_waited_for_forever(client: KoboClient, fake: FakeKobo):
    fake.import_pace = Pace(seconds=3600)
    with pytest.raises(JobTimeout, match="import i"):
        await client.forms.import_xlsform(XLSX, timeout=30)


async def test_a_form_that_cannot_be_deployed_is_not_forgotten(client: KoboClient, fake: FakeKobo):
    with pytest.raises(BadRequest, match="Duplicate name") as caught:
        await client.forms.create("Twice", TWICE, deploy=True)
    (uid,) = fake.forms
    assert uid in caught.value.__notes__[0]


@pytest.mark.parametrize("deploy", [False, True])
async def test_a_project_is_created_from_content_under_the_name_given(
    client: KoboClient, deploy: bool
):
    made = await client.forms.create("Mine", CONTENT, deploy=deploy)
    assert made.deployment__active is deploy
    assert (made.name, made.asset_type) == ("Mine", "survey")
    assert made.content is not None
    assert made.content["settings"]["style"] == "pages"
    assert CONTENT["settings"] == {"form_title": "T", "style": "pages"}


async def test_content_without_a_title_is_sent_as_it_is(client: KoboClient, journal: Journal):
    await client.forms.create("Mine", {"survey": []})
    (sent,) = journal.bodies("POST .*/assets/")
    assert sent["content"] == {"survey": []}


async def test_a_draft_is_deployed(client: KoboClient, draft: FakeForm, journal: Journal):
    assert (await client.forms.deploy(draft.uid)).deployment__active
    assert journal.writes == [f"POST /api/v2/assets/{draft.uid}/deployment/"]


async def test_changes_are_deployed_with_the_version_that_they_have(
    client: KoboClient, form: FakeForm, journal: Journal
):
    form.rewrite(CONTENT, "alice")
    deployed = await client.forms.deploy(form.uid)
    assert deployed.deployed_version_id == form.asset["version_id"]
    (sent,) = journal.bodies("PATCH .*/deployment/")
    assert sent == {"active": True, "version_id": form.asset["version_id"]}


async def test_what_is_deployed_already_is_not_deployed_again(
    client: KoboClient, form: FakeForm, journal: Journal
):
    assert (await client.forms.deploy(form.uid)).deployment__active
    assert journal.writes == []


async def test_deploying_opens_an_archived_project(client: KoboClient, form: FakeForm):
    form.archive()
    assert (await client.forms.deploy(form.uid)).deployment__active
    assert form.active


async def test_a_project_that_somebody_else_deployed_just_before_is_deployed_again(
    client: KoboClient, draft: FakeForm, journal: Journal
):
    journal.before("POST .*/deployment/", lambda: draft.deploy("bob"))
    assert (await client.forms.deploy(draft.uid)).deployment__active
    assert [one.partition(" ")[0] for one in journal.writes] == ["POST", "PATCH"]


async def test_only_projects_are_deployed(client: KoboClient, fake: FakeKobo, journal: Journal):
    shelf = fake.add_form("Shelf", asset_type="collection")
    with pytest.raises(QueryError, match="is a collection"):
        await client.forms.deploy(shelf.uid)
    assert journal.writes == []


async def test_media_alone_are_published_by_deploying_again(client: KoboClient, form: FakeForm):
    await client.files.upload(form.uid, filename="codes.csv", content=b"a")
    assert form.media == []
    await client.forms.redeploy(form.uid)
    assert [one.filename for one in form.media] == ["codes.csv"]


async def test_a_draft_is_not_deployed_again(client: KoboClient, draft: FakeForm):
    with pytest.raises(QueryError, match="never deployed"):
        await client.forms.redeploy(draft.uid)


async def test_a_change_by_somebody_else_while_deploying_is_hinted_at(
    client: KoboClient, form: FakeForm, journal: Journal
):
    journal.before("PATCH .*/deployment/", lambda: form.rewrite(CONTENT, "bob"))
    with pytest.raises(ServerError) as caught:
        await client.forms.redeploy(form.uid)
    assert "at the same time" in caught.value.__notes__[0]


async def test_a_project_is_archived_and_opened_again(client: KoboClient, form: FakeForm):
    assert not (await client.forms.archive(form.uid)).deployment__active
    assert not form.active
    assert (await client.forms.unarchive(form.uid)).deployment__active
    assert form.active


async def test_a_draft_cannot_be_archived(client: KoboClient, draft: FakeForm):
    with pytest.raises(MethodNotAllowed):
        await client.forms.archive(draft.uid)


async def test_a_deployment_by_somebody_else_is_waited_for(
    client: KoboClient, draft: FakeForm, journal: Journal, clock: FakeClock
):
    journal.before("GET .*", lambda: draft.deploy("bob"), nth=3)
    assert (await client.forms.wait_deployed(draft.uid)).deployment__active
    assert clock.slept == [2, 4]


async def test_a_project_is_cloned_in_an_older_version(client: KoboClient, form: FakeForm):
    older = form.asset["version_id"]
    before = questions(form.content)
    form.rewrite(CONTENT, "alice")
    copy = await client.forms.clone(form.uid, name="Copy", version=older)
    assert (copy.name, copy.has_deployment) == ("Copy", False)
    assert questions(copy.content) == before


async def test_a_clone_is_deployed_when_asked(client: KoboClient, form: FakeForm):
    copy = await client.forms.clone(form.uid, deploy=True)
    assert copy.deployment__active
    assert copy.uid != form.uid


@pytest.mark.parametrize(
    ("source", "wanted", "deploy"),
    [("template", "block", False), ("collection", "survey", False), ("survey", "template", True)],
)
async def test_types_that_do_not_become_each_other_are_not_cloned(
    client: KoboClient, fake: FakeKobo, journal: Journal, source: str, wanted: Any, deploy: bool
):
    asset = fake.add_form("Source", asset_type=source, deployed=False)
    with pytest.raises(QueryError, match="cannot be cloned"):
        await client.forms.clone(asset.uid, asset_type=wanted, deploy=deploy)
    assert journal.writes == []


async def test_a_form_is_saved_as_xlsx_and_as_xml(
    client: KoboClient, form: FakeForm, tmp_path: Path
):
    pytest.importorskip("pyxform")
    pytest.importorskip("openpyxl")
    xlsx = await client.forms.download_xlsx(form.uid, tmp_path / "form.xlsx")
    xml = await client.forms.download_xml(form.uid, tmp_path / "form.xml")
    assert xlsx.read_bytes()[:2] == b"PK"
    assert b"<h:html" in xml.read_bytes()
    copy = await client.forms.import_xlsform(xlsx)
    assert questions(copy.content) == questions(form.content)


async def test_a_form_that_cannot_be_fetched_leaves_the_older_file(
    client: KoboClient, fake: FakeKobo, form: FakeForm, tmp_path: Path
):
    path = tmp_path / "form.xml"
    path.write_bytes(b"older")
    fake.faults.add(Fault.status(500, match=r"GET .*\.xml"))
    with pytest.raises(ServerError):
        await client.forms.download_xml(form.uid, path)
    assert path.read_bytes() == b"older"
    assert names(tmp_path) == ["form.xml"]


async def test_a_place_where_no_file_can_be_is_refused_before_anything_is_sent(
    client: KoboClient, form: FakeForm, journal: Journal, tmp_path: Path
):
    with pytest.raises(ConfigError):
        await client.forms.download_xlsx(form.uid, tmp_path / "nowhere" / "form.xlsx")
    assert journal.sent == []


@pytest.mark.parametrize("redeploy", [False, True])
async def test_content_is_replaced_and_deployed_when_asked(
    client: KoboClient, form: FakeForm, redeploy: bool
):
    await client.forms.replace_content(form.uid, CONTENT, redeploy=redeploy)
    assert questions(form.content) == ["q1"]
    assert (form.asset["deployed_version_id"] == form.asset["version_id"]) is redeploy


async def test_a_first_deployment_is_not_repeated_blindly(
    client: KoboClient, fake: FakeKobo, draft: FakeForm, journal: Journal
):
    fake.faults.add(Fault.reset(match="POST .*/deployment/"))
    with pytest.raises(KoboError):
        await client.forms.deploy(draft.uid)
    assert len(journal.of("POST .*/deployment/")) == 1
