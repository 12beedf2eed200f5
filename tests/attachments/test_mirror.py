"""A folder that follows the attachments of a project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import orjson
import pytest

from kobo_async import KoboClient
from kobo_async.attachments.report import FilesProgress
from kobo_async.call import Upload
from kobo_async.errors import AuthenticationFailed, ConfigError, QueryError, SyncStopped
from kobo_async.testing import FakeForm, FakeKobo, Fault

from .photos import Photos, files, listed

pytestmark = pytest.mark.anyio
UID = "aSurvey"
DATA = "/data/$"


async def test_all_files_come_with_their_contents(
    client: KoboClient, photos: Photos, tmp_path: Path
):
    heard: list[FilesProgress] = []
    report = await client.attachments.mirror(photos.form.uid, tmp_path, on_progress=heard.append)
    expected = photos.expected()
    assert files(tmp_path) == expected
    assert (report.downloaded, report.unchanged, report.submissions) == (len(expected), 0, 40)
    assert report.bytes == sum(map(len, expected.values()))
    assert report.ok
    assert str(report).startswith("complete")
    assert report.as_dict()["failed"] == ()
    assert heard[-1] == FilesProgress(len(expected), len(expected), report.bytes)


async def test_a_second_run_fetches_nothing(client: KoboClient, photos: Photos, tmp_path: Path):
    first = await client.attachments.mirror(photos.form.uid, tmp_path)
    second = await client.attachments.mirror(photos.form.uid, tmp_path)
    assert (second.downloaded, second.bytes) == (0, 0)
    assert second.unchanged == first.downloaded
    assert set(photos.asked().values()) == {1}


async def test_missing_and_damaged_files_are_fetched_again(
    client: KoboClient, photos: Photos, tmp_path: Path
):
    await client.attachments.mirror(photos.form.uid, tmp_path)
    one, other, *_ = photos.numbers
    (tmp_path / f"photo/{one}.png").unlink()
    (tmp_path / f"photo/{other}.png").write_bytes(b"cut")
    report = await client.attachments.mirror(photos.form.uid, tmp_path)
    assert report.downloaded == 2
    assert files(tmp_path) == photos.expected()


@pytest.mark.parametrize("deletes", ["keep", "move", "remove"])
async def test_a_file_that_an_edit_replaced_gives_way(
    client: KoboClient, photos: Photos, tmp_path: Path, deletes: str
):
    await client.attachments.mirror(photos.form.uid, tmp_path)
    number = photos.numbers[0]
    before = photos.content(number)
    photos.replace(number, b"another photo")
    report = await client.attachments.mirror(photos.form.uid, tmp_path, deletes=deletes)
    moved = {f"_deleted/photo/{number}.png": before} if deletes == "move" else {}
    assert files(tmp_path) == photos.expected() | moved
    assert (report.downloaded, report.replaced, report.deleted) == (1, 1, 0)
    again = await client.attachments.mirror(photos.form.uid, tmp_path, deletes=deletes)
    assert (again.downloaded, again.deleted) == (0, 0)


async def test_a_file_is_replaced_only_when_the_new_one_is_there(
    client: KoboClient, fake: FakeKobo, photos: Photos, tmp_path: Path
):
    await client.attachments.mirror(photos.form.uid, tmp_path)
    before, number = files(tmp_path), photos.numbers[0]
    photos.replace(number, b"another photo")
    fake.faults.add(Fault.status(400, match="attNew", times=1))
    report = await client.attachments.mirror(photos.form.uid, tmp_path, deletes="remove")
    assert [one.uid for one in report.failed] == [f"attNew{number}"]
    assert files(tmp_path) == before
    assert (await client.attachments.mirror(photos.form.uid, tmp_path)).replaced == 1
    assert files(tmp_path) == photos.expected()


@pytest.mark.parametrize("whole_row", [False, True])
@pytest.mark.parametrize("deletes", ["keep", "move", "remove"])
async def test_deleted_files_are_kept_moved_or_removed(
    client: KoboClient, photos: Photos, tmp_path: Path, deletes: str, *, whole_row: bool
):
    await client.attachments.mirror(photos.form.uid, tmp_path)
    number = photos.numbers[0]
    name, content = f"photo/{number}.png", photos.content(number)
    if whole_row:
        photos.form.delete(number)
    else:
        photos.delete(number)
    for deleted in (1, 0):
        report = await client.attachments.mirror(
            photos.form.uid, tmp_path, deletes=deletes, max_delete_fraction=0.5
        )
        assert (report.deleted, report.downloaded) == (deleted, 0)
    left = {"keep": {name: content}, "move": {f"_deleted/{name}": content}, "remove": {}}[deletes]
    assert files(tmp_path) == photos.expected() | left


async def test_files_that_are_moved_do_not_cover_each_other(
    client: KoboClient, photos: Photos, tmp_path: Path
):
    number = photos.numbers[0]
    for content in (b"one", b"two", b"three"):
        photos.replace(number, content)
        photos.change(number, uid=f"att{content.decode()}")
        photos.form.files[photos.uid(number)] = content
        await client.attachments.mirror(photos.form.uid, tmp_path, deletes="move")
    moved = {name: text for name, text in files(tmp_path).items() if name.startswith("_deleted")}
    stem = f"_deleted/photo/{number}"
    assert moved == {f"{stem}.png": b"one", f"{stem}-2.png": b"two"}


async def test_a_file_that_is_restored_is_not_fetched_again(
    client: KoboClient, photos: Photos, tmp_path: Path
):
    number = photos.numbers[0]
    for deleted in (False, True, False):
        photos.change(number, is_deleted=deleted)
        report = await client.attachments.mirror(photos.form.uid, tmp_path)
    assert (report.downloaded, report.unchanged) == (0, len(photos.numbers))
    photos.change(number, is_deleted=True)
    assert (await client.attachments.mirror(photos.form.uid, tmp_path)).deleted == 1


async def test_too_many_absent_files_stop_the_run_and_are_left(
    client: KoboClient, photos: Photos, tmp_path: Path
):
    await client.attachments.mirror(photos.form.uid, tmp_path)
    before = files(tmp_path)
    for number in photos.numbers:
        photos.form.delete(number)
    with pytest.raises(SyncStopped, match="max_delete_fraction"):
        await client.attachments.mirror(photos.form.uid, tmp_path, deletes="remove")
    assert files(tmp_path) == before
    await client.attachments.mirror(
        photos.form.uid, tmp_path, deletes="remove", max_delete_fraction=1
    )
    assert files(tmp_path) == {}
    assert listed(tmp_path) == [".kobo-attachments"]


async def test_nothing_is_deleted_for_being_absent_from_half_a_download(
    client: KoboClient, fake: FakeKobo, tmp_path: Path
):
    photos = Photos(fake.add_form("Survey", rows=1500), fake)
    await client.attachments.mirror(photos.form.uid, tmp_path)
    before = files(tmp_path)
    photos.form.delete(photos.numbers[-1])
    fake.faults.add(Fault.status(500, match=DATA, after=2, times=None))
    report = await client.attachments.mirror(photos.form.uid, tmp_path, deletes="remove")
    assert (report.complete, report.ok, report.deleted) == (False, False, 0)
    assert str(report).startswith("INCOMPLETE")
    assert files(tmp_path) == before


async def test_another_template_renames_and_fetches_nothing(
    client: KoboClient, photos: Photos, tmp_path: Path
):
    await client.attachments.mirror(photos.form.uid, tmp_path)
    name = "{root_uuid}/{question}-{stem}-{uid}{ext}"
    report = await client.attachments.mirror(photos.form.uid, tmp_path, name=name)
    assert (report.renamed, report.downloaded, report.unchanged) == (len(photos.numbers), 0, 0)
    rows = photos.form.rows
    assert files(tmp_path) == {
        f"{rows[n]['_uuid']}/photo-{Path(one['media_file_basename']).stem}-{one['uid']}.png": (
            photos.content(n)
        )
        for n, one in photos.entries.items()
    }


async def test_a_file_that_is_missing_when_it_is_renamed_is_fetched(
    client: KoboClient, photos: Photos, tmp_path: Path
):
    await client.attachments.mirror(photos.form.uid, tmp_path)
    (tmp_path / f"photo/{photos.numbers[0]}.png").unlink()
    report = await client.attachments.mirror(photos.form.uid, tmp_path, name="{_id}{ext}")
    assert (report.renamed, report.downloaded) == (len(photos.numbers) - 1, 1)
    assert set(files(tmp_path)) == {f"{number}.png" for number in photos.numbers}


async def test_names_that_are_taken_get_a_number_that_stays(
    client: KoboClient, photos: Photos, tmp_path: Path
):
    await client.attachments.mirror(photos.form.uid, tmp_path, name="Photo{ext}")
    first = files(tmp_path)
    count = len(photos.numbers)
    assert set(first) == {"Photo.png", *(f"Photo-{n}.png" for n in range(2, count + 1))}
    photos.delete(photos.numbers[0])
    await client.attachments.mirror(photos.form.uid, tmp_path, name="Photo{ext}", deletes="remove")
    del first["Photo.png"]
    assert files(tmp_path) == first


async def test_smaller_sizes_are_for_images(
    client: KoboClient, fake: FakeKobo, photos: Photos, tmp_path: Path
):
    sound, picture, *_ = photos.numbers
    photos.change(sound, mimetype="audio/mpeg")
    fake.faults.add(Fault.status(404, match=f"{photos.uid(picture)}/small"))
    await client.attachments.mirror(photos.form.uid, tmp_path, size="small")
    asked = [seen.path.split("/attachments/")[1] for seen in fake.requests if "/att" in seen.path]
    assert f"{photos.uid(sound)}/" in asked
    assert {f"{photos.uid(picture)}/small/", f"{photos.uid(picture)}/"} <= set(asked)
    assert files(tmp_path) == photos.expected()
    again = await client.attachments.mirror(photos.form.uid, tmp_path, size="small")
    assert again.downloaded == 0
    other = await client.attachments.mirror(photos.form.uid, tmp_path, size="large")
    assert (other.downloaded, other.unchanged) == (len(photos.numbers) - 1, 1)


async def test_audits_and_files_in_repeats_come_along(
    client: KoboClient, fake: FakeKobo, tmp_path: Path
):
    form = fake.add_form("Household survey", uid=UID)
    audit = Upload("audit.csv", "audit.csv", b"event,node", "text/csv")
    photo = Upload("house.png", "house.png", b"picture", "image/png")
    await client.submissions.submit(form.uid, {"photo": "house.png"}, files=[audit, photo])
    (number,) = form.rows
    row = form.store[number]
    row["_attachments"] += [
        {**row["_attachments"][1], "uid": "attMember", "question_xpath": "members[2]/photo"},
        {"filename": "a/b/old.amr", "uid": "attOld", "mimetype": "audio/amr", "is_deleted": False},
    ]
    form.files |= {"attMember": b"member", "attOld": b"sound"}
    form.store.put(row)
    report = await client.attachments.mirror(form.uid, tmp_path)
    assert report.ok
    assert files(tmp_path) == {
        f"meta/audit/{number}.csv": b"event,node",
        f"photo/{number}.png": b"picture",
        f"members[2]/photo/{number}.png": b"member",
        f"unknown/{number}.amr": b"sound",
    }


async def test_hostile_names_stay_in_the_folder(client: KoboClient, photos: Photos, tmp_path: Path):
    one, two, three, *_ = photos.numbers
    photos.change(one, question_xpath="../../../etc", media_file_basename="passwd")
    photos.change(two, question_xpath="/C:/x", media_file_basename="..\\..\\con.png")
    photos.change(three, uid="../../x")
    folder = tmp_path / "mirror"
    report = await client.attachments.mirror(
        photos.form.uid, folder, name="{question_xpath}/{name}"
    )
    assert [one.reason for one in report.failed] == ["the server names no uid of it"]
    assert listed(tmp_path) == ["mirror"]
    assert {"_/_/_/etc/passwd", "C_/x/_con.png"} <= set(files(folder))


async def test_a_page_of_a_portal_is_not_taken_for_a_file(
    client: KoboClient, fake: FakeKobo, photos: Photos, tmp_path: Path
):
    number = photos.numbers[0]
    fake.faults.add(Fault.garbage(match=photos.uid(number), times=1))
    report = await client.attachments.mirror(photos.form.uid, tmp_path)
    (failure,) = report.failed
    assert (failure.submission, failure.name) == (number, f"photo/{number}.png")
    assert "HTML page" in failure.reason
    assert (await client.attachments.mirror(photos.form.uid, tmp_path)).downloaded == 1
    assert files(tmp_path) == photos.expected()


async def test_what_every_file_would_meet_ends_the_run(
    client: KoboClient, fake: FakeKobo, photos: Photos, tmp_path: Path
):
    fake.faults.add(Fault.status(401, match="/attachments/", times=None))
    with pytest.raises(AuthenticationFailed):
        await client.attachments.mirror(photos.form.uid, tmp_path, concurrency=1)
    assert sum(photos.asked().values()) == 1


async def test_a_disk_that_takes_nothing_ends_the_run(
    client: KoboClient, photos: Photos, tmp_path: Path
):
    (tmp_path / "photo").write_bytes(b"a file where a folder should be")
    with pytest.raises(OSError, match="photo"):
        await client.attachments.mirror(photos.form.uid, tmp_path)


async def test_a_query_chooses_and_belongs_to_the_folder(
    client: KoboClient, photos: Photos, tmp_path: Path
):
    number = photos.numbers[0]
    where = {"_id": number}
    await client.attachments.mirror(photos.form.uid, tmp_path, where=where)
    assert set(files(tmp_path)) == {f"photo/{number}.png"}
    with pytest.raises(ConfigError, match=r"mirrors .* where"):
        await client.attachments.mirror(photos.form.uid, tmp_path)


async def test_a_folder_is_of_one_project_and_one_version(
    client: KoboClient, fake: FakeKobo, photos: Photos, tmp_path: Path
):
    await client.attachments.mirror(photos.form.uid, tmp_path)
    other = fake.add_form("Wells", rows=1)
    with pytest.raises(ConfigError, match=photos.form.uid):
        await client.attachments.mirror(other.uid, tmp_path)
    log = tmp_path / ".kobo-attachments/manifest.jsonl"
    log.write_bytes(orjson.dumps({"kobo_attachments": 99}))
    with pytest.raises(ConfigError, match="newer version"):
        await client.attachments.mirror(photos.form.uid, tmp_path)


async def test_two_runs_do_not_fill_one_folder(client: KoboClient, photos: Photos, tmp_path: Path):
    refused = []

    async def mirror() -> None:
        try:
            await client.attachments.mirror(photos.form.uid, tmp_path)
        except ConfigError as error:
            refused.append(str(error))

    async with anyio.create_task_group() as group:
        group.start_soon(mirror)
        group.start_soon(mirror)
    assert refused == [f"another process is mirroring into {tmp_path}"]
    assert files(tmp_path) == photos.expected()


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize(
    ("target", "name", "said"),
    [
        ("{folder}/file", "{_id}", "is a file"),
        ("{folder}/none/photos", "{_id}", "make it first"),
        ("{folder}/photos", "{answer}", "no field 'answer'"),
        ("{folder}/photos", "{_id", "cannot be filled"),
        ("{folder}/photos", "{_id:{ext}}", "fields of its own"),
        ("{folder}/photos", "{ext.__class__}", "no field"),
        ("nothing://x", "{_id}", "cannot write to nothing://"),
    ],
)
async def test_what_cannot_work_is_refused_before_anything_is_sent(
    client: KoboClient, fake: FakeKobo, tmp_path: Path, target: str, name: str, said: str
):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigError, match=said):
        await client.attachments.mirror(UID, target.format(folder=tmp_path), name=name)
    assert fake.requests == []


@pytest.mark.parametrize("choice", [{"deletes": "delete"}, {"size": "huge"}])
async def test_a_misspelt_choice_is_refused(
    client: KoboClient, fake: FakeKobo, tmp_path: Path, choice: dict[str, Any]
):
    with pytest.raises(ConfigError, match="is one of"):
        await client.attachments.mirror(UID, tmp_path, **choice)
    assert fake.requests == []


async def test_a_query_that_would_match_nothing_is_refused(client: KoboClient, tmp_path: Path):
    with pytest.raises(QueryError):
        await client.attachments.mirror(UID, tmp_path, where={"hh_size": 3})


async def test_a_file_address_is_a_folder(client: KoboClient, photos: Photos, tmp_path: Path):
    await client.attachments.mirror(photos.form.uid, (tmp_path / "a b").as_uri())
    assert files(tmp_path / "a b") == photos.expected()
    assert listed(tmp_path / "a b/.kobo-attachments/unfinished") == []


async def test_an_empty_project_has_an_empty_mirror(
    client: KoboClient, fake: FakeKobo, tmp_path: Path
):
    form: FakeForm = fake.add_form("Wells")
    report = await client.attachments.mirror(form.uid, tmp_path)
    assert (report.ok, report.downloaded, files(tmp_path)) == (True, 0, {})
