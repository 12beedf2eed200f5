"""A folder and the media files of a form."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from kobo_async import KoboClient
from kobo_async.errors import BadRequest, ConfigError, QueryError
from kobo_async.verbs.media import FileVerbs, SyncReport
from tests.verbs.desk import ASSET, CREATED, UID, Desk, Say, asset, deployment, draft, page

pytestmark = pytest.mark.anyio

FILES = f"{ASSET}files/"
DEPLOYMENT = f"{ASSET}deployment/"


def remote(name: str, content: bytes = b"", **metadata: Any) -> dict[str, Any]:
    return {
        "uid": f"af{name}",
        "url": f"http://kobo{FILES}af{name}/",
        "asset": f"http://kobo{ASSET}",
        "file_type": "form_media",
        "description": name,
        "date_created": CREATED,
        "content": f"http://kobo{FILES}af{name}/content/",
        "metadata": {
            "filename": name,
            "hash": f"md5:{hashlib.md5(content).hexdigest()}",  # noqa: S324 - the server's choice
            **metadata,
        },
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "codes.csv").write_bytes(b"name,label")
    (tmp_path / "house.png").write_bytes(b"picture")
    (tmp_path / "same.mp3").write_bytes(b"sound")
    (tmp_path / ".hidden").write_bytes(b"")
    (tmp_path / "drafts").mkdir()
    return tmp_path


@pytest.fixture
def files(scripted: KoboClient, desk: Desk) -> FileVerbs:
    there = (remote("house.png", b"older"), remote("same.mp3", b"sound"), remote("gone.csv", b"x"))
    desk.on("GET", FILES, page(*there))
    desk.on("POST", FILES, Say(201, remote("any")))
    desk.on("GET", ASSET, asset())
    desk.on("PATCH", DEPLOYMENT, deployment())
    for name in ("house.png", "gone.csv"):
        desk.on("DELETE", f"{FILES}af{name}/", Say(204))
    return FileVerbs(scripted._sender)


async def test_new_and_changed_files_are_uploaded_and_published_once(
    files: FileVerbs, desk: Desk, folder: Path
):
    report = await files.sync(UID, folder)
    assert report == SyncReport(
        added=("codes.csv",),
        changed=("house.png",),
        unchanged=("same.mp3",),
        left=("gone.csv",),
        redeployed=True,
    )
    assert desk.writes == [
        f"DELETE {FILES}afhouse.png/",
        f"POST {FILES}",
        f"POST {FILES}",
        f"PATCH {DEPLOYMENT}",
    ]
    assert b"name,label" in desk.last("POST", FILES).body
    assert str(report).startswith("1 added, 1 changed, 1 unchanged, 0 removed, 1 left; redeployed")


async def test_comparing_sends_nothing(files: FileVerbs, desk: Desk, folder: Path):
    report = await files.compare(UID, folder, delete=True)
    assert report.differs
    assert report.removed == ("gone.csv",)
    assert desk.writes == []


async def test_what_is_equal_is_left_alone(files: FileVerbs, desk: Desk, folder: Path):
    there = (remote("house.png", b"picture"), remote("same.mp3", b"sound"))
    desk.on("GET", FILES, page(*there, remote("codes.csv", b"name,label")))
    report = await files.sync(UID, folder)
    assert not report.differs
    assert not report.redeployed
    assert desk.writes == []
    assert str(report).endswith("not redeployed")


async def test_files_are_deleted_only_when_asked_and_links_never(
    files: FileVerbs, desk: Desk, folder: Path
):
    link = remote("far.csv", redirect_url="http://elsewhere/far.csv", hash="md5:00-url")
    desk.on("GET", FILES, page(link, remote("gone.csv", b"x")))
    report = await files.sync(UID, folder, delete=True)
    assert (report.removed, report.left) == (("gone.csv",), ("far.csv",))
    assert desk.writes[0] == f"DELETE {FILES}afgone.csv/"
    assert desk.count("DELETE", f"{FILES}affar.csv/") == 0


async def test_an_empty_folder_does_not_delete_everything(
    files: FileVerbs, desk: Desk, tmp_path: Path
):
    with pytest.raises(QueryError, match="empty"):
        await files.sync(UID, tmp_path, delete=True)
    assert desk.writes == []


@pytest.mark.parametrize("state", [draft(), asset(deployment__active=False)])
async def test_only_an_active_project_is_deployed_again(
    files: FileVerbs, desk: Desk, folder: Path, state: dict[str, Any]
):
    desk.on("GET", ASSET, state)
    assert not (await files.sync(UID, folder)).redeployed
    assert desk.count("PATCH", DEPLOYMENT) == 0


async def test_a_project_archived_meanwhile_is_not_opened(
    files: FileVerbs, desk: Desk, folder: Path
):
    desk.on("GET", ASSET, asset(), asset(deployment__active=False))
    assert not (await files.sync(UID, folder)).redeployed


async def test_nothing_is_published_when_told_so(files: FileVerbs, desk: Desk, folder: Path):
    assert not (await files.sync(UID, folder, redeploy=False)).redeployed
    assert desk.count("GET", ASSET) == 0


async def test_changes_of_the_form_are_not_published_along_with_media(
    files: FileVerbs, desk: Desk, folder: Path
):
    desk.on("GET", ASSET, asset(version_id="v3"))
    with pytest.raises(QueryError, match="redeploy=False"):
        await files.sync(UID, folder)
    assert desk.writes == []


@pytest.mark.parametrize("name", ["README.txt", "house"])
async def test_files_that_no_form_can_use_are_refused_before_anything_is_sent(
    files: FileVerbs, desk: Desk, folder: Path, name: str
):
    (folder / name).write_bytes(b"")
    with pytest.raises(QueryError, match=name):
        await files.sync(UID, folder)
    assert desk.sent == []


async def test_a_folder_must_exist(files: FileVerbs, tmp_path: Path):
    with pytest.raises(ConfigError, match="no folder"):
        await files.sync(UID, tmp_path / "nowhere")


async def test_a_refused_file_does_not_make_the_others_forgotten(
    files: FileVerbs, desk: Desk, folder: Path
):
    desk.on("POST", FILES, Say(201, remote("any")), Say(400, {"metadata": ["Wrong type"]}))
    with pytest.raises(BadRequest) as caught:
        await files.sync(UID, folder)
    assert "repeated" in caught.value.__notes__[0]
    assert desk.count("PATCH", DEPLOYMENT) == 0


async def test_files_are_uploaded_in_three_ways(files: FileVerbs, desk: Desk):
    await files.upload(UID, filename="a.csv", content=b"a")
    await files.upload_base64(UID, filename="a.csv", encoded="YQ==")
    await files.link(UID, redirect_url="http://elsewhere/a.csv")
    assert desk.count("POST", FILES) == 3
