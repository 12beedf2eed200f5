"""A folder and the media files of a form."""

from __future__ import annotations

from pathlib import Path

import pytest

from kobo_async import KoboClient
from kobo_async.errors import BadRequest, ConfigError, QueryError
from kobo_async.testing import FakeForm, FakeKobo
from kobo_async.verbs.media import SyncReport
from tests.verbs.journal import Journal

pytestmark = pytest.mark.anyio

FILES = "/api/v2/assets/aSurvey/files/"
DEPLOYMENT = "/api/v2/assets/aSurvey/deployment/"
UID = "aSurvey"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "codes.csv").write_bytes(b"name,label")
    (tmp_path / "house.png").write_bytes(b"picture")
    (tmp_path / "same.mp3").write_bytes(b"sound")
    (tmp_path / ".hidden").write_bytes(b"")
    (tmp_path / "drafts").mkdir()
    return tmp_path


@pytest.fixture
async def form(client: KoboClient, fake: FakeKobo, journal: Journal) -> FakeForm:
    """A project with three files, two of which the folder has as well."""
    form = fake.add_form("Survey", uid=UID)
    for name, content in (("house.png", b"older"), ("same.mp3", b"sound"), ("gone.csv", b"x")):
        await client.files.upload(UID, filename=name, content=content)
    journal.sent.clear()
    return form


def contents(form: FakeForm) -> dict[str, bytes]:
    return {file.filename: file.content for file in form.asset_files.values()}


async def test_new_and_changed_files_are_uploaded_and_published_once(
    client: KoboClient, form: FakeForm, journal: Journal, folder: Path
):
    report = await client.files.sync(UID, folder)
    assert report == SyncReport(
        added=("codes.csv",),
        changed=("house.png",),
        unchanged=("same.mp3",),
        left=("gone.csv",),
        redeployed=True,
    )
    assert [one.partition(" ")[0] for one in journal.writes] == ["DELETE", "POST", "POST", "PATCH"]
    assert contents(form) == {
        "same.mp3": b"sound",
        "gone.csv": b"x",
        "house.png": b"picture",
        "codes.csv": b"name,label",
    }
    assert {one.filename for one in form.media} == contents(form).keys()
    assert str(report).startswith("1 added, 1 changed, 1 unchanged, 0 removed, 1 left; redeployed")


@pytest.mark.usefixtures("form")
async def test_comparing_sends_nothing(client: KoboClient, journal: Journal, folder: Path):
    report = await client.files.compare(UID, folder, delete=True)
    assert report.differs
    assert report.removed == ("gone.csv",)
    assert journal.writes == []


@pytest.mark.usefixtures("form")
async def test_what_is_equal_is_left_alone(client: KoboClient, journal: Journal, folder: Path):
    await client.files.sync(UID, folder)
    journal.sent.clear()
    report = await client.files.sync(UID, folder)
    assert not report.differs
    assert not report.redeployed
    assert journal.writes == []
    assert str(report).endswith("not redeployed")


async def test_files_are_deleted_only_when_asked_and_links_never(
    client: KoboClient, form: FakeForm, folder: Path
):
    await client.files.link(UID, redirect_url="http://elsewhere/far.csv")
    report = await client.files.sync(UID, folder, delete=True)
    assert (report.removed, report.left) == (("gone.csv",), ("far.csv",))
    assert "gone.csv" not in contents(form)
    assert "far.csv" in contents(form)


async def test_an_empty_folder_does_not_delete_everything(
    client: KoboClient, form: FakeForm, tmp_path: Path
):
    with pytest.raises(QueryError, match="empty"):
        await client.files.sync(UID, tmp_path, delete=True)
    assert len(form.asset_files) == 3


async def test_the_files_of_a_draft_are_not_published(
    client: KoboClient, draft: FakeForm, folder: Path
):
    report = await client.files.sync(draft.uid, folder)
    assert len(report.added) == 3
    assert not report.redeployed
    assert not draft.deployed


async def test_an_archived_project_is_not_opened(client: KoboClient, form: FakeForm, folder: Path):
    form.archive()
    assert not (await client.files.sync(UID, folder)).redeployed
    assert not form.active


async def test_a_project_archived_meanwhile_is_not_opened(
    client: KoboClient, form: FakeForm, journal: Journal, folder: Path
):
    journal.before(f"POST {FILES}", form.archive)
    assert not (await client.files.sync(UID, folder)).redeployed
    assert not form.active


async def test_nothing_is_published_when_told_so(
    client: KoboClient, form: FakeForm, journal: Journal, folder: Path
):
    assert not (await client.files.sync(UID, folder, redeploy=False)).redeployed
    assert journal.of(f".* {DEPLOYMENT}") == []
    assert form.media == []


async def test_changes_of_the_form_are_not_published_along_with_media(
    client: KoboClient, form: FakeForm, journal: Journal, folder: Path
):
    form.rewrite({"survey": []}, "alice")
    with pytest.raises(QueryError, match="redeploy=False"):
        await client.files.sync(UID, folder)
    assert journal.writes == []


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("name", ["README.txt", "house"])
async def test_files_that_no_form_can_use_are_refused_before_anything_is_sent(
    client: KoboClient, journal: Journal, folder: Path, name: str
):
    (folder / name).write_bytes(b"")
    with pytest.raises(QueryError, match=name):
        await client.files.sync(UID, folder)
    assert journal.sent == []


async def test_a_folder_must_exist(client: KoboClient, tmp_path: Path):
    with pytest.raises(ConfigError, match="no folder"):
        await client.files.sync(UID, tmp_path / "nowhere")


async def test_a_refused_file_does_not_make_the_others_forgotten(
    client: KoboClient, form: FakeForm, journal: Journal, folder: Path
):
    (folder / "zz.unknown").write_bytes(b"x")
    with pytest.raises(BadRequest) as caught:
        await client.files.sync(UID, folder)
    assert "repeated" in caught.value.__notes__[0]
    assert contents(form)["codes.csv"] == b"name,label"
    assert journal.of(f"PATCH {DEPLOYMENT}") == []
    (folder / "zz.unknown").unlink()
    assert not (await client.files.sync(UID, folder)).differs


@pytest.mark.parametrize("encoded", ["Yg==", "base64,Yg==", "data:text/csv;base64,Yg=="])
async def test_base64_arrives_however_it_is_marked(client: KoboClient, form: FakeForm, encoded):
    await client.files.upload_base64(UID, filename="b.csv", encoded=encoded)
    assert contents(form)["b.csv"] == b"b"


async def test_files_are_uploaded_in_three_ways(client: KoboClient, form: FakeForm):
    await client.files.upload(UID, filename="a.csv", content=b"a")
    await client.files.upload_base64(UID, filename="b.csv", encoded="data:text/csv;base64,Yg==")
    await client.files.link(UID, redirect_url="http://elsewhere/c.csv")
    kept = contents(form)
    assert (kept["a.csv"], kept["b.csv"]) == (b"a", b"b")
    links = [one.redirect_url for one in form.asset_files.values() if one.redirect_url]
    assert links == ["http://elsewhere/c.csv"]
